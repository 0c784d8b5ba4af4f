// Addresses that were allowed lately, in words: the same one again is not judged again, on whatever socket. One table
// for all policies of the thread, whose places are found by hash: a verdict takes the place of the one before it, which
// is then judged anew when it is needed.

import { marshal } from "../marshal.js";
import type { Action, Kind } from "./protocol.js";

/** What comes again and again with the same address. */
export type Kept = "connect" | "receive";

/** Whether verdicts on an action are kept. */
export function isKept(action: Action): action is Kept {
  return action === "connect" || action === "receive";
}

const WORD = Int32Array.BYTES_PER_ELEMENT;
const PLACES_LOG2 = 12;
/** A place holds whose verdict it is, on what, and the words of an address: sockaddr_in6 is the longest. */
const HEAD = 7;
const PLACE = HEAD + marshal.sockaddr_in6.sizeof / WORD;
/** 2^32 by the golden ratio: with the shift below, it spreads the hosts of one network and the ports of one host alike. */
const SPREAD = 0x9e3779b1;

const table = new Int32Array(PLACE << PLACES_LOG2);
/** A place as it would be for what is kept or asked for at the moment. */
const sought = new Int32Array(PLACE);
const words = new Int32Array(marshal.memory.buffer);
let owners = 0;

/** Where in the table so many words of `sought` belong. */
function placeOf(count: number): number {
  let hash = 0;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ sought[i]!, SPREAD);
    hash ^= hash >>> 15;
  }
  return (hash >>> (32 - PLACES_LOG2)) * PLACE;
}

/** The verdicts of one policy. */
export class Verdicts {
  readonly #owner = ++owners;

  /**
   * Keeps that an address is allowed, for as long as no other takes its place.
   *
   * @param action what it is for
   * @param kind of the socket
   * @param generation what the verdict rests on: it does not hold in another one
   * @param at where the address stands in the trusted memory, at a multiple of four
   * @param length of it in bytes; one longer than sockaddr_in6 is not kept
   */
  keep(action: Kept, kind: Kind, generation: number, at: number, length: number): void {
    const count = this.#layOut(action, kind, generation, at, length);
    const place = placeOf(count);
    for (let i = 0; i < count; i++) table[place + i] = sought[i]!;
  }

  /** Whether that was kept, and holds. */
  has(action: Kept, kind: Kind, generation: number, at: number, length: number): boolean {
    const count = this.#layOut(action, kind, generation, at, length);
    const place = placeOf(count);
    for (let i = 0; i < count; i++) if (table[place + i] !== sought[i]) return false;
    return count > 0;
  }

  /** Makes `sought` of a verdict: how many words it has, 0 for one that is not kept. */
  #layOut(action: Kept, kind: Kind, generation: number, at: number, length: number): number {
    if (length > (PLACE - HEAD) * WORD) return 0;
    sought[0] = this.#owner;
    sought[1] = generation;
    sought[2] = Number(action === "connect");
    sought[3] = kind.domain;
    sought[4] = kind.type;
    sought[5] = kind.protocol;
    sought[6] = length;
    const first = at / WORD;
    const count = Math.ceil(length / WORD);
    for (let i = 0; i < count; i++) sought[HEAD + i] = words[first + i]!;
    return HEAD + count;
  }
}
