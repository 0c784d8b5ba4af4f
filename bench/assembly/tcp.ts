// TCP against the peer of ../c/peer.c, in blocking calls.

import {
  AF,
  Inet,
  IPPROTO,
  SOCK,
  TCP,
  close,
  connect,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";
import { must } from "./must";
import { drink, exchange, pour } from "./stream";

function dial(port: i32): i32 {
  const fd = must("socket", socket(AF.INET, SOCK.STREAM, IPPROTO.TCP));
  must("connect", connect(fd, new Inet("127.0.0.1", port)));
  return fd;
}

/** Sends size bytes and waits for their echo, amount times. */
export function pingpong(port: i32, amount: f64, size: i32): f64 {
  const fd = dial(port);
  must("setsockopt", setsockopt(fd, IPPROTO.TCP, TCP.NODELAY, true));
  const moved = exchange(fd, amount, size);
  close(fd);
  return moved;
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
export function send(port: i32, amount: f64, size: i32): f64 {
  return pour(dial(port), amount, size);
}

/** Asks the peer for amount bytes and receives at most size at a time. */
export function receive(port: i32, amount: f64, size: i32): f64 {
  return drink(dial(port), amount, size);
}
