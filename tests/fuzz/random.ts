// Numbers that a seed decides: the same run again wherever a failure is looked at.

/** A stream of numbers, splitmix32. */
export class Random {
  #state: number;

  /** @param seed any integers: each set of them is a stream of its own */
  constructor(...seed: number[]) {
    this.#state = 0;
    for (const number of seed) this.#state = (this.integer() ^ number) | 0;
  }

  /** A number of 32 bits, signed. */
  integer(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  }

  /** From 0 to one less than the limit, which is 1 at least. */
  below(limit: number): number {
    return (this.integer() >>> 0) % limit;
  }

  /** Whether something is to happen that happens once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of some. */
  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** So many bytes. */
  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.integer() & 0xff));
  }
}
