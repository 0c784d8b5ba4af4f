// Every kind of socket option, on one socket that a test is given too.

import {
  AF,
  ControlData,
  IP,
  Inet,
  Messages,
  SO,
  SOCK,
  SOL,
  TCP,
  Unix,
  connect,
  errno,
  getLinger,
  getTimeout,
  getsockopt,
  getsockoptBytes,
  getsockoptText,
  peerCredentials,
  setErrno,
  setLinger,
  setTimeout,
  setsockopt,
  socket,
  tcpInfo,
} from "wasi-sockets/assembly";

let fd: i32 = -1;
let host: i32 = -1;

function failed(): string {
  return "errno " + errno().toString();
}

/** An abstract name, at full length as Node makes them. */
function name(id: i32): Unix {
  return new Unix(("\0wasi-sockets-option-" + id.toString()).padEnd(108, "\0"));
}

/** Opens a socket: 0, or an error number. */
export function open(domain: i32, type: i32): i32 {
  fd = socket(domain, type, 0);
  return fd < 0 ? errno() : 0;
}

/** Connects it to a loopback port: 0, or an error number. */
export function connectTo(port: i32): i32 {
  return connect(fd, new Inet("127.0.0.1", port)) < 0 ? errno() : 0;
}

/** Connects it to the abstract name of a number: 0, or an error number. */
export function connectToName(id: i32): i32 {
  return connect(fd, name(id)) < 0 ? errno() : 0;
}

/** Sends it to who listens at that name: 0, or an error number. */
export function share(id: i32): i32 {
  host = socket(AF.UNIX, SOCK.STREAM, 0);
  if (connect(host, name(id)) < 0) return errno();
  const control = new ControlData(32);
  control.addRights([fd]);
  const message = new Messages();
  message.set(0, new Uint8Array(1), null, control);
  return message.send(host) == 1 ? 0 : errno();
}

export function linger(on: i32, seconds: i32): i32 {
  return setLinger(fd, on != 0, seconds) < 0 ? errno() : 0;
}

export function lingers(): string {
  const value = getLinger(fd);
  if (value == null) return failed();
  return value.on.toString() + " " + value.seconds.toString();
}

export function timeout(option: i32, milliseconds: i32): i32 {
  return setTimeout(fd, option, milliseconds) < 0 ? errno() : 0;
}

export function timesOut(option: i32): string {
  const milliseconds = getTimeout(fd, option);
  return milliseconds < 0 ? failed() : milliseconds.toString();
}

/** Sets the TTL, an int, as its bytes. */
export function ttl(value: i32): i32 {
  const bytes = new Uint8Array(4);
  store<i32>(bytes.dataStart, value);
  return setsockopt(fd, SOL.IP, IP.TTL, bytes) < 0 ? errno() : 0;
}

/** An option's bytes in hexadecimal. */
export function bytes(level: i32, option: i32, capacity: i32): string {
  const value = getsockoptBytes(fd, level, option, capacity);
  if (value == null) return failed();
  let text = "";
  for (let i = 0; i < value.length; i++) text += value[i].toString(16).padStart(2, "0");
  return text;
}

export function congestion(reno: i32): i32 {
  return setsockopt(fd, SOL.TCP, TCP.CONGESTION, reno ? "reno" : "no-such-algo") < 0 ? errno() : 0;
}

export function device(lo: i32): i32 {
  return setsockopt(fd, SOL.SOCKET, SO.BINDTODEVICE, lo ? "lo" : "") < 0 ? errno() : 0;
}

export function text(level: i32, option: i32): string {
  const value = getsockoptText(fd, level, option);
  return value == null ? failed() : "'" + value + "'";
}

export function peer(): string {
  const value = peerCredentials(fd);
  if (value == null) return failed();
  return [<u32>value.pid, value.uid, value.gid].join(" ");
}

/** Sets a peek offset of -1, then reads that and an option that is none. */
export function minusOne(): string {
  setErrno(0);
  setsockopt(fd, SOL.SOCKET, SO.PEEK_OFF, -1);
  const off = getsockopt(fd, SOL.SOCKET, SO.PEEK_OFF).toString() + " " + errno().toString();
  return off + " " + getsockopt(fd, SOL.SOCKET, 9999).toString() + " " + errno().toString();
}

/** Whether tcpInfo gives something: 0, or an error number. */
export function informed(): i32 {
  return tcpInfo(fd) == null ? errno() : 0;
}
