// Look-ups of a name that is in the hosts file.

import { AF, AddressInfoHints, Inet, SOCK, eai, getaddrinfo } from "wasi-sockets/assembly";

/** Looks "localhost" up, amount times: how often the first answer was 127.0.0.1. */
export function lookups(port: i32, amount: f64, size: i32): f64 {
  const hints = new AddressInfoHints(0, AF.INET, SOCK.STREAM);
  let good: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    const found = getaddrinfo("localhost", "80", hints);
    if (found == null) throw new Error("getaddrinfo failed with " + eai().toString());
    good += f64((found[0].address as Inet).address == "127.0.0.1");
  }
  return good;
}
