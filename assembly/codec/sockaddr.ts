// Socket addresses: text, port and path to bytes and back. Every function works on raw memory and
// allocates nothing.

import { AF } from "../abi/constants";
import {
  SockaddrIn,
  SockaddrIn6,
  sockaddr_in,
  sockaddr_in6,
  sockaddr_ll,
  sockaddr_nl,
  sockaddr_un,
  sockaddr_vm,
} from "../abi/sockaddr";
import { inet_ntop, inet_pton } from "./inet";

const UN_PATH_MAX: i32 = sockaddr_un.sizeof - sockaddr_un.sun_path;

/** 127.0.0.1, INADDR_LOOPBACK of ip(7), in network byte order. */
const LOOPBACK: u32 = bswap<u32>(0x7f000001);

/** The third word of ::ffff:0.0.0.0/96, IPv4 within IPv6, RFC 4291, in network byte order. */
const MAPPED: u32 = bswap<u32>(0x0000ffff);

// Rows of family and the fewest bytes that its addresses have. A sockaddr_in6 may lack its scope, as RFC 2133
// had it; of a sockaddr_ll the kernel gives only as much of the hardware address as there is.
// prettier-ignore
@lazy
const FAMILIES: StaticArray<i32> = [
  AF.INET, sockaddr_in.sizeof,
  AF.INET6, sockaddr_in6.sin6_scope_id,
  AF.UNIX, sockaddr_un.sun_path,
  AF.PACKET, sockaddr_ll.sll_addr,
  AF.NETLINK, sockaddr_nl.sizeof,
  AF.VSOCK, sockaddr_vm.sizeof,
];

/**
 * Writes a sockaddr_in, ip(7).
 *
 * @param out where its 16 bytes go
 * @param text the address in dotted decimal, UTF-8
 * @param textLength bytes of text
 * @param port host byte order
 * @returns 16, or -1 where text is no IPv4 address
 */
export function encodeInet(out: usize, text: usize, textLength: i32, port: u16): i32 {
  memory.fill(out, 0, sockaddr_in.sizeof);
  if (!inet_pton(AF.INET, text, textLength, out + sockaddr_in.sin_addr)) return -1;
  const address = changetype<SockaddrIn>(out);
  address.sin_family = <u16>AF.INET;
  address.sin_port = bswap<u16>(port);
  return sockaddr_in.sizeof;
}

/**
 * Writes a sockaddr_in6, ipv6(7).
 *
 * @param out where its 28 bytes go
 * @param text the address as of RFC 4291, without a zone, UTF-8
 * @param textLength bytes of text
 * @param port host byte order
 * @param flowinfo traffic class and flow label, host byte order
 * @param scope interface index of a link-local address, else 0
 * @returns 28, or -1 where text is no IPv6 address
 */
export function encodeInet6(
  out: usize,
  text: usize,
  textLength: i32,
  port: u16,
  flowinfo: u32,
  scope: u32,
): i32 {
  if (!inet_pton(AF.INET6, text, textLength, out + sockaddr_in6.sin6_addr)) return -1;
  const address = changetype<SockaddrIn6>(out);
  address.sin6_family = <u16>AF.INET6;
  address.sin6_port = bswap<u16>(port);
  address.sin6_flowinfo = bswap<u32>(flowinfo);
  address.sin6_scope_id = scope;
  return sockaddr_in6.sizeof;
}

/**
 * Writes a sockaddr_un, unix(7).
 *
 * @param out where at most 110 bytes go
 * @param path the path; a first byte of NUL names the abstract namespace, no byte at all asks
 *   bind(2) to choose a name
 * @param pathLength bytes of path
 * @returns the length of the address, or -1 where the path is longer than 108 bytes or would end at a NUL
 *   within
 */
export function encodeUnix(out: usize, path: usize, pathLength: i32): i32 {
  if (pathLength > UN_PATH_MAX) return -1;
  // A path in the file system counts its NUL, where there is room for one.
  const named = pathLength > 0 && load<u8>(path) != 0;
  for (let i = 1; named && i < pathLength; i++) if (load<u8>(path + i) == 0) return -1;
  memory.fill(out, 0, sockaddr_un.sizeof);
  store<u16>(out, AF.UNIX);
  memory.copy(out + sockaddr_un.sun_path, path, pathLength);
  return min(sockaddr_un.sun_path + pathLength + i32(named), sockaddr_un.sizeof);
}

/**
 * The family of an address whose fields these functions can read.
 *
 * @param address pointer to the bytes
 * @param length how many of them count
 * @returns the family; -1 where it is none of these or the bytes are too few
 */
export function decodableFamily(address: usize, length: i32): i32 {
  const family = familyOf(address, length);
  for (let i = 0; i < FAMILIES.length; i += 2) {
    if (unchecked(FAMILIES[i]) == family) return length < unchecked(FAMILIES[i + 1]) ? -1 : family;
  }
  return -1;
}

