// The codecs of marshal.wasm alone, instantiated as anyone can, for it imports nothing:
// codec.js addresses | answers | controls PORT AMOUNT SIZE.

import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { nativeAddrinfo, placeControl, placeList } from "./samples.js";
import { time, type Work } from "./work.js";

interface Codecs {
  readonly memory: WebAssembly.Memory;
  /** Scratch areas for text and for one address. */
  readonly text: WebAssembly.Global;
  readonly address: WebAssembly.Global;
  readonly block: WebAssembly.Global;
  /** The native entry of an answer at hand, and a guest's control data. */
  readonly entry: WebAssembly.Global;
  readonly control: WebAssembly.Global;
  encodeInet(out: number, text: number, length: number, port: number): number;
  encodeInet6(
    out: number,
    text: number,
    length: number,
    port: number,
    flowinfo: number,
    scope: number,
  ): number;
  portOf(address: number): number;
  textOf(address: number, out: number): number;
  addrinfoBegin(guestAddress: number): void;
  addrinfoAppend(nameLength: number): number;
  addrinfoName(): number;
  addrinfoSize(): number;
  nativeAddressLength(): number;
  nativeAddress(): number;
  nativeName(): number;
  nativeNext(): number;
  readonly encodeControl: (length: number, out: number, room: number) => number;
  readonly decodeControl: (
    native: number,
    length: number,
    capacity: number,
    descriptors: number,
  ) => number;
}

const path = new URL(import.meta.resolve("wasi-sockets/marshal.wasm"));
const { instance } = await WebAssembly.instantiate(await readFile(path));
const codecs = instance.exports as unknown as Codecs;
const bytes = new Uint8Array(codecs.memory.buffer);
const address = codecs.address.value as number;
const printed = codecs.block.value as number;

/** Puts text into the `text` area, at an offset. */
function place(text: string, offset: number): { at: number; length: number } {
  const at = (codecs.text.value as number) + offset;
  const { written } = new TextEncoder().encodeInto(text, bytes.subarray(at));
  return { at, length: written };
}

const inet = place("192.168.10.254", 0);
const inet6 = place("2001:db8::8a2e:370:7334", 64);

function same(text: { at: number; length: number }, length: number): boolean {
  if (length !== text.length) return false;
  for (let i = 0; i < length; i++) if (bytes[text.at + i] !== bytes[printed + i]) return false;
  return true;
}

/** Encodes and decodes amount addresses, IPv4 and IPv6 in turn, and counts those that came back. */
const addresses: Work = (_port, amount) => {
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const port = i & 0xffff;
    const text = i % 2 === 1 ? inet6 : inet;
    if (i % 2 === 1) codecs.encodeInet6(address, text.at, text.length, port, 0, 0);
    else codecs.encodeInet(address, text.at, text.length, port);
    const length = codecs.textOf(address, printed);
    if (codecs.portOf(address) === port && same(text, length)) good++;
  }
  return good;
};

const view = new DataView(codecs.memory.buffer);

/**
 * Flattens amount answers of three addresses and a name, and counts those whose last port is right. The host copies
 * what the codec asks for, as it does out of libc's memory.
 */
const answers: Work = (_port, amount) => {
  const list = codecs.text.value as number;
  const port = placeList(view, list);
  const entry = codecs.entry.value as number;
  let good = 0;
  for (let i = 0; i < amount; i++) {
    view.setUint16(port, i & 0xffff);
    codecs.addrinfoBegin(0);
    for (let at = list; at !== 0; at = codecs.nativeNext()) {
      bytes.copyWithin(entry, at, at + nativeAddrinfo.size);
      const name = codecs.nativeName();
      const length = name === 0 ? -1 : bytes.indexOf(0, name) - name;
      const out = codecs.addrinfoAppend(length);
      const address = codecs.nativeAddress();
      bytes.copyWithin(out, address, address + codecs.nativeAddressLength());
      if (length > 0) bytes.copyWithin(codecs.addrinfoName(), name, name + length);
    }
    const end = printed + codecs.addrinfoSize();
    if (view.getUint16(end - 16 + 2) === (i & 0xffff)) good++;
  }
  return good;
};

/** Bytes of control data that there is room for. */
const ROOM = 16384;

/** Turns amount sets of three control messages into the kernel's and back, and counts those whose last came back. */
const controls: Work = (_port, amount) => {
  const { encodeControl, decodeControl } = codecs;
  const control = codecs.control.value as number;
  const length = placeControl(view, control);
  const last = control + length - 4;
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const wanted = i & 0x7fffffff;
    view.setInt32(last, wanted, true);
    const encoded = encodeControl(length, printed, ROOM);
    const decoded = decodeControl(printed, encoded, ROOM, 0);
    if (decoded === length && view.getInt32(last, true) === wanted) good++;
  }
  return good;
};

const works: Record<string, Work> = { addresses, answers, controls };
await time(works[argv[2]!]!);
