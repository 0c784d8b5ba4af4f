// What an embedder says of a guest, and hears of it.

import type { Address } from "../address.js";
import type { Allowed } from "./grammar.js";
import type { Protocol, Use } from "./protocol.js";

/**
 * What a guest is allowed; a use that is absent is refused.
 *
 * An Internet endpoint is `[transport:]host:port`. The transport is "tcp", "udp", "ping" or "raw"; without one
 * it is tcp and udp. The host is "127.0.0.1", "10.0.0.0/8", "[::1]", "[2001:db8::/32]", "*" for every address, or
 * a name, "example.com" or "*.example.com". The port is a number, a range "8000-8099" or "*". IPv4 within IPv6
 * (::ffff:127.0.0.1) is the IPv4 address; the scope of a link-local address is not looked at. A Unix endpoint is "unix:/run/app.sock", "unix:/run/app/*" (in the last
 * component, "*" stands for any characters but "/") or "unix:\0name" for the abstract namespace.
 */
export interface Allow {
  /**
   * Destinations of connect(2) and of every message that is sent. 0.0.0.0 and :: are loopback there. A host name
   * lets the guest look it up, and then reach the very addresses that it was told, for as long as they are held.
   */
  readonly connect?: Allowed;
  /** Local endpoints of bind(2), and so of listen(2); port 0 is the port 0 that the guest asks for. */
  readonly bind?: Allowed;
  /** Peers whose connections are accepted; where it is absent, all who reach what the guest may bind. */
  readonly accept?: Allowed;
  /**
   * Senders whose datagrams are received, beside those that the guest may send to. Where it is absent, those are
   * all on a socket whose port nobody named, and everybody on one that the guest bound as `bind` allows.
   */
  readonly receive?: Allowed;
  /** Host names for getaddrinfo(3); addresses in text need no permission. True allows getnameinfo(3) as well. */
  readonly resolve?: Allowed;
  /** Sockets beyond tcp, udp and unix: "ping", "raw", "packet", "netlink", "vsock". */
  readonly raw?: Allowed;
}

/**
 * Decides on each use, before its system call.
 *
 * @param use what is done
 * @param protocol of the socket, "any" for a look-up
 * @param address whom it concerns, IPv4 within IPv6 as IPv4; a host name for "resolve", the address for a
 *   getnameinfo(3); null for opening a socket of "raw"
 * @param syscall the call, "connect"
 * @returns true to allow it; anything else, an exception or a promise refuses
 */
export type AllowFunction = (
  use: Use,
  protocol: Protocol | "any",
  address: Address | string | null,
  syscall: string,
) => boolean;

/** A use that was refused. */
export interface Denied {
  /** What was tried; "option" for an option or control data that only a trusted guest may set. */
  readonly use: Use | "option";
  readonly protocol: Protocol | "any";
  /** As of an AllowFunction; null where it could not be read. */
  readonly address: Address | string | null;
  /** The call, "connect". */
  readonly syscall: string;
  /** What made it impossible to decide: what `allow` threw, or why the address could not be judged. */
  readonly error?: unknown;
}
