// Bytes: send, recv, sendto, recvfrom, sockatmark. The kernel reads and writes them in the guest's own memory.

import { Errno, marshal } from "../../marshal.js";
import { scratchLength } from "../../scratch.js";
import { recv, recvfrom, send, sendto, sockatmark } from "../../syscalls/transfer.js";
import type { Call, Wait } from "../../wait.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT } = Errno;
const { POLL } = marshal;

/** The imports of one guest. */
export function transferCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;

  const trySend: Call = (fd, buffer, size, flags) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const at = memory.at(buffer, size);
    if (at < 0) return -EFAULT;
    return send(descriptor, at, size >>> 0, flags);
  };

  const tryRecv: Call = (fd, buffer, size, flags) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const at = memory.at(buffer, size);
    if (at < 0) return -EFAULT;
    return recv(descriptor, at, size >>> 0, flags);
  };

  const trySendto: Call = (fd, buffer, size, flags, pointer, length) => {
    if (pointer === 0) return trySend(fd, buffer, size, flags, 0, 0); // whatever the length says
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const copied = frame.readAddress(pointer, length);
    if (copied < 0) return copied;
    const at = memory.at(buffer, size);
    if (at < 0) return -EFAULT;
    return sendto(guest, descriptor, at, size >>> 0, flags, copied);
  };

  const tryRecvfrom: Call = (fd, buffer, size, flags, pointer, lengthPointer) => {
    if (pointer === 0) return tryRecv(fd, buffer, size, flags, 0, 0);
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const error = frame.checkAddress(pointer, lengthPointer);
    if (error < 0) return error;
    const at = memory.at(buffer, size);
    if (at < 0) return -EFAULT;
    const received = recvfrom(descriptor, at, size >>> 0, flags);
    if (received >= 0) frame.writeAddress(pointer, lengthPointer, scratchLength());
    return received;
  };

  return {
    send: wait.transfer(trySend, POLL.OUT),
    recv: wait.transfer(tryRecv, POLL.IN),
    sendto: wait.transfer(trySendto, POLL.OUT),
    recvfrom: wait.transfer(tryRecvfrom, POLL.IN),

    sockatmark(fd: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : sockatmark(descriptor);
    },
  };
}
