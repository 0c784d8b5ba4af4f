// WasmEdge's addresses, options and families, and the guest ABI's: to and fro.

import { Addrinfo } from "../abi/addrinfo";
import { AF, AI, EAI, IPPROTO, SO, SOCK, SOL, TCP } from "../abi/constants";
import { Errno } from "../abi/errno";
import { sockaddr_in, sockaddr_in6, sockaddr_un } from "../abi/sockaddr";
import {
  WasmedgeAddrinfo,
  WasmedgeSockaddr,
  wasmedge_addrinfo,
  wasmedge_af as af,
  wasmedge_ai as ai,
  wasmedge_ipproto as ipproto,
  wasmedge_so as so,
  wasmedge_sock as sock,
  wasmedge_sol as sol,
  wasmedge_storage as storage,
  wasmedge_type,
} from "../abi/wasmedge";
import { block } from "./buffers";
import { wasiErrno } from "./preview1";
import {
  encodeUnix,
  familyOf,
  pathLengthOf,
  pathOf,
  portOf,
  startInet,
  startInet6,
} from "./sockaddr";

/** Where the data of a sockaddr begin, behind its family. */
const wasmedge_sa_data: i32 = sockaddr_in.sin_port;
const INET_SIZE: i32 = 4;
const INET6_SIZE: i32 = 16;

/** The family of a family of WasmEdge's; -1 where there is none. */
export function wasmedgeFamily(family: i32): i32 {
  if (family == af.INET4) return AF.INET;
  if (family == af.INET6) return AF.INET6;
  return family == af.UNIX ? AF.UNIX : -1;
}

/** WasmEdge's family of a family. */
function familyTo(family: i32): i32 {
  if (family == AF.INET) return af.INET4;
  if (family == AF.INET6) return af.INET6;
  return family == AF.UNIX ? af.UNIX : af.UNSPEC;
}

/** The socket type of one of WasmEdge's, of which ANY is that of a stream; -1 where there is none. */
export function wasmedgeSocketType(type: i32): i32 {
  if (type == sock.DGRAM) return SOCK.DGRAM;
  return type == sock.STREAM || type == sock.ANY ? SOCK.STREAM : -1;
}

function typeTo(type: i32): i32 {
  if (type == SOCK.DGRAM) return sock.DGRAM;
  return type == SOCK.STREAM ? sock.STREAM : sock.ANY;
}

/** Writes a sockaddr_in or sockaddr_in6: its length. */
function writeInternet(out: usize, family: i32, from: usize, port: u16): i32 {
  if (family == AF.INET) {
    const length = startInet(out, port);
    memory.copy(out + sockaddr_in.sin_addr, from, INET_SIZE);
    return length;
  }
  const length = startInet6(out, port, 0, 0);
  memory.copy(out + sockaddr_in6.sin6_addr, from, INET6_SIZE);
  return length;
}

/** Bytes of a path that stands in so many: up to its NUL, or of an abstract name up to its last byte that is none. */
function pathSize(path: usize, room: i32): i32 {
  let size = room;
  if (load<u8>(path) != 0) {
    for (size = 0; size < room && load<u8>(path + size) != 0; size++);
    return size;
  }
  while (size > 0 && load<u8>(path + size - 1) == 0) size--;
  return size;
}

/**
 * Turns an address of WasmEdge's into a socket address.
 *
 * @param from pointer to the guest's bytes
 * @param size how many they are, at most wasmedge_storage.sizeof
 * @param port host byte order
 * @param out where the socket address goes
 * @returns its length, or -errno
 */
export function wasmedgeToSockaddr(from: usize, size: i32, port: u32, out: usize): i32 {
  if (port > 0xffff) return -Errno.EINVAL;
  if (size == INET_SIZE) return writeInternet(out, AF.INET, from, <u16>port);
  if (size == INET6_SIZE) return writeInternet(out, AF.INET6, from, <u16>port);
  if (size < storage.sizeof) return -Errno.EINVAL;
  const family = wasmedgeFamily(<i32>load<u16>(from + storage.family));
  if (family < 0) return -Errno.EAFNOSUPPORT;
  const address = from + storage.address;
  if (family != AF.UNIX) return writeInternet(out, family, address, <u16>port);
  const length = encodeUnix(out, address, pathSize(address, storage.sizeof - storage.address));
  return length < 0 ? -Errno.EINVAL : length;
}

