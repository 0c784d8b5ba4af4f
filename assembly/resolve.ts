// Names of hosts, services and interfaces for AssemblyScript: getaddrinfo(3) and its kin.

import { EAI } from "./abi/constants";
import { Addrinfo, addrinfo } from "./abi/addrinfo";
import { Errno } from "./abi/errno";
import { SocketAddress } from "./address";
import * as bsd from "./bsd";
import { IF_NAMESIZE } from "./codec/buffers";

/** Room for an answer of some sixty addresses, for what is asked and for hints: what is longer takes an object. */
const ANSWER_SIZE: i32 = 4096;
const TEXT_SIZE: i32 = 256;
const answer = memory.data(ANSWER_SIZE, 8);
const nodeText = memory.data(TEXT_SIZE);
const serviceText = memory.data(TEXT_SIZE);
const wanted = memory.data(addrinfo.sizeof, 8);

/** What getaddrinfo is to look for; 0 leaves a member open. */
export class AddressInfoHints {
  /**
   * @param flags AI.PASSIVE, AI.CANONNAME…, ored
   * @param family AF.INET or AF.INET6
   * @param type SOCK.STREAM or SOCK.DGRAM
   * @param protocol IPPROTO.TCP or IPPROTO.UDP
   */
  constructor(
    public flags: i32 = 0,
    public family: i32 = 0,
    public type: i32 = 0,
    public protocol: i32 = 0,
  ) {}
}

/** One answer of getaddrinfo. */
export class AddressInfo {
  constructor(
    readonly flags: i32,
    readonly family: i32,
    readonly type: i32,
    readonly protocol: i32,
    /** The canonical name: of the first answer, where AI.CANONNAME asked for it. */
    readonly canonname: string | null,
    readonly address: SocketAddress,
  ) {}
}

let lastEai: i32 = 0;

/** The EAI code of the getaddrinfo that failed last: EAI.NONAME, EAI.AGAIN…; 0 for none. */
export function eai(): i32 {
  return lastEai;
}

/** Text with its NUL where it may not fit into TEXT_SIZE bytes: a unit of UTF-16 takes up to three. */
function longText(text: string | null): ArrayBuffer | null {
  return text == null || text.length * 3 < TEXT_SIZE ? null : String.UTF8.encode(text, true);
}

/** Where text stands with its NUL: in its object where it is long, else in a room of TEXT_SIZE bytes; or NULL. */
function place(text: string | null, long: ArrayBuffer | null, room: usize): usize {
  if (long != null) return changetype<usize>(long);
  if (text == null) return 0;
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, room, true);
  return room;
}

/** Where hints stand, or NULL. */
function placeHints(hints: AddressInfoHints | null): usize {
  if (hints == null) return 0;
  const entry = changetype<Addrinfo>(wanted);
  entry.ai_flags = hints.flags;
  entry.ai_family = hints.family;
  entry.ai_socktype = hints.type;
  entry.ai_protocol = hints.protocol;
  return wanted;
}

/** The NUL-terminated text at a pointer. */
function readString(text: usize): string {
  let end = text;
  while (load<u8>(end) != 0) end++;
  return String.UTF8.decodeUnsafe(text, end - text);
}

function read(block: usize, size: i32): AddressInfo[] {
  const answers: AddressInfo[] = [];
  for (let at = size > 0 ? block : 0; at != 0; at = changetype<Addrinfo>(at).ai_next) {
    const entry = changetype<Addrinfo>(at);
    const name = entry.ai_canonname;
    answers.push(
      new AddressInfo(
        entry.ai_flags,
        entry.ai_family,
        entry.ai_socktype,
        entry.ai_protocol,
        name == 0 ? null : readString(name),
        SocketAddress.decode(entry.ai_addr, entry.ai_addrlen),
      ),
    );
  }
  return answers;
}

/**
 * Looks a host and a service up, getaddrinfo(3).
 *
 * @param node a name or an address in text, null for this host
 * @param service a service name or a port in text, null for port 0
 * @param hints what is wanted, null for anything
 * @returns the addresses, best first; null where there are none: eai() tells why, and errno() where
 *   that is EAI.SYSTEM
 */
export function getaddrinfo(
  node: string | null,
  service: string | null = null,
  hints: AddressInfoHints | null = null,
): AddressInfo[] | null {
  const longNode = longText(node);
  const longService = longText(service);
  const nodeAt = place(node, longNode, nodeText);
  const serviceAt = place(service, longService, serviceText);
  const hintsAt = placeHints(hints);
  let longAnswer: StaticArray<u8> | null = null;
  let at = answer;
  let capacity = ANSWER_SIZE;
  for (;;) {
    const size = bsd.getaddrinfo(nodeAt, serviceAt, hintsAt, at, capacity);
    if (size > capacity) {
      longAnswer = new StaticArray<u8>(size);
      at = changetype<usize>(longAnswer);
      capacity = size;
      continue;
    }
    if (size >= 0) return read(at, size);
    lastEai = size;
    bsd.setErrno(size == EAI.SYSTEM ? load<i32>(at) : Errno.ENOENT);
    return null;
  }
}

/** Room for a host name and for a service name, netdb.h. */
const HOST_SIZE: i32 = 1025;
const SERVICE_SIZE: i32 = 32;

/** The names of an address. */
export class NameInfo {
  constructor(
    readonly host: string,
    readonly service: string,
  ) {}
}

/**
 * Finds the names of an address, getnameinfo(3).
 *
 * @param flags NI.NUMERICHOST, NI.NUMERICSERV…, ored
 * @returns the names; null where there are none: eai() tells why, and errno() where that is EAI.SYSTEM
 */
export function getnameinfo(address: SocketAddress, flags: i32 = 0): NameInfo | null {
  const names = new StaticArray<u8>(HOST_SIZE + SERVICE_SIZE);
  const host = changetype<usize>(names);
  const service = host + HOST_SIZE;
  const code = bsd.getnameinfo(
    address.pointer,
    address.length,
    host,
    HOST_SIZE,
    service,
    SERVICE_SIZE,
    flags,
  );
  if (code != 0) {
    lastEai = code;
    bsd.setErrno(code == EAI.SYSTEM ? load<i32>(host) : Errno.ENOENT);
    return null;
  }
  return new NameInfo(readString(host), readString(service));
}

/** The index of a network interface, if_nametoindex(3), or -1 with ENODEV. */
export function if_nametoindex(name: string): i32 {
  return bsd.if_nametoindex(changetype<usize>(String.UTF8.encode(name, true)));
}

/** The name of a network interface, if_indextoname(3), or null with ENXIO. */
export function if_indextoname(index: u32): string | null {
  const name = new StaticArray<u8>(IF_NAMESIZE);
  const at = changetype<usize>(name);
  return bsd.if_indextoname(index, at) < 0 ? null : readString(at);
}

/** The name of this host, gethostname(2), or null. */
export function gethostname(): string | null {
  const name = new StaticArray<u8>(HOST_SIZE);
  const at = changetype<usize>(name);
  return bsd.gethostname(at, HOST_SIZE) < 0 ? null : readString(at);
}
