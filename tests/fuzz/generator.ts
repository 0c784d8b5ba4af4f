// Numbers and bytes that are likely to matter: those at the edges of what is valid, and now and then what is
// valid. What it makes depends on its seed alone, so that a list of steps can be made without running it.

import { LENGTHS } from "./places.js";
import type { Random } from "./random.js";
import type { Step } from "./step.js";

const PAGE = 65536;
/** Pages of memory that a guest has, and may grow to. */
export const PAGES = { initial: 2, maximum: 6 } as const;

/** Where structs are put: small, so that they come to lie upon each other. */
const ARENA = { start: 0x1000, size: 0x3000 } as const;
/** Addresses that calls have left behind, and their lengths. */
const NAMES = [0x8000, 0x8100, 0x8200, 0x8300] as const;
const LENGTH_OFFSET = 0xf0;

/** The first number of a descriptor, and how many there may be. */
export const DESCRIPTORS = { first: 3, limit: 20 } as const;

// prettier-ignore
const EDGES = [
  0, 1, -1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 15, 16, 17, 27, 28, 29, 31, 32, 63, 64, 65, 107, 108, 110, 111, 127, 128, 129,
  255, 256, 505, 506, 1023, 1024, 1025, 4095, 4096, 4097, 8191, 8192, 16383, 16384, 16385, 65535, 65536, 65537,
  0x7ffffffe, 0x7fffffff, -0x80000000, -0x7fffffff, -2, -3, -4, -8, -12, -15, -16, -32, -4096, -65536,
];

/** What happens in what words of a struct. */
export type Words = readonly number[];

/** Makes the steps of one guest. */
export class Generator {
  readonly steps: Step[] = [];
  /** Whether all that is made now is valid, so that some calls go all the way. */
  honest = false;
  #pages: number = PAGES.initial;

  constructor(readonly random: Random) {}

  /** Where the memory ends. */
  get end(): number {
    return this.#pages * PAGE;
  }

  /** Whether something is to be wrong, that is wrong once in so many times where not all is to be valid. */
  odd(times: number): boolean {
    return !this.honest && this.random.once(times);
  }

