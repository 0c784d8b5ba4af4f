// build/marshal.wasm by itself: a module that needs nothing, and its codecs of addrinfo, option values
// and pollfd, held against the bytes that C makes of the same values.

import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "#host/loader";
import { marshal, marshalBytes } from "#host/marshal";
import { compileC, compiler, runC } from "./support/c.js";

const { addrinfo, native_addrinfo, pollfd, pollfds, AF, AI, IPPROTO, Kind, POLL, SO, SOCK, SOL } =
  marshal;
const { BLOCK_SIZE, block, entry } = marshal;
const view = new DataView(marshal.memory.buffer);

/** Bytes of the instance's memory, in hexadecimal. */
const hexAt = (at: number, size: number) =>
  Buffer.from(marshalBytes.subarray(at, at + size)).toString("hex");

/** The values of options that are made of numbers, and the C that makes them. */
const VALUES: [kind: "INT" | "FLAG" | "LINGER" | "TIMEVAL", numbers: number[], c: string][] = [
  ["INT", [65536, 0], "int value = 65536"],
  ["INT", [-1, 0], "int value = -1"],
  ["INT", [-(2 ** 31), 0], "int value = INT_MIN"],
  ["FLAG", [1, 0], "int value = 1"],
  ["FLAG", [0, 0], "int value = 0"],
  ["LINGER", [1, 30], "struct linger value = {1, 30}"],
  ["LINGER", [0, 0], "struct linger value = {0, 0}"],
  ["TIMEVAL", [1, 500_000], "struct timeval value = {1, 500000}"],
  ["TIMEVAL", [2 ** 40, 999_999], "struct timeval value = {1L << 40, 999999}"],
  ["TIMEVAL", [-1, 0], "struct timeval value = {-1, 0}"],
];

/** What pollPrepare is given, and the C of the same pair. */
const POLLFDS: [fd: number, events: number, wake: number, c: string][] = [
  [5, POLL.IN, 7, "{{5, POLLIN, 0}, {7, POLLIN, 0}}"],
  [5, POLL.OUT, 7, "{{5, POLLOUT, 0}, {7, POLLIN, 0}}"],
  [-1, 0, -1, "{{-1, 0, 0}, {-1, POLLIN, 0}}"],
];

const PROGRAM = `
  #define _GNU_SOURCE
  #include <arpa/inet.h>
  #include <limits.h>
  #include <netdb.h>
  #include <poll.h>
  #include <stdint.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/mman.h>
  #include <sys/socket.h>
  #include <sys/time.h>
  #include <sys/un.h>
  #include <netinet/in.h>

  struct addrinfo_wasm32 {
    int32_t ai_flags, ai_family, ai_socktype, ai_protocol;
    uint32_t ai_addrlen, ai_addr, ai_canonname, ai_next;
  };

  static void dump(const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) printf("%02x", ((const uint8_t *)bytes)[i]);
  }

  // One entry as its reader sees it, whichever layout it has.
  #define DESCRIBE(e) {                                                                     \\
    printf("%d %d %d %d ", (e)->ai_flags, (e)->ai_family, (e)->ai_socktype, (e)->ai_protocol); \\
    dump((void *)(uintptr_t)(e)->ai_addr, (e)->ai_addrlen);                                 \\
    printf(" %s", (e)->ai_canonname ? (char *)(uintptr_t)(e)->ai_canonname : "NULL");     \\
  }

  // Reads a block from standard input and walks it as a guest does whose memory it stands in.
  static int walk(uint32_t target) {
    void *guest = (void *)(uintptr_t)target;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    if (mmap(guest, 1 << 16, PROT_READ | PROT_WRITE, flags, -1, 0) != guest) return 1;
    for (uint8_t *at = guest; scanf("%2hhx", at) == 1; at++);
    for (uint32_t at = target; at; at = ((struct addrinfo_wasm32 *)(uintptr_t)at)->ai_next) {
      DESCRIBE((struct addrinfo_wasm32 *)(uintptr_t)at);
      puts("");
    }
    return 0;
  }

  int main(int count, char **arguments) {
    if (count > 1) return walk(strtoul(arguments[1], 0, 0));

    struct addrinfo hints = {AI_PASSIVE | AI_CANONNAME, AF_INET6, SOCK_DGRAM, IPPROTO_UDP};
    dump(&hints, sizeof hints); puts("");
    ${VALUES.map(([, , c]) => `{ ${c}; dump(&value, sizeof value); puts(""); }`).join("\n")}
    ${POLLFDS.map(([, , , c]) => `{ struct pollfd p[2] = ${c}; dump(p, sizeof p); puts(""); }`).join("\n")}

    // A list such as getaddrinfo gives: of each entry what a reader sees, its bytes, its pointers.
    struct sockaddr_in in = {AF_INET, htons(80), {htonl(0x7f000001)}};
    struct sockaddr_in6 in6 = {AF_INET6, htons(443), htonl(5), IN6ADDR_LOOPBACK_INIT, 7};
    struct sockaddr_un un = {AF_UNIX, "/run/odd"};
    struct addrinfo list[4] = {
      {AI_CANONNAME, AF_INET, SOCK_STREAM, IPPROTO_TCP, sizeof in, (void *)&in, "host.example", list + 1},
      {-1, AF_INET6, SOCK_DGRAM, IPPROTO_UDP, sizeof in6, (void *)&in6, 0, list + 2},
      {0, AF_UNIX, SOCK_SEQPACKET, 0, 11, (void *)&un, "", list + 3},
      {0, AF_INET, SOCK_RAW, IPPROTO_ICMP, sizeof in, (void *)&in, "other.example", 0},
    };
    for (struct addrinfo *at = list; at; at = at->ai_next) {
      DESCRIBE(at);
      putchar('\\t');
      dump(at, sizeof *at);
      printf("\\t%u\\t%ju\\t%ju\\t%ju\\n", at->ai_addrlen, (uintmax_t)(uintptr_t)at->ai_addr,
             (uintmax_t)(uintptr_t)at->ai_canonname, (uintmax_t)(uintptr_t)at->ai_next);
    }
    return 0;
  }
`;

