// Socket addresses from text to bytes and back.

import { Inet, Inet6, SocketAddress } from "wasi-sockets/assembly";

const INET = "192.168.10.254";
const INET6 = "2001:db8::8a2e:370:7334";

function inetRoundTrip(port: i32): bool {
  const encoded = new Inet(INET, port);
  const decoded = SocketAddress.decode(encoded.pointer, encoded.length) as Inet;
  return decoded.port == port && decoded.address == INET;
}

function inet6RoundTrip(port: i32): bool {
  const encoded = new Inet6(INET6, port);
  const decoded = SocketAddress.decode(encoded.pointer, encoded.length) as Inet6;
  return decoded.port == port && decoded.address == INET6;
}

/** Encodes and decodes amount addresses, IPv4 and IPv6 in turn, and counts those that came back. */
export function addresses(port: i32, amount: f64, size: i32): f64 {
  let good: f64 = 0;
  for (let i = 0; i < <i32>amount; i++) {
    good += <f64>(i & 1 ? inet6RoundTrip(i & 0xffff) : inetRoundTrip(i & 0xffff));
  }
  return good;
}
