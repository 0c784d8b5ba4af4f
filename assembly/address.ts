// Socket addresses as AssemblyScript objects: each holds the very bytes that a call takes. The families below
// and beside IP are in link.ts.

import { AF } from "./abi/constants";
import { SOCKADDR_MAX, sockaddr_in, sockaddr_in6 } from "./abi/sockaddr";
import { INET6_TEXT_MAX } from "./codec/inet";
import {
  decodableFamily,
  encodeInet,
  encodeInet6,
  encodeUnix,
  familyOf,
  flowinfoOf,
  pathLengthOf,
  pathOf,
  portOf,
  scopeOf,
  textOf,
} from "./codec/sockaddr";

/** Room for the text of an Internet address on its way in or out. */
const TEXT_MAX: i32 = INET6_TEXT_MAX + 1;
const text = memory.data(TEXT_MAX);

/** Leaves an Internet address's text in `text`: its length, 0 where it is longer than any can be. */
function stage(address: string): i32 {
  const units = address.length;
  if (units > INET6_TEXT_MAX) return 0;
  const from = changetype<usize>(address);
  for (let i = 0; i < units; i++) {
    const unit = load<u16>(from + ((<usize>i) << 1)); // charCodeAt's check of i, once a unit, is spared
    if (unit > 0x7f) return 0; // no address has one
    store<u8>(text + i, unit);
  }
  return units;
}

/** Bytes of an address that stands in its object: a sockaddr_in6 has 28, and none but a sockaddr_un has more. */
const SHORT_MAX: i32 = 32;

function isPort(port: i32): bool {
  return <u32>port <= <u32>u16.MAX_VALUE;
}

/** Makes an address of one family, whose bytes are yet to come. */
type Maker = () => SocketAddress;

/**
 * An address whose constructor was not called, for that would read a text: it holds zeros, as every object does at
 * first, which are an address of length 0.
 */
@inline
export function blank<T>(): T {
  return changetype<T>(__new(offsetof<T>(), idof<T>()));
}

/** The makers by their family, of which AF.VSOCK is the greatest. */
const makers = new StaticArray<Maker>(AF.VSOCK + 1).fill(() => new SocketAddress());

/** Says what SocketAddress.decode makes of a family: the file of its class does. */
export function decodeFamilyAs(family: i32, maker: Maker): void {
  makers[family] = maker;
}

decodeFamilyAs(AF.INET, () => blank<Inet>());
decodeFamilyAs(AF.INET6, () => blank<Inet6>());
decodeFamilyAs(AF.UNIX, () => blank<Unix>());

/**
 * A socket address of any family, sockaddr(3type).
 *
 * A short one, as all but those of Unix are, stands in the object itself; a longer one, and one whose `bytes` were
 * asked for, in an array. Making one object takes 33 ns, and two of them took 73.
 */
export class SocketAddress {
  // SHORT_MAX bytes.
  private short0: u64;
  private short1: u64;
  private short2: u64;
  private short3: u64;
  private array: StaticArray<u8> | null;
  /** How many bytes count; 0 where the address could not be made: calls then fail with EINVAL. */
  length: i32;

  /** @param room bytes that the address may have */
  constructor(room: i32 = SOCKADDR_MAX) {
    if (room > SHORT_MAX) this.array = new StaticArray<u8>(SOCKADDR_MAX);
  }

  /**
   * Copies a sockaddr.
   *
   * @param pointer where it stands
   * @param length its length in bytes
   * @returns an Inet, Inet6, Unix, Packet, Netlink or Vsock; a mere SocketAddress where the family is another
   *   or the bytes are too few
   */
  static decode(pointer: usize, length: i32): SocketAddress {
    const family = decodableFamily(pointer, length);
    const address = unchecked(makers[max(family, <i32>AF.UNSPEC)])();
    const size = min(length, SOCKADDR_MAX);
    address.length = size;
    const out = size > SHORT_MAX ? changetype<usize>(address.bytes) : address.pointer;
    memory.copy(out, pointer, size);
    return address;
  }

