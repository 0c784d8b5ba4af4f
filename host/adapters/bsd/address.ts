// Names of sockets: bind, connect, getsockname, getpeername.

import { Errno, marshal } from "../../marshal.js";
import { bind, connect, getpeername, getsockname } from "../../syscalls/address.js";
import { until, type Wait } from "../../wait/index.js";
import { CONNECT } from "../../wait/plan.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT } = Errno;
const { INT_SIZE } = marshal;

/** The imports of one guest. */
export function addressCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;

  function nameCall(call: typeof getsockname) {
    return (fd: number, pointer: number, lengthPointer: number): number => {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      if (!memory.holds(lengthPointer, INT_SIZE)) return -EFAULT;
      // Here the address may only be left out where there is no room for it either.
      if (pointer === 0 && memory.int32(lengthPointer) !== 0) return -EFAULT;
      const error = frame.checkAddress(pointer, lengthPointer);
      if (error < 0) return error;
      const length = call(descriptor);
      if (length < 0) return length;
      if (pointer === 0) memory.setInt32(lengthPointer, length);
      else frame.writeAddress(pointer, lengthPointer, length);
      return 0;
    };
  }

  return {
    bind(fd: number, pointer: number, length: number): number {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      const copied = frame.readAddress(pointer, length);
      return copied < 0 ? copied : bind(guest, descriptor, copied);
    },

    connect: until(wait, CONNECT, (fd, pointer, length) => {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      const copied = frame.readAddress(pointer, length);
      return copied < 0 ? copied : connect(guest, descriptor, copied);
    }),

    getsockname: nameCall(getsockname),
    getpeername: nameCall(getpeername),
  };
}