/** An entry of a list in native memory. */
interface Entry {
  readonly described: string;
  readonly bytes: Buffer;
  /** ai_addrlen, ai_addr, ai_canonname, ai_next. */
  readonly fields: number[];
  readonly address: Buffer;
  readonly name: string | null;
}

function readEntry(line: string): Entry {
  const [described, bytes, ...fields] = line.split("\t") as [string, string, ...string[]];
  const [, , , , address, name] = described.split(" ");
  return {
    described,
    bytes: Buffer.from(bytes, "hex"),
    fields: fields.map(Number),
    address: Buffer.from(address!, "hex"),
    name: name === "NULL" ? null : name!,
  };
}

/** Appends an entry to the block, as the host does for each that libc gives. */
function append({ bytes, address, name }: Entry): boolean {
  marshalBytes.set(bytes, entry);
  const at = marshal.addrinfoAppend(name === null ? -1 : name.length);
  if (at === 0) return false;
  marshalBytes.set(address, at);
  if (name !== null) marshalBytes.set(Buffer.from(name), marshal.addrinfoName());
  return true;
}

/** How many entries the list has that starts with the block. */
function count(): number {
  let entries = 1;
  for (let at = block; (at = view.getUint32(at + addrinfo.ai_next, true)) !== 0;) entries++;
  return entries;
}

/** An entry with nothing but an address of a length, which nobody reads. */
function lengthOnly(length: number): Uint8Array {
  const bytes = Buffer.alloc(native_addrinfo.sizeof);
  bytes.writeUInt32LE(length, native_addrinfo.ai_addrlen);
  return bytes;
}

describe("the module", () => {
  test("imports nothing", () => {
    expect(WebAssembly.Module.imports(compile("marshal"))).toEqual([]);
  });

  test("runs where there is nothing but WebAssembly", () => {
    // A realm of its own has the language and WebAssembly, and nothing of Node.
    const address: unknown = runInNewContext(
      `
      const { exports } = new WebAssembly.Instance(module);
      const memory = new Uint8Array(exports.memory.buffer);
      const text = Array.from("127.0.0.1", (character) => character.charCodeAt(0));
      memory.set(text, exports.text.value);
      exports.inet_pton(exports["AF.INET"].value, exports.text.value, 9, exports.address.value);
      memory.slice(exports.address.value, exports.address.value + 4).join(".");
      `,
      { module: compile("marshal") },
    );
    expect(address).toBe("127.0.0.1");
  });

  test("has a memory whose maximum is its initial size", () => {
    const { memory } = new WebAssembly.Instance(compile("marshal")).exports;
    expect((memory as WebAssembly.Memory).grow(0)).toBeGreaterThan(0);
    expect(() => (memory as WebAssembly.Memory).grow(1)).toThrow(RangeError);
  });

  test("has scratch areas that lie side by side in its memory, aligned for the kernel", () => {
    const areas = [
      [marshal.address, marshal.SOCKADDR_MAX],
      [marshal.length, marshal.INT_SIZE],
      [marshal.text, marshal.TEXT_SIZE],
      [block, BLOCK_SIZE],
      [entry, native_addrinfo.sizeof],
      [pollfds, 2 * pollfd.sizeof],
    ].sort(([a], [b]) => a! - b!) as [start: number, size: number][];
    const ends = [0, ...areas.map(([start, size]) => start + size)];
    for (const [index, [start, size]] of areas.entries()) {
      expect(start).toBeGreaterThanOrEqual(ends[index]!);
      expect(start % Math.min(size, 8)).toBe(0);
    }
    expect(ends.at(-1)).toBeLessThanOrEqual(marshalBytes.length);
  });
});

