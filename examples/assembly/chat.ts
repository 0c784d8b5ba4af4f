// A chat without a server: who has joined a multicast group hears what anybody says to it. Two instances make
// a participant, one that hears and one that speaks.

import {
  Errno,
  Inet,
  Inet6,
  SO,
  SOCK,
  SOL,
  SocketAddress,
  bind,
  close,
  connect,
  errno,
  if_nametoindex,
  joinGroup,
  recv,
  send,
  setMulticastInterface,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";

let fd: i32 = -1;

/** A group's address; IPv6's also tells the interface. */
function addressOf(group: string, port: i32, index: i32): SocketAddress {
  if (group.includes(":")) return new Inet6(group, port, 0, index);
  return new Inet(group, port);
}

/** Opens a socket that sends to groups by an interface: 0, or -1. */
function openOn(index: i32, family: i32): i32 {
  fd = socket(family, SOCK.DGRAM, 0);
  return fd < 0 ? -1 : setMulticastInterface(fd, family, index);
}

/** Joins a group on an interface: 0, or -errno. */
export function join(group: string, port: i32, name: string): i32 {
  const index = if_nametoindex(name);
  if (index < 0) return -errno();
  const address = addressOf(group, port, index);
  if (openOn(index, address.family) < 0) return -errno();
  setsockopt(fd, SOL.SOCKET, SO.REUSEADDR, true); // several participants on one host
  // Bound to the group and not to any address: only what is said to it arrives.
  if (bind(fd, address) < 0 || joinGroup(fd, address, index) < 0) return -errno();
  return 0;
}

/** Prints what is said, until it is interrupted: 0, or -errno. */
export function hear(): i32 {
  const bytes = new Uint8Array(65536);
  while (true) {
    const count = recv(fd, bytes);
    if (count < 0) {
      const error = errno();
      close(fd);
      return error == Errno.EINTR ? 0 : -error;
    }
    console.log(String.UTF8.decode(bytes.slice(0, count).buffer));
  }
}

/** Makes ready to speak to a group on an interface: 0, or -errno. */
export function open(group: string, port: i32, name: string): i32 {
  const index = if_nametoindex(name);
  if (index < 0) return -errno();
  const address = addressOf(group, port, index);
  return openOn(index, address.family) < 0 || connect(fd, address) < 0 ? -errno() : 0;
}

/** Says a line to the group, oneself included: 0, or -errno. */
export function say(line: string): i32 {
  return send(fd, Uint8Array.wrap(String.UTF8.encode(line))) < 0 ? -errno() : 0;
}
