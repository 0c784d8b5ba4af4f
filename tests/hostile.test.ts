// A guest that passes what no honest program would: the host answers as Linux does, with an error number,
// and touches nothing outside the guest's memory, nothing inside that it was not given, and no descriptor.

import { readFile, readdir, readlink } from "node:fs/promises";
import { instantiate, type Address, type Allow } from "wasi-sockets";
import { encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { compileFile, compileGuest } from "./support/guest.js";
import { errnoOf, loopback } from "./support/sockets.js";

/** The exports of assembly/raw.ts. */
// prettier-ignore
type Import =
  | "socket" | "socketpair" | "connect" | "listen" | "bind" | "accept4" | "getsockname" | "getpeername"
  | "send" | "recv" | "sendto" | "recvfrom" | "getsockopt" | "setsockopt" | "getaddrinfo"
  | "if_nametoindex" | "close";
type Raw = Record<Import, (...args: number[]) => number> & { memory: WebAssembly.Memory };

const { AF, SOCK, SOL, SO, EAI } = marshal;
const EFAULT = -errnoOf("EFAULT");
const EINVAL = -errnoOf("EINVAL");

const PAGES = 2;
const END = PAGES * 65536;
const MAX = 2 ** 32 - 1;
const PATTERN = 0xa5;
/** Good places in the guest's memory, a kilobyte each. */
const [BUFFER, NAME, LENGTH, TEXT, OUT] = [0x1000, 0x1400, 0x1800, 0x1c00, 0x2000];
const SOCKADDR_IN = marshal.sockaddr_in.sizeof;

/** Pointers to memory that is not there, if one byte or more is wanted. */
const nowhere = {
  NULL: 0,
  "the end": END,
  "2^31": 2 ** 31,
  "2^32 - 16": MAX - 15,
  "2^32 - 1": MAX,
};
/** As above for more than one byte: the first of them is there. */
const straddling = { "the last byte": END - 1 };

let module: WebAssembly.Module;
let guest: Raw;

beforeAll(async () => {
  module = await compileRaw("--initialMemory", String(PAGES));
});

beforeEach(async () => {
  guest = await start();
});

async function compileRaw(...flags: string[]): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await compileFile("raw", flags));
}

async function start(allow: Allow | true = true, from = module): Promise<Raw> {
  const instance = await instantiate<Raw>(from, { allow });
  onTestFinished(() => {
    instance.dispose();
  });
  if (from === module) bytes(instance.exports).fill(PATTERN);
  return instance.exports;
}

function bytes({ memory }: Raw): Buffer {
  return Buffer.from(memory.buffer);
}

function word(at: number, value: number): void {
  bytes(guest).writeInt32LE(value | 0, at);
}

/** Writes a sockaddr at NAME: its length. */
function name(address: Address, to = guest): number {
  const length = encodeAddress(marshal, marshalBytes, address, () => 0);
  bytes(to).set(marshalBytes.subarray(marshal.address, marshal.address + length), NAME);
  return length;
}

/** The real sockets of this process. */
async function openSockets(): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
  return (await Promise.all(targets)).filter((target) => target.startsWith("socket:")).length;
}

/** Expects a result, and that the guest's memory is as it was, byte for byte. */
function expectUntouched(call: () => number, result: number, message: string): void {
  const before = Buffer.from(bytes(guest));
  expect(call(), message).toBe(result);
  expect(bytes(guest).equals(before), `memory after ${message}`).toBe(true);
}

/** Two non-blocking sockets of one type that are connected to each other. */
function pair(type: number = SOCK.STREAM): [number, number] {
  expect(guest.socketpair(AF.UNIX, type | SOCK.NONBLOCK, 0, OUT)).toBe(0);
  return [bytes(guest).readInt32LE(OUT), bytes(guest).readInt32LE(OUT + 4)];
}

/** A socket that is bound to a loopback port; the address stays at NAME. */
function bound(type: number, flags: number = SOCK.NONBLOCK): { fd: number; length: number } {
  const fd = guest.socket(AF.INET, type | flags, 0);
  expect(guest.bind(fd, NAME, name(loopback("inet")))).toBe(0);
  word(LENGTH, SOCKADDR_IN);
  expect(guest.getsockname(fd, NAME, LENGTH)).toBe(0);
  return { fd, length: SOCKADDR_IN };
}

test("there is no import that this guest does not have", async () => {
  const sockets = await readFile(new URL("../build/sockets.wasm", import.meta.url));
  const names = (wasm: WebAssembly.Module) =>
    WebAssembly.Module.imports(wasm)
      .filter(({ module }) => module === "bsd_sockets_v1")
      .map(({ name }) => name);
  const all = names(await WebAssembly.compile(sockets));
  expect(all.length).toBeGreaterThan(30);
  expect(new Set(names(module))).toEqual(new Set(all));
});

