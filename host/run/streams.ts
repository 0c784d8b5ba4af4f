// A guest's standard streams as its embedder sees them: real descriptors, with a Node stream behind one
// where that was asked for.

import type { Readable, Writable } from "node:stream";
import { Port } from "../api/port.js";
import { SocketError } from "../error.js";
import { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { marshal, marshalBytes, writeText } from "../marshal.js";
import { scratch, word } from "../scratch.js";
import { STREAMS } from "../stdio.js";
import { close } from "../syscalls/socket.js";

const { AF, F, INT_SIZE, O, SOCK, block } = marshal;

/** Where a guest's standard input comes from: a stream, a descriptor of the process, null for none. */
export type Input = Readable | number | null;
/** Where a guest's standard output or error goes: a stream, a descriptor of the process, null for nowhere. */
export type Output = Writable | number | null;

/** One of the streams. */
export interface Stream {
  /** The guest's end. */
  readonly native: number;
  /** Comes back once all that the guest wrote has arrived; its end is closed before. */
  drain(): Promise<void>;
  /** Lets go of it; what has not arrived does not. */
  release(): void;
}

function nobody(native: number): Stream {
  return { native, drain: () => Promise.resolve(), release: () => undefined };
}

/** A copy of one of the process's descriptors, so that a guest can close it. */
function copied(name: string, fd: number): Stream {
  const native = libc.fcntl(fd, F.DUPFD_CLOEXEC, STREAMS);
  if (native < 0) throw new SocketError(`${name}: fcntl`, -native);
  return nobody(native);
}

function nowhere(name: string): Stream {
  writeText(marshal, marshalBytes, "/dev/null\0");
  const native = libc.open(scratch.text, O.RDWR | O.CLOEXEC, 0);
  if (native < 0) throw new SocketError(`${name}: open`, -native);
  return nobody(native);
}

/** Whose sockets our ends are. */
const host = new Guest({ allow: true, descriptors: Number.MAX_SAFE_INTEGER });

/** The guest's end of a pair, and ours as a stream. */
function pair(name: string): [native: number, ours: Port] {
  const [domain, type] = [AF.UNIX, SOCK.STREAM];
  const flags = SOCK.CLOEXEC | SOCK.NONBLOCK;
  const result = libc.socketpair(domain, type | flags, 0, scratch.block);
  if (result < 0) throw new SocketError(`${name}: socketpair`, -result);
  const [native, own] = [word(block), word(block + INT_SIZE)];
  const fd = host.give({ native: own, domain, type, protocol: 0 });
  const descriptor = host.descriptors.get(fd)!;
  const ours = new Port(host, descriptor, fd, () => {
    close(host, fd, descriptor);
  });
  return [native, ours];
}

function isReadable(stream: unknown): stream is Readable {
  return (
    typeof (stream as Partial<Readable> | null)?.pipe === "function" &&
    "readable" in (stream as object)
  );
}

function isWritable(stream: unknown): stream is Writable {
  return typeof (stream as Partial<Writable> | null)?.write === "function";
}

/**
 * Opens a guest's standard input.
 *
 * @throws TypeError for what is none; SocketError EBADF, EMFILE
 */
export function openInput(input: Input | undefined): Stream {
  if (input === undefined) return copied("stdin", 0);
  if (input === null) return nowhere("stdin");
  if (Number.isInteger(input)) return copied("stdin", input as number);
  if (!isReadable(input)) throw complaint("stdin", "a Readable", input);
  const [native, ours] = pair("stdin");
  ours.on("error", () => undefined); // the guest does not read any more
  ours.resume();
  input.pipe(ours);
  return {
    native,
    drain: () => Promise.resolve(),
    release() {
      input.unpipe(ours);
      ours.destroy();
    },
  };
}

/** Moves all that comes to a stream, one piece after the other; comes back once all of it was taken. */
function move(ours: Port, output: Writable): Promise<void> {
  return new Promise((resolve) => {
    let moving = false;
    const look = () => {
      if (ours.closed && !moving) resolve();
    };
    ours.on("data", (bytes: Uint8Array) => {
      moving = true;
      ours.pause();
      output.write(bytes, (error) => {
        moving = false;
        if (error) ours.destroy(); // the guest then gets EPIPE
        ours.resume();
        look();
      });
    });
    ours.on("error", () => undefined); // "close" follows
    ours.on("close", look);
    ours.end(); // nothing goes the other way
  });
}

/**
 * Opens a guest's standard output or error.
 *
 * @throws TypeError for what is none; SocketError EBADF, EMFILE
 */
export function openOutput(
  name: "stdout" | "stderr",
  fd: number,
  output: Output | undefined,
): Stream {
  if (output === undefined) return copied(name, fd);
  if (output === null) return nowhere(name);
  if (Number.isInteger(output)) return copied(name, output as number);
  if (!isWritable(output)) throw complaint(name, "a Writable", output);
  const [native, ours] = pair(name);
  const moved = move(ours, output);
  return {
    native,
    drain: () => moved,
    release() {
      ours.destroy();
    },
  };
}

function complaint(name: string, kind: string, value: unknown): TypeError {
  return new TypeError(`${name} ${String(value)} is not ${kind} stream, a descriptor or null`);
}
