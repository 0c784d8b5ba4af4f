// Bytes: send, recv, sendto, recvfrom, sockatmark. The kernel reads and writes them in the guest's own memory.

import { Errno } from "../../marshal.js";
import { scratchLength } from "../../scratch.js";
import { recv, recvfrom, send, sendto, sockatmark } from "../../syscalls/transfer.js";
import type { Attempt, Wait } from "../../wait/index.js";
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

  return {
    send: wait.until(trySend, SEND),
    recv: wait.until(tryRecv, RECEIVE),
    sendto: wait.until(trySendto, SEND),
    recvfrom: wait.until(tryRecvfrom, RECEIVE),

    sockatmark(fd: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : sockatmark(descriptor);
    },
  };
}
