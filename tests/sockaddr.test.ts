// Socket addresses as objects and as bytes: host/address.ts over the codecs of build/marshal.wasm.

import { SocketAddress } from "node:net";
import fc from "fast-check";
import { open, type Address, type Inet6Address } from "wasi-sockets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeAddress, encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import { compileC, compiler, runC } from "./support/c.js";

const net = await open();
afterAll(() => {
  net.dispose();
});

/** The bytes of an address. */
function encode(address: Address): Buffer {
  const length = encodeAddress(marshal, marshalBytes, address, (name) => net.ifNameToIndex(name));
  return Buffer.from(marshalBytes.slice(marshal.address, marshal.address + length));
}

/** The address of some bytes; what stands behind them is noise. */
function decode(bytes: Uint8Array, length = bytes.length): Address | null {
  marshalBytes.fill(0xa5, marshal.address, marshal.address + marshal.SOCKADDR_MAX);
  marshalBytes.set(bytes, marshal.address);
  return decodeAddress(marshal, marshalBytes, marshal.address, length);
}

const inet = (address: string, port: number) => ({ family: "inet", address, port }) as const;
const inet6 = (address: string, port: number, rest: Partial<Inet6Address> = {}) =>
  ({ family: "inet6", address, port, ...rest }) as const;
const unix = (path: string) => ({ family: "unix", path }) as const;
const utf8Length = (text: string) => Buffer.byteLength(text);

/** An address, and the C that prints its bytes. */
interface Golden {
  readonly address: Address;
  readonly c: string;
}

const inetRow = (text: string, port: number): Golden => ({
  address: inet(text, port),
  c: `inet("${text}", ${port})`,
});
const inet6Row = (text: string, port: number, flowinfo: number, scope: number): Golden => ({
  address: inet6(text, port, { flowinfo, scope }),
  c: `inet6("${text}", ${port}, ${flowinfo}, ${scope})`,
});
/** The length is an expression of C in which the address is `a`. */
const unixRow = (path: string, length: string): Golden => ({
  address: unix(path),
  c: `UN(${[length, ...Buffer.from(path)].join(", ")})`,
});

// The lengths that unix(7) names; a path of 108 bytes has no room for a NUL.
const pathname = (path: string) =>
  unixRow(path, "offsetof(struct sockaddr_un, sun_path) + strlen(a.sun_path) + 1");
const full = (path: string) => unixRow(path, "sizeof(struct sockaddr_un)");
const abstract = (name: string) => unixRow(name, `sizeof(sa_family_t) + ${utf8Length(name)}`);
const unnamed = unixRow("", "sizeof(sa_family_t)");

/** Relative paths, which the C program binds in a directory of its own. */
const LONGEST = "f".repeat(108);
const ABSTRACT = `\0wasi-sockets-${process.pid}`;
const ONES = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

const golden: [name: string, row: Golden][] = [
  ["inet", inetRow("127.0.0.1", 8080)],
  ["inet, nothing set", inetRow("0.0.0.0", 0)],
  ["inet, every bit set", inetRow("255.255.255.255", 0xffff)],
  ["inet6", inet6Row("2001:db8::8:800:200c:417a", 443, 0, 0)],
  ["inet6 with flowinfo and scope", inet6Row("fe80::1", 443, 0x0ff12345, 7)],
  ["inet6, every bit set", inet6Row(ONES, 0xffff, 0xffffffff, 0xffffffff)],
  ["unix by path", pathname("app.sock")],
  ["unix by a path beyond ASCII", pathname("é€😀")],
  ["unix by a path of 107 bytes and its NUL", pathname(LONGEST.slice(1))],
  ["unix by a path of 108 bytes without NUL", full(LONGEST)],
  ["unix, abstract", abstract(ABSTRACT)],
  ["unix, abstract, 108 bytes with NULs among them", abstract(ABSTRACT.padEnd(108, "\0!"))],
  ["unix without a name", unnamed],
  [
    "packet",
    {
      address: {
        family: "packet",
        protocol: 0x0806,
        interface: 3,
        hatype: 1,
        pkttype: 4,
        address: Uint8Array.of(2, 4, 6, 8, 10, 12),
      },
      c: `{ struct sockaddr_ll a = {AF_PACKET, htons(0x0806), 3, 1, 4, 6, {2, 4, 6, 8, 10, 12}};
            dump(&a, sizeof a); }`,
    },
  ],
  [
    "netlink",
    {
      address: { family: "netlink", pid: 7, groups: 9 },
      c: `{ struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 9};
            dump(&a, sizeof a); }`,
    },
  ],
  [
    "vsock",
    {
      address: { family: "vsock", cid: 0xffffffff, port: 70000 },
      c: `{ struct sockaddr_vm a = {.svm_family = AF_VSOCK, .svm_cid = -1, .svm_port = 70000};
            dump(&a, sizeof a); }`,
    },
  ],
];

