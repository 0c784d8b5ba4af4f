// Options: getsockopt, setsockopt.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { getsockopt, setsockopt } from "../../syscalls/option.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT, EINVAL } = Errno;
const { BLOCK_SIZE, INT_SIZE, block } = marshal;

/** The imports of one guest. */
export function optionCalls(frame: Frame) {
  const { guest, memory } = frame;
  return {
    setsockopt(fd: number, level: number, option: number, value: number, length: number): number {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      if (length < 0 || length > BLOCK_SIZE) return -EINVAL;
      if (!memory.read(value, length, marshalBytes, block)) return -EFAULT;
      return setsockopt(guest, descriptor, level, option, length);
    },

    getsockopt(
      fd: number,
      level: number,
      option: number,
      value: number,
      lengthPointer: number,
    ): number {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      if (!memory.holds(lengthPointer, INT_SIZE)) return -EFAULT;
      const capacity = Math.min(memory.int32(lengthPointer), BLOCK_SIZE);
      if (capacity < 0) return -EINVAL;
      if (!memory.holds(value, capacity)) return -EFAULT;
      const length = getsockopt(guest, descriptor, level, option, capacity);
      if (length < 0) return length;
      memory.write(value, Math.min(length, capacity), marshalBytes, block);
      memory.setInt32(lengthPointer, length);
      return 0;
    },
  };
}
