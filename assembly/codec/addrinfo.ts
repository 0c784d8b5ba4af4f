// From libc's linked list of addrinfo to one flat block that a guest can walk, getaddrinfo(3).
//
// The block is the list again, in wasm32's layout, each entry followed by what it points to:
//
//      +----------+----------+-----------+----------+----------+--
//      | addrinfo | sockaddr | canonname | addrinfo | sockaddr | …
//      +----------+----------+-----------+----------+----------+--
//           | next ----------------------^

import { Addrinfo, NativeAddrinfo, addrinfo, native_addrinfo } from "../abi/addrinfo";
import { BLOCK_SIZE, block } from "./buffers";

/** The native entry at hand: the host copies each one here before it is appended. */
export const entry: usize = memory.data(native_addrinfo.sizeof, 8);

/** Where the guest will find the block. */
let target: u32 = 0;
/** Bytes of the block so far. */
let size: u32 = 0;
/** The entry appended last, whose next pointer is still open. */
let last: usize = 0;
/** Where the canonical name of the last entry goes. */
let name: usize = 0;

/** Rounded up to a multiple of four. */
@inline
function aligned(length: u32): u32 {
  return (length + 3) & ~3;
}

/** Copies flags, family, type and protocol, laid out alike: by words, for memory.copy is a call into the engine. */
@inline
function copyHead(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from, addrinfo.ai_socktype), addrinfo.ai_socktype);
}

/**
 * Turns a guest's hints into the native struct that libc's getaddrinfo takes, in `entry`.
 *
 * @param hints pointer to a wasm32 struct addrinfo; only its first four fields count, as in POSIX
 */
export function addrinfoHints(hints: usize): void {
  copyHead(entry, hints);
  for (let at = native_addrinfo.ai_addrlen; at < native_addrinfo.sizeof; at += sizeof<u64>()) {
    store<u64>(entry + at, 0);
  }
}

/**
 * Starts an empty block.
 *
 * @param guestAddress where in the guest's memory the block will stand; its pointers count from there
 */
export function addrinfoBegin(guestAddress: u32): void {
  target = guestAddress;
  size = 0;
  last = 0;
}

/**
 * Appends the native entry in `entry` to the block.
 *
 * @param nameLength bytes of its canonical name without the NUL, -1 where it has none
 * @returns where the host copies the entry's ai_addrlen bytes of address; 0 where the block is full
 */
export function addrinfoAppend(nameLength: i32): usize {
  const native = changetype<NativeAddrinfo>(entry);
  const addressLength = native.ai_addrlen;
  if (addressLength > BLOCK_SIZE || nameLength > <i32>BLOCK_SIZE) return 0;
  const addressSize = aligned(addressLength);
  const nameSize: u32 = nameLength < 0 ? 0 : aligned(nameLength + 1);
  const total = addrinfo.sizeof + addressSize + nameSize;
  if (size + total > BLOCK_SIZE) return 0;

  const at = block + size;
  const guestAddress = target + size;
  const address = at + addrinfo.sizeof;
  // The padding, and the NUL of the name, before what goes over the beginning of these words.
  store<u32>(address + addressSize - sizeof<u32>(), 0);
  store<u32>(at + total - sizeof<u32>(), 0);
  const node = changetype<Addrinfo>(at);
  copyHead(at, entry);
  node.ai_addrlen = addressLength;
  node.ai_addr = guestAddress + addrinfo.sizeof;
  node.ai_canonname = nameSize > 0 ? guestAddress + addrinfo.sizeof + addressSize : 0;
  node.ai_next = 0;
  if (last != 0) changetype<Addrinfo>(last).ai_next = guestAddress;
  name = address + addressSize;
  last = at;
  size += total;
  return address;
}

/** Where the host copies the canonical name of the entry that was appended last. */
export function addrinfoName(): usize {
  return name;
}

/** The size of the block so far, in bytes. */
export function addrinfoSize(): u32 {
  return size;
}

/** Bytes of address that the native entry in `entry` points to. */
export function nativeAddressLength(): u32 {
  return changetype<NativeAddrinfo>(entry).ai_addrlen;
}

/** The native address of that socket address; as a f64, which holds every user-space pointer. */
export function nativeAddress(): f64 {
  return <f64>changetype<NativeAddrinfo>(entry).ai_addr;
}

/** The native address of its canonical name, 0 where it has none. */
export function nativeName(): f64 {
  return <f64>changetype<NativeAddrinfo>(entry).ai_canonname;
}

/** The native address of the entry after it, 0 at the end of the list. */
export function nativeNext(): f64 {
  return <f64>changetype<NativeAddrinfo>(entry).ai_next;
}