const PROGRAM = `
  #define _GNU_SOURCE
  #include <arpa/inet.h>
  #include <net/if.h>
  #include <stddef.h>
  #include <stdint.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/socket.h>
  #include <sys/un.h>
  #include <unistd.h>
  #include <linux/can.h>
  #include <linux/if_packet.h>
  #include <linux/netlink.h>
  #include <linux/vm_sockets.h>

  static void dump(const void *address, size_t length) {
    for (size_t i = 0; i < length; i++) printf("%02x", ((const uint8_t *)address)[i]);
    putchar(' ');
  }

  // The address after a bind(2), as getsockname(2) has it.
  static void dump_bound(const void *address, socklen_t length) {
    char name[256];
    socklen_t size = sizeof name;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (length > sizeof(sa_family_t) && bind(fd, address, length) < 0) exit(1);
    if (getsockname(fd, (struct sockaddr *)name, &size) < 0) exit(2);
    dump(name, size);
    close(fd);
  }

  static void inet(const char *text, int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, text, &a.sin_addr);
    dump(&a, sizeof a);
  }

  static void inet6(const char *text, int port, uint32_t flowinfo, uint32_t scope) {
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    a.sin6_flowinfo = htonl(flowinfo);
    a.sin6_scope_id = scope;
    inet_pton(AF_INET6, text, &a.sin6_addr);
    dump(&a, sizeof a);
  }

  #define UN(length, ...) {                             \\
    char path[] = {__VA_ARGS__};                        \\
    struct sockaddr_un a = {.sun_family = AF_UNIX};     \\
    memcpy(a.sun_path, path, sizeof path);              \\
    dump(&a, length);                                   \\
    dump_bound(&a, length);                             \\
    if (a.sun_path[0]) unlink(strndup(path, sizeof path)); \\
  }

  int main(void) {
    char directory[] = "/tmp/wasi-sockets-bind-XXXXXX";
    if (!mkdtemp(directory) || chdir(directory) < 0) return 1;
    ${golden.map(([, { c }]) => `${c}; puts("");`).join("\n    ")}
    inet6("fe80::1", 1, 0, if_nametoindex("lo")); puts("");
    struct sockaddr_can can = {.can_family = AF_CAN, .can_ifindex = 7};
    dump(&can, sizeof can); puts("");
    return rmdir(directory);
  }
`;

const skipped = "missing" in compiler ? ` (skipped: ${compiler.missing})` : "";

