// What Linux's calls are made of on another system.

import type { Functions } from "../native/library.js";
import type * as posix from "../native/posix.js";

/** The calls that every system has with the same parameters. */
type Common = Functions<
  typeof posix.systemCalls & typeof posix.transferCalls & typeof posix.libraryFunctions,
  number
>;

/**
 * A system's own calls, with its own numbers and layouts, and addresses of native memory. Each returns what BSD's
 * does: -1 for an error, of which `error` then tells. What `socket`, `accept` and `socketpair` give does not wait, and no
 * child process inherits it. Pointers to what ./room holds are the codecs', not native, where that is said.
 */
export interface System extends Common {
  /** Which one, a System of assembly/platform/system.ts. */
  readonly id: number;
  /** The number of the last error. */
  readonly error: () => number;

  readonly accept: (fd: number, address: number, length: number) => number;
  /** The two are ints at a pointer of ./room. */
  readonly socketpair: Common["socketpair"];
  /** How many bytes can be received, FIONREAD of ioctl(2). */
  readonly available: (fd: number) => number;
  /** The header is a pointer of ./room; recvmsg leaves its lengths and flags in it. */
  readonly sendmsg: (fd: number, header: number, flags: number) => number;
  readonly recvmsg: (fd: number, header: number, flags: number) => number;
  /** poll(2) of a list that is a pointer of ./room. */
  readonly poll: (list: number, count: number, timeout: number) => number;

  /** The status flags of a descriptor as Linux numbers them, F_GETFL of fcntl(2), and the setting of them: 0 or -1. */
  readonly getFlags: (fd: number) => number;
  readonly setFlags: (fd: number, flags: number) => number;
  /** A copy of a descriptor that is no socket, which no child process inherits. */
  readonly duplicate: (fd: number) => number;
  /** dup2(2), to a descriptor that no child process inherits. */
  readonly replace: (from: number, to: number) => number;
  /** The file that takes everything and gives nothing, for reading and writing. */
  readonly openNull: () => number;
  /** open(2) for reading of a path in UTF-8 with its NUL. */
  readonly openFile: (path: number) => number;
  readonly lseek: (fd: number, offset: number, whence: number) => number;

  /** getaddrinfo(3) in a thread of Node's, which tells of the system's EAI number by the event loop. */
  readonly getaddrinfoAside: (
    done: (code: number) => void,
    ...args: Parameters<Common["getaddrinfo"]>
  ) => void;
}