describe("a pointer to memory that is not there is EFAULT", () => {
  type Hostile = (pointer: number, length: number) => number;
  // What each import takes, the hostile range in place of a good one.
  const ranges: Record<string, (fd: number) => Hostile> = {
    "bind, the address": (fd) => (p, n) => guest.bind(fd, p, n),
    "connect, the address": (fd) => (p, n) => guest.connect(fd, p, n),
    "send, the buffer": (fd) => (p, n) => guest.send(fd, p, n, 0),
    "recv, the buffer": (fd) => (p, n) => guest.recv(fd, p, n, 0),
    "sendto, the buffer": (fd) => (p, n) => guest.sendto(fd, p, n, 0, 0, 0),
    "sendto, the buffer of a named peer": (fd) => (p, n) =>
      guest.sendto(fd, p, n, 0, NAME, SOCKADDR_IN),
    "recvfrom, the buffer": (fd) => (p, n) => guest.recvfrom(fd, p, n, 0, 0, 0),
    "recvfrom, the buffer with an address": (fd) => (p, n) =>
      guest.recvfrom(fd, p, n, 0, NAME, LENGTH),
    "setsockopt, the value": (fd) => (p, n) => guest.setsockopt(fd, SOL.SOCKET, SO.KEEPALIVE, p, n),
  };
  /** A sockaddr that is too long, and a negative length of an option, are no question of memory. */
  const limits: Record<string, number> = {
    "bind, the address": marshal.SOCKADDR_MAX,
    "connect, the address": marshal.SOCKADDR_MAX,
    "setsockopt, the value": 2 ** 31 - 1,
  };

  test.each(Object.entries(ranges))("%s", (title, range) => {
    const call = range(pair()[0]);
    name(loopback("inet"));
    word(LENGTH, SOCKADDR_IN);
    for (const [where, pointer] of Object.entries({ ...nowhere, ...straddling })) {
      for (const length of [1, 2, 2 ** 31, MAX]) {
        if (length === 1 && where in straddling) continue;
        const expected = length > (limits[title] ?? MAX) ? EINVAL : EFAULT;
        expectUntouched(() => call(pointer, length), expected, `${length} bytes at ${where}`);
      }
      // No byte is no question of memory either: it is what the same call gives at a good pointer.
      expect(call(pointer, 0), `no bytes at ${where}`).toBe(call(BUFFER, 0));
    }
  });

  /** Pointers to something of a size that the import knows, or finds in the word at LENGTH. */
  const objects: Record<string, (fd: number) => (pointer: number) => number> = {
    "socketpair, the numbers": () => (p) => guest.socketpair(AF.UNIX, SOCK.STREAM, 0, p),
    "accept4, the address": (fd) => (p) => guest.accept4(fd, p, LENGTH, 0),
    "accept4, the length": (fd) => (p) => guest.accept4(fd, NAME, p, 0),
    "getsockname, the address": (fd) => (p) => guest.getsockname(fd, p, LENGTH),
    "getsockname, the length": (fd) => (p) => guest.getsockname(fd, NAME, p),
    "getpeername, the address": (fd) => (p) => guest.getpeername(fd, p, LENGTH),
    "getpeername, the length": (fd) => (p) => guest.getpeername(fd, NAME, p),
    "sendto, the address": (fd) => (p) => guest.sendto(fd, BUFFER, 1, 0, p, SOCKADDR_IN),
    "recvfrom, the address": (fd) => (p) => guest.recvfrom(fd, BUFFER, 1, 0, p, LENGTH),
    "recvfrom, the length": (fd) => (p) => guest.recvfrom(fd, BUFFER, 1, 0, NAME, p),
    "getsockopt, the value": (fd) => (p) => guest.getsockopt(fd, SOL.SOCKET, SO.TYPE, p, LENGTH),
    "getsockopt, the length": (fd) => (p) => guest.getsockopt(fd, SOL.SOCKET, SO.TYPE, BUFFER, p),
    "if_nametoindex, the name": () => (p) => guest.if_nametoindex(p),
  };
  /** Where NULL asks for no address at all. */
  const optional = ["accept4, the address", "sendto, the address", "recvfrom, the address"];

  test.each(Object.entries(objects))("%s", (title, object) => {
    const call = object(pair()[0]);
    word(LENGTH, SOCKADDR_IN);
    for (const [where, pointer] of Object.entries({ ...nowhere, ...straddling })) {
      if (pointer === 0 && optional.includes(title)) continue;
      expectUntouched(() => call(pointer), EFAULT, where);
    }
  });

  const strings: Record<string, (pointer: number) => number> = {
    "the node": (p) => guest.getaddrinfo(p, 0, 0, OUT, 1024),
    "the service": (p) => guest.getaddrinfo(TEXT, p, 0, OUT, 1024),
    "the hints": (p) => guest.getaddrinfo(TEXT, 0, p, OUT, 1024),
  };

  test.each(Object.entries(strings))(
    "getaddrinfo, %s: EAI_SYSTEM, with EFAULT at out",
    (_, call) => {
      bytes(guest).write("127.0.0.1\0", TEXT);
      for (const [where, pointer] of Object.entries({ ...nowhere, ...straddling })) {
        if (pointer === 0) continue; // asks for none
        word(OUT, 0);
        expect(call(pointer), where).toBe(EAI.SYSTEM);
        expect(bytes(guest).readInt32LE(OUT), where).toBe(-EFAULT);
      }
    },
  );

  test("getaddrinfo, the answer", () => {
    bytes(guest).write("127.0.0.1\0", TEXT);
    for (const [where, pointer] of Object.entries({ ...nowhere, ...straddling })) {
      const call = (capacity: number) => guest.getaddrinfo(TEXT, 0, 0, pointer, capacity);
      expectUntouched(() => call(MAX), EAI.SYSTEM, where);
      // Where there is no room, the size that is missing is told and nothing is written.
      expectUntouched(() => call(0), guest.getaddrinfo(TEXT, 0, 0, OUT, 0), where);
    }
  });
});

