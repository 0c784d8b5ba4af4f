// UDP between two sockets of one guest.

import {
  AF,
  Inet,
  IPPROTO,
  SOCK,
  bind,
  close,
  connect,
  getsockname,
  recv,
  send,
  socket,
} from "wasi-sockets/assembly";
import { must } from "./must";

/** A socket at a loopback port that the kernel chose. */
function bound(): i32 {
  const fd = must("socket", socket(AF.INET, SOCK.DGRAM, IPPROTO.UDP));
  must("bind", bind(fd, new Inet("127.0.0.1", 0)));
  return fd;
}

/** Two sockets that are connected with each other: the first of them; `other` is the second. */
export let other: i32 = -1;
export function pair(): i32 {
  const from = bound();
  other = bound();
  must("connect", connect(from, getsockname(other)!));
  must("connect", connect(other, getsockname(from)!));
  return from;
}

/** Sends a datagram of size bytes from one socket and receives it from the other, amount times. */
export function datagrams(port: i32, amount: f64, size: i32): f64 {
  const from = pair();
  const to = other;
  const buffer = new Uint8Array(size).fill(0x78);
  let moved: f64 = 0;
  for (let round: f64 = 0; round < amount; round++) {
    must("send", send(from, buffer));
    moved += must("recv", recv(to, buffer));
  }
  close(from);
  close(to);
  return moved;
}
