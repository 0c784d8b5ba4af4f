// Sockets over a wire that loses packets, between 10.8.0.1, which is ours, and 10.8.0.2.

import {
  AF,
  ControlData,
  IP,
  Inet,
  MSG,
  Messages,
  SHUT,
  SO,
  SOCK,
  SOL,
  bind,
  connect,
  errno,
  getsockname,
  recv,
  send,
  setTimeout,
  setsockopt,
  shutdown,
  socket,
} from "wasi-sockets/assembly";

function failed(): string {
  return "errno " + errno().toString();
}

function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function text(bytes: Uint8Array, count: i32): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, count);
}

function connected(type: i32, port: i32): i32 {
  const fd = socket(AF.INET, type, 0);
  setTimeout(fd, SO.RCVTIMEO, 5000);
  return connect(fd, new Inet("10.8.0.2", port)) < 0 ? -1 : fd;
}

/** Sends what comes from one port to another, to the end: how many bytes, or an error number below 0. */
export function relay(from: i32, to: i32): i32 {
  const source = connected(SOCK.STREAM, from);
  const sink = connected(SOCK.STREAM, to);
  if (source < 0 || sink < 0) return -errno();
  const bytes = new Uint8Array(65536);
  let total = 0;
  let count = recv(source, bytes);
  for (; count > 0; count = recv(source, bytes)) {
    if (send(sink, bytes.subarray(0, count)) != count) return -errno();
    total += count;
  }
  return count < 0 || shutdown(sink, SHUT.WR) < 0 ? -errno() : total;
}

let receiver: i32 = -1;

/** Binds a socket with room for all that comes, which does not wait for ever: its port. */
export function bound(): i32 {
  receiver = socket(AF.INET, SOCK.DGRAM, 0);
  if (setsockopt(receiver, SOL.SOCKET, SO.RCVBUFFORCE, 1 << 24) < 0) return -errno();
  setTimeout(receiver, SO.RCVTIMEO, 5000);
  if (bind(receiver, new Inet("10.8.0.1", 0)) < 0) return -errno();
  return (getsockname(receiver)! as Inet).port;
}

/** So many datagrams of those that came, in their order. */
export function received(count: i32, flags: i32): string {
  const bytes = new Uint8Array(16);
  const datagrams: string[] = [];
  for (let i = 0; i < count; i++) {
    const size = recv(receiver, bytes, flags);
    datagrams.push(size < 0 ? failed() : text(bytes, size));
    if (size < 0) break;
  }
  return datagrams.join(" ");
}

/** Sends to a closed port: what recv says, and the report: errno, origin, ICMP type and code, who, what. */
export function refused(port: i32): string {
  const fd = connected(SOCK.DGRAM, port);
  if (setsockopt(fd, SOL.IP, IP.RECVERR, true) < 0) return failed();
  if (send(fd, utf8("again")) != 5) return failed();
  const bytes = new Uint8Array(16);
  if (recv(fd, bytes) >= 0) return "no error";
  const error = failed();
  const message = new Messages();
  const control = new ControlData(512);
  message.set(0, bytes, null, control);
  const count = message.receive(fd, MSG.ERRQUEUE);
  const report = control.errorReport();
  if (count < 0 || report == null) return failed();
  const icmp = [report.errno, <i32>report.origin, <i32>report.icmpType, <i32>report.icmpCode].join(
    " ",
  );
  return error + ", " + icmp + " " + report.offender.toString() + " " + text(bytes, count);
}
