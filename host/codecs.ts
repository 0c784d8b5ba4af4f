// What build/marshal.wasm exports, and text in an instance's memory. Nothing here needs a host: it runs wherever there
// is WebAssembly.

import type { instantiate as instantiateMarshal } from "#marshal";
import type { instantiate as instantiateSockets } from "#sockets";

/** A module's exports with every global replaced by its number. */
export type Numbered<Exports> = {
  readonly [Name in keyof Exports]: Exports[Name] extends { readonly value: infer Value }
    ? Value
    : Exports[Name];
};

/** What build/marshal.wasm exports: numbers, layouts, codecs, scratch areas. */
export type MarshalExports = Numbered<Awaited<ReturnType<typeof instantiateMarshal>>>;

/** Its numbers and layouts, which no instance has for itself: enums, and numbers in capital letters. */
export type Constant = {
  [Name in keyof MarshalExports]: MarshalExports[Name] extends number
    ? Name extends Uppercase<Name>
      ? Name
      : never // a scratch area
    : MarshalExports[Name] extends WebAssembly.Memory | ((...args: never[]) => unknown)
      ? never
      : Name;
}[keyof MarshalExports];

/** What build/sockets.wasm exports itself. */
type OwnSockets = Numbered<Awaited<ReturnType<typeof instantiateSockets>>>;

/** What it exports, with the numbers and layouts that it shares with build/marshal.wasm. */
export type Sockets = OwnSockets & Pick<MarshalExports, Exclude<Constant, keyof OwnSockets>>;

/** What the two have in common: all but WASI's and other systems'. */
export type Codecs = Pick<MarshalExports, keyof MarshalExports & keyof Sockets>;

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
