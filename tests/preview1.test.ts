// wasi-sockets/preview1: WASI in the place of node:wasi's, its files and sockets in one number space, and what hostile
// guests pass.

import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI, type WASIOptions } from "wasi-sockets/preview1";
import { marshal } from "#host/marshal";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { AT, Bytes, DATA, NOWHERE, importing, type Exports } from "./contract/drivers/guest.js";
import { nativeSockets } from "./support/sockets.js";
import { windows } from "./support/system.js";
import { testWithWasi, wasiBytes } from "./support/wasi.js";

const FUNCTIONS = {
  args_sizes_get: 2,
  clock_time_get: "ili",
  fd_close: 1,
  fd_fdstat_get: 2,
  fd_fdstat_set_flags: 2,
  fd_filestat_get: 2,
  fd_pread: "iiili",
  fd_prestat_get: 2,
  fd_read: 4,
  fd_readdir: "iiili",
  fd_renumber: 2,
  fd_seek: "ilii",
  fd_sync: 1,
  fd_write: 4,
  path_filestat_get: 5,
  path_open: "iiiiillii",
  path_rename: 6,
  path_symlink: 5,
  poll_oneoff: 4,
  proc_raise: 1,
  sock_accept: 3,
  sock_bind: 3,
  sock_connect: 3,
  sock_getaddrinfo: 8,
  sock_getlocaladdr: 3,
  sock_getsockopt: 5,
  sock_listen: 2,
  sock_open: 3,
  sock_open_v2: 3,
  sock_recv: 6,
  sock_recv_from: 8,
  sock_send: 5,
  sock_send_to: 7,
  sock_setsockopt: 5,
  sock_shutdown: 2,
} as const;

/** preview1's error numbers, as its typenames.witx has them. */
const [BADF, FAULT, INVAL, MFILE, NOTDIR, NOTSOCK, NOTSUP, SPIPE] = [8, 21, 28, 33, 54, 57, 58, 70];
const AINONAME = 84;
const [DGRAM, STREAM] = [5, 6];

let module: WebAssembly.Module;
let directory: string;

beforeAll(() => {
  module = new WebAssembly.Module(importing("wasi_snapshot_preview1", FUNCTIONS));
  directory = mkdtempSync(join(tmpdir(), "wasi-sockets-preview1-"));
  writeFileSync(join(directory, "file"), "what a file holds");
  mkdirSync(join(directory, "folder"));
});
afterAll(() => {
  // Windows deletes no folder that is open, as one of node:wasi's stays until it is garbage.
  if (!windows) rmSync(directory, { recursive: true });
});

/** Starts a guest: its imports, and its memory. */
async function start(
  options: WASIOptions = {},
): Promise<{ call: Exports; bytes: Bytes; wasi: WASI }> {
  const wasi = new WASI({ allow: true, ...options });
  onTestFinished(() => {
    wasi.dispose();
  });
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
  wasi.initialize(instance);
  const call = instance.exports as unknown as Exports;
  return { call, bytes: new Bytes(call.memory), wasi };
}

type Guest = Awaited<ReturnType<typeof start>>;

function open({ call, bytes }: Guest, type = 2): number {
  expect(call["sock_open"]!(1, type, AT.out)).toBe(0);
  return bytes.get32(AT.out);
}

/** Opens a file below a directory: its descriptor. */
function openFile({ call, bytes }: Guest, at: number, path: string): number {
  bytes.put(AT.name, Buffer.from(path));
  const rights = 0x6n; // FD_READ, FD_SEEK
  expect(call["path_open"]!(at, 0, AT.name, path.length, 0, rights, 0n, 0, AT.out)).toBe(0);
  return bytes.get32(AT.out);
}