/** Bytes that an address of a family needs where a guest has fewer than wasmedge_storage.sizeof. */
export function wasmedgeBareSize(family: i32): i32 {
  if (family == AF.INET) return INET_SIZE;
  return family == AF.INET6 ? INET6_SIZE : storage.sizeof;
}

/**
 * Turns a socket address into WasmEdge's.
 *
 * @param address pointer to it
 * @param length bytes of it, 0 where there is none
 * @param room bytes that the guest has, as many as wasmedgeBareSize says or all of a storage
 * @param out where they go
 * @returns how many were written
 */
export function wasmedgeFromSockaddr(address: usize, length: i32, room: i32, out: usize): i32 {
  const family = familyOf(address, length);
  const internet = family == AF.INET || family == AF.INET6;
  const offset: usize = family == AF.INET ? sockaddr_in.sin_addr : sockaddr_in6.sin6_addr;
  if (room < storage.sizeof) {
    if (!internet) return 0;
    const size = min(wasmedgeBareSize(family), room);
    memory.copy(out, address + offset, size);
    return size;
  }
  memory.fill(out, 0, storage.sizeof);
  store<u16>(out + storage.family, <u16>familyTo(family));
  if (internet) memory.copy(out + storage.address, address + offset, wasmedgeBareSize(family));
  else if (family == AF.UNIX) {
    memory.copy(out + storage.address, pathOf(address), pathLengthOf(address, length));
  }
  return storage.sizeof;
}

/** What the first version calls the type of an address. */
export function wasmedgeTypeOf(address: usize, length: i32): i32 {
  return familyOf(address, length) == AF.INET6 ? wasmedge_type.INET6 : wasmedge_type.INET4;
}

/** The port of an address that is to be told, 0 of one that has none. */
export function wasmedgePortOf(address: usize, length: i32): i32 {
  const family = familyOf(address, length);
  return family == AF.INET || family == AF.INET6 ? portOf(address) : 0;
}

/** The level of an option's level; -1 where there is none. */
export function wasmedgeLevel(level: i32): i32 {
  if (level == sol.SOCKET || level == sol.LIBC) return SOL.SOCKET;
  // Beyond its own there is none: these are the numbers of the guest ABI.
  return level == SOL.TCP || level == SOL.UDP || level == SOL.IPV6 ? level : -1;
}

// Rows of an option of WasmEdge's and of socket(7).
// prettier-ignore
@lazy
const OPTIONS: StaticArray<i32> = [
  so.REUSEADDR, SO.REUSEADDR,
  so.TYPE, SO.TYPE,
  so.ERROR, SO.ERROR,
  so.DONTROUTE, SO.DONTROUTE,
  so.BROADCAST, SO.BROADCAST,
  so.SNDBUF, SO.SNDBUF,
  so.RCVBUF, SO.RCVBUF,
  so.KEEPALIVE, SO.KEEPALIVE,
  so.OOBINLINE, SO.OOBINLINE,
  so.LINGER, SO.LINGER,
  so.RCVLOWAT, SO.RCVLOWAT,
  so.RCVTIMEO, SO.RCVTIMEO,
  so.SNDTIMEO, SO.SNDTIMEO,
  so.ACCEPTCONN, SO.ACCEPTCONN,
  so.BINDTODEVICE, SO.BINDTODEVICE,
];

/** The option of one of WasmEdge's; -1 where there is none. */
export function wasmedgeOption(level: i32, option: i32): i32 {
  if (level == sol.TCP && option == so.TCP_NODELAY) return TCP.NODELAY;
  if (wasmedgeLevel(level) != SOL.SOCKET) return option;
  for (let i = 0; i < OPTIONS.length; i += 2) {
    if (unchecked(OPTIONS[i]) == option) return unchecked(OPTIONS[i + 1]);
  }
  return -1;
}

/** Writes the value of an option as WasmEdge has it in its place: a socket type, an error number. */
export function wasmedgeOptionValue(level: i32, option: i32, value: usize): void {
  if (level != SOL.SOCKET) return;
  if (option == SO.TYPE) store<i32>(value, typeTo(load<i32>(value)));
  if (option == SO.ERROR) store<i32>(value, wasiErrno(load<i32>(value)));
}

// Rows of a flag of getaddrinfo of WasmEdge's and of the guest ABI's.
// prettier-ignore
@lazy
const LOOKUP_FLAGS: StaticArray<i32> = [
  ai.PASSIVE, AI.PASSIVE,
  ai.CANONNAME, AI.CANONNAME,
  ai.NUMERICHOST, AI.NUMERICHOST,
  ai.NUMERICSERV, AI.NUMERICSERV,
  ai.V4MAPPED, AI.V4MAPPED,
  ai.ALL, AI.ALL,
  ai.ADDRCONFIG, AI.ADDRCONFIG,
];

