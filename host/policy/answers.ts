// What the names that a guest looked up resolved to, for as long as the answers are held: until the same
// name is looked up again, or others need the room.

/** The addresses that one guest was told. */
export class Answers {
  /** The addresses of each name and family, "inet example.com", the latest answer last. */
  readonly #held = new Map<string, readonly string[]>();
  #count = 0;
  #generation = 0;

  /** @param limit how many addresses are held */
  constructor(readonly limit: number) {}

  /** Changes whenever an answer ends: what was judged before is then to be judged anew. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Holds an answer in the place of the last one for that name and family.
   *
   * @param name in lower case
   * @param family "inet" or "inet6"
   * @param addresses in text; those above the limit are left out
   */
  hold(name: string, family: string, addresses: readonly string[]): void {
    const key = `${family} ${name}`;
    this.#end(key);
    const kept = addresses.slice(0, this.limit);
    this.#held.set(key, kept);
    this.#count += kept.length;
    for (const oldest of this.#held.keys()) {
      if (this.#count <= this.limit) break;
      this.#end(oldest);
    }
  }

  /** Whether an address is what some name resolved to. */
  allow(address: string, matches: (name: string) => boolean): boolean {
    for (const [key, addresses] of this.#held) {
      if (addresses.includes(address) && matches(key.slice(key.indexOf(" ") + 1))) return true;
    }
    return false;
  }

  #end(key: string): void {
    const addresses = this.#held.get(key);
    if (addresses === undefined) return;
    this.#held.delete(key);
    this.#count -= addresses.length;
    this.#generation++;
  }
}
