// Socket addresses as AssemblyScript objects: each holds the very bytes that a call takes. The families below
// and beside IP are in link.ts.

import { AF } from "./abi/constants";
import { SOCKADDR_MAX } from "./abi/sockaddr";
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
  for (let i = 0; i < units; i++) {
    const unit = address.charCodeAt(i);
    if (unit > 0x7f) return 0; // no address has one
    store<u8>(text + i, unit);
  }
  return units;
}

function isPort(port: i32): bool {
  return <u32>port <= <u32>u16.MAX_VALUE;
}

/** Makes an address of one family, whose bytes are yet to come. */
type Maker = () => SocketAddress;

/** The makers by their family, of which AF.VSOCK is the greatest. */
const makers = new StaticArray<Maker>(AF.VSOCK + 1).fill(() => new SocketAddress());

/** Says what SocketAddress.decode makes of a family: the file of its class does. */
export function decodeFamilyAs(family: i32, maker: Maker): void {
  makers[family] = maker;
}

decodeFamilyAs(AF.INET, () => new Inet("", 0));
decodeFamilyAs(AF.INET6, () => new Inet6("", 0));
decodeFamilyAs(AF.UNIX, () => new Unix(""));

/** A socket address of any family, sockaddr(3type). */
export class SocketAddress {
  /** Room for every address, SOCKADDR_MAX bytes. */
  readonly bytes: StaticArray<u8> = new StaticArray<u8>(SOCKADDR_MAX);
  /** How many of them count; 0 where the address could not be made: calls then fail with EINVAL. */
  length: i32 = 0;

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
    const address = makers[max(family, <i32>AF.UNSPEC)]();
    address.length = min(length, SOCKADDR_MAX);
    memory.copy(address.pointer, pointer, address.length);
    return address;
  }

  /** Where the bytes stand. */
  get pointer(): usize {
    return changetype<usize>(this.bytes);
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

/** An address and a port in text. */
function internetText(address: SocketAddress): string {
  return String.UTF8.decodeUnsafe(text, textOf(address.pointer, text));
}

/** An IPv4 address and a port, ip(7). */
export class Inet extends SocketAddress {
  /**
   * @param address dotted decimal: "127.0.0.1"
   * @param port 0 to 65535
   */
  constructor(address: string, port: i32) {
    super();
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
    super();
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