/** The bits of one column of a table for those that are set of the other; -1 where one has none. */
function flagsBy(from: i32, column: i32): i32 {
  let flags = 0;
  let rest = from;
  for (let i = 0; i < LOOKUP_FLAGS.length; i += 2) {
    if ((from & LOOKUP_FLAGS[i + column]) == 0) continue;
    flags |= LOOKUP_FLAGS[i + 1 - column];
    rest &= ~LOOKUP_FLAGS[i + column];
  }
  return rest == 0 ? flags : -1;
}

/** The protocol of one of WasmEdge's; -1 where there is none. */
function protocolOf(protocol: i32): i32 {
  if (protocol == ipproto.TCP) return IPPROTO.TCP;
  if (protocol == ipproto.UDP) return IPPROTO.UDP;
  return protocol == ipproto.IP ? 0 : -1;
}

function protocolTo(protocol: i32): u8 {
  if (protocol == IPPROTO.TCP) return <u8>ipproto.TCP;
  return protocol == IPPROTO.UDP ? <u8>ipproto.UDP : <u8>ipproto.IP;
}

/**
 * Writes the hints of the guest ABI, a struct addrinfo in `block`, from WasmEdge's.
 *
 * @param from pointer to a struct addrinfo_t
 * @returns 0, or the EAI code of what there is not
 */
export function wasmedgeHints(from: usize): i32 {
  const asked = changetype<WasmedgeAddrinfo>(from);
  const hints = changetype<Addrinfo>(block);
  memory.fill(block, 0, offsetof<Addrinfo>());
  hints.ai_flags = flagsBy(asked.ai_flags, 0);
  if (hints.ai_flags < 0) return EAI.BADFLAGS;
  const family = <i32>asked.ai_family;
  hints.ai_family = family == af.UNSPEC ? AF.UNSPEC : wasmedgeFamily(family);
  if (hints.ai_family < 0) return EAI.FAMILY;
  const type = <i32>asked.ai_socktype;
  hints.ai_socktype = type == sock.ANY ? 0 : wasmedgeSocketType(type);
  hints.ai_protocol = protocolOf(<i32>(asked.ai_protocol & 0xff));
  return hints.ai_socktype < 0 || hints.ai_protocol < 0 ? EAI.SOCKTYPE : 0;
}

/** Bytes of an address in an answer: all of it but its family. */
export function wasmedgeAnswerSize(entry: usize): i32 {
  return <i32>changetype<Addrinfo>(entry).ai_addrlen - wasmedge_sa_data;
}

/** Where those bytes stand. */
export function wasmedgeAnswerData(entry: usize): usize {
  return changetype<Addrinfo>(entry).ai_addr + wasmedge_sa_data;
}

/**
 * Turns an entry of getaddrinfo(3)'s answer into WasmEdge's, but for the bytes of its address and its name.
 *
 * @param entry pointer to a struct addrinfo whose pointers are this memory's
 * @param out pointer to a copy of the guest's struct addrinfo_t, and behind it of its struct sockaddr_t
 * @param nameLength bytes of the canonical name that the guest gets
 */
export function wasmedgeAnswer(entry: usize, out: usize, nameLength: u32): void {
  const found = changetype<Addrinfo>(entry);
  const given = changetype<WasmedgeAddrinfo>(out);
  const family = <u8>familyTo(found.ai_family);
  given.ai_flags = <u16>max(flagsBy(found.ai_flags, 1), 0);
  given.ai_family = family;
  given.ai_socktype = <u8>typeTo(found.ai_socktype);
  given.ai_protocol = protocolTo(found.ai_protocol);
  given.ai_addrlen = found.ai_addrlen;
  given.ai_canonname_len = nameLength;
  const address = changetype<WasmedgeSockaddr>(out + wasmedge_addrinfo.sizeof);
  address.family = family;
  address.sa_data_len = wasmedgeAnswerSize(entry);
}

/** The canonical name of an entry, 0 where it has none. */
export function wasmedgeAnswerName(entry: usize): usize {
  return changetype<Addrinfo>(entry).ai_canonname;
}

/** The entry behind it, 0 at the end. */
export function answerNext(entry: usize): usize {
  return changetype<Addrinfo>(entry).ai_next;
}
