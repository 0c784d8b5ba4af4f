// WAMR's addresses, families and answers, and the guest ABI's: to and fro.

import { Addrinfo } from "../abi/addrinfo";
import { AF, IPV6, IP, SOCK, SOL } from "../abi/constants";
import { Errno } from "../abi/errno";
import { Linger, Timeval } from "../abi/option";
import { ipv6_mreq } from "../abi/multicast";
import { SockaddrIn, sockaddr_in6 } from "../abi/sockaddr";
import {
  wamr_addr as addr,
  wamr_addr_info as info,
  wamr_addr_ip as ip,
  wamr_af as af,
  wamr_hints as hints,
  wamr_kind as kind,
  wamr_sock as sock,
} from "../abi/wamr";
import { block } from "./buffers";
import { familyOf, portOf, startInet, startInet6 } from "./sockaddr";

const GROUPS: i32 = 8;
const MICROSECONDS: i64 = 1000000;

/** The family of a family of WAMR's; -1 where there is none. */
export function wamrFamily(family: i32): i32 {
  if (family == af.INET4) return AF.INET;
  return family == af.INET6 ? AF.INET6 : -1;
}

/** The socket type of one of WAMR's; -1 where there is none. */
export function wamrSocketType(type: i32): i32 {
  if (type == sock.DGRAM) return SOCK.DGRAM;
  return type == sock.STREAM ? SOCK.STREAM : -1;
}

/** Copies groups of 16 bits, each with its bytes the other way round. */
function swapGroups(to: usize, from: usize): void {
  for (let i = 0; i < GROUPS; i++) store<u16>(to + 2 * i, bswap<u16>(load<u16>(from + 2 * i)));
}

/**
 * Turns an address of WAMR's into a socket address.
 *
 * @param from pointer to a struct addr_t
 * @param out where the socket address goes
 * @returns its length, or -errno
 */
export function wamrToSockaddr(from: usize, out: usize): i32 {
  const which = load<u32>(from + addr.kind);
  if (which == kind.INET4) {
    const length = startInet(out, load<u16>(from + addr.port4));
    changetype<SockaddrIn>(out).sin_addr = load<u32>(from + addr.ip); // four bytes, in their order
    return length;
  }
  if (which != kind.INET6) return -Errno.EAFNOSUPPORT;
  const length = startInet6(out, load<u16>(from + addr.port6), 0, 0);
  swapGroups(out + sockaddr_in6.sin6_addr, from + addr.ip);
  return length;
}

/**
 * Turns a socket address into WAMR's; one that WAMR has none for becomes 0.0.0.0, port 0.
 *
 * @param address pointer to it
 * @param length bytes of it, 0 where there is none
 * @param out where the struct addr_t goes
 */
export function wamrFromSockaddr(address: usize, length: i32, out: usize): void {
  memory.fill(out, 0, addr.sizeof);
  const family = familyOf(address, length);
  if (family == AF.INET) {
    store<u32>(out + addr.ip, changetype<SockaddrIn>(address).sin_addr);
    store<u16>(out + addr.port4, <u16>portOf(address));
  } else if (family == AF.INET6) {
    store<u32>(out + addr.kind, kind.INET6);
    swapGroups(out + addr.ip, address + sockaddr_in6.sin6_addr);
    store<u16>(out + addr.port6, <u16>portOf(address));
  }
}

/**
 * Writes the hints of the guest ABI, a struct addrinfo in `block`, from WAMR's.
 *
 * @param from pointer to a struct addr_info_hints_t
 * @returns 0, or -errno where there is no such family or type
 */
export function wamrHints(from: usize): i32 {
  const entry = changetype<Addrinfo>(block);
  memory.fill(block, 0, offsetof<Addrinfo>());
  if (load<u8>(from + hints.enabled) == 0) return 0;
  const family = load<i32>(from + hints.family);
  entry.ai_family = family == af.UNSPEC ? AF.UNSPEC : wamrFamily(family);
  if (entry.ai_family < 0) return -Errno.EAFNOSUPPORT;
  const type = load<i32>(from + hints.type);
  entry.ai_socktype = type == sock.ANY ? 0 : wamrSocketType(type);
  return entry.ai_socktype < 0 ? -Errno.EINVAL : 0;
}

/**
 * Turns an entry of getaddrinfo(3)'s answer into WAMR's.
 *
 * @param entry pointer to a struct addrinfo whose pointers are this memory's
 * @param out where the struct addr_info_t goes
 * @returns false where WAMR has no such socket type
 */
export function wamrAnswer(entry: usize, out: usize): bool {
  const found = changetype<Addrinfo>(entry);
  if (found.ai_socktype != SOCK.STREAM && found.ai_socktype != SOCK.DGRAM) return false;
  wamrFromSockaddr(found.ai_addr, found.ai_addrlen, out + info.addr);
  store<i32>(out + info.type, found.ai_socktype == SOCK.DGRAM ? sock.DGRAM : sock.STREAM);
  return true;
}

/** Writes a struct timeval into `block`: of so many microseconds, 0 for ever. */
export function wamrTimeout(microseconds: u64): void {
  const timeval = changetype<Timeval>(block);
  timeval.tv_sec = <i64>min<u64>(microseconds / MICROSECONDS, <u64>i64.MAX_VALUE);
  timeval.tv_usec = <i64>(microseconds % MICROSECONDS);
}

/** Writes the microseconds of the struct timeval in `block` in its place, as a u64. */
export function wamrStoreMicroseconds(): void {
  const timeval = changetype<Timeval>(block);
  store<u64>(block, <u64>timeval.tv_sec * MICROSECONDS + <u64>timeval.tv_usec);
}

/** Writes a struct linger into `block`. */
export function wamrLinger(enabled: bool, seconds: i32): void {
  const linger = changetype<Linger>(block);
  linger.l_onoff = i32(enabled);
  linger.l_linger = seconds;
}

/** The seconds of the struct linger in `block`, -1 where it is off. */
export function wamrLingerSeconds(): i32 {
  const linger = changetype<Linger>(block);
  return linger.l_onoff == 0 ? -1 : linger.l_linger;
}

/** The level of a membership of a group, by the struct addr_ip_t of which it is. */
export function wamrGroupLevel(group: usize): i32 {
  return load<u32>(group + ip.kind) == kind.INET6 ? SOL.IPV6 : SOL.IP;
}

/** The option by which a group is joined or left. */
export function wamrGroupOption(group: usize, joins: bool): i32 {
  if (load<u32>(group + ip.kind) == kind.INET6) {
    return joins ? IPV6.ADD_MEMBERSHIP : IPV6.DROP_MEMBERSHIP;
  }
  return joins ? IP.ADD_MEMBERSHIP : IP.DROP_MEMBERSHIP;
}

/**
 * Writes the value of that option into `block`.
 *
 * @param group pointer to a struct addr_ip_t
 * @param interface an address of INET4 in network byte order, or an index
 * @returns its length
 */
export function wamrGroup(group: usize, interface_: u32): i32 {
  if (load<u32>(group + ip.kind) == kind.INET6) {
    swapGroups(block, group + ip.ip);
    store<u32>(block + ipv6_mreq.ipv6mr_interface, interface_);
    return ipv6_mreq.sizeof;
  }
  // struct ip_mreq, ip(7): the first two words of a struct ip_mreqn.
  store<u32>(block, load<u32>(group + ip.ip));
  store<u32>(block + sizeof<u32>(), interface_);
  return 2 * sizeof<u32>();
}