describe("a block of addrinfo", () => {
  const address = marshal.sockaddr_in.sizeof;

  test("starts anew", () => {
    marshalBytes.set(lengthOnly(address), entry);
    expect(marshal.addrinfoAppend(-1)).not.toBe(0);
    marshal.addrinfoBegin(block);
    expect(marshal.addrinfoSize()).toBe(0);
  });

  test("ends where no more fits, and is a whole list still", () => {
    marshalBytes.set(lengthOnly(address), entry);
    const behind = block + BLOCK_SIZE;
    const untouched = hexAt(behind, marshalBytes.length - behind);
    marshal.addrinfoBegin(block);
    let appended = 0;
    while (marshal.addrinfoAppend(-1) !== 0) appended++;
    expect(appended).toBe(Math.floor(BLOCK_SIZE / (addrinfo.sizeof + address)));
    expect(marshal.addrinfoSize()).toBe(appended * (addrinfo.sizeof + address));
    expect(count()).toBe(appended);
    expect(hexAt(behind, marshalBytes.length - behind)).toBe(untouched);
  });

  test.each([
    ["an address as large as the block", BLOCK_SIZE, -1],
    ["an address of 2^31 bytes", 2 ** 31, -1],
    ["an address of nearly 2^32 bytes", 2 ** 32 - 1, -1],
    ["a name as large as the block", address, BLOCK_SIZE],
    ["a name of nearly 2^31 bytes", address, 2 ** 31 - 1],
  ])("does not take %s", (_, addressLength, nameLength) => {
    marshalBytes.set(lengthOnly(addressLength), entry);
    marshal.addrinfoBegin(block);
    expect(marshal.addrinfoAppend(nameLength)).toBe(0);
    expect(marshal.addrinfoSize()).toBe(0);
  });
});

describe("an option", () => {
  test.each<[string, keyof typeof Kind, number, number]>([
    ["SO_LINGER", "LINGER", SOL.SOCKET, SO.LINGER],
    ["SO_RCVTIMEO", "TIMEVAL", SOL.SOCKET, SO.RCVTIMEO],
    ["SO_SNDTIMEO", "TIMEVAL", SOL.SOCKET, SO.SNDTIMEO],
    ["SO_KEEPALIVE", "FLAG", SOL.SOCKET, SO.KEEPALIVE],
    ["SO_RCVBUF", "INT", SOL.SOCKET, SO.RCVBUF],
    ["SO_ATTACH_FILTER, which carries a pointer,", "NONE", SOL.SOCKET, 26],
    ["of a level that does not exist", "NONE", 12345, SO.LINGER],
  ])("%s is of kind %s", (_, kind, level, option) => {
    expect(marshal.optionKind(level, option)).toBe(Kind[kind]);
  });

  test.each([Kind.STRING, Kind.BYTES, Kind.NONE])("of kind %i is not made of numbers", (kind) => {
    const before = hexAt(block, 16);
    expect(marshal.encodeOption(kind, block, 1, 1)).toBe(0);
    expect(hexAt(block, 16)).toBe(before);
  });
});

const skipped = "missing" in compiler ? ` (skipped: ${compiler.missing})` : "";

