// An address as a policy judges it: one spelling for each place.

import type { Address } from "../address.js";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/** An address with IPv4 within IPv6, RFC 4291, as the IPv4 that it is. */
export function plain(address: Address | null): Address | null {
  if (address?.family !== "inet6") return address;
  const inet = MAPPED.exec(address.address)?.[1];
  return inet === undefined ? address : { family: "inet", address: inet, port: address.port };
}
