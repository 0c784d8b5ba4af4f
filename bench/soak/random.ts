// Numbers and bytes that look random, and are the same for the same seed.

/** A generator of numbers: a Weyl sequence whose terms are mixed. */
export class Random {
  #state: number;

  /** @param seed 32 bits */
  constructor(readonly seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 up to, but not, a limit. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return Math.floor((mixed(this.#state) / 2 ** 32) * limit);
  }

  /** Whether something happens that does so many times of a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

function mixed(number: number): number {
  let mix = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}

/** The bytes of a stream: each is told by the stream's seed and its own place in it. */
export class Bytes {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = mixed(seed);
  }

  #at(place: number): number {
    return Math.imul(place ^ this.#seed, 0x9e3779b1) >>> 24;
  }

  /** So many of them, from a place on. */
  from(place: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = this.#at(place + i);
    return bytes;
  }

  /**
   * Holds what arrived against what should be at its place.
   *
   * @throws Error that names the first byte that differs
   */
  check(place: number, arrived: Uint8Array): void {
    for (let i = 0; i < arrived.length; i++) {
      const expected = this.#at(place + i);
      if (arrived[i] === expected) continue;
      throw new Error(`byte ${place + i} is ${arrived[i]!} instead of ${expected}`);
    }
  }
}