describe.skipIf(skipped)(`the codecs and C${skipped}`, () => {
  let program: string;
  let hints: string;
  let values: string[];
  let pairs: string[];
  let entries: Entry[];

  beforeAll(async () => {
    program = await compileC("marshal", PROGRAM);
    const lines = (await runC(program)).split("\n").slice(0, -1);
    [hints] = lines.splice(0, 1) as [string];
    values = lines.splice(0, VALUES.length);
    pairs = lines.splice(0, POLLFDS.length);
    entries = lines.map(readEntry);
  });

  test("hints become the native struct, their pointers left out", () => {
    marshalBytes.fill(0xff, block, block + addrinfo.sizeof);
    view.setInt32(block + addrinfo.ai_flags, AI.PASSIVE | AI.CANONNAME, true);
    view.setInt32(block + addrinfo.ai_family, AF.INET6, true);
    view.setInt32(block + addrinfo.ai_socktype, SOCK.DGRAM, true);
    view.setInt32(block + addrinfo.ai_protocol, IPPROTO.UDP, true);
    marshal.addrinfoHints(block);
    expect(hexAt(entry, native_addrinfo.sizeof)).toBe(hints);
  });

  test("the pointers of a native entry are read", () => {
    const { nativeAddressLength, nativeAddress, nativeName, nativeNext } = marshal;
    for (const { bytes, fields } of entries) {
      marshalBytes.set(bytes, entry);
      const read = [nativeAddressLength(), nativeAddress(), nativeName(), nativeNext()];
      expect(read).toEqual(fields);
    }
  });

  test("a native list becomes a block that a C guest walks to the same end", async () => {
    const target = 0x10000000;
    marshalBytes.fill(0xff, block, block + BLOCK_SIZE);
    marshal.addrinfoBegin(target);
    for (const native of entries) expect(append(native)).toBe(true);
    const walked = await runC(program, [`${target}`], hexAt(block, marshal.addrinfoSize()));
    expect(walked.split("\n").slice(0, -1)).toEqual(entries.map(({ described }) => described));
  });

  const valueRows = VALUES.map(([kind, numbers], index) => [kind, numbers, index] as const);

  test.each(valueRows)(
    "the %s of %j has C's bytes, and is read from them",
    (kind, numbers, index) => {
      const [first, second] = numbers as [number, number];
      const length = marshal.encodeOption(Kind[kind], block, first, second);
      expect(hexAt(block, length)).toBe(values[index]);
      expect(marshal.optionFirst(Kind[kind], block)).toBe(first);
      expect(marshal.optionSecond(Kind[kind], block)).toBe(second);
    },
  );

  const pollRows = POLLFDS.map(([fd, events, wake], index) => [fd, events, wake, index] as const);

  test.each(pollRows)("pollfds %i for %i and %i have C's bytes", (fd, events, wake, index) => {
    marshalBytes.fill(0xff, pollfds, pollfds + 2 * pollfd.sizeof);
    marshal.pollPrepare(fd, events);
    marshal.pollWake(pollfds, 1, wake);
    expect(hexAt(pollfds, 2 * pollfd.sizeof)).toBe(pairs[index]);
  });
});

test("only the revents of the wake descriptor say that a wait was ended", () => {
  const woken = () => Number(marshal.pollWoken(pollfds, 1));
  marshal.pollPrepare(5, POLL.IN);
  marshal.pollWake(pollfds, 1, 7);
  view.setInt16(pollfds + pollfd.revents, POLL.IN, true);
  expect(woken()).toBe(0);
  view.setInt16(pollfds + pollfd.sizeof + pollfd.revents, POLL.IN, true);
  expect(woken()).toBe(1);
  marshal.pollPrepare(5, POLL.IN);
  marshal.pollWake(pollfds, 1, 7);
  expect(woken()).toBe(0);
});

test.each([1, 2, 3, 4, 12])(
  "behind a control message of %i bytes stands nothing of another",
  (size) => {
    const { IP, cmsghdr, control, native_cmsghdr } = marshal;
    const [whole, nativeWhole] = [cmsghdr.sizeof + size, native_cmsghdr.sizeof + size];
    marshalBytes.fill(0xff, control, control + 64);
    marshalBytes.fill(0x55, block, block + 64);
    view.setBigUint64(block, BigInt(nativeWhole), true);
    view.setInt32(block + native_cmsghdr.cmsg_level, SOL.IP, true);
    view.setInt32(block + native_cmsghdr.cmsg_type, IP.TOS, true);
    const padded = (whole + 3) & ~3;
    expect(marshal.decodeControl(block, nativeWhole, 64, 0)).toBe(padded);
    expect(hexAt(control + cmsghdr.sizeof, padded - cmsghdr.sizeof)).toBe(
      "55".repeat(size) + "00".repeat(padded - whole),
    );

    marshalBytes.fill(0xff, block, block + 64);
    const nativePadded = (nativeWhole + 7) & ~7;
    expect(marshal.encodeControl(whole, block, 64)).toBe(nativePadded);
    expect(hexAt(block + native_cmsghdr.sizeof, nativePadded - native_cmsghdr.sizeof)).toBe(
      "55".repeat(size) + "00".repeat(nativePadded - nativeWhole),
    );
  },
);
