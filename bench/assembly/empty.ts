// What makes a socket and ends.

import { AF, SOCK, close, socket } from "wasi-sockets/assembly";

export function main(): i32 {
  return close(socket(AF.INET, SOCK.STREAM, 0));
}
