// A guest that is nothing but its imports and its memory: a driver calls them as the guest's code would.

import { write } from "../../fuzz/module.js";
import type { Option } from "../driver.js";

const PAGES = 256;

/** Where a driver puts what it passes: places in the guest's memory. */
export const AT = {
  out: 0x100,
  out2: 0x108,
  vectors: 0x200,
  name: 0x400,
  extra: 0x800,
  list: 0x1000,
} as const;
/** Where bytes go; sends and receives are at most 8 MiB. */
export const DATA = 0x10000;
/** A place that is outside of the memory. */
export const NOWHERE = PAGES * 65536;

/** A module that imports functions of i32, by their numbers of parameters, and gives them away by their names. */
export function importing(
  module: string,
  functions: Readonly<Record<string, number | string>>,
): Uint8Array<ArrayBuffer> {
  const imports = Object.entries(functions).map(([name, parameters]) => ({
    module,
    name,
    parameters: Array.from(
      typeof parameters === "number" ? "i".repeat(parameters) : parameters,
      (type) => (type === "l" ? "i64" : "i32"),
    ),
    result: "i32" as const,
  }));
  return write({
    imports,
    memory: [PAGES, PAGES],
    exports: [
      ...imports.map(({ name }, i) => [name, "function", i] as const),
      ["memory", "memory", 0] as const,
    ],
  });
}

/** What such a module exports. */
export type Exports = Record<string, (...args: (number | bigint)[]) => number> & {
  readonly memory: WebAssembly.Memory;
};

/** A guest's memory, as a driver uses it. */
export class Bytes {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor({ buffer }: WebAssembly.Memory) {
    this.#view = new DataView(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  set8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  set16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  set32(at: number, ...values: number[]): void {
    values.forEach((value, i) => {
      this.#view.setInt32(at + 4 * i, value, true);
    });
  }

  set64(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }

  get8(at: number): number {
    return this.#view.getUint8(at);
  }

  get16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  /** In network byte order. */
  get16be(at: number): number {
    return this.#view.getUint16(at, false);
  }

  get32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  get64(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }

  put(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  /** Puts the value of an option, as Linux lays it out: its size. */
  putOption(at: number, option: Option, value: number): number {
    switch (option) {
      case "linger":
        this.set32(at, 1, value);
        return 8;
      case "rcvtimeo":
        this.set64(at, 0n);
        this.set64(at + 8, BigInt(value) * 1000n);
        return 16;
      default:
        this.set32(at, value);
        return 4;
    }
  }

  fill(at: number, size: number): void {
    this.#bytes.fill(0, at, at + size);
  }

  take(at: number, size: number): Uint8Array {
    return this.#bytes.slice(at, at + size);
  }

  text(at: number, size: number): string {
    return Buffer.from(this.take(at, size)).toString("latin1");
  }
}

/** The bytes of an address in text. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(":")) return Uint8Array.from(text.split("."), Number);
  const [head, tail] = text.split("::") as [string, string?];
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const [first, last] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill("0");
  return Uint8Array.from(
    [...first, ...middle, ...last].flatMap((group) => {
      const value = parseInt(group, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}

/** The text of an address in bytes, as node:net writes it. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