  /** Room for every address, SOCKADDR_MAX bytes, where the bytes stand from now on. */
  get bytes(): StaticArray<u8> {
    let array = this.array;
    if (array == null) {
      array = new StaticArray<u8>(SOCKADDR_MAX);
      memory.copy(changetype<usize>(array), this.pointer, SHORT_MAX);
      this.array = array;
    }
    return array;
  }

  /** Where the bytes stand, with as much room as addresses of its class need; `bytes` has room for any. */
  get pointer(): usize {
    const array = changetype<usize>(this.array);
    return array != 0 ? array : changetype<usize>(this) + offsetof<SocketAddress>("short0");
  }

  /** The address family: AF.INET, AF.INET6, AF.UNIX… or a number without a name. */
  get family(): i32 {
    return familyOf(this.pointer, this.length);
  }

  /** The address in text, for people: "127.0.0.1:80", "[::1]:80", "unix:/path". */
  toString(): string {
    return "family " + this.family.toString();
  }
}

/** The text of an Internet address: it is ASCII, so no byte of it need be looked at as UTF-8 is. */
function internetText(address: SocketAddress): string {
  const length = textOf(address.pointer, text);
  const out = __new((<usize>length) << 1, idof<string>());
  for (let i = 0; i < length; i++) store<u16>(out + ((<usize>i) << 1), load<u8>(text + i));
  return changetype<string>(out);
}

/** An IPv4 address and a port, ip(7). */
export class Inet extends SocketAddress {
  /**
   * @param address dotted decimal: "127.0.0.1"
   * @param port 0 to 65535
   */
  constructor(address: string, port: i32) {
    super(sockaddr_in.sizeof);
    if (isPort(port)) {
      this.length = max(encodeInet(this.pointer, text, stage(address), <u16>port), 0);
    }
  }

  /** The address in dotted decimal. */
  get address(): string {
    return internetText(this);
  }

  /** The port, host byte order. */
  get port(): i32 {
    return portOf(this.pointer);
  }

  toString(): string {
    return this.address + ":" + this.port.toString();
  }
}

/** An IPv6 address and a port, ipv6(7). */
export class Inet6 extends SocketAddress {
  /**
   * @param address as of RFC 4291, without a zone: "::1"
   * @param port 0 to 65535
   * @param flowinfo traffic class and flow label, host byte order
   * @param scope the interface index of a link-local address, else 0
   */
  constructor(address: string, port: i32, flowinfo: u32 = 0, scope: u32 = 0) {
    super(sockaddr_in6.sizeof);
    if (isPort(port)) {
      const size = stage(address);
      const length = encodeInet6(this.pointer, text, size, <u16>port, flowinfo, scope);
      this.length = max(length, 0);
    }
  }

  /** The address as RFC 5952 writes it. */
  get address(): string {
    return internetText(this);
  }

  /** The port, host byte order. */
  get port(): i32 {
    return portOf(this.pointer);
  }

  /** Traffic class and flow label, host byte order. */
  get flowinfo(): u32 {
    return flowinfoOf(this.pointer);
  }

  /** The interface index of a link-local address, else 0. */
  get scope(): u32 {
    return scopeOf(this.pointer, this.length);
  }

  toString(): string {
    return "[" + this.address + "]:" + this.port.toString();
  }
}

/** A local address, unix(7). */
export class Unix extends SocketAddress {
  /**
   * @param path at most 108 bytes; a first "\0" names the abstract namespace, "" lets bind choose
   */
  constructor(path: string) {
    super();
    const text = String.UTF8.encode(path);
    this.length = max(encodeUnix(this.pointer, changetype<usize>(text), text.byteLength), 0);
  }

  /** The path, or the name in the abstract namespace with its "\0" in front. */
  get path(): string {
    return String.UTF8.decodeUnsafe(pathOf(this.pointer), pathLengthOf(this.pointer, this.length));
  }

  toString(): string {
    return "unix:" + this.path;
  }
}
