// The native addresses of the trusted instance's scratch areas: what the host lends to a system call.
// That memory never grows, so they hold for as long as the thread lives.

import { addressOf } from "./libc.js";
import { marshal, marshalBytes } from "./marshal.js";

/** The native address of the trusted instance's memory. */
export const base = addressOf(marshalBytes);

/** The native address of a pointer into the trusted instance's memory. */
export function native(pointer: number): number {
  return base + pointer;
}

/** Native addresses of the areas of assembly/codec that system calls read and write. */
export const scratch = {
  address: native(marshal.address),
  length: native(marshal.length),
  interval: native(marshal.interval),
  text: native(marshal.text),
  block: native(marshal.block),
  entry: native(marshal.entry),
  pollfds: native(marshal.pollfds),
  value: native(marshal.value),
  headers: native(marshal.headers),
  detour: native(marshal.detour),
  events: native(marshal.events),
} as const;

const words = new DataView(marshal.memory.buffer);

/** Reads a 32-bit number of the trusted instance's memory, as an i32. */
export function word(pointer: number): number {
  return words.getInt32(pointer, true);
}

/** Writes a 32-bit number of the trusted instance's memory. */
export function setWord(pointer: number, value: number): void {
  words.setInt32(pointer, value, true);
}

/** Reads the `length` scratch word. */
export function scratchLength(): number {
  return word(marshal.length);
}

/** Writes the `length` scratch word. */
export function setScratchLength(length: number): void {
  setWord(marshal.length, length);
}
