// Internet addresses as text: inet_pton(3) and inet_ntop(3), on UTF-8 bytes.

import { AF } from "../abi/constants";

/** The longest text of an IPv6 address, INET6_ADDRSTRLEN without its NUL. */
export const INET6_TEXT_MAX: i32 = 45;

const DOT: u32 = 0x2e;
const COLON: u32 = 0x3a;
const ZERO: u32 = 0x30;
const GROUPS: i32 = 8;

/** The value of one hexadecimal digit, or -1. */
function hexDigit(byte: u32): i32 {
  if (byte - ZERO < 10) return byte - ZERO;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? <i32>letter + 10 : -1;
}

/** Four decimal numbers of at most 255 without leading zeros, and nothing else. */
function parseInet(text: usize, length: i32, out: usize): bool {
  let part = 0;
  let digits = 0;
  let value: u32 = 0;
  for (let i = 0; i < length; i++) {
    const byte: u32 = load<u8>(text + i);
    if (byte == DOT) {
      if (digits == 0 || part == 3) return false;
      store<u8>(out + part++, value);
      digits = 0;
      value = 0;
    } else {
      if (byte - ZERO > 9 || (digits > 0 && value == 0)) return false;
      value = value * 10 + (byte - ZERO);
      if (value > 255) return false;
      digits++;
    }
  }
  if (part != 3 || digits == 0) return false;
  store<u8>(out + 3, value);
  return true;
}

/** Eight groups of up to four hexadecimal digits; "::" once; the last two may be dotted decimal. */
function parseInet6(text: usize, length: i32, out: usize): bool {
  let groups = 0; // written so far
  let gap = -1; // the group where "::" stood
  let i = 0;
  if (length > 0 && load<u8>(text) == COLON) {
    if (length < 2 || load<u8>(text + 1) != COLON) return false;
    i = 1; // the second colon then opens the gap
  }
  memory.fill(out, 0, 16);
  while (i < length) {
    if (load<u8>(text + i) == COLON) {
      if (gap >= 0) return false;
      gap = groups;
      i++;
      continue;
    }
    if (groups == GROUPS) return false;
    const start = i;
    let value = 0;
    while (i < length) {
      const digit = hexDigit(load<u8>(text + i));
      if (digit < 0) break;
      if (i - start == 4) return false;
      value = (value << 4) | digit;
      i++;
    }
    if (i < length && load<u8>(text + i) == DOT) {
      if (groups > GROUPS - 2) return false;
      if (!parseInet(text + start, length - start, out + (groups << 1))) return false;
      groups += 2;
      i = length;
      break;
    }
    if (i == start) return false;
    store<u16>(out + (groups++ << 1), bswap<u16>(<u16>value));
    if (i == length) break;
    if (load<u8>(text + i) != COLON || ++i == length) return false;
  }
  if (gap < 0) return groups == GROUPS;
  if (groups == GROUPS) return false;
  const tail = (groups - gap) << 1;
  memory.copy(out + 16 - tail, out + (gap << 1), tail);
  memory.fill(out + (gap << 1), 0, (GROUPS - groups) << 1);
  return true;
}

function printDecimal(value: u32, out: usize): usize {
  if (value >= 100) {
    store<u8>(out++, ZERO + value / 100);
    value %= 100;
    store<u8>(out++, ZERO + value / 10);
    value %= 10;
  } else if (value >= 10) {
    store<u8>(out++, ZERO + value / 10);
    value %= 10;
  }
  store<u8>(out++, ZERO + value);
  return out;
}

function printInet(bytes: usize, out: usize): usize {
  for (let part = 0; part < 4; part++) {
    if (part > 0) store<u8>(out++, DOT);
    out = printDecimal(load<u8>(bytes + part), out);
  }
  return out;
}

function printHex(value: u32, out: usize): usize {
  let shift = 12;
  while (shift > 0 && value >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    store<u8>(out++, digit < 10 ? ZERO + digit : 0x61 - 10 + digit);
  }
  return out;
}

function group(bytes: usize, index: i32): u32 {
  return bswap<u16>(load<u16>(bytes + (index << 1)));
}

/**
 * RFC 5952: lower case, no leading zeros, the longest run of at least two zero groups (the first
 * of equals) as "::", and dotted decimal for IPv4-mapped and -compatible addresses.
 */
function printInet6(bytes: usize, out: usize): usize {
  let gap = -1;
  let gapLength = 1;
  for (let i = 0; i < GROUPS; i++) {
    let end = i;
    while (end < GROUPS && group(bytes, end) == 0) end++;
    if (end - i > gapLength) {
      gap = i;
      gapLength = end - i;
    }
    if (end > i) i = end;
  }
  const embedsInet = gap == 0 && (gapLength == 6 || (gapLength == 5 && group(bytes, 5) == 0xffff));
  for (let i = 0; i < GROUPS; i++) {
    if (i == gap) {
      store<u8>(out++, COLON);
      i += gapLength - 1;
      if (i == GROUPS - 1) store<u8>(out++, COLON);
      continue;
    }
    if (i > 0) store<u8>(out++, COLON);
    if (i == 6 && embedsInet) return printInet(bytes + 12, out);
    out = printHex(group(bytes, i), out);
  }
  return out;
}

/**
 * Reads an Internet address from text, inet_pton(3).
 *
 * @param family AF.INET or AF.INET6
 * @param text pointer to UTF-8 bytes, not NUL-terminated
 * @param length how many bytes
 * @param out where 4 or 16 bytes go, in network byte order; undefined where the answer is false
 * @returns whether text is an address of that family
 */
export function inet_pton(family: i32, text: usize, length: i32, out: usize): bool {
  if (family == AF.INET) return parseInet(text, length, out);
  if (family == AF.INET6) return parseInet6(text, length, out);
  return false;
}

/**
 * Prints an Internet address, inet_ntop(3); IPv6 as RFC 5952 recommends.
 *
 * @param family AF.INET or AF.INET6
 * @param bytes pointer to 4 or 16 bytes in network byte order
 * @param out where at most INET6_TEXT_MAX bytes of text go, without a NUL
 * @returns the length of the text; 0 for another family
 */
export function inet_ntop(family: i32, bytes: usize, out: usize): i32 {
  if (family == AF.INET) return <i32>(printInet(bytes, out) - out);
  if (family == AF.INET6) return <i32>(printInet6(bytes, out) - out);
  return 0;
}
