// WAMR's functions but for options and names of hosts: what a number of parameters makes of each name.

import { marshal } from "../../../marshal.js";
import type { Result } from "../../../wait/index.js";
import { errnoOf } from "../frame.js";
import type { Naming } from "../socket.js";
import type { Transfer } from "../transfer.js";

/** The functions of one guest, by their names and numbers of parameters. */
export function wamrCalls(naming: Naming, transfer: Transfer, close: (fd: number) => number) {
  return {
    "sock_open/4": (_pool: number, family: number, type: number, out: number): number =>
      naming.open(marshal.wamrFamily(family), marshal.wamrSocketType(type), out),

    "sock_bind/2": (fd: number, name: number): number => naming.bind(fd, name, 0),

    "sock_connect/2": (fd: number, name: number): Result => naming.connect(fd, name, 0),

    sock_close: close,

    sock_addr_local: (fd: number, name: number): number =>
      errnoOf(Math.min(naming.local(fd, name, 0), 0)),

    sock_addr_remote: (fd: number, name: number): number =>
      errnoOf(Math.min(naming.peer(fd, name, 0), 0)),

    "sock_recv_from/6": (
      fd: number,
      vectors: number,
      count: number,
      flags: number,
      name: number,
      out: number,
    ): Result => transfer.receive(fd, vectors, count, flags, name, 0, out, 0),

    "sock_send_to/6": (
      fd: number,
      vectors: number,
      count: number,
      flags: number,
      name: number,
      out: number,
    ): Result => transfer.send(fd, vectors, count, flags, name, 0, out),
  };
}