describe("a call that fails of a bad pointer has no effect", () => {
  test("accept4 leaves the connection in the queue", () => {
    const { fd, length } = bound(SOCK.STREAM);
    expect(guest.listen(fd, 1)).toBe(0);
    expect(guest.connect(guest.socket(AF.INET, SOCK.STREAM, 0), NAME, length)).toBe(0);
    word(LENGTH, length);
    expect(guest.accept4(fd, END, LENGTH, 0)).toBe(EFAULT);
    expect(guest.accept4(fd, NAME, END, 0)).toBe(EFAULT);
    word(LENGTH, -1);
    expect(guest.accept4(fd, NAME, LENGTH, 0)).toBe(EINVAL);
    expect(guest.accept4(fd, 0, 0, 0)).toBeGreaterThan(fd);
    expect(guest.accept4(fd, 0, 0, 0)).toBe(-errnoOf("EAGAIN"));
  });

  test("recvfrom leaves the datagram", () => {
    const { fd, length } = bound(SOCK.DGRAM);
    expect(guest.sendto(fd, BUFFER, 5, 0, NAME, length)).toBe(5);
    word(LENGTH, length);
    expect(guest.recvfrom(fd, END - 4, 5, 0, NAME, LENGTH)).toBe(EFAULT);
    expect(guest.recvfrom(fd, BUFFER, 5, 0, END, LENGTH)).toBe(EFAULT);
    expect(guest.recvfrom(fd, BUFFER, 5, 0, NAME, END)).toBe(EFAULT);
    word(LENGTH, -1);
    expect(guest.recvfrom(fd, BUFFER, 5, 0, NAME, LENGTH)).toBe(EINVAL);
    expect(guest.recv(fd, BUFFER, 64, 0)).toBe(5);
  });

  test("socketpair opens nothing", async () => {
    const before = await openSockets();
    expect(guest.socketpair(AF.UNIX, SOCK.STREAM, 0, END - 4)).toBe(EFAULT);
    expect(await openSockets()).toBe(before);
    expect(guest.socketpair(AF.UNIX, SOCK.STREAM, 0, OUT)).toBe(0);
    expect(await openSockets()).toBe(before + 2);
  });
});

