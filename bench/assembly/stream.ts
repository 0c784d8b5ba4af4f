// What is done on a stream that is connected, TCP or Unix, in blocking calls.

import { MSG, SHUT, close, recv, send as sendBytes, shutdown } from "wasi-sockets/assembly";
import { must } from "./must";

/** Sends size bytes and waits for their echo, amount times, and keeps the connection: how many came back. */
export function exchange(fd: i32, amount: f64, size: i32): f64 {
  const buffer = new Uint8Array(size).fill(0x78);
  let moved: f64 = 0;
  for (let round: f64 = 0; round < amount; round++) {
    must("send", sendBytes(fd, buffer));
    let got = must("recv", recv(fd, buffer));
    while (got < size) {
      const count = must("recv", recv(fd, buffer.subarray(got)));
      if (count == 0) return moved;
      got += count;
    }
    moved += got;
  }
  return moved;
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
export function pour(fd: i32, amount: f64, size: i32): f64 {
  const buffer = new Uint8Array(size).fill(0x78);
  for (let left = amount; left > 0;) {
    left -= must("send", sendBytes(fd, left < size ? buffer.subarray(0, <i32>left) : buffer));
  }
  must("shutdown", shutdown(fd, SHUT.WR));
  const arrived = new Uint8Array(sizeof<u64>());
  must("recv", recv(fd, arrived, MSG.WAITALL));
  close(fd);
  return <f64>load<u64>(arrived.dataStart);
}

/** Asks the peer for amount bytes and receives at most size at a time: how many came. */
export function drink(fd: i32, amount: f64, size: i32): f64 {
  const wanted = new Uint8Array(sizeof<u64>());
  store<u64>(wanted.dataStart, <u64>amount);
  must("send", sendBytes(fd, wanted));
  const buffer = new Uint8Array(size).fill(0x78);
  let moved: f64 = 0;
  for (let count = 1; count > 0; moved += count) count = must("recv", recv(fd, buffer));
  close(fd);
  return moved;
}
