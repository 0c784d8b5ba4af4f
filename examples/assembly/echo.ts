// An echo server that serves any number of connections in one thread: epoll(7), edge-triggered.

import {
  AF,
  EPOLL,
  Epoll,
  Errno,
  Inet,
  POLL,
  SO,
  SOCK,
  SOL,
  accept,
  bind,
  close,
  errno,
  getsockname,
  listen,
  recv,
  send,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";

/** A connection, and what was received from it and is not yet sent back. */
class Connection {
  private readonly buffer: Uint8Array = new Uint8Array(16384);
  private start: i32 = 0;
  private end: i32 = 0;

  constructor(readonly fd: i32) {}

  /**
   * Echoes until the kernel has no more to give or to take. An edge is reported once, so whoever stops
   * before that is never told again.
   *
   * @returns whether the connection goes on
   */
  pump(): bool {
    while (true) {
      if (this.start == this.end) {
        const count = recv(this.fd, this.buffer);
        if (count <= 0) return count < 0 && errno() == Errno.EAGAIN;
        this.start = 0;
        this.end = count;
      }
      const count = send(this.fd, this.buffer.subarray(this.start, this.end));
      if (count < 0) return errno() == Errno.EAGAIN;
      this.start += count;
    }
  }
}

const connections = new Map<i32, Connection>();
let listener: i32 = -1;

/** Starts to listen on a loopback port, or with 0 on one that the kernel chooses: the port, or -errno. */
export function open(port: i32): i32 {
  listener = socket(AF.INET, SOCK.STREAM | SOCK.NONBLOCK, 0);
  if (listener < 0) return -errno();
  setsockopt(listener, SOL.SOCKET, SO.REUSEADDR, true);
  if (bind(listener, new Inet("127.0.0.1", port)) < 0 || listen(listener, 511) < 0) return -errno();
  const address = getsockname(listener);
  return address == null ? -errno() : (address as Inet).port;
}

/** Accepts every connection that waits: how many. */
function acceptAll(epoll: Epoll): i32 {
  let count = 0;
  for (let fd = accept(listener, SOCK.NONBLOCK); fd >= 0; fd = accept(listener, SOCK.NONBLOCK)) {
    connections.set(fd, new Connection(fd));
    epoll.add(fd, POLL.IN | POLL.OUT | EPOLL.ET, fd);
    count++;
  }
  return count;
}

/** Serves until it is interrupted: how many connections there were, or -errno. */
export function serve(): i32 {
  const epoll = new Epoll();
  if (epoll.fd < 0 || epoll.add(listener, POLL.IN | EPOLL.ET, listener) < 0) return -errno();
  let served = 0;
  while (true) {
    const ready = epoll.wait();
    if (ready < 0) return errno() == Errno.EINTR ? served : -errno();
    for (let i = 0; i < ready; i++) {
      const fd = <i32>epoll.data(i);
      if (fd == listener) {
        served += acceptAll(epoll);
      } else if (!connections.get(fd).pump()) {
        connections.delete(fd);
        close(fd);
      }
    }
  }
}
