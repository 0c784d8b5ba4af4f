// Where a fuzzed guest may go and where not, and what it is allowed. Addresses of the network are in a corner
// of 127.0.0.0/8 that belongs to one run, so that nobody else's sockets are ever met.

import { encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import type { Address, Allow } from "wasi-sockets";
import type { ProfileName } from "./step.js";

/** The ports of a run's own address. */
export const PORTS = { allowed: 7001, own: 7002, forbidden: 7003 } as const;

/** Socket addresses by their names in steps. */
export type Places = Readonly<Record<string, Address>>;

/** The address of the loopback network that belongs to a process, 127.64.0.1 and above. */
export function ownAddress(process: number): string {
  return `127.${64 + ((process >> 15) & 63)}.${(process >> 7) & 255}.${((process & 127) << 1) | 1}`;
}

/**
 * The places of a run.
 *
 * @param address its own address
 * @param forbidden6 the port of [::1] that nobody may reach
 */
export function placesOf(address: string, forbidden6: number): Places {
  const inet = (port: number) => ({ family: "inet", address, port }) as const;
  // As long in every run.
  const abstract = (name: string) =>
    ({ family: "unix", path: `\0${address.padEnd(15)}/${name}` }) as const;
  return {
    any: inet(0),
    allowed: inet(PORTS.allowed),
    own: inet(PORTS.own),
    forbidden: inet(PORTS.forbidden),
    mapped: { family: "inet6", address: `::ffff:${address}`, port: PORTS.forbidden },
    any6: { family: "inet6", address: "::1", port: 0 },
    forbidden6: { family: "inet6", address: "::1", port: forbidden6 },
    elsewhere: { family: "inet", address: "192.0.2.1", port: 9 }, // RFC 5737: it is nobody's
    wildcard: { family: "inet", address: "0.0.0.0", port: PORTS.forbidden },
    unixAllowed: abstract("allowed"),
    unixOwn: abstract("own"),
    unixForbidden: abstract("forbidden"),
    unixDatagram: abstract("datagram"),
    unnamed: { family: "unix", path: "" },
    path: { family: "unix", path: "socket" },
    netlink: { family: "netlink" },
    packet: { family: "packet", protocol: 3, interface: 1 },
    vsock: { family: "vsock", cid: 1, port: 9 },
    unspecified: { family: 0, bytes: new Uint8Array(16) },
  };
}

/** How many bytes the socket addresses of the places have, whatever the run. */
export const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(placesOf("127.0.0.1", 0)).map(([name, place]) => [name, bytesOf(place).length]),
);

/** The places that a guest of the profile "listed" may connect and bind to. */
export const ALLOWED = {
  connect: ["allowed", "own", "unixAllowed", "unixOwn"],
  bind: ["any", "any6", "own", "unixOwn"],
} as const;

/** The bytes of a place. */
export function bytesOf(address: Address): Buffer {
  const length = encodeAddress(marshal, marshalBytes, address, () => 0);
  return Buffer.from(marshalBytes.slice(marshal.address, marshal.address + length));
}

/** A place as entries of a list of the policy. */
function entries(address: Address): string[] {
  switch (address.family) {
    case "inet":
      return ["tcp", "udp"].map((name) => `${name}:${address.address}:${address.port}`);
    case "inet6":
      return ["tcp", "udp"].map((name) => `${name}:[${address.address}]:${address.port}`);
    case "unix":
      return [`unix:${address.path}`];
    default:
      throw new Error("a list has no such places");
  }
}

/** What a guest of a profile is allowed. */
export function allowOf(profile: ProfileName, places: Places): Allow | true {
  if (profile === "trusted") return true;
  if (profile === "open") return { connect: true, bind: true, resolve: true };
  const list = (names: readonly string[]) => names.flatMap((name) => entries(places[name]!));
  return { connect: list(ALLOWED.connect), bind: list(ALLOWED.bind) };
}
