// Lists of flags, answers of getaddrinfo(3) and control messages: what the codecs make of them, in TypeScript written
// by hand.

import { GUEST_CMSGHDR, LIST_SIZE, nativeAddrinfo, placeControl, placeList } from "./samples.js";
import type { Work } from "./work.js";

const FLAGS = new Map([
  ["oob", 0x1],
  ["peek", 0x2],
  ["dontroute", 0x4],
  ["ctrunc", 0x8],
  ["proxy", 0x10],
  ["trunc", 0x20],
  ["dontwait", 0x40],
  ["eor", 0x80],
  ["waitall", 0x100],
  ["fin", 0x200],
  ["syn", 0x400],
  ["confirm", 0x800],
  ["rst", 0x1000],
  ["errqueue", 0x2000],
  ["nosignal", 0x4000],
  ["more", 0x8000],
  ["waitforone", 0x10000],
  ["batch", 0x40000],
  ["zerocopy", 0x4000000],
  ["fastopen", 0x20000000],
  ["cmsg-cloexec", 0x40000000],
]);
const NAMES = new Map([...FLAGS].map(([name, bits]) => [bits, name]));
const BITS = 32;
const LISTS = [
  ["peek", "dontwait"],
  ["trunc", "waitall", "cmsg-cloexec"],
];

function encodeFlags(names: readonly string[]): number {
  let bits = 0;
  for (const name of names) {
    const flag = FLAGS.get(name);
    if (flag === undefined) throw new TypeError(`${name} is no message flag`);
    bits |= flag;
  }
  return bits;
}

/** What was decoded, as ../c/codec.c has it on its stack. */
const back: string[] = new Array<string>(BITS).fill("");

/** Leaves the symbols in `back`: how many. */
function decodeFlags(bits: number): number {
  let found = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) {
    const name = NAMES.get(rest & -rest);
    if (name !== undefined) back[found++] = name;
  }
  return found;
}

/** Encodes and decodes amount lists of message flags, and counts those that came back. */
export const flags: Work = (_port, amount) => {
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const list = LISTS[i & 1]!;
    const found = decodeFlags(encodeFlags(list));
    if (found === list.length && back[0] === list[0]) good++;
  }
  return good;
};

/** struct addrinfo of wasm32: where the fields stand that are not as the kernel has them. */
const guestAddrinfo = { addr: 20, canonname: 24, next: 28, size: 32 };

const aligned = (size: number): number => (size + 3) & ~3;

/** Flattens a list for a guest: its size. */
function flatten(bytes: Uint8Array, from: DataView, first: number, out: Uint8Array, to: DataView) {
  const pointer = (at: number): number => Number(from.getBigUint64(at, true));
  let size = 0;
  let last = -1;
  for (let at = first; at !== 0; at = pointer(at + nativeAddrinfo.next)) {
    const length = from.getUint32(at + nativeAddrinfo.addrlen, true);
    const name = pointer(at + nativeAddrinfo.canonname);
    const nameSize = name === 0 ? 0 : bytes.indexOf(0, name) + 1 - name;
    const address = size + guestAddrinfo.size;
    const text = address + aligned(length);
    const addressAt = pointer(at + nativeAddrinfo.addr);
    out.fill(0, size, text + aligned(nameSize));
    out.set(bytes.subarray(at, at + nativeAddrinfo.addrlen + 4), size);
    to.setUint32(size + guestAddrinfo.addr, address, true);
    out.set(bytes.subarray(addressAt, addressAt + length), address);
    if (nameSize > 0) {
      to.setUint32(size + guestAddrinfo.canonname, text, true);
      out.set(bytes.subarray(name, name + nameSize), text);
    }
    if (last >= 0) to.setUint32(last + guestAddrinfo.next, size, true);
    last = size;
    size = text + aligned(nameSize);
  }
  return size;
}

/** Flattens amount answers of three addresses and a name, and counts those whose last port is right. */
export const answers: Work = (_port, amount) => {
  const first = 8; // not 0, which is NULL
  const bytes = new Uint8Array(first + LIST_SIZE);
  const from = new DataView(bytes.buffer);
  const port = placeList(from, first);
  const out = new Uint8Array(4096);
  const to = new DataView(out.buffer);
  let good = 0;
  for (let i = 0; i < amount; i++) {
    from.setUint16(port, i & 0xffff);
    const end = flatten(bytes, from, first, out, to);
    if (to.getUint16(end - 16 + 2) === (i & 0xffff)) good++;
  }
  return good;
};

/** Bytes of struct cmsghdr of the 64-bit kernel's. */
const NATIVE = 16;

/** Bytes, and the same as numbers. */
class Bytes {
  readonly bytes = new Uint8Array(16384);
  readonly view = new DataView(this.bytes.buffer);
}

/** Turns a guest's control data into the kernel's: its size, 0 where it is malformed. */
function toNative({ bytes, view }: Bytes, length: number, out: Bytes): number {
  let size = 0;
  for (let from = 0; length - from >= GUEST_CMSGHDR;) {
    const whole = view.getUint32(from, true);
    if (whole < GUEST_CMSGHDR || whole > length - from) return 0;
    const data = whole - GUEST_CMSGHDR;
    const padded = (NATIVE + data + 7) & ~7;
    if (size + padded > out.bytes.length) return 0;
    out.bytes.fill(0, size, size + padded);
    out.view.setBigUint64(size, BigInt(NATIVE + data), true);
    out.view.setInt32(size + 8, view.getInt32(from + 4, true), true);
    out.view.setInt32(size + 12, view.getInt32(from + 8, true), true);
    out.bytes.set(bytes.subarray(from + GUEST_CMSGHDR, from + whole), size + NATIVE);
    size += padded;
    from += aligned(whole);
  }
  return size;
}

/** The other way round: the guest's size. */
function toGuest({ bytes, view }: Bytes, length: number, out: Bytes): number {
  let size = 0;
  for (let from = 0; length - from >= NATIVE;) {
    const whole = Number(view.getBigUint64(from, true));
    if (whole < NATIVE || whole > length - from) break;
    const data = whole - NATIVE;
    if (size + GUEST_CMSGHDR + data > out.bytes.length) break;
    out.view.setUint32(size, GUEST_CMSGHDR + data, true);
    out.view.setInt32(size + 4, view.getInt32(from + 8, true), true);
    out.view.setInt32(size + 8, view.getInt32(from + 12, true), true);
    out.bytes.set(bytes.subarray(from + NATIVE, from + whole), size + GUEST_CMSGHDR);
    size += aligned(GUEST_CMSGHDR + data);
    from += (whole + 7) & ~7;
  }
  return size;
}

/** Turns amount sets of three control messages into the kernel's and back, and counts those whose last came back. */
export const controls: Work = (_port, amount) => {
  const guest = new Bytes();
  const native = new Bytes();
  const length = placeControl(guest.view, 0);
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const wanted = i & 0x7fffffff;
    guest.view.setInt32(length - 4, wanted, true);
    const encoded = toNative(guest, length, native);
    const decoded = toGuest(native, encoded, guest);
    if (decoded === length && guest.view.getInt32(length - 4, true) === wanted) good++;
  }
  return good;
};
