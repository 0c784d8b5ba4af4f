// The native addresses of the trusted instance's scratch areas: what the host lends to a system call.
// That memory never grows, so they hold for as long as the thread lives.

import { addressOf } from "./libc.js";
import { marshal, marshalBytes } from "./marshal.js";

const base = addressOf(marshalBytes);

/** The native address of a pointer into the trusted instance's memory. */
export function native(pointer: number): number {
  return base + pointer;
}

/** Native addresses of the scratch areas of assembly/codec/buffers, and of the wait's pollfds. */
export const scratch = {
  address: native(marshal.address),
  length: native(marshal.length),
  text: native(marshal.text),
  block: native(marshal.block),
  entry: native(marshal.entry),
  pollfds: native(marshal.pollfds),
} as const;

const words = new DataView(marshal.memory.buffer);

/** Reads the `length` scratch word. */
export function scratchLength(): number {
  return words.getUint32(marshal.length, true);
}

/** Writes the `length` scratch word. */
export function setScratchLength(length: number): void {
  words.setUint32(marshal.length, length, true);
}
