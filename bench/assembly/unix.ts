// The same on Unix stream sockets: the peer of number N listens at /tmp/wasi-sockets-bench-N.

import { AF, SOCK, Unix, close, connect, socket } from "wasi-sockets/assembly";
import { must } from "./must";
import { drink, exchange, pour } from "./stream";

function dial(peer: i32): i32 {
  const fd = must("socket", socket(AF.UNIX, SOCK.STREAM, 0));
  must("connect", connect(fd, new Unix("/tmp/wasi-sockets-bench-" + peer.toString())));
  return fd;
}

/** Sends size bytes and waits for their echo, amount times. */
export function unixPingpong(peer: i32, amount: f64, size: i32): f64 {
  const fd = dial(peer);
  const moved = exchange(fd, amount, size);
  close(fd);
  return moved;
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
export function unixSend(peer: i32, amount: f64, size: i32): f64 {
  return pour(dial(peer), amount, size);
}

/** Asks the peer for amount bytes and receives at most size at a time. */
export function unixReceive(peer: i32, amount: f64, size: i32): f64 {
  return drink(dial(peer), amount, size);
}
