// Streams, from both ends: each export says one text and gives back what the peer answered.

import {
  AF,
  Inet,
  Inet6,
  MSG,
  SHUT,
  SOCK,
  SOL,
  SO,
  SocketAddress,
  Unix,
  accept,
  bind,
  close,
  connect,
  errno,
  fdToPort,
  getpeername,
  getsockname,
  listen,
  recv,
  send,
  setTimeout,
  setsockopt,
  shutdown,
  socket,
} from "wasi-sockets/assembly";

let listener: i32 = -1;

function loopback(family: i32, port: i32): SocketAddress {
  return family == AF.INET ? new Inet("127.0.0.1", port) : new Inet6("::1", port);
}

/** An abstract name of full length, which older and newer versions of Node pass on alike. */
function unixAddress(id: i32): Unix {
  return new Unix(("\0wasi-sockets-guest-" + id.toString()).padEnd(108, "\0"));
}

/** So that a test ends where nobody comes. */
function listenForAWhile(): i32 {
  return setTimeout(listener, SO.RCVTIMEO, 10_000) < 0 ? -1 : listen(listener, 1);
}

/** Sends text, ends the stream, and receives to the end; "errno 111" where a call failed. */
function converse(fd: i32, text: string): string {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text));
  if (send(fd, bytes, MSG.NOSIGNAL) != bytes.length) return "errno " + errno().toString();
  if (shutdown(fd, SHUT.WR) < 0) return "errno " + errno().toString();
  const reply = new Uint8Array(512);
  let size = 0;
  let count: i32;
  while ((count = recv(fd, reply.subarray(size))) > 0) size += count;
  if (count < 0 || close(fd) < 0) return "errno " + errno().toString();
  return String.UTF8.decodeUnsafe(reply.dataStart, size);
}

function talk(address: SocketAddress, family: i32, text: string): string {
  const fd = socket(family, SOCK.STREAM, 0);
  if (fd < 0 || connect(fd, address) < 0) return "errno " + errno().toString();
  return converse(fd, text);
}

export function client(family: i32, port: i32): string {
  return talk(loopback(family, port), family, "grüße");
}

export function unixClient(id: i32): string {
  return talk(unixAddress(id), AF.UNIX, "grüße");
}

/** The port that the peer is to connect to; below 0 for an error number. */
export function serve(family: i32): i32 {
  listener = socket(family, SOCK.STREAM, 0);
  if (setsockopt(listener, SOL.SOCKET, SO.REUSEADDR, true) < 0) return -errno();
  if (bind(listener, loopback(family, 0)) < 0 || listenForAWhile() < 0) return -errno();
  const address = getsockname(listener)!;
  return family == AF.INET ? (<Inet>address).port : (<Inet6>address).port;
}

export function serveUnix(id: i32): i32 {
  listener = socket(AF.UNIX, SOCK.STREAM, 0);
  return bind(listener, unixAddress(id)) < 0 || listenForAWhile() < 0 ? -errno() : 0;
}

export function acceptOne(): string {
  const fd = accept(listener, SOCK.CLOEXEC);
  return fd < 0 ? "errno " + errno().toString() : converse(fd, "grüße");
}

/** Both ends of one connection as the guest sees them. */
export function names(family: i32, port: i32): string {
  const fd = socket(family, SOCK.STREAM, 0);
  if (connect(fd, loopback(family, port)) < 0) return "errno " + errno().toString();
  const peer = getpeername(fd)!.toString();
  const own =
    family == AF.INET ? (<Inet>getsockname(fd)!).address : (<Inet6>getsockname(fd)!).address;
  return own + " " + peer;
}

/** Two lines through a port to a peer that echoes, and what is left of them at the end. */
export function throughPort(listening: i32): string {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  if (connect(fd, new Inet("127.0.0.1", listening)) < 0) return "errno " + errno().toString();
  const port = fdToPort(fd);
  port.writeText("first\r\nsecond\n");
  port.write(Uint8Array.wrap(String.UTF8.encode("!rest")));
  port.shutdown();
  const lines = port.readLine()! + "|" + port.readLine()! + "|";
  const byte = String.fromCharCode(port.readByte());
  const rest = port.readAll();
  const end = port.readLine() == null ? "|end" : "|more";
  port.close();
  return lines + byte + "|" + String.UTF8.decodeUnsafe(rest.dataStart, rest.length) + end;
}
