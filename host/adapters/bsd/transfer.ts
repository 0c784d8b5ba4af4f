// Bytes: send, recv, sendto, recvfrom, sockatmark. The kernel reads and writes them in the guest's own memory.

import { Errno } from "../../marshal.js";
import { scratchLength } from "../../scratch.js";
import { recv, recvfrom, send, sendto, sockatmark } from "../../syscalls/transfer.js";
import type { Attempt, Result, Wait } from "../../wait/index.js";
import { RECEIVE, SEND } from "../../wait/plan.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT } = Errno;

/** The imports of one guest. */
export function transferCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;

  const trySend: Attempt = (fd, buffer, size, flags, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const at = memory.at(buffer + done, size - done);
    if (at < 0) return -EFAULT;
    return send(descriptor, at, (size >>> 0) - done, flags);
  };

  const tryRecv: Attempt = (fd, buffer, size, flags, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const at = memory.at(buffer + done, size - done);
    if (at < 0) return -EFAULT;
    return recv(guest, descriptor, at, (size >>> 0) - done, flags);
  };

  const trySendto: Attempt = (fd, buffer, size, flags, pointer, length, done) => {
    if (pointer === 0) return trySend(fd, buffer, size, flags, 0, 0, done); // whatever the length says
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const copied = frame.readAddress(pointer, length);
    if (copied < 0) return copied;
    const at = memory.at(buffer + done, size - done);
    if (at < 0) return -EFAULT;
    return sendto(guest, descriptor, at, (size >>> 0) - done, flags, copied);
  };

  const tryRecvfrom: Attempt = (fd, buffer, size, flags, pointer, lengthPointer, done) => {
    if (pointer === 0) return tryRecv(fd, buffer, size, flags, 0, 0, done);
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const error = frame.checkAddress(pointer, lengthPointer);
    if (error < 0) return error;
    const at = memory.at(buffer + done, size - done);
    if (at < 0) return -EFAULT;
    const received = recvfrom(guest, descriptor, at, (size >>> 0) - done, flags);
    if (received >= 0) frame.writeAddress(pointer, lengthPointer, scratchLength());
    return received;
  };

  const finishSend = wait.finish(SEND, trySend);
  const finishRecv = wait.finish(RECEIVE, tryRecv);
  const finishSendto = wait.finish(SEND, trySendto);
  const finishRecvfrom = wait.finish(RECEIVE, tryRecvfrom);

  /** Whether a send took all at its first attempt. A size of 2 GiB or more is as negative as an error. */
  function isWhole(result: number, size: number): boolean {
    return result > 0 && result === size;
  }

  return {
    send(fd: number, buffer: number, size: number, flags: number): Result {
      const result = trySend(fd, buffer, size, flags, 0, 0, 0);
      return isWhole(result, size) ? result : finishSend(result, fd, buffer, size, flags, 0, 0);
    },

    recv(fd: number, buffer: number, size: number, flags: number): Result {
      const result = tryRecv(fd, buffer, size, flags, 0, 0, 0);
      return frame.isEnough(result, fd, flags)
        ? result
        : finishRecv(result, fd, buffer, size, flags, 0, 0);
    },

    sendto(
      fd: number,
      buffer: number,
      size: number,
      flags: number,
      address: number,
      length: number,
    ): Result {
      const result = trySendto(fd, buffer, size, flags, address, length, 0);
      return isWhole(result, size)
        ? result
        : finishSendto(result, fd, buffer, size, flags, address, length);
    },

    recvfrom(
      fd: number,
      buffer: number,
      size: number,
      flags: number,
      address: number,
      lengthPointer: number,
    ): Result {
      const result = tryRecvfrom(fd, buffer, size, flags, address, lengthPointer, 0);
      return frame.isEnough(result, fd, flags)
        ? result
        : finishRecvfrom(result, fd, buffer, size, flags, address, lengthPointer);
    },

    sockatmark(fd: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : sockatmark(descriptor);
    },
  };
}