describe("one number space", () => {
  test("directories are from 3 up, then listeners, then connections, then what the guest opens", async () => {
    const first = new WASI({ listen: ["127.0.0.1:0"] });
    const [{ address }] = first.sockets as [(typeof first.sockets)[0]];
    const { port } = address as { port: number };
    const guest = await start({
      preopens: { "/": directory, "/folder": join(directory, "folder") },
      listen: ["127.0.0.1:0", "[::1]:0"],
      connect: [`127.0.0.1:${port}`],
    });
    expect(guest.wasi.sockets.map(({ fd }) => fd)).toEqual([5, 6, 7]);
    const { call } = guest;
    expect([3, 4, 5].map((fd) => call["fd_prestat_get"]!(fd, AT.out))).toEqual([0, 0, BADF]);
    expect(open(guest)).toBe(8);
    expect(openFile(guest, 3, "file")).toBe(9);
    expect(open(guest)).toBe(10);
    first.dispose();
  });

  test("a number that a file had is a socket's next, and the other way round", async () => {
    const guest = await start({ preopens: { "/": directory } });
    const file = openFile(guest, 3, "file");
    expect(guest.call["fd_close"]!(file)).toBe(0);
    const socket = open(guest);
    expect(socket).toBe(file);
    expect(guest.call["fd_close"]!(socket)).toBe(0);
    expect(openFile(guest, 3, "file")).toBe(file);
    expect(guest.call["fd_read"]!(file, AT.vectors, 0, AT.out)).toBe(0);
  });

  test("files are read between sockets, by the numbers that the guest has", async () => {
    const guest = await start({ preopens: { "/": directory } });
    const { call, bytes } = guest;
    const sockets = [open(guest), open(guest)];
    const file = openFile(guest, 3, "file");
    expect(file).toBe(sockets[1]! + 1);
    bytes.set32(AT.vectors, DATA, 100);
    expect(call["fd_read"]!(file, AT.vectors, 1, AT.out)).toBe(0);
    expect(bytes.text(DATA, bytes.get32(AT.out))).toBe("what a file holds");
    expect(call["fd_seek"]!(file, 7n, 0, AT.out)).toBe(0);
    expect(call["fd_pread"]!(file, AT.vectors, 1, 5n, AT.out)).toBe(0);
    expect(bytes.text(DATA, bytes.get32(AT.out))).toBe("a file holds");
  });

  test("fd_renumber gives a socket a file's number, and closes the file", async () => {
    const guest = await start({ preopens: { "/": directory } });
    const { call, bytes } = guest;
    const file = openFile(guest, 3, "file");
    const socket = open(guest);
    expect(call["fd_renumber"]!(socket, file)).toBe(0);
    expect(call["fd_fdstat_get"]!(file, AT.out)).toBe(0);
    expect(bytes.get8(AT.out)).toBe(STREAM);
    expect(call["fd_fdstat_get"]!(socket, AT.out)).toBe(BADF);
    expect(call["fd_renumber"]!(file, 3)).toBe(0); // and a directory's
    expect(call["fd_prestat_get"]!(3, AT.out)).toBe(BADF);
  });

  test("fd_renumber leaves the standard streams alone", async () => {
    const guest = await start();
    const socket = open(guest);
    expect(guest.call["fd_renumber"]!(socket, 1)).toBe(NOTSUP);
    expect(guest.call["fd_renumber"]!(1, socket)).toBe(NOTSUP);
    expect(guest.call["fd_renumber"]!(socket, -1)).toBe(BADF);
  });

  test("files count as descriptors: MFILE at the limit, and no file is opened", async () => {
    const guest = await start({ preopens: { "/": directory }, descriptors: 2 });
    open(guest);
    guest.bytes.put(AT.name, Buffer.from("file"));
    const before = readdirSync("/proc/self/fd").length;
    expect(guest.call["path_open"]!(3, 0, AT.name, 4, 0, 2n, 0n, 0, AT.out)).toBe(MFILE);
    expect(guest.call["sock_open"]!(1, 2, AT.out)).toBe(MFILE);
    expect(readdirSync("/proc/self/fd")).toHaveLength(before);
  });

  test("what a socket has not fails by its own error", async () => {
    const guest = await start({ preopens: { "/": directory } });
    const { call } = guest;
    const fd = open(guest);
    expect(call["fd_seek"]!(fd, 0n, 0, AT.out)).toBe(SPIPE);
    expect(call["fd_pread"]!(fd, AT.vectors, 0, 0n, AT.out)).toBe(SPIPE);
    expect(call["fd_sync"]!(fd)).toBe(INVAL);
    expect(call["fd_readdir"]!(fd, DATA, 10, 0n, AT.out)).toBe(NOTDIR);
    expect(call["path_filestat_get"]!(fd, 0, AT.name, 1, AT.out)).toBe(NOTDIR);
    expect(call["path_open"]!(fd, 0, AT.name, 1, 0, 0n, 0n, 0, AT.out)).toBe(NOTDIR);
    expect(call["path_rename"]!(3, AT.name, 1, fd, AT.name, 1)).toBe(NOTDIR);
    expect(call["path_symlink"]!(AT.name, 1, fd, AT.name, 1)).toBe(NOTDIR);
  });

  test("what is no socket is NOTSOCK to their functions", async () => {
    const guest = await start({ preopens: { "/": directory } });
    const { call, bytes } = guest;
    bytes.set32(AT.vectors, DATA, 1);
    for (const fd of [0, 1, 2, 3, openFile(guest, 3, "file")]) {
      expect(call["sock_recv"]!(fd, AT.vectors, 1, 0, AT.out, AT.out2)).toBe(NOTSOCK);
      expect(call["sock_send"]!(fd, AT.vectors, 1, 0, AT.out)).toBe(NOTSOCK);
      expect(call["sock_accept"]!(fd, 0, AT.out)).toBe(NOTSOCK);
      expect(call["sock_shutdown"]!(fd, 1)).toBe(NOTSOCK);
      expect(call["sock_listen"]!(fd, 1)).toBe(NOTSOCK);
      expect(call["sock_bind"]!(fd, AT.name, 0)).toBe(NOTSOCK);
      expect(call["sock_connect"]!(fd, AT.name, 1)).toBe(NOTSOCK);
      expect(call["sock_getlocaladdr"]!(fd, AT.name, AT.out)).toBe(NOTSOCK);
    }
  });

  test("fd_fdstat_get tells a socket's type and whether it waits, fd_filestat_get its type", async () => {
    const guest = await start();
    const { call, bytes } = guest;
    for (const [type, filetype] of [
      [1, DGRAM],
      [2, STREAM],
    ] as const) {
      const fd = open(guest, type);
      expect(call["fd_fdstat_get"]!(fd, AT.out)).toBe(0);
      expect([bytes.get8(AT.out), bytes.get16(AT.out + 2)]).toEqual([filetype, 0]);
      expect(call["fd_fdstat_set_flags"]!(fd, 4)).toBe(0);
      expect(call["fd_fdstat_get"]!(fd, AT.out)).toBe(0);
      expect(bytes.get16(AT.out + 2)).toBe(4);
      expect(call["fd_fdstat_set_flags"]!(fd, 1)).toBe(INVAL);
      expect(call["fd_filestat_get"]!(fd, AT.out)).toBe(0);
      expect([bytes.get8(AT.out + 16), bytes.get64(AT.out + 32)]).toEqual([filetype, 0n]);
    }
  });

  test("dispose closes every socket of the guest", async () => {
    const before = nativeSockets();
    const guest = await start({ listen: ["127.0.0.1:0"] });
    open(guest);
    expect(nativeSockets().length).toBe(before.length + 2);
    guest.wasi.dispose();
    expect(nativeSockets()).toEqual(before);
  });
});