describe.skipIf(skipped)(`addresses and what C makes of them${skipped}`, () => {
  /** For each row the bytes, and for a unix address those of getsockname as well. */
  let lines: string[][];

  beforeAll(async () => {
    const output = await runC(await compileC("sockaddr", PROGRAM));
    lines = output.split("\n").map((line) => line.trim().split(" "));
  });

  const rows = golden.map(([name, { address }], index) => [name, address, index] as const);

  test.each(rows)("%s has C's bytes", (_, address, index) => {
    expect(encode(address).toString("hex")).toBe(lines[index]![0]);
  });

  test.each(rows)("%s is read from C's bytes", (_, address, index) => {
    expect(decode(Buffer.from(lines[index]![0]!, "hex"))).toEqual(address);
  });

  test.each(rows.filter(([, { family }]) => family === "unix"))(
    "%s is read from what getsockname gives after a bind",
    (_, address, index) => {
      expect(decode(Buffer.from(lines[index]![1]!, "hex"))).toEqual(address);
    },
  );

  test("a scope may be the name of an interface", () => {
    const scoped = encode(inet6("fe80::1", 1, { scope: "lo" }));
    expect(scoped.toString("hex")).toBe(lines[golden.length]![0]);
  });

  test("an address of a family that this build does not know keeps its bytes", () => {
    const bytes = new Uint8Array(Buffer.from(lines[golden.length + 1]![0]!, "hex"));
    const address = decode(bytes);
    expect(address).toEqual({ family: 29, bytes });
    expect(encode(address!)).toEqual(Buffer.from(bytes));
  });
});

describe("addresses survive a round trip", () => {
  const port = fc.nat(0xffff);
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  const flowlabel = fc.nat(0xfffff); // node:net knows the label of flowinfo, not the traffic class
  const text = fc.string({ unit: "binary", maxLength: 107 });

  test("inet, as node:net's SocketAddress has it", () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (address, port) => {
        const { address: text } = new SocketAddress({ family: "ipv4", address, port });
        expect(decode(encode(inet(address, port)))).toEqual(inet(text, port));
      }),
    );
  });

  test("inet6, as node:net's SocketAddress has it", () => {
    fc.assert(
      fc.property(fc.ipV6(), port, flowlabel, uint32, (address, port, flowlabel, scope) => {
        const second = new SocketAddress({ family: "ipv6", address, port, flowlabel });
        expect(decode(encode(inet6(address, port, { flowinfo: flowlabel, scope })))).toEqual(
          inet6(second.address, second.port, { flowinfo: second.flowlabel, scope }),
        );
      }),
    );
  });

  test("unix by path", () => {
    const path = text.filter((path) => utf8Length(path) <= 108 && !path.includes("\0"));
    fc.assert(
      fc.property(path, (path) => {
        expect(decode(encode(unix(path)))).toEqual(unix(path));
      }),
    );
  });

  test("unix, abstract", () => {
    const name = text.map((name) => `\0${name}`).filter((name) => utf8Length(name) <= 108);
    fc.assert(
      fc.property(name, (name) => {
        expect(decode(encode(unix(name)))).toEqual(unix(name));
      }),
    );
  });

  test("any other family", () => {
    const known: number[] = [marshal.AF.INET, marshal.AF.INET6, marshal.AF.UNIX];
    const family = fc.nat(0xffff).filter((family) => !known.includes(family));
    fc.assert(
      fc.property(family, fc.uint8Array({ maxLength: 126 }), (family, rest) => {
        const bytes = Uint8Array.of(family & 0xff, family >> 8, ...rest);
        expect(decode(encode({ family, bytes }))).toEqual({ family, bytes });
      }),
    );
  });

  test("a path that starts with a byte order mark", () => {
    expect(decode(encode(unix("\ufeffpath")))).toEqual(unix("\ufeffpath"));
  });
});

