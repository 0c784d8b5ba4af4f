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
const words = new Int32Array(marshal.memory.buffer);
let owners = 0;

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
    if (length > (PLACE - HEAD) * WORD) return;
    const place = this.#place(at, length);
    table[place] = this.#owner;
    table[place + 1] = generation;
    table[place + 2] = Number(action === "connect");
    table[place + 3] = kind.domain;
    table[place + 4] = kind.type;
    table[place + 5] = kind.protocol;
    table[place + 6] = length;
    const first = at / WORD;
    for (let i = 0; i < length / WORD; i++) table[place + HEAD + i] = words[first + i]!;
  }

  /** Whether that was kept, and holds. */
  has(action: Kept, kind: Kind, generation: number, at: number, length: number): boolean {
    if (length > (PLACE - HEAD) * WORD) return false;
    const place = this.#place(at, length);
    if (
      table[place] !== this.#owner ||
      table[place + 1] !== generation ||
      table[place + 2] !== Number(action === "connect") ||
      table[place + 3] !== kind.domain ||
      table[place + 4] !== kind.type ||
      table[place + 5] !== kind.protocol ||
      table[place + 6] !== length
    ) {
      return false;
    }
    const first = at / WORD;
    for (let i = 0; i < length / WORD; i++) {
      if (table[place + HEAD + i] !== words[first + i]) return false;
    }
    return true;
  }

  /** Where in the table the verdict on an address stands. */
  #place(at: number, length: number): number {
    const first = at / WORD;
    let hash = this.#owner;
    for (let i = 0; i < length / WORD; i++) {
      hash = Math.imul(hash ^ words[first + i]!, SPREAD);
      hash ^= hash >>> 15;
    }
    return (hash >>> (32 - PLACES_LOG2)) * PLACE;
  }
}