describe("poll_oneoff", () => {
  const [CLOCK, FD_READ, FD_WRITE] = [0, 1, 2];

  test("tells of sockets, files, streams, a clock and what is none in one call", async () => {
    const guest = await start({ preopens: { "/": directory }, listen: ["127.0.0.1:0"] });
    const { call, bytes } = guest;
    const [{ fd: listener }] = guest.wasi.sockets as [(typeof guest.wasi.sockets)[0]];
    const file = openFile(guest, 3, "file");
    const wanted: [type: number, fd: number][] = [
      [FD_READ, listener], // to which nobody comes
      [FD_READ, file],
      [FD_WRITE, 2],
      [CLOCK, 1], // in an hour
      [FD_READ, 99],
    ];
    bytes.fill(AT.list, 48 * wanted.length);
    wanted.forEach(([type, fd], i) => {
      const at = AT.list + 48 * i;
      bytes.set64(at, BigInt(100 + i));
      bytes.set8(at + 8, type);
      bytes.set32(at + 16, fd);
      if (type === CLOCK) bytes.set64(at + 24, 3_600_000_000_000n);
    });
    expect(call["poll_oneoff"]!(AT.list, DATA, wanted.length, AT.out)).toBe(0);
    const events = Array.from({ length: bytes.get32(AT.out) }, (_, i) => DATA + 32 * i).map(
      (at) => [Number(bytes.get64(at)), bytes.get16(at + 8), bytes.get8(at + 10)],
    );
    expect(events).toEqual([
      [101, 0, FD_READ],
      [102, 0, FD_WRITE],
      [104, BADF, FD_READ],
    ]);
  });

  test("of no subscription, and of more than there can be, is INVAL", async () => {
    const { call } = await start();
    expect(call["poll_oneoff"]!(AT.list, DATA, 0, AT.out)).toBe(INVAL);
    expect(call["poll_oneoff"]!(AT.list, DATA, 100_000, AT.out)).toBe(INVAL);
    expect(call["poll_oneoff"]!(AT.list, DATA, -1, AT.out)).toBe(INVAL);
  });
});

