// An HTTP/1.1 server that says hello, in one thread, by epoll(7).

import {
  AF,
  Epoll,
  Inet,
  POLL,
  SOCK,
  accept,
  bind,
  close,
  getsockname,
  listen,
  recv,
  send,
  socket,
} from "wasi-sockets/assembly";
import { must } from "./must";

const BACKLOG = 4096;
const ANSWER = Uint8Array.wrap(
  String.UTF8.encode("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"),
);
/** The last four bytes of a request without a body, as a number. */
const END: u32 = 0x0a0d0a0d;

const request = new Uint8Array(4096);
let listener: i32 = -1;

/** Listens on a loopback port that the kernel chooses: the port. */
export function listenHttp(): i32 {
  listener = must("socket", socket(AF.INET, SOCK.STREAM | SOCK.NONBLOCK, 0));
  must("bind", bind(listener, new Inet("127.0.0.1", 0)));
  must("listen", listen(listener, BACKLOG));
  return (getsockname(listener)! as Inet).port;
}

function acceptAll(epoll: Epoll, from: i32): void {
  for (;;) {
    const fd = accept(from, SOCK.NONBLOCK);
    if (fd < 0) return;
    must("epoll_ctl", epoll.add(fd, POLL.IN, fd));
  }
}

/** Reads a request: whether it is to be answered. The client sends the next one when it has the answer. */
function ask(fd: i32): bool {
  const count = recv(fd, request);
  if (count <= 0) close(fd);
  return count >= 4 && load<u32>(request.dataStart + count - 4) == END;
}

/** Does some work of 256 KiB, so that a request costs the server far more than it costs its client. */
function work(): u32 {
  let sum: u32 = 0x811c9dc5;
  for (let i = 0; i < 262144; i++)
    sum = (sum ^ load<u8>(request.dataStart + (i & 4095))) * 0x01000193;
  return sum;
}

/** Serves for ever what connects to a socket; `busy` servers work before they answer. */
export function serve(from: i32, busy: bool): void {
  const epoll = new Epoll(256);
  must("epoll_ctl", epoll.add(from, POLL.IN, from));
  for (;;) {
    const ready = epoll.wait();
    for (let i = 0; i < ready; i++) {
      const fd = <i32>epoll.data(i);
      if (fd == from) acceptAll(epoll, from);
      else if (ask(fd) && (!busy || work() != 0)) send(fd, ANSWER);
    }
  }
}

/** Serves for ever. */
export function serveHttp(): void {
  serve(listener, false);
}
