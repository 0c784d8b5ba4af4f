// The calls of `wasi_snapshot_preview1` that know sockets: the kinds of their parameters, and of their results.

import { marshal } from "../marshal.js";
import { LIST_MAX, pointerText, type TracedCall } from "./call.js";
import type { Row } from "./calls.js";
import { data, number, size, text, type Kind } from "./kinds.js";
import { Names } from "./symbols.js";
import { list } from "./text.js";

const { iovec, preview1_errno } = marshal;

const errnos = new Names(["", preview1_errno]);

/** Vectors, before their number; `total` is how many bytes of them count. */
function vectorsText(call: TracedCall, index: number, total: number): string {
  const array = call.array(call.arg(index), call.arg(index + 1), iovec.sizeof);
  if (array === undefined) return pointerText(call.arg(index));
  let left = total;
  const texts = array.entries.map((entry) => {
    const length = Math.min(entry.getUint32(iovec.iov_len, true), left);
    left -= length;
    return call.data(entry.getUint32(iovec.iov_base, true), length);
  });
  return list(texts, array.more || array.entries.length === LIST_MAX);
}

const vectors: Kind = (call, index) => vectorsText(call, index, Infinity);
/** Vectors that are filled, and how far a number that another parameter points to says. */
const room =
  (out: number): Kind =>
  (call, index) =>
  () =>
    call.result < 0
      ? pointerText(call.arg(index))
      : vectorsText(call, index, (call.int(call.arg(out)) ?? 0) >>> 0);
/** A pointer to a number that a call gives. */
const given: Kind = (call, index) => () => {
  const value = call.result < 0 ? undefined : call.int(call.arg(index));
  return value === undefined ? pointerText(call.arg(index)) : `[${value}]`;
};
const pointer: Kind = (call, index) => pointerText(call.arg(index));

/** An error number: 0, or its name. */
const status = ({ result }: TracedCall): string =>
  result === 0 ? "0" : `${-result} ${errnos.one(-result)}`;
/** Of an error number: what has failed is negative. */
const failed = (value: number): number => -value;

const fd = number;
const row = (...kinds: Kind[]): Row => [kinds, status, failed];

/** WAMR's functions for options: one to get and one to set each. */
const options = Object.fromEntries(
  [
    "broadcast keep_alive recv_buf_size send_buf_size recv_timeout send_timeout reuse_addr reuse_port",
    "tcp_fastopen_connect tcp_keep_idle tcp_keep_intvl tcp_no_delay tcp_quick_ack ip_multicast_ttl ip_ttl ipv6_only",
  ]
    .flatMap((names) => names.split(" "))
    .flatMap((name) => [
      [`sock_get_${name}`, row(fd, pointer)] as const,
      [`sock_set_${name}`, row(fd, number)] as const,
    ]),
);

// prettier-ignore
export const PREVIEW1_CALLS: Readonly<Record<string, Row>> = {
  fd_close: row(fd),
  fd_renumber: row(fd, fd),
  fd_read: row(fd, room(3), size, given),
  fd_write: row(fd, vectors, size, given),
  fd_fdstat_set_flags: row(fd, number),
  poll_oneoff: row(pointer, pointer, size, given),
  epoll_oneoff: row(pointer, pointer, size, given),
  "sock_accept/2": row(fd, given),
  "sock_accept/3": row(fd, number, given),
  sock_recv: row(fd, room(4), size, number, given, pointer),
  sock_send: row(fd, vectors, size, number, given),
  sock_shutdown: row(fd, number),
  sock_listen: row(fd, number),
  "sock_open/3": row(number, number, given),
  "sock_bind/3": row(fd, pointer, size),
  "sock_connect/3": row(fd, pointer, size),
  "sock_recv_from/7": row(fd, room(5), size, pointer, number, given, pointer),
  "sock_recv_from/8": row(fd, room(6), size, pointer, number, given, given, pointer),
  "sock_send_to/7": row(fd, vectors, size, pointer, size, number, given),
  "sock_open/4": row(fd, number, number, given),
  "sock_bind/2": row(fd, pointer),
  "sock_connect/2": row(fd, pointer),
  "sock_recv_from/6": row(fd, room(5), size, number, pointer, given),
  "sock_send_to/6": row(fd, vectors, size, number, pointer, given),
  sock_close: row(fd),
  sock_addr_local: row(fd, pointer),
  sock_addr_remote: row(fd, pointer),
  sock_addr_resolve: row(text, text, pointer, pointer, size, given),
  sock_getaddrinfo: row(data, size, data, size, pointer, pointer, size, given),
  sock_getsockopt: row(fd, number, number, given, pointer),
  sock_setsockopt: row(fd, number, number, pointer, size),
  ...options,
  "sock_getlocaladdr/3": row(fd, pointer, given),
  "sock_getlocaladdr/4": row(fd, pointer, given, given),
  "sock_getpeeraddr/3": row(fd, pointer, given),
  "sock_getpeeraddr/4": row(fd, pointer, given, given),
};