describe("a value-result length", () => {
  const capacities = [0, 1, 2, SOCKADDR_IN - 1, SOCKADDR_IN, SOCKADDR_IN + 1, 128, 2 ** 31 - 1];
  const calls: Record<string, (fd: number) => number> = {
    getsockname: (fd) => guest.getsockname(fd, OUT, LENGTH),
    getpeername: (fd) => guest.getpeername(fd, OUT, LENGTH),
    recvfrom: (fd) => guest.recvfrom(fd, BUFFER, 1, 0, OUT, LENGTH),
  };

  function expectCut(capacity: number, call: () => number): void {
    bytes(guest).fill(PATTERN, OUT, OUT + 256);
    word(LENGTH, capacity);
    expect(call()).toBeGreaterThanOrEqual(0);
    expect(bytes(guest).readInt32LE(LENGTH)).toBe(SOCKADDR_IN);
    const written = bytes(guest).subarray(OUT, OUT + Math.min(capacity, SOCKADDR_IN));
    expect(written.equals(bytes(guest).subarray(NAME, NAME + written.length))).toBe(true);
    const rest = bytes(guest).subarray(OUT + written.length, OUT + 256);
    expect(rest.every((byte) => byte === PATTERN)).toBe(true);
  }

  test.each(Object.entries(calls))(
    "of %s cuts the address and tells its true length",
    (_, call) => {
      const { fd, length } = bound(SOCK.DGRAM); // its own peer: one address is all three
      expect(guest.connect(fd, NAME, length)).toBe(0);
      for (const capacity of capacities) {
        expect(guest.send(fd, BUFFER, 1, 0)).toBe(1);
        expectCut(capacity, () => call(fd));
      }
    },
  );

  test("of accept4 cuts the address and tells its true length", () => {
    const { fd, length } = bound(SOCK.STREAM);
    expect(guest.listen(fd, capacities.length)).toBe(0);
    const server = Buffer.from(bytes(guest).subarray(NAME, NAME + length));
    for (const capacity of capacities) {
      const client = guest.socket(AF.INET, SOCK.STREAM, 0);
      bytes(guest).set(server, NAME);
      expect(guest.connect(client, NAME, length)).toBe(0);
      word(LENGTH, length);
      expect(guest.getsockname(client, NAME, LENGTH)).toBe(0);
      expectCut(capacity, () => guest.accept4(fd, OUT, LENGTH, 0));
    }
  });

  test("of getsockopt cuts the value, and says how much was written, as Linux does", () => {
    const [fd] = pair();
    const value = Buffer.alloc(4);
    value.writeInt32LE(SOCK.STREAM);
    for (const capacity of [0, 1, 3, 4, 5, 1024]) {
      const written = Math.min(capacity, value.length);
      bytes(guest).fill(PATTERN, OUT, OUT + 64);
      word(LENGTH, capacity);
      expect(guest.getsockopt(fd, SOL.SOCKET, SO.TYPE, OUT, LENGTH)).toBe(0);
      expect(bytes(guest).readInt32LE(LENGTH)).toBe(written);
      expect(bytes(guest).subarray(OUT, OUT + written)).toEqual(value.subarray(0, written));
      expect(bytes(guest).readUInt8(OUT + written)).toBe(PATTERN);
    }
  });

  test.each(["getsockname", "getpeername"] as const)("of %s is EINVAL below 0", (call) => {
    const [fd] = pair();
    word(LENGTH, -1);
    expectUntouched(() => guest[call](fd, NAME, LENGTH), EINVAL, "-1");
  });
});

describe("a guest's memory", () => {
  test("that grows between two calls is looked at anew", () => {
    const [fd] = pair();
    expect(guest.send(fd, END, 1, 0)).toBe(EFAULT);
    guest.memory.grow(1);
    expect(guest.send(fd, END, 1, 0)).toBe(1);
    expect(guest.send(fd, BUFFER, 1, 0)).toBe(1);
    expect(guest.send(fd, END + 65536, 1, 0)).toBe(EFAULT);
  });

  test.each([
    ["of no pages holds nothing", ["--initialMemory", "0"]],
    ["that the module keeps to itself is not there", ["--initialMemory", "1", "--noExportMemory"]],
  ])("%s", async (_, flags) => {
    const raw = await start(true, await compileRaw(...flags));
    const fd = raw.socket(AF.INET, SOCK.DGRAM | SOCK.NONBLOCK, 0);
    expect(fd).toBeGreaterThan(2);
    expect(raw.send(fd, 16, 1, 0)).toBe(EFAULT);
    expect(raw.socketpair(AF.UNIX, SOCK.STREAM, 0, 16)).toBe(EFAULT);
    expect(raw.getaddrinfo(16, 0, 0, 16, 64)).toBe(EAI.SYSTEM);
    expect(raw.recv(fd, 0, 0, 0)).toBe(-errnoOf("EAGAIN"));
    expect(raw.close(fd)).toBe(0);
  });

  test.each([
    ["is not known yet to its start function", [], false, EFAULT],
    ["is known to the start function where it is imported", ["--importMemory"], true, 0],
    ["is not just any memory among the imports", [], true, EFAULT],
  ])("%s", async (_, flags, given, result) => {
    const program = `
      @external("bsd_sockets_v1", "socketpair")
      declare function socketpair(domain: i32, type: i32, protocol: i32, fds: i32): i32;
      export const early: i32 = socketpair(${AF.UNIX}, ${SOCK.STREAM}, 0, 16);
    `;
    const wasm = await compileGuest(program, ["--initialMemory", "1", ...flags]);
    const imports = given ? { env: { memory: new WebAssembly.Memory({ initial: 1 }) } } : {};
    using instance = await instantiate<{ early: WebAssembly.Global }>(wasm, { imports });
    expect(instance.exports.early.value).toBe(result);
  });
});