/** The family of any address, AF.UNSPEC where there are no two bytes for one. */
export function familyOf(address: usize, length: i32): i32 {
  return length < 2 ? AF.UNSPEC : <i32>load<u16>(address);
}

/**
 * Writes the loopback address in the place of the unspecified one, of a destination: that is where Linux
 * connects to and sends to, unless the socket is bound to another address of this host.
 *
 * @param address pointer to a socket address of a family that `decodableFamily` knows
 * @returns whether it was the unspecified address, 0.0.0.0, :: or ::ffff:0.0.0.0
 */
export function nameLoopback(address: usize): bool {
  const family = <i32>load<u16>(address);
  if (family == AF.INET) {
    const inet = changetype<SockaddrIn>(address);
    if (inet.sin_addr != 0) return false;
    inet.sin_addr = LOOPBACK;
    return true;
  }
  if (family != AF.INET6) return false;
  const inet6 = changetype<SockaddrIn6>(address);
  if ((inet6.sin6_addr | inet6.sin6_addr_1 | inet6.sin6_addr_3) != 0) return false;
  const mapped = inet6.sin6_addr_2 == MAPPED;
  if (!mapped && inet6.sin6_addr_2 != 0) return false;
  inet6.sin6_addr_3 = mapped ? LOOPBACK : bswap<u32>(1);
  return true;
}

/** The port of a sockaddr_in or sockaddr_in6, in host byte order. */
export function portOf(address: usize): i32 {
  return bswap<u16>(changetype<SockaddrIn>(address).sin_port);
}

/**
 * Prints the Internet address of a sockaddr_in or sockaddr_in6.
 *
 * @param address pointer to the socket address
 * @param out where at most INET6_TEXT_MAX bytes go
 * @returns the length of the text
 */
export function textOf(address: usize, out: usize): i32 {
  const family = <i32>load<u16>(address);
  const offset = family == AF.INET ? sockaddr_in.sin_addr : sockaddr_in6.sin6_addr;
  return inet_ntop(family, address + offset, out);
}

/**
 * Starts a sockaddr_in, whose address is then written where `internetOf` says, ip(7).
 *
 * @param out where its 16 bytes go
 * @param port host byte order
 * @returns 16
 */
export function startInet(out: usize, port: u16): i32 {
  memory.fill(out, 0, sockaddr_in.sizeof);
  const address = changetype<SockaddrIn>(out);
  address.sin_family = <u16>AF.INET;
  address.sin_port = bswap<u16>(port);
  return sockaddr_in.sizeof;
}

/**
 * Starts a sockaddr_in6, whose address is then written where `internetOf` says, ipv6(7).
 *
 * @param out where its 28 bytes go
 * @param port host byte order
 * @param flowinfo traffic class and flow label, host byte order
 * @param scope interface index of a link-local address, else 0
 * @returns 28
 */
export function startInet6(out: usize, port: u16, flowinfo: u32, scope: u32): i32 {
  memory.fill(out, 0, sockaddr_in6.sizeof);
  const address = changetype<SockaddrIn6>(out);
  address.sin6_family = <u16>AF.INET6;
  address.sin6_port = bswap<u16>(port);
  address.sin6_flowinfo = bswap<u32>(flowinfo);
  address.sin6_scope_id = scope;
  return sockaddr_in6.sizeof;
}

/**
 * Writes an address of no family, which dissolves an association, connect(2).
 *
 * @param out where its 16 bytes go
 * @returns 16
 */
export function startUnspecified(out: usize): i32 {
  memory.fill(out, 0, sockaddr_in.sizeof);
  return sockaddr_in.sizeof;
}

/** Where the 4 or 16 bytes of the Internet address of a sockaddr_in or sockaddr_in6 are, in network byte order. */
export function internetOf(address: usize): usize {
  const family = <i32>load<u16>(address);
  return address + (family == AF.INET ? sockaddr_in.sin_addr : sockaddr_in6.sin6_addr);
}

/** The flow information of a sockaddr_in6, in host byte order. */
export function flowinfoOf(address: usize): u32 {
  return bswap<u32>(changetype<SockaddrIn6>(address).sin6_flowinfo);
}

/** The scope of a sockaddr_in6; 0 where the address is too short to hold one. */
export function scopeOf(address: usize, length: i32): u32 {
  return length < sockaddr_in6.sizeof ? 0 : changetype<SockaddrIn6>(address).sin6_scope_id;
}

/** Where the path of a sockaddr_un starts. */
export function pathOf(address: usize): usize {
  return address + sockaddr_un.sun_path;
}

/** How many bytes of a sockaddr_un of this length are its path, its closing NUL not counted. */
export function pathLengthOf(address: usize, length: i32): i32 {
  const room = min(length, sockaddr_un.sizeof) - sockaddr_un.sun_path;
  const path = pathOf(address);
  if (room <= 0) return 0;
  if (load<u8>(path) == 0) return room; // abstract: every byte counts
  let end = 0;
  while (end < room && load<u8>(path + end) != 0) end++;
  return end;
}
