// Lists of flags, answers of getaddrinfo(3) and control messages: what the codecs make of them, in TypeScript written
// by hand.

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

function decodeFlags(bits: number): string[] {
  const names: string[] = [];
  for (let bit = 0; bit < BITS; bit++) {
    const name = (bits & (1 << bit)) === 0 ? undefined : NAMES.get(1 << bit);
    if (name !== undefined) names.push(name);
  }
  return names;
}

/** Encodes and decodes amount lists of message flags, and counts those that came back. */
export const flags: Work = (_port, amount) => {
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const list = LISTS[i & 1]!;
    const back = decodeFlags(encodeFlags(list));
    if (back.length === list.length && back[0] === list[0]) good++;
  }
  return good;
};

const [AF_INET, AF_INET6, SOCK_STREAM, IPPROTO_TCP] = [2, 10, 1, 6];
const HOST = "host.example";
/** struct addrinfo of wasm32 and of the 64-bit kernel: where the fields stand that are not alike. */
const guestAddrinfo = { addr: 20, canonname: 24, next: 28, size: 32 };
const nativeAddrinfo = { addrlen: 16, addr: 24, canonname: 32, next: 40, size: 48 };

const aligned = (size: number): number => (size + 3) & ~3;

/** Three addresses and a name in a list of the kernel's libc, whose pointers are offsets; 0 is NULL. */
function list(): { bytes: Uint8Array; first: number; port: number } {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const stride = 128;
  const name = 480;
  new TextEncoder().encodeInto(HOST, bytes.subarray(name));
  [AF_INET6, AF_INET6, AF_INET].forEach((family, i, { length }) => {
    const at = 8 + i * stride;
    const fields = [0, family, SOCK_STREAM, IPPROTO_TCP, family === AF_INET ? 16 : 28];
    fields.forEach((field, j) => {
      view.setInt32(at + 4 * j, field, true);
    });
    view.setBigUint64(at + nativeAddrinfo.addr, BigInt(at + nativeAddrinfo.size), true);
    view.setBigUint64(at + nativeAddrinfo.canonname, BigInt(i === 0 ? name : 0), true);
    view.setBigUint64(at + nativeAddrinfo.next, BigInt(i + 1 < length ? at + stride : 0), true);
    view.setUint16(at + nativeAddrinfo.size, family, true);
  });
  return { bytes, first: 8, port: 8 + 2 * stride + nativeAddrinfo.size + 2 };
}

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
  const { bytes, first, port } = list();
  const from = new DataView(bytes.buffer);
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

const [IPPROTO_IP, IP_TOS, IP_TTL, IP_PKTINFO] = [0, 1, 2, 8];
/** Bytes of struct cmsghdr on wasm32, and of the 64-bit kernel's. */
const [GUEST, NATIVE] = [12, 16];

/** Bytes, and the same as numbers. */
class Bytes {
  readonly bytes = new Uint8Array(16384);
  readonly view = new DataView(this.bytes.buffer);
}

/** Turns a guest's control data into the kernel's: its size, 0 where it is malformed. */
function toNative({ bytes, view }: Bytes, length: number, out: Bytes): number {
  let size = 0;
  for (let from = 0; length - from >= GUEST;) {
    const whole = view.getUint32(from, true);
    if (whole < GUEST || whole > length - from) return 0;
    const data = whole - GUEST;
    const padded = (NATIVE + data + 7) & ~7;
    if (size + padded > out.bytes.length) return 0;
    out.bytes.fill(0, size, size + padded);
    out.view.setBigUint64(size, BigInt(NATIVE + data), true);
    out.view.setInt32(size + 8, view.getInt32(from + 4, true), true);
    out.view.setInt32(size + 12, view.getInt32(from + 8, true), true);
    out.bytes.set(bytes.subarray(from + GUEST, from + whole), size + NATIVE);
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
    if (size + GUEST + data > out.bytes.length) break;
    out.view.setUint32(size, GUEST + data, true);
    out.view.setInt32(size + 4, view.getInt32(from + 8, true), true);
    out.view.setInt32(size + 8, view.getInt32(from + 12, true), true);
    out.bytes.set(bytes.subarray(from + NATIVE, from + whole), size + GUEST);
    size += aligned(GUEST + data);
    from += (whole + 7) & ~7;
  }
  return size;
}

/** Turns amount sets of three control messages into the kernel's and back, and counts those whose last came back. */
export const controls: Work = (_port, amount) => {
  const guest = new Bytes();
  const native = new Bytes();
  let length = 0;
  for (const [type, size] of [
    [IP_PKTINFO, 12],
    [IP_TTL, 4],
    [IP_TOS, 4],
  ] as const) {
    guest.view.setUint32(length, GUEST + size, true);
    guest.view.setInt32(length + 4, IPPROTO_IP, true);
    guest.view.setInt32(length + 8, type, true);
    length += GUEST + size;
  }
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
