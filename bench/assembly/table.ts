// A message between two of many sockets.

import { AF, SOCK, close, recv, send, socket, socketpair } from "wasi-sockets/assembly";
import { must } from "./must";

const MESSAGE = 64; // bytes
const FEW = 10;

let sockets = 0;
let pair = new StaticArray<i32>(2);

/** Opens sockets until there are so many, which the warm-up does: they stay open. */
function open(size: i32): void {
  if (sockets == 0) pair = socketpair(AF.UNIX, SOCK.STREAM, 0)!;
  for (sockets = max(sockets, 2); sockets < size; sockets++) {
    must("socket", socket(AF.INET, SOCK.STREAM, 0));
  }
}

/** Sends and receives a message between two of size sockets, amount times: how many bytes came. */
export function amongMany(port: i32, amount: f64, size: i32): f64 {
  open(size);
  const buffer = new Uint8Array(MESSAGE).fill(0x78);
  let moved: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    must("send", send(pair[0], buffer));
    moved += must("recv", recv(pair[1], buffer));
  }
  return moved;
}

/** The same among ten. */
export function amongFew(port: i32, amount: f64, size: i32): f64 {
  return amongMany(port, amount, FEW);
}
