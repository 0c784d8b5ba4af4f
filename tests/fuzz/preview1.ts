// Module `wasi_snapshot_preview1`, as the guests of `run` have it: host/adapters/preview1 over node:wasi.

import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wasiPreview1 } from "#host/adapters/preview1/index";
import { Descriptor } from "#host/descriptors";
import { openListener } from "#host/given";
import { Guest } from "#host/guest";
import { marshal } from "#host/marshal";
import { GuestMemory } from "#host/memory";
import { STREAMS, Stdio } from "#host/stdio";
import { socketpair } from "#host/syscalls/socket";
import { Blocking } from "#host/wait/blocking";
import type { Abi, Hosted, Import, Range, Setting, ValueType } from "./abi.js";
import { vectors, vectorsAt } from "./bsd.js";
import { DESCRIPTORS, type Generator } from "./generator.js";
import { sockets } from "./sockets.js";

const { O_NONBLOCK, O_RDWR } = constants;
const { AF, SOCK, preview1, preview1_errno, preview1_event: event } = marshal;
/** The last error number. */
const MAX_ERRNO = preview1_errno.AISYSTEM;
/** What the environment and the arguments may take. */
const TEXTS = 64;

/** A FIFO that is read where it is written: what stands behind all streams of the guests. */
let fifo: number | undefined;