describe("a hostile guest", () => {
  const bad = [0, NOWHERE, NOWHERE - 1, 2 ** 31, -1];

  test.each(bad)("gets FAULT for a pointer of %i, and opens nothing", async (pointer) => {
    const guest = await start({ listen: ["127.0.0.1:0"] });
    const { call, bytes } = guest;
    const fd = open(guest, 1);
    const before = nativeSockets();
    expect(call["sock_open"]!(1, 2, pointer)).toBe(FAULT);
    expect(call["sock_accept"]!(3, 0, pointer)).toBe(FAULT);
    expect(call["sock_bind"]!(fd, pointer, 0)).toBe(FAULT);
    expect(call["sock_connect"]!(fd, pointer, 1)).toBe(FAULT);
    expect(call["sock_getlocaladdr"]!(fd, pointer, AT.out)).toBe(FAULT);
    bytes.set32(AT.name, AT.extra, 128);
    expect(call["sock_getlocaladdr"]!(fd, AT.name, pointer)).toBe(FAULT);
    bytes.set32(AT.name, pointer, 128);
    expect(call["sock_getlocaladdr"]!(fd, AT.name, AT.out)).toBe(FAULT);
    expect(call["sock_bind"]!(fd, AT.name, 0)).toBe(FAULT);
    expect(call["sock_send"]!(fd, pointer, 1, 0, AT.out)).toBe(FAULT);
    expect(call["sock_recv"]!(fd, pointer, 1, 0, AT.out, AT.out2)).toBe(FAULT);
    bytes.set32(AT.vectors, pointer, 8);
    expect(call["sock_send"]!(fd, AT.vectors, 1, 0, AT.out)).toBe(FAULT);
    bytes.set32(AT.vectors, DATA, 8);
    expect(call["sock_send"]!(fd, AT.vectors, 1, 0, pointer)).toBe(FAULT);
    expect(call["sock_recv"]!(fd, AT.vectors, 1, 0, pointer, AT.out2)).toBe(FAULT);
    expect(call["sock_recv"]!(fd, AT.vectors, 1, 0, AT.out, pointer)).toBe(FAULT);
    expect(call["sock_setsockopt"]!(fd, 0, 0, pointer, 4)).toBe(FAULT);
    expect(call["poll_oneoff"]!(pointer, DATA, 1, AT.out)).toBe(FAULT);
    expect(call["poll_oneoff"]!(AT.list, pointer, 1, AT.out)).toBe(FAULT);
    expect(call["fd_fdstat_get"]!(fd, pointer)).toBe(FAULT);
    expect(call["fd_filestat_get"]!(fd, pointer)).toBe(FAULT);
    expect(nativeSockets()).toEqual(before);
  });

  test("gets INVAL for addresses, flags, ports and counts that are none", async () => {
    const guest = await start();
    const { call, bytes } = guest;
    const fd = open(guest, 1);
    for (const size of [0, 1, 5, 15, 17, 127]) {
      bytes.set32(AT.name, AT.extra, size);
      expect(call["sock_bind"]!(fd, AT.name, 0)).toBe(INVAL);
    }
    bytes.set32(AT.name, AT.extra, 4);
    expect(call["sock_bind"]!(fd, AT.name, 65_536)).toBe(INVAL);
    expect(call["sock_bind"]!(fd, AT.name, -1)).toBe(INVAL);
    bytes.set32(AT.vectors, DATA, 1);
    expect(call["sock_recv"]!(fd, AT.vectors, 1, 4, AT.out, AT.out2)).toBe(INVAL);
    expect(call["sock_send"]!(fd, AT.vectors, 1, 1, AT.out)).toBe(INVAL);
    expect(call["sock_send"]!(fd, AT.vectors, 1025, 0, AT.out)).toBe(INVAL);
    expect(call["sock_shutdown"]!(fd, 0)).toBe(INVAL);
    expect(call["sock_shutdown"]!(fd, 4)).toBe(INVAL);
    expect(call["sock_open"]!(1, 3, AT.out)).toBe(INVAL);
    expect(call["sock_open"]!(9, 2, AT.out)).toBe(5); // AFNOSUPPORT
  });

  test("raises no signal", async () => {
    const { call } = await start();
    expect(call["proc_raise"]!(9)).toBe(NOTSUP);
  });

  test("gets no more of an answer than its list has room for", async () => {
    const guest = await start({ allow: {} });
    const { call, bytes } = guest;
    bytes.put(AT.extra, Buffer.from("127.0.0.1"));
    const [NODE, NAME, RAW, CANON] = [DATA, DATA + 64, DATA + 128, DATA + 192];
    bytes.fill(DATA, 256);
    bytes.set32(AT.out2, NODE);
    bytes.set32(NODE + 12, NAME, CANON, 4, 0);
    bytes.set32(NAME + 4, 14, RAW);
    bytes.fill(AT.list, 28);
    bytes.set16(AT.list, 2); // CANONNAME
    const resolve = (most: number) =>
      call["sock_getaddrinfo"]!(AT.extra, 9, 0, 0, AT.list, AT.out2, most, AT.out);
    expect(resolve(8)).toBe(0);
    expect(bytes.get32(AT.out)).toBe(1);
    expect(bytes.take(RAW + 2, 4)).toEqual(Uint8Array.of(127, 0, 0, 1));
    expect(bytes.text(CANON, 8)).toBe("127.\0\0\0\0");
    bytes.set32(NAME + 4, 13, RAW); // a byte too few
    expect(resolve(8)).toBe(0);
    expect(bytes.get32(AT.out)).toBe(0);
    bytes.set32(NODE + 24, NODE); // a list without end
    expect(resolve(-1)).toBe(0);
    bytes.set32(NAME + 4, 14, NOWHERE - 13);
    expect(resolve(8)).toBe(FAULT);
    expect(call["sock_getaddrinfo"]!(0, 0, 0, 0, 0, AT.out2, 0, AT.out)).toBe(82); // AIMEMORY
    bytes.set32(NAME + 4, 14, RAW);
    expect(call["sock_getaddrinfo"]!(0, 0, 0, 0, 0, AT.out2, 1, AT.out)).toBe(AINONAME);
  });
});

