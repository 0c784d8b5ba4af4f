// Socket addresses as TypeScript objects; their bytes are made and read by assembly/codec/sockaddr.

import { decodeLink, encodeLink, type LinkAddress } from "./link.js";
import { readText, writeText, type Codecs } from "./codecs.js";

/** An IPv4 socket address, ip(7). */
export interface InetAddress {
  readonly family: "inet";
  /** Dotted decimal: "127.0.0.1". */
  readonly address: string;
  readonly port: number;
}

/** An IPv6 socket address, ipv6(7). */
export interface Inet6Address {
  readonly family: "inet6";
  /** As of RFC 4291, without a zone: "::1". */
  readonly address: string;
  readonly port: number;
  /** Traffic class and flow label, 0 where it is absent. */
  readonly flowinfo?: number;
  /** The index of the interface of a link-local address, or its name: 0 where it is absent. */
  readonly scope?: number | string;
}

/** A local socket address, unix(7). */
export interface UnixAddress {
  readonly family: "unix";
  /** At most 108 bytes; a first "\0" names the abstract namespace, "" is an unnamed socket. */
  readonly path: string;
}

/** An address of a family that this build does not know, as it came from the kernel. */
export interface OtherAddress {
  readonly family: number;
  /** The whole sockaddr, its family included. */
  readonly bytes: Uint8Array;
}

/** Any socket address. */
export type Address = InetAddress | Inet6Address | UnixAddress | LinkAddress | OtherAddress;

/** Finds the index of an interface by its name, if_nametoindex(3). */
export type InterfaceIndex = (name: string) => number;

const encoder = new TextEncoder();

function indexOf(scope: number | string, interfaceIndex: InterfaceIndex): number {
  return typeof scope === "string" ? interfaceIndex(scope) : checked("scope", scope, 0xffffffff);
}

function checked(name: string, value: unknown, limit: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limit) {
    return value as number;
  }
  throw new RangeError(`${name} ${String(value)} is not an integer from 0 to ${limit}`);
}

function encodePath(codecs: Codecs, bytes: Uint8Array, path: string): number {
  const { sun_path, sizeof } = codecs.sockaddr_un;
  const size = encoder.encode(path).length;
  if (size > sizeof - sun_path) {
    throw new RangeError(
      `unix path ${JSON.stringify(path)} has ${size} bytes: at most ${sizeof - sun_path} fit`,
    );
  }
  const length = codecs.encodeUnix(codecs.address, codecs.text, writeText(codecs, bytes, path));
  if (length > 0) return length;
  throw new TypeError(
    `unix path ${JSON.stringify(path)} holds a NUL that is not its first character`,
  );
}

function encodeOther(codecs: Codecs, bytes: Uint8Array, address: OtherAddress): number {
  const { length } = address.bytes;
  if (length > codecs.SOCKADDR_MAX) {
    throw new RangeError(
      `an address of ${length} bytes is too long: at most ${codecs.SOCKADDR_MAX} fit`,
    );
  }
  bytes.set(address.bytes, codecs.address);
  const family = codecs.familyOf(codecs.address, length);
  if (family === address.family) return length;
  throw new TypeError(`address family ${address.family} is not that of its bytes, ${family}`);
}

/**
 * Writes an address into an instance's `address` scratch area.
 *
 * @param codecs the instance
 * @param bytes its memory
 * @param address what to write
 * @param interfaceIndex finds the number of a scope that is given by name
 * @returns the length of the sockaddr, in bytes
 * @throws TypeError, RangeError that name the value and what would be valid
 */
export function encodeAddress(
  codecs: Codecs,
  bytes: Uint8Array,
  address: Address,
  interfaceIndex: InterfaceIndex,
): number {
  switch (address.family) {
    case "inet": {
      const port = checked("port", address.port, 0xffff);
      const textLength = writeText(codecs, bytes, address.address);
      const length = codecs.encodeInet(codecs.address, codecs.text, textLength, port);
      if (length > 0) return length;
      throw new TypeError(`"${address.address}" is not an IPv4 address such as "127.0.0.1"`);
    }
    case "inet6": {
      const port = checked("port", address.port, 0xffff);
      const flowinfo = checked("flowinfo", address.flowinfo ?? 0, 0xffffffff);
      const index = indexOf(address.scope ?? 0, interfaceIndex);
      const textLength = writeText(codecs, bytes, address.address);
      const { address: out, text } = codecs;
      const length = codecs.encodeInet6(out, text, textLength, port, flowinfo, index);
      if (length > 0) return length;
      throw new TypeError(
        `"${address.address}" is not an IPv6 address such as "::1"; a zone goes into scope`,
      );
    }
    case "unix":
      return encodePath(codecs, bytes, address.path);
    case "packet":
      return encodeLink(codecs, bytes, address, indexOf(address.interface, interfaceIndex));
    case "netlink":
    case "vsock":
      return encodeLink(codecs, bytes, address, 0);
    default:
      if (typeof address.family === "number" && address.bytes instanceof Uint8Array) {
        return encodeOther(codecs, bytes, address);
      }
      throw new TypeError(
        `address family ${JSON.stringify((address as Address).family)} is none of "inet", "inet6", "unix", "packet", "netlink", "vsock", or a number with bytes`,
      );
  }
}

/**
 * Reads the sockaddr in an instance's memory.
 *
 * @param codecs the instance
 * @param bytes its memory
 * @param at where the sockaddr stands
 * @param length its length in bytes
 * @returns the address, null where its length is 0
 */
export function decodeAddress(
  codecs: Codecs,
  bytes: Uint8Array,
  at: number,
  length: number,
): Address | null {
  if (length === 0) return null;
  const { AF } = codecs;
  switch (codecs.decodableFamily(at, length)) {
    case AF.INET:
      return { family: "inet", address: internetText(codecs, bytes, at), port: codecs.portOf(at) };
    case AF.INET6:
      return {
        family: "inet6",
        address: internetText(codecs, bytes, at),
        port: codecs.portOf(at),
        flowinfo: codecs.flowinfoOf(at) >>> 0,
        scope: codecs.scopeOf(at, length) >>> 0,
      };
    case AF.UNIX:
      return {
        family: "unix",
        path: readText(bytes, codecs.pathOf(at), codecs.pathLengthOf(at, length)),
      };
    default:
      return (
        decodeLink(codecs, bytes, at, length) ?? {
          family: codecs.familyOf(at, length),
          bytes: bytes.slice(at, at + length),
        }
      );
  }
}

function internetText(codecs: Codecs, bytes: Uint8Array, at: number): string {
  return readText(bytes, codecs.text, codecs.textOf(at, codecs.text));
}
