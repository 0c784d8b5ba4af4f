// WasmEdge's functions, of both versions: what a number of parameters makes of each name.

import { Errno, marshal } from "../../../marshal.js";
import type { Result } from "../../../wait/index.js";
import { errnoOf, type Frame } from "../frame.js";
import type { Naming } from "../socket.js";
import type { Transfer } from "../transfer.js";

const { EFAULT } = Errno;
const { INT_SIZE, address } = marshal;

/** The functions of one guest, by their names and numbers of parameters. */
export function wasmedgeCalls({ memory }: Frame, naming: Naming, transfer: Transfer) {
  /** getsockname(2) and getpeername(2) of the first version, which tells the type of an address beside it. */
  function typedName(call: (fd: number, name: number, port: number) => number) {
    return (fd: number, name: number, type: number, port: number): number => {
      if (!memory.holds(type, INT_SIZE) || !memory.holds(port, INT_SIZE)) return errnoOf(-EFAULT);
      const length = call(fd, name, port);
      if (length < 0) return errnoOf(length);
      memory.setInt32(type, marshal.wasmedgeTypeOf(address, length));
      return 0;
    };
  }

  function plainName(call: (fd: number, name: number, port: number) => number) {
    return (fd: number, name: number, port: number): number =>
      memory.holds(port, INT_SIZE) ? errnoOf(Math.min(call(fd, name, port), 0)) : errnoOf(-EFAULT);
  }

  const local = (fd: number, name: number, port: number) => naming.local(fd, name, port);
  const peer = (fd: number, name: number, port: number) => naming.peer(fd, name, port);

  return {
    "sock_open/3": (family: number, type: number, out: number): number =>
      naming.open(marshal.wasmedgeFamily(family), marshal.wasmedgeSocketType(type), out),

    "sock_bind/3": (fd: number, name: number, port: number): number => naming.bind(fd, name, port),

    "sock_connect/3": (fd: number, name: number, port: number): Result =>
      naming.connect(fd, name, port),

    "sock_recv_from/7": (
      fd: number,
      vectors: number,
      count: number,
      name: number,
      flags: number,
      out: number,
      outFlags: number,
    ): Result => transfer.receive(fd, vectors, count, flags, name, 0, out, outFlags),

    "sock_recv_from/8": (
      fd: number,
      vectors: number,
      count: number,
      name: number,
      flags: number,
      port: number,
      out: number,
      outFlags: number,
    ): Result => transfer.receive(fd, vectors, count, flags, name, port, out, outFlags),

    "sock_send_to/7": (
      fd: number,
      vectors: number,
      count: number,
      name: number,
      port: number,
      flags: number,
      out: number,
    ): Result => transfer.send(fd, vectors, count, flags, name, port, out),

    "sock_getlocaladdr/3": plainName(local),
    "sock_getlocaladdr/4": typedName(local),
    "sock_getpeeraddr/3": plainName(peer),
    "sock_getpeeraddr/4": typedName(peer),
  };
}