  /** A number that somebody may have forgotten. */
  integer(): number {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
        return random.integer();
      case 1:
        return (1 << random.below(32)) - random.below(2);
      case 2:
        return this.end - random.below(40) + random.below(8);
      case 3:
        return -random.below(64);
      case 4:
        return random.below(4096);
      default:
        return random.oneOf(EDGES);
    }
  }

  /** A size: mostly one that is small. */
  size(): number {
    if (this.odd(4)) return this.integer();
    return this.random.below(this.random.oneOf([2, 64, 512, 4096]));
  }

  /** Flags: mostly none, or one; now and then all kinds. */
  flags(known: readonly number[] = []): number {
    const { random } = this;
    switch (random.below(this.honest ? 32 : 8)) {
      case 0:
        return random.integer();
      case 1:
        return 1 << random.below(32);
      case 2:
        return known.length === 0 ? 0 : random.oneOf(known) | random.oneOf(known);
      case 3:
      case 4:
        return known.length === 0 ? 0 : random.oneOf(known);
      default:
        return 0;
    }
  }

  /**
   * A descriptor: mostly one that may be open.
   *
   * @param likely those that suit a call best
   */
  descriptor(likely: readonly number[] = []): number {
    const { random } = this;
    if (this.odd(20)) return this.integer();
    if (likely.length > 0 && !this.odd(3)) return random.oneOf(likely);
    return DESCRIPTORS.first - 1 + random.below(DESCRIPTORS.limit + 2);
  }

  /** Room for so many bytes: within the memory, at its end, or a little beyond. */
  place(size: number): number {
    const { random } = this;
    const fits = Math.min(size >>> 0, ARENA.size);
    if (random.once(8)) return this.end - fits + (this.odd(3) ? 1 + random.below(8) : 0);
    const at = ARENA.start + random.below(ARENA.size);
    return random.once(4) ? at : at & ~7;
  }

  /** A pointer: to room for so many bytes, to nothing, or anywhere. */
  pointer(size = 64): number {
    if (this.odd(12)) return 0;
    return this.odd(12) ? this.integer() : this.place(size);
  }

  /** A pointer and a size. */
  buffer(): [pointer: number, size: number] {
    const size = this.size();
    return [this.pointer(size), size];
  }

  /** Writes bytes. */
  write(at: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.steps.push(["write", at, Buffer.from(bytes).toString("hex")]);
  }

  /** Writes words somewhere, and mostly leaves them valid: where they stand. */
  struct(words: Words, at = this.pointer(4 * words.length)): number {
    const { random } = this;
    const bytes = Buffer.alloc(4 * words.length);
    words.forEach((value, index) => bytes.writeInt32LE(value | 0, 4 * index));
    if (bytes.length > 0 && this.odd(4)) {
      bytes.writeInt32LE(this.integer() | 0, 4 * random.below(words.length));
    }
    if (bytes.length > 0 && this.odd(16)) {
      bytes.writeUInt8(random.below(256), random.below(bytes.length));
    }
    this.write(at, bytes);
    return at;
  }

  /** A pointer to a socket address that a call has left, or to one that is written now, and its length. */
  address(places: readonly string[]): [pointer: number, length: number] {
    const { random } = this;
    const at = random.once(4) ? this.pointer(128) : random.oneOf(NAMES);
    const place = random.oneOf(places);
    if (!random.once(3)) {
      this.steps.push(["address", at, place]);
      if (this.odd(8)) this.write(at + random.below(28), random.bytes(1 + random.below(4)));
    }
    return [at, this.odd(8) ? this.integer() : LENGTHS[place]!];
  }

  /** A port: mostly one that the kernel chooses. */
  port(): number {
    return this.odd(3) ? this.integer() : 0;
  }

  /** A pointer to room for a socket address, and one to its size. */
  room(): [pointer: number, length: number] {
    const { random } = this;
    if (random.once(10)) return [0, 0];
    const at = random.once(3) ? this.pointer(128) : random.oneOf(NAMES);
    const length = random.once(3) ? this.pointer(4) : random.oneOf(NAMES) + LENGTH_OFFSET;
    const size = this.odd(4) ? this.integer() : 128;
    this.struct([size], length);
    return [at, length];
  }

  /** A pointer to text, which mostly ends with a NUL. */
  text(texts: readonly string[]): number {
    const { random } = this;
    if (random.once(6)) return 0;
    const text = this.odd(8)
      ? random.bytes(random.below(80))
      : Buffer.from(this.odd(16) ? "a".repeat(this.size() & 0x3fff) : random.oneOf(texts));
    const bytes = this.odd(12) ? text : Buffer.concat([text, Buffer.alloc(1)]);
    const at = this.pointer(bytes.length);
    this.write(at, bytes);
    return at;
  }

  /** What happens between two calls: bytes that change, memory that grows, a call that may wait. */
  between(): void {
    const { random, steps } = this;
    if (random.once(8)) this.write(this.place(16), random.bytes(1 + random.below(16)));
    if (random.once(8)) this.struct([this.integer(), this.integer()]);
    if (random.once(400) && this.#pages < PAGES.maximum) {
      steps.push(["grow", 1]);
      this.#pages++;
    }
    if (random.once(12)) steps.push(["wait"]);
  }

  /** Adds a call, an argument of which is now and then any number. */
  call(name: string, args: readonly number[]): void {
    const numbers = args.map((value) => value | 0);
    if (numbers.length > 0 && this.odd(12)) {
      numbers[this.random.below(numbers.length)] = this.integer() | 0;
    }
    this.steps.push(["call", name, ...numbers]);
  }
}
