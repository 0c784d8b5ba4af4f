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

function acceptAll(epoll: Epoll): void {
  for (;;) {
    const fd = accept(listener, SOCK.NONBLOCK);
    if (fd < 0) return;
    must("epoll_ctl", epoll.add(fd, POLL.IN, fd));
  }
}

/** Answers a request; the client sends the next one when it has the answer. */
function answer(fd: i32): void {
  const count = recv(fd, request);
  if (count <= 0) close(fd);
  else if (count >= 4 && load<u32>(request.dataStart + count - 4) == END) send(fd, ANSWER);
}

/** Serves for ever. */
export function serveHttp(): void {
  const epoll = new Epoll(256);
  must("epoll_ctl", epoll.add(listener, POLL.IN, listener));
  for (;;) {
    const ready = epoll.wait();
    for (let i = 0; i < ready; i++) {
      const fd = <i32>epoll.data(i);
      if (fd == listener) acceptAll(epoll);
      else answer(fd);
    }
  }
}
