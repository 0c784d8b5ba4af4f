// The addresses of wasi:sockets, the same in 0.2 and 0.3, to and from the host's `address` scratch area.

import { marshal, marshalBytes } from "../marshal.js";

const { AF, SOCKADDR_MAX, address } = marshal;

export type IpAddressFamily = "ipv4" | "ipv6";

export type Ipv4Address = readonly [number, number, number, number];

/** Eight words in host byte order. */
export type Ipv6Address = readonly [number, number, number, number, number, number, number, number];

export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4Address }
  | { readonly tag: "ipv6"; readonly val: Ipv6Address };

export interface Ipv4SocketAddress {
  readonly port: number;
  readonly address: Ipv4Address;
}

export interface Ipv6SocketAddress {
  readonly port: number;
  readonly flowInfo: number;
  readonly address: Ipv6Address;
  readonly scopeId: number;
}

export type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4SocketAddress }
  | { readonly tag: "ipv6"; readonly val: Ipv6SocketAddress };

/** The address families by their numbers. */
export const families: Readonly<Record<IpAddressFamily, number>> = {
  ipv4: AF.INET,
  ipv6: AF.INET6,
};

/**
 * Writes an address into the scratch area.
 *
 * @returns its length in bytes
 */
export function encode({ tag, val }: IpSocketAddress): number {
  if (tag === "ipv4") {
    const length = marshal.startInet(address, val.port);
    const at = marshal.internetOf(address);
    for (let i = 0; i < 4; i++) marshalBytes[at + i] = val.address[i]!;
    return length;
  }
  const length = marshal.startInet6(address, val.port, val.flowInfo, val.scopeId);
  const at = marshal.internetOf(address);
  for (let i = 0; i < 8; i++) {
    marshalBytes[at + 2 * i] = val.address[i]! >> 8;
    marshalBytes[at + 2 * i + 1] = val.address[i]!;
  }
  return length;
}

/** Reads four bytes of an Internet address. */
function octets(at: number): Ipv4Address {
  return [marshalBytes[at]!, marshalBytes[at + 1]!, marshalBytes[at + 2]!, marshalBytes[at + 3]!];
}

/** Reads sixteen bytes of an Internet address. */
function words(at: number): Ipv6Address {
  return Array.from(
    { length: 8 },
    (_, i) => (marshalBytes[at + 2 * i]! << 8) | marshalBytes[at + 2 * i + 1]!,
  ) as unknown as Ipv6Address;
}

/**
 * Reads a socket address.
 *
 * @param at where it is in the scratch memory
 * @param length of it in bytes
 * @returns undefined where it is no Internet address
 */
export function decode(at = address, length = SOCKADDR_MAX): IpSocketAddress | undefined {
  const internet = marshal.internetOf(at);
  switch (marshal.decodableFamily(at, length)) {
    case AF.INET:
      return { tag: "ipv4", val: { port: marshal.portOf(at), address: octets(internet) } };
    case AF.INET6:
      return {
        tag: "ipv6",
        val: {
          port: marshal.portOf(at),
          flowInfo: marshal.flowinfoOf(at) >>> 0,
          address: words(internet),
          scopeId: marshal.scopeOf(at, length) >>> 0,
        },
      };
    default:
      return undefined;
  }
}

/** Whether two socket addresses are the same. */
export function equal(one: IpSocketAddress, other: IpSocketAddress): boolean {
  if (one.tag !== other.tag || one.val.port !== other.val.port) return false;
  if (one.tag === "ipv6" && other.tag === "ipv6") {
    if (one.val.scopeId !== other.val.scopeId) return false;
  }
  return one.val.address.every((part, i) => part === other.val.address[i]);
}

/** Whether an address is 0.0.0.0 or ::. */
export function isUnspecified({ val }: IpSocketAddress): boolean {
  return val.address.every((part) => part === 0);
}

/** Whether an address is one of one host: no multicast group, and not all hosts of the network, RFC 919. */
export function isUnicast({ tag, val }: IpSocketAddress): boolean {
  const first = val.address[0];
  if (tag === "ipv6") return first >> 8 !== 0xff;
  return !(first >= 224 && first <= 239) && !val.address.every((part) => part === 255);
}

/** Whether an address is an IPv4 address within IPv6, mapped or, as RFC 4291 no longer has it, compatible. */
export function isEmbedded({ tag, val }: IpSocketAddress): boolean {
  if (tag === "ipv4" || val.address.slice(0, 5).some((part) => part !== 0)) return false;
  const [sixth, seventh, last] = val.address.slice(5) as [number, number, number];
  return sixth === 0xffff || (sixth === 0 && (seventh !== 0 || last > 1));
}

/** Whether a socket of a family may be bound to an address, or connect to it. */
export function suits(family: IpAddressFamily, address: IpSocketAddress): boolean {
  return address.tag === family && !isEmbedded(address);
}

/** Whether it is an address that something can be sent to. */
export function isDestination(address: IpSocketAddress): boolean {
  return address.val.port !== 0 && !isUnspecified(address);
}

/** An address without its port. */
export function ipAddress({ tag, val }: IpSocketAddress): IpAddress {
  return { tag, val: val.address } as IpAddress;
}

/** The IPv4 address within an IPv6 address, as what it is; any other as it is. */
export function unmapped(address: IpAddress): IpAddress {
  if (address.tag === "ipv4") return address;
  const { val } = address;
  if (val[5] !== 0xffff || val.slice(0, 5).some((part) => part !== 0)) return address;
  return { tag: "ipv4", val: [val[6] >> 8, val[6] & 255, val[7] >> 8, val[7] & 255] };
}
