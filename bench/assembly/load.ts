// A server under load: it answers what it receives with the same bytes, in one thread, by epoll(7). What a peer does
// not take is kept, 4 KiB at most, and nothing more is received from that peer before it has taken them.

import {
  AF,
  Epoll,
  Errno,
  Inet,
  POLL,
  SOCK,
  accept,
  bind,
  close,
  errno,
  getsockname,
  listen,
  recv,
  send,
  socket,
} from "wasi-sockets/assembly";
import { must } from "./must";

const BACKLOG = 4096;
const buffer = new Uint8Array(4096);
/** What peers have not taken yet. */
const kept = new Map<i32, Uint8Array>();

let listener: i32 = -1;
let accepted: i32 = 0;
let open: i32 = 0;
let most: i32 = 0;
let stalls: i32 = 0;
let errors: i32 = 0;

/** Listens on a loopback port that the kernel chooses: the port. */
export function start(): i32 {
  listener = must("socket", socket(AF.INET, SOCK.STREAM | SOCK.NONBLOCK, 0));
  must("bind", bind(listener, new Inet("127.0.0.1", 0)));
  must("listen", listen(listener, BACKLOG));
  return (getsockname(listener)! as Inet).port;
}

function acceptAll(epoll: Epoll): void {
  while (true) {
    const fd = accept(listener, SOCK.NONBLOCK);
    if (fd < 0) {
      if (errno() != Errno.EAGAIN) errors++;
      return;
    }
    must("epoll_ctl", epoll.add(fd, POLL.IN, fd));
    accepted++;
    open++;
    if (open > most) most = open;
  }
}

function end(fd: i32): void {
  kept.delete(fd);
  close(fd);
  open--;
}

/** Sends what it can, and keeps the rest: whether the connection goes on. */
function answer(epoll: Epoll, fd: i32, bytes: Uint8Array, wasKept: bool): bool {
  const sent = send(fd, bytes);
  if (sent < 0 && errno() != Errno.EAGAIN) return false;
  const taken = max(sent, 0);
  if (taken == bytes.length) {
    if (wasKept) {
      kept.delete(fd);
      epoll.modify(fd, POLL.IN, fd);
    }
    return true;
  }
  kept.set(fd, bytes.slice(taken));
  if (!wasKept) {
    stalls++;
    epoll.modify(fd, POLL.OUT, fd);
  }
  return true;
}

/** Does one thing for a connection that is ready: whether it goes on. */
function step(epoll: Epoll, fd: i32): bool {
  if (kept.has(fd)) return answer(epoll, fd, kept.get(fd), true);
  const count = recv(fd, buffer);
  if (count > 0) return answer(epoll, fd, buffer.subarray(0, count), false);
  return count < 0 && errno() == Errno.EAGAIN;
}

/** Serves until it is interrupted. */
export function serve(): void {
  const epoll = new Epoll(256);
  must("epoll_ctl", epoll.add(listener, POLL.IN, listener));
  while (true) {
    const ready = epoll.wait();
    if (ready < 0) {
      if (errno() != Errno.EINTR) errors++;
      return;
    }
    for (let i = 0; i < ready; i++) {
      const fd = <i32>epoll.data(i);
      if (fd == listener) acceptAll(epoll);
      else if (!step(epoll, fd)) end(fd);
    }
  }
}

/** How many connections were accepted. */
export function countAccepted(): i32 {
  return accepted;
}

/** How many were open at once. */
export function countMost(): i32 {
  return most;
}

/** How often a peer did not take what was sent to it. */
export function countStalls(): i32 {
  return stalls;
}

/** How many calls failed. */
export function countErrors(): i32 {
  return errors;
}
