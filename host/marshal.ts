// Typed calls into the codecs of assembly/codec, whichever instance they live in.

import type { instantiate as instantiateMarshal } from "#marshal";
import { compile, instantiate, type Numbered } from "./loader.js";

/** What build/marshal.wasm exports: numbers, layouts, codecs, scratch areas. */
export type Codecs = Numbered<Awaited<ReturnType<typeof instantiateMarshal>>>;

/** The host's own trusted instance. No guest can reach its memory, which never grows. */
export const marshal: Codecs = instantiate(compile("marshal"));

/** The bytes of that instance. */
export const marshalBytes = new Uint8Array(marshal.memory.buffer);

/** The guest ABI's error numbers. */
export const { Errno } = marshal;

const encoder = new TextEncoder();
// A byte order mark is part of a path like any other character.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Writes text into an instance's `text` scratch area as UTF-8.
 *
 * @param codecs the instance
 * @param bytes its memory
 * @param text what to write
 * @param at how many bytes of the area to leave alone, 0 to start it anew
 * @returns how many bytes it took
 * @throws RangeError where it does not fit; TypeError for half a surrogate pair, which UTF-8 cannot hold
 */
export function writeText(codecs: Codecs, bytes: Uint8Array, text: string, at = 0): number {
  const room = codecs.TEXT_SIZE - at;
  const start = codecs.text + at;
  if (text.length <= room) {
    // Nearly all of it is ASCII: an address, a host name.
    let i = 0;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) break;
      bytes[start + i] = code;
    }
    if (i === text.length) return i;
    if (/\p{Surrogate}/u.test(text)) {
      throw new TypeError(`${JSON.stringify(text)} holds half a surrogate pair`);
    }
    const { read, written } = encoder.encodeInto(text, bytes.subarray(start, start + room));
    if (read === text.length) return written;
  }
  throw new RangeError(`text of ${text.length} characters is too long: at most ${room} bytes fit`);
}

/** Reads UTF-8 from an instance's memory. */
export function readText(bytes: Uint8Array, start: number, length: number): string {
  return decoder.decode(bytes.subarray(start, start + length));
}
