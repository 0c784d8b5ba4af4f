// A connection to a server whose address is known, as the clients among the examples make it.

import { Inet, Inet6, SOCK, SocketAddress, close, connect, socket } from "wasi-sockets/assembly";

/**
 * Connects to a server.
 *
 * @param host an IPv4 or IPv6 address in text
 * @param port of its service
 * @returns a descriptor, or -1 and errno()
 */
export function dial(host: string, port: i32): i32 {
  let address: SocketAddress = new Inet(host, port);
  if (host.includes(":")) address = new Inet6(host, port);
  const fd = socket(address.family, SOCK.STREAM, 0);
  if (fd < 0 || connect(fd, address) == 0) return fd;
  close(fd);
  return -1;
}
