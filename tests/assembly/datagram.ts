// Datagrams: one is sent to a peer, who answers.

import {
  AF,
  Inet,
  Inet6,
  MSG,
  SO,
  SOCK,
  SocketAddress,
  Unix,
  bind,
  connect,
  errno,
  getsockname,
  recv,
  recvfrom,
  sendto,
  setTimeout,
  socket,
} from "wasi-sockets/assembly";

const reply = new Uint8Array(64);

/** So that a test ends where nobody answers. */
const PATIENCE: i32 = 10_000;

function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

/** "4 127.0.0.1:53 ping": the count, the sender and the text of the answer. */
export function ask(family: i32, port: i32): string {
  const to: SocketAddress =
    family == AF.INET ? new Inet("127.0.0.1", port) : new Inet6("::1", port);
  const fd = socket(family, SOCK.DGRAM, 0);
  setTimeout(fd, SO.RCVTIMEO, PATIENCE);
  if (sendto(fd, bytes("ping"), 0, to) != 4) return "errno " + errno().toString();
  const received = recvfrom(fd, reply);
  if (received == null) return "errno " + errno().toString();
  const text = String.UTF8.decodeUnsafe(reply.dataStart, received.count);
  return received.count.toString() + " " + received.address.toString() + " " + text;
}

/** A datagram without an address goes to the peer that the socket is connected to. */
export function askConnected(port: i32): i32 {
  const fd = socket(AF.INET, SOCK.DGRAM, 0);
  setTimeout(fd, SO.RCVTIMEO, PATIENCE);
  if (connect(fd, new Inet("127.0.0.1", port)) < 0) return -errno();
  return sendto(fd, bytes("ping"), 0, null) < 0 ? -errno() : recv(fd, reply);
}

/** Two sockets with names of their own: who sent it is the first one's name, NUL and all. */
export function unixPair(id: i32): string {
  const from = new Unix("\0wasi-sockets-from-" + id.toString());
  const to = new Unix("\0wasi-sockets-to-" + id.toString());
  const sender = socket(AF.UNIX, SOCK.DGRAM, 0);
  const receiver = socket(AF.UNIX, SOCK.DGRAM, 0);
  if (bind(sender, from) < 0 || bind(receiver, to) < 0) return "errno " + errno().toString();
  if (sendto(sender, bytes("ping"), 0, to) < 0) return "errno " + errno().toString();
  return (<Unix>recvfrom(receiver, reply)!.address).path;
}

/** MSG.TRUNC gives the length of the whole datagram, however little room there was. */
export function truncated(): i32 {
  const receiver = socket(AF.INET, SOCK.DGRAM, 0);
  const sender = socket(AF.INET, SOCK.DGRAM, 0);
  if (bind(receiver, new Inet("127.0.0.1", 0)) < 0) return -errno();
  if (sendto(sender, bytes("0123456789"), 0, getsockname(receiver)) < 0) return -errno();
  const received = recvfrom(receiver, reply.subarray(0, 4), MSG.TRUNC);
  return received == null ? -errno() : received.count;
}
