// A guest's memory as the harness sees it: reads that never leave it, and a copy of what it must hold.

import type { Range } from "./abi.js";

/** Reads of a guest's memory; what is outside reads 0. */
export interface GuestView {
  /** The 32-bit number at an address, unsigned. */
  word(at: number): number;
  /** The same, signed. */
  int(at: number): number;
}

/** The memory of a guest and its copy, which must not differ but where a call may write. */
export class WatchedMemory implements GuestView {
  readonly memory: WebAssembly.Memory;
  #bytes: Buffer;
  #copy: Buffer;

  constructor(memory: WebAssembly.Memory, pattern: number) {
    this.memory = memory;
    this.#bytes = Buffer.from(memory.buffer).fill(pattern);
    this.#copy = Buffer.from(this.#bytes);
  }

  word(at: number): number {
    const start = at >>> 0;
    return start + 4 <= this.#bytes.length ? this.#bytes.readUInt32LE(start) : 0;
  }

  int(at: number): number {
    return this.word(at) | 0;
  }

  /** Writes what a guest writes itself, as far as there is memory. */
  write(at: number, bytes: Uint8Array): void {
    const start = at >>> 0;
    const room = bytes.subarray(0, Math.max(0, this.#bytes.length - start));
    if (room.length === 0) return;
    this.#bytes.set(room, start);
    this.#copy.set(room, start);
  }

  /** Grows it, as a guest does; past its maximum nothing happens. */
  grow(pages: number): void {
    try {
      this.memory.grow(pages);
    } catch {
      return;
    }
    const copy = Buffer.alloc(this.memory.buffer.byteLength);
    copy.set(this.#copy);
    this.#bytes = Buffer.from(this.memory.buffer);
    this.#copy = copy;
  }

  /** The first byte that a call changed although it may not have; undefined where there is none. */
  changed(allowed: readonly Range[]): number | undefined {
    if (this.#bytes.equals(this.#copy)) return undefined;
    for (const [at, size] of allowed) {
      const start = at >>> 0;
      const end = Math.min(start + (size >>> 0), this.#bytes.length);
      if (start < end) this.#copy.set(this.#bytes.subarray(start, end), start);
    }
    if (this.#bytes.equals(this.#copy)) return undefined;
    return this.#bytes.findIndex((byte, index) => byte !== this.#copy[index]);
  }
}
