// The life of a socket: sock_open, sock_bind, sock_connect, sock_listen, sock_accept, sock_shutdown, and their names.

import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { bind, connect, getpeername, getsockname } from "../../syscalls/address.js";
import { accept4, listen } from "../../syscalls/listen.js";
import { shutdown, socket } from "../../syscalls/socket.js";
import { until, type Call, type Result, type Wait } from "../../wait/index.js";
import { ACCEPT, CONNECT } from "../../wait/plan.js";
import { errnoOf, status, type Frame } from "./frame.js";
import type { Names } from "./names.js";

const { EAFNOSUPPORT, EBADF, EFAULT, EINVAL } = Errno;
const { INT_SIZE, SHUT, SOCK, address, preview1 } = marshal;

/** shutdown(2)'s direction by the flags of sock_shutdown. */
const DIRECTIONS: readonly (number | undefined)[] = Object.assign([], {
  [preview1.SDFLAGS_RD]: SHUT.RD,
  [preview1.SDFLAGS_WR]: SHUT.WR,
  [preview1.SDFLAGS_RD | preview1.SDFLAGS_WR]: SHUT.RDWR,
});

/** What all ABIs have. */
export function socketCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;

  const accept = until(wait, ACCEPT, (fd, flags, out) => {
    const descriptor = frame.socket(fd);
    if (descriptor === undefined) return frame.noSocket(fd);
    if (!memory.holds(out, INT_SIZE)) return -EFAULT;
    if ((flags & ~preview1.FDFLAGS_NONBLOCK) !== 0) return -EINVAL;
    const accepted = accept4(guest, descriptor, flags === 0 ? 0 : SOCK.NONBLOCK);
    if (accepted >= 0) memory.setInt32(out, accepted);
    return accepted;
  });

  return {
    "sock_accept/3": (fd: number, flags: number, out: number): Result =>
      status(accept(fd, flags, out, 0, 0, 0)),

    "sock_accept/2": (fd: number, out: number): Result => status(accept(fd, 0, out, 0, 0, 0)),

    sock_listen(fd: number, backlog: number): number {
      const descriptor = frame.socket(fd);
      return errnoOf(
        descriptor === undefined ? frame.noSocket(fd) : listen(guest, descriptor, backlog),
      );
    },

    sock_shutdown(fd: number, how: number): number {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return errnoOf(frame.noSocket(fd));
      const direction = DIRECTIONS[how];
      return errnoOf(direction === undefined ? -EINVAL : shutdown(descriptor, direction));
    },
  };
}

/** What opens and names sockets, whichever way an ABI has for that. */
export class Naming {
  readonly #frame: Frame;
  readonly #names: Names;
  readonly #connect: Call;

  constructor(frame: Frame, wait: Wait, names: Names) {
    this.#frame = frame;
    this.#names = names;
    this.#connect = until(wait, CONNECT, (fd, name, port) => {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return -EBADF;
      const length = names.read(name, port, address);
      return length < 0 ? length : connect(frame.guest, descriptor, length);
    });
  }

  /**
   * socket(2): an error number.
   *
   * @param family of the guest ABI, -1 where there is none
   * @param type as well
   * @param out pointer to where the descriptor goes
   */
  open(family: number, type: number, out: number): number {
    const { guest, memory } = this.#frame;
    if (!memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
    if (family < 0) return errnoOf(-EAFNOSUPPORT);
    if (type < 0) return errnoOf(-EINVAL);
    const fd = socket(guest, family, type, 0);
    if (fd >= 0) memory.setInt32(out, fd);
    return errnoOf(fd);
  }

  /** bind(2): an error number. */
  bind(fd: number, name: number, port: number): number {
    const { guest } = this.#frame;
    const descriptor = this.#frame.socket(fd);
    if (descriptor === undefined) return errnoOf(this.#frame.noSocket(fd));
    const length = this.#names.read(name, port, address);
    return errnoOf(length < 0 ? length : bind(guest, descriptor, length));
  }

  /** connect(2): an error number. */
  connect(fd: number, name: number, port: number): Result {
    if (this.#frame.socket(fd) === undefined) return errnoOf(this.#frame.noSocket(fd));
    return status(this.#connect(fd, name, port, 0, 0, 0));
  }

  /** getsockname(2): the length of what is left in the `address` scratch area as well, or -errno. */
  local(fd: number, name: number, port: number): number {
    return this.#name(getsockname, fd, name, port);
  }

  /** getpeername(2), as above. */
  peer(fd: number, name: number, port: number): number {
    return this.#name(getpeername, fd, name, port);
  }

  #name(call: (descriptor: Descriptor) => number, fd: number, name: number, port: number): number {
    const descriptor = this.#frame.socket(fd);
    if (descriptor === undefined) return this.#frame.noSocket(fd);
    const error = this.#names.check(descriptor, name, port);
    if (error < 0) return error;
    const length = call(descriptor);
    if (length >= 0) this.#names.write(address, length);
    return length;
  }
}
