// A client in AssemblyScript: it says hello, and prints what comes back.

import { AF, Inet, SOCK, close, connect, errno, recv, send, socket } from "wasi-sockets/assembly";

export function main(): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  if (connect(fd, new Inet("127.0.0.1", 7000)) < 0) return errno();
  send(fd, Uint8Array.wrap(String.UTF8.encode("hello")));
  const buffer = new Uint8Array(64);
  const count = recv(fd, buffer);
  console.log(String.UTF8.decode(buffer.buffer.slice(0, count)));
  return close(fd);
}