function openFifo(): number {
  const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-fifo-"));
  try {
    const path = join(directory, "fifo");
    execFileSync("mkfifo", [path]);
    return openSync(path, O_RDWR | O_NONBLOCK);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function empty(fd: number): void {
  const bytes = Buffer.alloc(65536);
  try {
    while (readSync(fd, bytes) > 0);
  } catch {
    // EAGAIN: there is nothing more
  }
}

/** Opens what a guest finds: see OPEN of ./sockets.ts. */
function open(guest: Guest): void {
  socketpair(guest, AF.UNIX, SOCK.STREAM, 0);
  socketpair(guest, AF.UNIX, SOCK.DGRAM, 0);
  const { native, domain, type, protocol } = openListener(
    { family: "inet6", address: "::1", port: 0 },
    false,
  );
  const listener = new Descriptor(guest.own(native), domain, type, protocol);
  listener.bound = true;
  guest.descriptors.add(listener);
}

/** Makes the imports of one guest, as host/run/worker.ts does. */
async function host({ allow, wake }: Setting): Promise<Hosted> {
  // It says that it is experimental as soon as it is there.
  const { WASI } = await import("node:wasi");
  const shared = (fifo ??= openFifo());
  const [stdin, stdout, stderr] = Array.from({ length: STREAMS }, () =>
    openSync(`/proc/self/fd/${shared}`, O_RDWR | O_NONBLOCK),
  ) as [number, number, number];
  const memory = new GuestMemory();
  const stdio = new Stdio([stdin, stdout, stderr], wake.descriptor, new Int32Array(STREAMS));
  const wasi = new WASI({
    version: "preview1",
    args: ["a"],
    env: { B: "c" },
    stdin,
    stdout,
    stderr,
  });
  const guest = new Guest({ allow, descriptors: DESCRIPTORS.limit });
  open(guest);
  const wait = new Blocking(guest.descriptors, wake.descriptor);
  const base = wasi.wasiImport as never;
  const { own, passed } = wasiPreview1({ guest, memory, stdio, wait, base });
  return {
    imports: { ...passed, ...own },
    attach(exported) {
      memory.attach(exported);
      wasi.initialize({ exports: { memory: exported } });
    },
    close() {
      guest.dispose();
      for (let fd = 0; fd < STREAMS; fd++) if (stdio.native(fd) >= 0) closeSync(stdio.native(fd));
      empty(shared);
    },
  };
}

/** A descriptor: mostly one of the streams, or a socket. */
const stream = (g: Generator): number => {
  if (g.odd(8)) return g.integer();
  return g.random.once(3) ? g.descriptor() : g.random.below(STREAMS + 1);
};

/** What poll_oneoff waits for: clocks and streams, most of them soon. */
function subscriptions(g: Generator): [pointer: number, count: number] {
  const { random } = g;
  const count = random.below(random.once(20) ? 40 : 4);
  const words = Array.from({ length: count }, () => {
    const type = g.odd(8) ? g.integer() : random.below(preview1.EVENTTYPE_FD_WRITE + 1);
    const time = g.odd(6) ? [g.integer(), g.integer()] : [random.below(2e6), 0];
    return [random.integer(), 0, type, 0, stream(g), 0, ...time, 0, 0, random.below(3), 0];
  }).flat();
  return [g.struct(words), g.odd(8) ? g.integer() : count];
}

type Writes = NonNullable<Import["writes"]>;

/** Makes a function: its types as letters, i for i32 and l for i64; its arguments; what it may write. */
function of(types: string, make: (g: Generator) => readonly number[], writes?: Writes): Import {
  const parameters = Array.from(types, (type): ValueType => (type === "l" ? "i64" : "i32"));
  return { parameters, result: "i32", arguments: make, ...(writes && { writes }) };
}

/** A function of which any numbers are good enough. */
function any(types: string, writes?: Writes): Import {
  return of(types, (g) => Array.from(types, (_, i) => (i === 0 ? stream(g) : g.integer())), writes);
}

/** So many bytes at the argument of an index. */
const at =
  (index: number, size: number): Writes =>
  (_, args): Range[] => [[args[index]!, size]];

/** A buffer, its size the argument behind it, and perhaps a word at another. */
const buffer =
  (index: number, out?: number): Writes =>
  (_, args): Range[] => [
    [args[index]!, args[index + 1]!],
    ...(out === undefined ? [] : [[args[out]!, 8] as const]),
  ];

/** What a read into vectors may write. */
const read =
  (out: number): Writes =>
  (view, args) => [...vectorsAt(view, args[1]!, args[2]!), [args[out]!, 4]];

const twoPointers = (g: Generator) => [g.pointer(TEXTS), g.pointer(TEXTS)];
const path = (g: Generator) => [g.text(["/", "..", "file", ""]), g.size()];

const imports: Readonly<Record<string, Import>> = {
  args_get: of("ii", twoPointers, (_, [a, b]) => [
    [a!, TEXTS],
    [b!, TEXTS],
  ]),
  args_sizes_get: of("ii", twoPointers, (_, [a, b]) => [
    [a!, 4],
    [b!, 4],
  ]),
  environ_get: of("ii", twoPointers, (_, [a, b]) => [
    [a!, TEXTS],
    [b!, TEXTS],
  ]),
  environ_sizes_get: of("ii", twoPointers, (_, [a, b]) => [
    [a!, 4],
    [b!, 4],
  ]),
  clock_res_get: of("ii", (g) => [g.random.below(5), g.pointer(8)], at(1, 8)),
  clock_time_get: of("ili", (g) => [g.random.below(5), 0, g.pointer(8)], at(2, 8)),
  fd_advise: any("illi"),
  fd_allocate: any("ill"),
  fd_close: of("i", (g) => [g.random.once(8) ? stream(g) : DESCRIPTORS.limit]),
  fd_datasync: any("i"),
  fd_fdstat_get: of("ii", (g) => [stream(g), g.pointer(24)], at(1, 24)),
  fd_fdstat_set_flags: any("ii"),
  fd_fdstat_set_rights: any("ill"),
  fd_filestat_get: of("ii", (g) => [stream(g), g.pointer(64)], at(1, 64)),
  fd_filestat_set_size: any("il"),
  fd_filestat_set_times: any("illi"),
  fd_pread: of("iiili", (g) => [stream(g), ...vectors(g), g.size(), g.pointer(4)], read(4)),
  fd_prestat_get: of("ii", (g) => [stream(g), g.pointer(8)], at(1, 8)),
  fd_prestat_dir_name: of("iii", (g) => [stream(g), ...g.buffer()], buffer(1)),
  fd_pwrite: of("iiili", (g) => [stream(g), ...vectors(g), g.size(), g.pointer(4)], at(4, 4)),
  fd_read: { ...of("iiii", (g) => [stream(g), ...vectors(g), g.pointer(4)], read(3)), weight: 8 },
  fd_readdir: of("iiili", (g) => [stream(g), ...g.buffer(), g.size(), g.pointer(4)], buffer(1, 4)),
  fd_renumber: any("ii"),
  fd_seek: of("ilii", (g) => [stream(g), g.size(), g.random.below(4), g.pointer(8)], at(3, 8)),
  fd_sync: any("i"),
  fd_tell: of("ii", (g) => [stream(g), g.pointer(8)], at(1, 8)),
  fd_write: { ...of("iiii", (g) => [stream(g), ...vectors(g), g.pointer(4)], at(3, 4)), weight: 8 },
  path_create_directory: of("iii", (g) => [stream(g), ...path(g)]),
  path_filestat_get: of("iiiii", (g) => [stream(g), 0, ...path(g), g.pointer(64)], at(4, 64)),
  path_filestat_set_times: any("iiiilli"),
  path_link: any("iiiiiii"),
  path_open: of(
    "iiiiillii",
    (g) => [stream(g), g.flags(), ...path(g), g.flags(), 0, 0, 0, g.pointer(4)],
    at(8, 4),
  ),
  path_readlink: of(
    "iiiiii",
    (g) => [stream(g), ...path(g), ...g.buffer(), g.pointer(4)],
    buffer(3, 5),
  ),
  path_remove_directory: of("iii", (g) => [stream(g), ...path(g)]),
  path_rename: any("iiiiii"),
  path_symlink: any("iiiii"),
  path_unlink_file: of("iii", (g) => [stream(g), ...path(g)]),
  poll_oneoff: {
    ...of(
      "iiii",
      (g) => {
        const [list, count] = subscriptions(g);
        return [list, g.pointer(count * event.sizeof), count, g.pointer(4)];
      },
      (_, [, events, count, out]) => [
        [events!, count! * event.sizeof],
        [out!, 4],
      ],
    ),
    weight: 8,
  },
  proc_exit: { parameters: ["i32"], arguments: (g) => [g.integer()] },
  proc_raise: any("i"),
  random_get: of("ii", (g) => g.buffer(), buffer(0)),
  sched_yield: any(""),
  ...sockets,
};

/** Module `wasi_snapshot_preview1`. */
export const wasi: Abi = {
  module: "wasi_snapshot_preview1",
  imports,
  host,
  throws: /^exit -?\d+$/,
  gives: (name, _, result) =>
    name === "proc_exit"
      ? result === undefined
      : Number.isInteger(result) && result! >= 0 && result! <= MAX_ERRNO,
  written: (_, result, ranges) => (result === 0 ? ranges : []),
};
