// marshal.wasm as the page uses it: its numbers by name, and its memory as bytes that come and go.

import type { Codecs, Marshal, SystemName } from "wasi-sockets/marshal";

/** Numbers by their names, as marshal.wasm exports those of an enum. */
export type Names = Readonly<Record<string, number>>;

/** Sets of numbers that differ between systems, by the prefix that C gives them. */
export type SetName = keyof Codecs["NumberSet"];

/** Where bytes are put for a codec, and where it leaves its own: far from what `encode` and `decode` use. */
const FROM = 4096;
const TO = 8192;

export class Machine {
  readonly #marshal: Marshal;
  readonly #memory: Uint8Array;

  constructor(marshal: Marshal) {
    this.#marshal = marshal;
    this.#memory = new Uint8Array(marshal.codecs.memory.buffer);
  }

  get codecs(): Codecs {
    return this.#marshal.codecs;
  }

  get encode(): Marshal["encode"] {
    return this.#marshal.encode;
  }

  get decode(): Marshal["decode"] {
    return this.#marshal.decode;
  }

  /** The number that marshal.wasm has for a system. */
  system(name: SystemName): number {
    const { System } = this.codecs;
    return { linux: System.LINUX, darwin: System.DARWIN, freebsd: System.FREEBSD, win32: System.WINDOWS }[name]; // prettier-ignore
  }

  /** The members of an enum: "AF" is { INET: 2, … }. */
  names(set: string): Names {
    return (this.codecs as unknown as Record<string, Names>)[set]!;
  }

  /** A struct's fields on a system, by their names in C: bytes from its start. */
  layout(system: SystemName, struct: string): Names {
    if (system !== "linux") return LAYOUTS[system][struct]!;
    const all = this.codecs as unknown as Record<string, Names | undefined>;
    return (all[`native_${struct}`] ?? all[struct])!;
  }

  /** A number of Linux's on a system, null where it has no such thing. */
  toSystem(system: SystemName, set: SetName, number: number): number | null {
    const { NumberSet, ABSENT } = this.codecs;
    if (system === "linux") return number;
    const found = this.codecs.numberToSystem(this.system(system), NumberSet[set], number);
    return found === ABSENT ? null : found;
  }

  /** A system's number as Linux has it, null where that has no such thing. */
  fromSystem(system: SystemName, set: SetName, number: number): number | null {
    const { NumberSet, ABSENT } = this.codecs;
    const found = this.codecs.numberFromSystem(this.system(system), NumberSet[set], number);
    return found === ABSENT ? null : found;
  }

  /** The name of a system's number, without its prefix; undefined where it has none. */
  nameOf(system: SystemName, set: SetName, number: number): string | undefined {
    const own = this.fromSystem(system, set, number);
    const members = Object.entries(this.names(set === "ERRNO" ? "Errno" : set));
    return own === null ? undefined : members.find(([, value]) => value === own)?.[0];
  }

  /**
   * Gives a codec bytes, and takes what it makes of them.
   *
   * @param bytes what it reads
   * @param codec is told where they are, and where its own go; returns how many it made
   */
  through(bytes: Uint8Array, codec: (from: number, to: number) => number): Uint8Array {
    const { block } = this.codecs;
    this.#memory.fill(0, block + FROM, block + TO + FROM);
    this.#memory.set(bytes, block + FROM);
    const length = codec(block + FROM, block + TO);
    return this.#memory.slice(block + TO, block + TO + Math.max(0, length));
  }
}