describe("what guests of WasmEdge rely on", () => {
  test("the port of who sent a datagram is in host byte order: its answer arrives", async () => {
    const guest = await start();
    const { call, bytes } = guest;
    const [one, other] = [open(guest, 1), open(guest, 1)];
    bytes.put(AT.extra, Uint8Array.of(127, 0, 0, 1));
    bytes.set32(AT.name, AT.extra, 4);
    expect(call["sock_bind"]!(one, AT.name, 0)).toBe(0);
    expect(call["sock_bind"]!(other, AT.name, 0)).toBe(0);
    bytes.set32(AT.name, AT.extra, 128);
    expect(call["sock_getlocaladdr"]!(one, AT.name, AT.out)).toBe(0);
    const port = bytes.get32(AT.out);
    expect(call["sock_getlocaladdr"]!(other, AT.name, AT.out)).toBe(0);
    const otherPort = bytes.get32(AT.out);
    bytes.set32(AT.vectors, DATA, 1);
    expect(call["sock_send_to"]!(other, AT.vectors, 1, AT.name, port, 0, AT.out)).toBe(0);
    expect(
      call["sock_recv_from"]!(one, AT.vectors, 1, AT.name, 0, AT.out2, AT.out, AT.out + 4),
    ).toBe(0);
    expect(bytes.get32(AT.out2)).toBe(otherPort);
  });

  test("names with _v2 are the second version's", async () => {
    const { call, bytes } = await start();
    expect(call["sock_open_v2"]!(2, 2, AT.out)).toBe(0);
    expect(bytes.get32(AT.out)).toBe(3);
  });

  test("getsockopt takes the length by value as well, as stealthrocket/net passes it", async () => {
    const guest = await start();
    const fd = open(guest);
    const [SOL_SOCKET, SO_TYPE] = [0, 1];
    expect(guest.call["sock_getsockopt"]!(fd, SOL_SOCKET, SO_TYPE, DATA, 4)).toBe(0);
    expect(guest.bytes.get32(DATA)).toBe(2); // STREAM
  });

  test("wasi-libc's number of SOL_SOCKET is one of it", async () => {
    const guest = await start();
    guest.bytes.set32(AT.out, 4);
    expect(guest.call["sock_getsockopt"]!(open(guest), 0x7fffffff, 1, DATA, AT.out)).toBe(0);
  });
});

