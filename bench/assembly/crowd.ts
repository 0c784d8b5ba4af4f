// One of many guests: a connection that is kept, and an exchange on it.

import { AF, Inet, IPPROTO, SOCK, close, connect, recv, send, socket } from "wasi-sockets/assembly";
import { must } from "./must";
import { exchange } from "./stream";

let fd: i32 = -1;

/** Connects, and keeps the connection. */
export function dial(port: i32): void {
  fd = must("socket", socket(AF.INET, SOCK.STREAM, IPPROTO.TCP));
  must("connect", connect(fd, new Inet("127.0.0.1", port)));
}

/** Sends size bytes that tell this guest from the others: how many of them came back as they were. */
export function echo(guest: i32, size: i32): i32 {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = <u8>(guest * 31 + i * 7 + (guest >> 8));
  must("send", send(fd, bytes));
  const back = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const count = must("recv", recv(fd, back.subarray(done)));
    if (count == 0) break;
    done += count;
  }
  close(fd);
  let same = 0;
  for (let i = 0; i < done; i++) same += i32(back[i] == bytes[i]);
  return same;
}

/** Sends size bytes and waits for their echo, as often as told: how many bytes came back. */
export function echoes(rounds: i32, size: i32): i32 {
  return <i32>exchange(fd, rounds, size);
}
