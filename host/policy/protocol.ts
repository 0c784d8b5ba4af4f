// What kind of socket a policy judges: its protocol, and the name of what is done with it.

import { marshal } from "../marshal.js";

const { AF, IPPROTO, SOCK } = marshal;

/** The protocols that a policy knows by name. */
export type Protocol = "tcp" | "udp" | "unix" | "ping" | "raw" | "packet" | "netlink" | "vsock";

/** What a socket does with an address. */
export type Action = "bind" | "listen" | "accept" | "connect" | "receive";

/** What is judged: WASI's uses of a socket address, and those beside it. */
export type Use =
  | "tcp-bind"
  | "tcp-listen"
  | "tcp-accept"
  | "tcp-connect"
  | "udp-bind"
  | "udp-send"
  | "udp-receive"
  | "unix"
  | "raw"
  | "resolve";

/** What sets a socket apart, socket(2). */
export interface Kind {
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
}

const INTERNET = [AF.INET, AF.INET6];

/** Rows of domains, type and protocol, -1 where any will do, and the name of the protocol. */
const PROTOCOLS: readonly (readonly [
  domains: readonly number[],
  type: number,
  protocol: number,
  name: Protocol,
])[] = [
  [INTERNET, SOCK.STREAM, IPPROTO.IP, "tcp"],
  [INTERNET, SOCK.STREAM, IPPROTO.TCP, "tcp"],
  [INTERNET, SOCK.STREAM, IPPROTO.MPTCP, "tcp"],
  [INTERNET, SOCK.DGRAM, IPPROTO.IP, "udp"],
  [INTERNET, SOCK.DGRAM, IPPROTO.UDP, "udp"],
  [INTERNET, SOCK.DGRAM, IPPROTO.UDPLITE, "udp"],
  [[AF.UNIX], -1, -1, "unix"],
  [[AF.INET], SOCK.DGRAM, IPPROTO.ICMP, "ping"],
  [[AF.INET6], SOCK.DGRAM, IPPROTO.ICMPV6, "ping"],
  [INTERNET, SOCK.RAW, -1, "raw"],
  [[AF.PACKET], -1, -1, "packet"],
  [[AF.NETLINK], -1, -1, "netlink"],
  [[AF.VSOCK], -1, -1, "vsock"],
];

/** The protocols that only `allow.raw` opens: they reach beyond the sockets of a program. */
export const RAW: readonly Protocol[] = ["ping", "raw", "packet", "netlink", "vsock"];

/** The uses of the protocols that have more than one. */
const USES: Partial<Record<Protocol, Readonly<Record<Action, Use>>>> = {
  tcp: {
    bind: "tcp-bind",
    listen: "tcp-listen",
    accept: "tcp-accept",
    connect: "tcp-connect",
    receive: "tcp-connect", // no stream receives from whom it is not connected to
  },
  udp: {
    bind: "udp-bind",
    listen: "udp-bind", // which fails
    accept: "udp-receive", // which fails as well
    connect: "udp-send",
    receive: "udp-receive",
  },
};

/**
 * The protocol of a socket; undefined for one that no policy can judge. A packet of IPPROTO_RAW names its own
 * destination, whatever address it is sent to.
 */
export function protocolOf({ domain, type, protocol }: Kind): Protocol | undefined {
  if (type === SOCK.RAW && protocol === IPPROTO.RAW && INTERNET.includes(domain)) return undefined;
  return PROTOCOLS.find(
    ([domains, t, p]) =>
      domains.includes(domain) && (t === -1 || t === type) && (p === -1 || p === protocol),
  )?.[3];
}

/** The name of what a socket does with an address. */
export function useOf(protocol: Protocol, action: Action): Use {
  return USES[protocol]?.[action] ?? (protocol === "unix" ? "unix" : "raw");
}

/** Whether addresses of a protocol are those of the Internet. */
export function isInternet(protocol: Protocol): protocol is "tcp" | "udp" | "ping" | "raw" {
  return protocol === "tcp" || protocol === "udp" || protocol === "ping" || protocol === "raw";
}
