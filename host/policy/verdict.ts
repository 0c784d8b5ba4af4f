// The last address that a socket was allowed, in bytes: the same one again is not judged again.

import { marshal, marshalBytes } from "../marshal.js";

/** One verdict, for as long as what it rests on holds. */
export class Verdict {
  readonly #bytes = new Uint8Array(marshal.SOCKADDR_MAX);
  #length = -1;
  #generation = 0;

  /** Keeps the address of some bytes at a place in the trusted memory. */
  keep(at: number, length: number, generation: number): void {
    for (let i = 0; i < length; i++) this.#bytes[i] = marshalBytes[at + i]!;
    this.#length = length;
    this.#generation = generation;
  }

  /** Whether it is the verdict on that address. */
  isOn(at: number, length: number, generation: number): boolean {
    if (length !== this.#length || generation !== this.#generation) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[i] !== marshalBytes[at + i]) return false;
    return true;
  }
}