describe("bytes that are no whole address", () => {
  test("none at all are null", () => {
    expect(decode(Buffer.from("0200", "hex"), 0)).toBeNull();
  });

  test("one byte is not enough for a family", () => {
    expect(decode(Uint8Array.of(2))).toEqual({ family: 0, bytes: Uint8Array.of(2) });
  });

  test.each([
    ["inet", inet("127.0.0.1", 80), 15],
    ["inet6", inet6("::1", 80), 23],
  ])("%s cut short comes back as bytes", (_, address, length) => {
    const bytes = new Uint8Array(encode(address).subarray(0, length));
    expect(decode(bytes)).toEqual({ family: bytes[0], bytes });
  });

  test("inet6 without its scope is what RFC 2133 defined", () => {
    const bytes = encode(inet6("::1", 80, { flowinfo: 5, scope: 9 })).subarray(0, 24);
    expect(decode(bytes)).toEqual(inet6("::1", 80, { flowinfo: 5, scope: 0 }));
  });

  test("a path ends at its NUL, whatever stands behind it", () => {
    const bytes = encode(unix("app.sock"));
    expect(decode(Buffer.concat([bytes, Buffer.from("left over")]))).toEqual(unix("app.sock"));
  });
});

describe("what is no address is refused by name", () => {
  const address = "127.0.0.1";
  const bytes = new Uint8Array(129);

  test.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ["IPv4 text", inet("1.2.3", 80), TypeError, /"1\.2\.3" is not an IPv4 address/],
    ["a name", inet("localhost", 80), TypeError, /"localhost" is not an IPv4 address/],
    ["IPv6 text as IPv4", inet("::1", 80), TypeError, /"::1" is not an IPv4 address/],
    ["IPv6 text", inet6("::g", 80), TypeError, /"::g" is not an IPv6 address/],
    ["a zone in IPv6 text", inet6("::1%lo", 80), TypeError, /"::1%lo".*a zone goes into scope/],
    ["port 70000", inet(address, 70000), RangeError, /port 70000 .* 0 to 65535/],
    ["port -1", inet(address, -1), RangeError, /port -1 .* 0 to 65535/],
    ["port 1.5", inet6("::1", 1.5), RangeError, /port 1\.5 .* 0 to 65535/],
    ["port NaN", inet(address, NaN), RangeError, /port NaN/],
    ["a port in text", { family: "inet", address, port: "80" }, RangeError, /port 80/],
    ["no port", { family: "inet6", address: "::1" }, RangeError, /port undefined/],
    ["flowinfo", inet6("::1", 80, { flowinfo: 2 ** 32 }), RangeError, /flowinfo 4294967296/],
    ["a scope", inet6("::1", 80, { scope: -1 }), RangeError, /scope -1/],
    ["a path of 109 bytes", unix(`${LONGEST}f`), RangeError, /109 bytes: at most 108/],
    ["a path of 5000 bytes", unix("f".repeat(5000)), RangeError, /at most 108/],
    ["55 characters of 110 bytes", unix("é".repeat(55)), RangeError, /110 bytes: at most 108/],
    ["a family", { family: "ipx" }, TypeError, /"ipx" is none of "inet", "inet6", "unix"/],
    ["a family without bytes", { family: 16 }, TypeError, /16 is none of .* a number with bytes/],
    ["a NUL within a path", unix("/a\0b"), TypeError, /holds a NUL that is not its first/],
    ["half a surrogate pair", unix("\ud800"), TypeError, /half a surrogate pair/],
    [
      "bytes of another family",
      { family: 16, bytes: Uint8Array.of(2, 0) },
      TypeError,
      /family 16 .* 2/,
    ],
    ["129 bytes", { family: 16, bytes }, RangeError, /129 bytes .* at most 128/],
  ])("%s", (_, value, error, message) => {
    expect(() => encode(value as Address)).toThrow(error);
    expect(() => encode(value as Address)).toThrow(message);
  });

  test("the name of no interface is ENODEV", () => {
    const scope = "no-such-if";
    expect(() => encode(inet6("fe80::1", 1, { scope }))).toThrow(
      expect.objectContaining({ code: "ENODEV" }) as Error,
    );
  });

  test("54 characters of 108 bytes are still a path", () => {
    expect(encode(unix("é".repeat(54)))).toHaveLength(110);
  });
});
