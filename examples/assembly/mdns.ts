// An mDNS query: asks every host of the link for the one that bears a name, RFC 6762.

import {
  AF,
  Errno,
  IP,
  Inet,
  POLL,
  PollList,
  SO,
  SOCK,
  SOL,
  bind,
  close,
  errno,
  if_nametoindex,
  joinGroup,
  recv,
  sendto,
  setMulticastInterface,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";
import { DnsMessage, Type, question } from "./support/dnsmessage";

const ATTEMPTS: i32 = 3;
const PATIENCE_MS: f64 = 1000;
/** By RFC 6762, section 11: so that it is plain that a message came from this link. */
const TTL: i32 = 255;

/** A socket that belongs to the group on an interface: -1 where it failed. */
function open(group: Inet, index: i32): i32 {
  const fd = socket(AF.INET, SOCK.DGRAM, 0);
  if (fd < 0) return -1;
  setsockopt(fd, SOL.SOCKET, SO.REUSEADDR, true); // other queriers and responders of this host
  setMulticastInterface(fd, AF.INET, index);
  setsockopt(fd, SOL.IP, IP.MULTICAST_ALL, false); // what others of this host have joined elsewhere
  setsockopt(fd, SOL.IP, IP.MULTICAST_TTL, TTL);
  if (bind(fd, group) == 0 && joinGroup(fd, group, index) == 0) return fd;
  close(fd);
  return -1;
}

/** Prints the addresses that a message has for a name: how many. */
function print(message: DnsMessage, name: string): i32 {
  let count = 0;
  if (message.malformed || !message.response) return count; // our own question comes back as well
  for (let i = 0; i < message.answers.length; i++) {
    const answer = message.answers[i];
    const isAddress = answer.type == Type.A || answer.type == Type.AAAA;
    if (!isAddress || answer.name.toLowerCase() != name.toLowerCase() + ".") continue;
    console.log(`${name} is at ${answer.text}`);
    count++;
  }
  return count;
}

/** Prints the first answer that arrives in time: how many addresses it has, 0 where there was none, or -1. */
function receive(fd: i32, name: string): i32 {
  const arrival = new PollList(1);
  arrival.add(fd, POLL.IN);
  const bytes = new Uint8Array(9000);
  const deadline = performance.now() + PATIENCE_MS;
  while (true) {
    const left = deadline - performance.now();
    const ready = left > 0 ? arrival.wait(<i32>Math.ceil(left)) : 0;
    if (ready <= 0) return ready;
    const size = recv(fd, bytes);
    if (size < 0) return -1;
    const count = print(new DnsMessage(bytes.slice(0, size)), name);
    if (count > 0) return count;
  }
}

/**
 * Asks for the IPv4 address of a name, and prints the first answer.
 *
 * @param name such as "printer.local"
 * @param device the interface to ask on
 * @returns how many addresses it has, or -errno: ETIMEDOUT where nobody bears the name
 */
export function main(name: string, device: string): i32 {
  const index = if_nametoindex(device);
  if (index < 0) return -errno();
  const group = new Inet("224.0.0.251", 5353);
  const fd = open(group, index);
  if (fd < 0) return -errno();

  const query = question(0, 0, name, Type.A);
  let count = 0;
  for (let i = 0; i < ATTEMPTS && count == 0; i++) {
    count = sendto(fd, query, 0, group) < 0 ? -1 : receive(fd, name);
  }
  close(fd);
  if (count == 0) return -Errno.ETIMEDOUT;
  return count < 0 ? -errno() : count;
}
