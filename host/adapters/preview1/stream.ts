// fd_read and fd_write, of a socket and of the standard streams; fd_pread and fd_pwrite.

import { Errno, marshal } from "../../marshal.js";
import { STREAMS, type Stdio } from "../../stdio.js";
import { errnoOf, type Base, type Frame } from "./frame.js";
import type { Transfer } from "./transfer.js";

const { EBADF, EFAULT, EINVAL } = Errno;
const { INT_SIZE, IOV_MAX, iovec } = marshal;

/** The functions of one guest; those of its files are node:wasi's. */
export function streamCalls(frame: Frame, transfer: Transfer, files: Base) {
  const { memory, stdio } = frame;

  /** readv(2) and writev(2): a short transfer ends the call. */
  function move(call: Stdio["read"], fd: number, vectors: number, count: number, out: number) {
    if (stdio.stream(fd) === undefined) return errnoOf(-EBADF);
    const error = checkVectors(frame, vectors, count);
    if (error < 0) return errnoOf(error);
    if (!memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
    let moved = 0;
    for (let i = 0; i < count; i++) {
      const at = vectors + i * iovec.sizeof;
      const size = memory.int32(at + iovec.iov_len) >>> 0;
      if (size === 0) continue;
      const address = memory.at(memory.int32(at + iovec.iov_base), size);
      const result = address < 0 ? -EFAULT : call(fd, address, size);
      if (result < 0 && moved === 0) return errnoOf(result);
      moved += Math.max(result, 0);
      // What has come is enough: a second read could wait.
      if (result < size || call === stdio.read) break;
    }
    memory.setInt32(out, moved);
    return 0;
  }

  return {
    fd_read(fd: number, vectors: number, count: number, out: number): unknown {
      if (frame.socket(fd) !== undefined) {
        return transfer.receive(fd, vectors, count, 0, 0, 0, out, 0);
      }
      if (fd >= 0 && fd < STREAMS) return move(stdio.read, fd, vectors, count, out);
      return files["fd_read"]!(fd, vectors, count, out);
    },

    fd_write(fd: number, vectors: number, count: number, out: number): unknown {
      if (frame.socket(fd) !== undefined) {
        return transfer.send(fd, vectors, count, 0, 0, 0, out);
      }
      if (fd >= 0 && fd < STREAMS) return move(stdio.write, fd, vectors, count, out);
      return files["fd_write"]!(fd, vectors, count, out);
    },
  };
}

/** Whether a list of vectors can be: 0, or -errno. 2^31 of them would end the process of node:wasi. */
export function checkVectors({ memory }: Frame, vectors: number, count: number): number {
  if (count >>> 0 > IOV_MAX) return -EINVAL;
  return memory.holds(vectors, count * iovec.sizeof) ? 0 : -EFAULT;
}
