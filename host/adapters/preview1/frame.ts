// What every function of `wasi_snapshot_preview1` works with: a guest, its memory, its standard streams, and what
// node:wasi serves; and how results become error numbers.

import { ForeignFile, type Descriptor } from "../../descriptors.js";
import type { Guest } from "../../guest.js";
import { Errno, marshal } from "../../marshal.js";
import type { GuestMemory } from "../../memory.js";
import { STREAMS, type Stdio } from "../../stdio.js";
import type { Result } from "../../wait/index.js";

const { EBADF, EFAULT, EINVAL, ENOTSOCK } = Errno;
const { INT_SIZE, IOV_MAX, iovec } = marshal;

/** An import of a guest: an error number, or the promise of one where the guest is suspended. */
export type Import = (...args: never[]) => unknown;

/** Functions by their names; where those of several ABIs share one, by `name/parameters`. */
export type Calls = Readonly<Record<string, Import>>;

/** What node:wasi serves. */
export type Base = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** preview1's error number of a result: 0 where it is none. */
export function errnoOf(result: number): number {
  return result >= 0 ? 0 : marshal.wasiErrno(-result);
}

/** The same of a result that may be a promise. */
export function status(result: Result): Result {
  return typeof result === "number" ? errnoOf(result) : result.then(errnoOf);
}

/** One guest as the adapter sees it. */
export class Frame {
  /** The buffer that `look` found last: where only one vector has any bytes, that one. */
  buffer = 0;
  /** Bytes of all the vectors that `look` found last. */
  size = 0;

  /**
   * @param guest its descriptors and its policy
   * @param memory its linear memory
   * @param stdio its standard streams
   * @param base what node:wasi serves
   */
  constructor(
    readonly guest: Guest,
    readonly memory: GuestMemory,
    readonly stdio: Stdio,
    readonly base: Base,
  ) {
    guest.policy.memory = memory;
  }

  /** The socket that a guest's number stands for. */
  socket(fd: number): Descriptor | undefined {
    const descriptor = this.guest.descriptors.get(fd);
    return descriptor instanceof ForeignFile ? undefined : descriptor;
  }

  /** Why a number stands for no socket: -errno. */
  noSocket(fd: number): number {
    const open = fd >= 0 && fd < STREAMS ? this.stdio.stream(fd) : this.guest.descriptors.get(fd);
    return open === undefined ? -EBADF : -ENOTSOCK;
  }

  /**
   * Looks at a list of vectors, and leaves what it finds in `buffer` and `size`.
   *
   * @returns how many of them have any bytes, 1 where none has; -errno where one lies outside of the memory
   */
  look(vectors: number, count: number): number {
    const { memory } = this;
    if (count >>> 0 > IOV_MAX) return -EINVAL;
    if (!memory.holds(vectors, count * iovec.sizeof)) return -EFAULT;
    let found = 0;
    this.buffer = 0;
    this.size = 0;
    for (let at = vectors; count > 0; count--, at += iovec.sizeof) {
      const size = memory.int32(at + iovec.iov_len) >>> 0;
      if (size === 0) continue;
      const buffer = memory.int32(at + iovec.iov_base);
      if (!memory.holds(buffer, size)) return -EFAULT;
      if (found++ === 0) this.buffer = buffer;
      this.size += size;
    }
    return Math.max(found, 1);
  }

  /** Writes a number that a call was to give: a guest may have been suspended since its place was checked. */
  give(out: number, value: number): void {
    if (this.memory.holds(out, INT_SIZE)) this.memory.setInt32(out, value);
  }
}
