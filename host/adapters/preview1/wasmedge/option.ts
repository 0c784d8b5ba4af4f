// WasmEdge's options: sock_getsockopt and sock_setsockopt. Values stand as the guest ABI has them, but for the numbers
// of types and errors.

import { Errno, marshal, marshalBytes } from "../../../marshal.js";
import { getsockopt, setsockopt } from "../../../syscalls/option.js";
import { errnoOf, type Frame } from "../frame.js";

const { EFAULT, EINVAL, ENOPROTOOPT } = Errno;
const { BLOCK_SIZE, INT_SIZE, block, timeval } = marshal;

/**
 * A length that is passed as it is, where a pointer to it is asked for: stealthrocket/net does so. No pointer is that
 * small, and no option's value that such a guest reads is larger.
 */
const LENGTH_MAX = timeval.sizeof;

/** The functions of one guest. */
export function optionCalls(frame: Frame) {
  const { guest, memory } = frame;
  return {
    sock_setsockopt(
      fd: number,
      level: number,
      option: number,
      value: number,
      size: number,
    ): number {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return errnoOf(frame.noSocket(fd));
      if (size < 0 || size > BLOCK_SIZE) return errnoOf(-EINVAL);
      if (!memory.read(value, size, marshalBytes, block)) return errnoOf(-EFAULT);
      const [at, name] = [marshal.wasmedgeLevel(level), marshal.wasmedgeOption(level, option)];
      if (at < 0 || name < 0) return errnoOf(-ENOPROTOOPT);
      return errnoOf(setsockopt(guest, descriptor, at, name, size));
    },

    sock_getsockopt(
      fd: number,
      level: number,
      option: number,
      value: number,
      size: number,
    ): number {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return errnoOf(frame.noSocket(fd));
      const isLength = size >= 0 && size <= LENGTH_MAX;
      if (!isLength && !memory.holds(size, INT_SIZE)) return errnoOf(-EFAULT);
      const capacity = Math.min(isLength ? size : memory.int32(size), BLOCK_SIZE);
      if (capacity < 0) return errnoOf(-EINVAL);
      if (!memory.holds(value, capacity)) return errnoOf(-EFAULT);
      const [at, name] = [marshal.wasmedgeLevel(level), marshal.wasmedgeOption(level, option)];
      if (at < 0 || name < 0) return errnoOf(-ENOPROTOOPT);
      const length = getsockopt(guest, descriptor, at, name, capacity);
      if (length < 0) return errnoOf(length);
      if (length === INT_SIZE) marshal.wasmedgeOptionValue(at, name, block);
      memory.write(value, Math.min(length, capacity), marshalBytes, block);
      if (!isLength) memory.setInt32(size, length);
      return 0;
    },
  };
}
