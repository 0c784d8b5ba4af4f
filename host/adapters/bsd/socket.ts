// The life of a descriptor: socket, socketpair, close, shutdown, fcntl.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { close, fcntl, shutdown, socket, socketpair } from "../../syscalls/socket.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT } = Errno;
const PAIR_SIZE = 2 * marshal.INT_SIZE;

/** The imports of one guest. */
export function socketCalls(frame: Frame) {
  const { guest, memory } = frame;
  return {
    socket(domain: number, type: number, protocol: number): number {
      return socket(guest, domain, type, protocol);
    },

    socketpair(domain: number, type: number, protocol: number, fds: number): number {
      if (!memory.holds(fds, PAIR_SIZE)) return -EFAULT;
      const result = socketpair(guest, domain, type, protocol);
      if (result === 0) memory.write(fds, PAIR_SIZE, marshalBytes, marshal.block);
      return result;
    },

    close(fd: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : close(guest, fd, descriptor);
    },

    shutdown(fd: number, how: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : shutdown(descriptor, how);
    },

    fcntl(fd: number, command: number, argument: number): number {
      const descriptor = frame.descriptor(fd);
      return descriptor === undefined ? -EBADF : fcntl(descriptor, command, argument);
    },
  };
}
