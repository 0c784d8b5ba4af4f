// What TCP offers beyond a stream of bytes, on connections to a peer that echoes.

import {
  AF,
  Inet,
  MSG,
  SO,
  SOCK,
  SOL,
  TCP,
  close,
  connect,
  errno,
  getsockopt,
  recv,
  send,
  sendto,
  setLinger,
  setsockopt,
  sockatmark,
  socket,
} from "wasi-sockets/assembly";

function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** What is received into so many bytes; "errno 11" where nothing is. */
function received(fd: i32, size: i32, flags: i32): string {
  const bytes = new Uint8Array(size);
  const count = recv(fd, bytes, flags);
  return count < 0 ? failed() : String.UTF8.decodeUnsafe(bytes.dataStart, count);
}

function failed(): string {
  return "errno " + errno().toString();
}

function connected(port: i32): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  return connect(fd, new Inet("127.0.0.1", port)) < 0 ? -1 : fd;
}

/** Whether nodelay is set before and after it was set, and the value of an int that was. */
export function nodelay(port: i32): string {
  const fd = connected(port);
  const before = getsockopt(fd, SOL.TCP, TCP.NODELAY);
  if (setsockopt(fd, SOL.TCP, TCP.NODELAY, true) < 0) return failed();
  if (setsockopt(fd, SOL.TCP, TCP.KEEPIDLE, 77) < 0) return failed();
  return [before, getsockopt(fd, SOL.TCP, TCP.NODELAY), getsockopt(fd, SOL.TCP, TCP.KEEPIDLE)].join(
    " ",
  );
}

/** What the peer echoes of three sends under a cork, once that is pulled. */
export function cork(port: i32): string {
  const fd = connected(port);
  if (setsockopt(fd, SOL.TCP, TCP.CORK, true) < 0) return failed();
  send(fd, utf8("a"));
  send(fd, utf8("b"));
  send(fd, utf8("c"));
  if (setsockopt(fd, SOL.TCP, TCP.CORK, false) < 0) return failed();
  return received(fd, 3, MSG.WAITALL);
}

/** Sends a byte beside the stream: 1, or -1. */
export function sendUrgent(port: i32): i32 {
  const fd = connected(port);
  send(fd, utf8("before"));
  const sent = send(fd, utf8("!"), MSG.OOB);
  return close(fd) < 0 ? -1 : sent;
}

/** What comes before the mark, whether it is reached then, the urgent byte, and what comes after it. */
export function receiveUrgent(port: i32): string {
  const fd = connected(port);
  send(fd, utf8("?"));
  const before = received(fd, 6, MSG.WAITALL);
  const mark = sockatmark(fd);
  const urgent = received(fd, 1, MSG.OOB);
  return [before, mark.toString(), urgent, received(fd, 5, MSG.WAITALL)].join("|");
}

/** Connects by its first bytes: what the peer echoes, or "errno 115". */
export function fastopen(port: i32): string {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  const bytes = utf8("at once");
  if (sendto(fd, bytes, MSG.FASTOPEN, new Inet("127.0.0.1", port)) < 0) return failed();
  return received(fd, bytes.length, MSG.WAITALL);
}

/** Closes a connection over which a byte has come back, so that the peer gets a reset. */
export function reset(port: i32): i32 {
  const fd = connected(port);
  const byte = new Uint8Array(1);
  if (send(fd, byte) != 1 || recv(fd, byte) != 1 || setLinger(fd, true, 0) < 0) return errno();
  return close(fd);
}
