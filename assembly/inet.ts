// Internet addresses and byte order for AssemblyScript: inet(3), byteorder(3), and the checksum of RFC 1071.

import { AF } from "./abi/constants";
import * as codec from "./codec/inet";

/**
 * Reads an Internet address from text, inet_pton(3).
 *
 * @param family AF.INET or AF.INET6
 * @returns its 4 or 16 bytes in network byte order, null where text is no such address
 */
export function inet_pton(family: i32, text: string): Uint8Array | null {
  const bytes = new Uint8Array(family == AF.INET ? 4 : 16);
  const utf8 = String.UTF8.encode(text);
  const valid = codec.inet_pton(family, changetype<usize>(utf8), utf8.byteLength, bytes.dataStart);
  return valid ? bytes : null;
}

/**
 * Prints an Internet address, inet_ntop(3); IPv6 as RFC 5952 recommends.
 *
 * @param family AF.INET or AF.INET6
 * @param bytes 4 or 16 bytes in network byte order
 * @returns its text, null for another family or too few bytes
 */
export function inet_ntop(family: i32, bytes: Uint8Array): string | null {
  if (bytes.length < (family == AF.INET ? 4 : 16)) return null;
  const text = new StaticArray<u8>(codec.INET6_TEXT_MAX);
  const length = codec.inet_ntop(family, bytes.dataStart, changetype<usize>(text));
  return length == 0 ? null : String.UTF8.decodeUnsafe(changetype<usize>(text), length);
}

/** A 16-bit number from host to network byte order, htons(3). */
export function htons(value: u16): u16 {
  return bswap<u16>(value);
}

/** A 16-bit number from network to host byte order, ntohs(3). */
export function ntohs(value: u16): u16 {
  return bswap<u16>(value);
}

/** A 32-bit number from host to network byte order, htonl(3). */
export function htonl(value: u32): u32 {
  return bswap<u32>(value);
}

/** A 32-bit number from network to host byte order, ntohl(3). */
export function ntohl(value: u32): u32 {
  return bswap<u32>(value);
}

/**
 * The Internet checksum of some bytes, RFC 1071: of an ICMP message, an IPv4 header.
 *
 * @param bytes with a zero where the checksum goes
 * @returns the checksum in network byte order, as it is stored
 */
export function checksum(bytes: Uint8Array): u16 {
  let sum: u32 = 0;
  const end = bytes.dataStart + (bytes.length & ~1);
  for (let at = bytes.dataStart; at < end; at += 2) {
    sum += load<u16>(at);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  if (bytes.length & 1) sum += load<u8>(end);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~(<u16>sum);
}