describe("in the place of node:wasi's class", () => {
  test.each([
    [{ version: "unstable" as never }, TypeError],
    [{ listen: ["nowhere"] }, TypeError],
    [{ connect: ["127.0.0.1"] }, TypeError],
    [{ descriptors: 1, listen: ["127.0.0.1:0", "127.0.0.1:0"] }, RangeError],
    [{ allow: { connect: ["x:y:z"] } }, TypeError],
  ])("%o is refused, and leaves no descriptor", (options, kind) => {
    const before = nativeSockets();
    expect(() => new WASI(options)).toThrow(kind);
    expect(nativeSockets()).toEqual(before);
  });

  test.each(["listen", "connect"])("an entry of %s that is no endpoint is named", (option) => {
    expect(() => new WASI({ [option]: ["nowhere"] })).toThrow(`${option} entry "nowhere" is not`);
  });

  test("a connection that is refused at once leaves no descriptor", () => {
    const before = nativeSockets();
    const options = { listen: ["127.0.0.1:0"], connect: [`unix:${directory}/nobody`] };
    expect(() => new WASI(options)).toThrow(expect.objectContaining({ code: "ENOENT" }) as Error);
    expect(nativeSockets()).toEqual(before);
  });

  test("a module with neither _start nor memory is a TypeError", async () => {
    const empty = await WebAssembly.instantiate(
      new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)),
    );
    expect(() => new WASI().start(empty)).toThrow(TypeError);
    expect(() => {
      new WASI().initialize(empty);
    }).toThrow(TypeError);
  });
});

describe("numbers and layouts", () => {
  test("an error number is that of the same name, where preview1 has one, and IO where it has none", () => {
    const wasi = marshal.preview1_errno as unknown as Record<string, number>;
    const linux = Object.entries(marshal.Errno as unknown as Record<string, number>);
    // preview1 has one number where Linux has two names, or the first of them alone.
    const others = {
      EWOULDBLOCK: "AGAIN",
      E2BIG: "E2BIG",
      ESHUTDOWN: "PIPE",
      EHOSTDOWN: "HOSTUNREACH",
    };
    const named = linux.filter(([name]) => name.slice(1) in wasi || name in others);
    expect(named.length).toBeGreaterThan(76);
    for (const [name, errno] of named) {
      const expected = (others as Record<string, string>)[name] ?? name.slice(1);
      expect([name, marshal.wasiErrno(errno)]).toEqual([name, wasi[expected]]);
    }
    expect(marshal.wasiErrno(0)).toBe(0);
    expect(marshal.wasiErrno(4095)).toBe(29); // IO
    for (const name of [
      "AGAIN",
      "FAIL",
      "FAMILY",
      "MEMORY",
      "NODATA",
      "NONAME",
      "SERVICE",
      "SOCKTYPE",
    ]) {
      const code = (marshal.EAI as unknown as Record<string, number>)[name]!;
      expect([name, marshal.wasiLookUpError(code)]).toEqual([name, wasi[`AI${name}`]]);
    }
  });

  testWithWasi("are those of wasi-libc's headers", async () => {
    const output = join(directory, "abi");
    const stdout = openSync(output, "w");
    const wasi = new WASI({ stdout });
    const bytes = await wasiBytes("tests/c/abi.c", "command");
    const { instance } = await WebAssembly.instantiate(bytes, wasi.getImportObject());
    expect(wasi.start(instance)).toBe(0);
    closeSync(stdout);
    const lines = readFileSync(output, "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(100);
    const groups = marshal as unknown as Record<string, Record<string, number>>;
    for (const line of lines) {
      const [group, name, value] = line.split(" ") as [string, string, string];
      expect([line, groups[group]?.[name]]).toEqual([line, Number(value)]);
    }
  });
});
