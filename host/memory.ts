// A guest's linear memory, checked: nothing outside it is ever read, written or handed to libc.

import { addressOf } from "./libc.js";

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);
const WORD = 4;

/** From how many bytes on the engine's copy, which takes a view of its own, is faster than one by words. */
const MANY = 128;

/** Copies few bytes that are there on both sides, a word at a time for as long as there is one. */
function copy(from: DataView, start: number, to: DataView, offset: number, size: number): void {
  let i = 0;
  for (const words = size - WORD; i <= words; i += WORD) {
    to.setInt32(offset + i, from.getInt32(start + i, true), true);
  }
  for (; i < size; i++) to.setUint8(offset + i, from.getUint8(start + i));
}

/**
 * The memory of one guest. Pointers and sizes are the i32 that a guest passed, of either sign; 0 is
 * NULL, so it is bad wherever there is a byte to read or write.
 */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #bytes: Uint8Array = NOTHING;
  /** The same bytes as words, which lie wherever the guest put them. */
  #view: DataView = NO_VIEW;
  /** The bytes of the host that were copied to or from last, and they as words. */
  #other: Uint8Array = NOTHING;
  #otherView: DataView = NO_VIEW;
  // Numbers as large as native addresses live on V8's heap. A field that may be undefined keeps one as it is, where
  // one that is always a number would make another for every call.
  #base: number | undefined;
  #lastPointer = 0;
  /** The native address of the last pointer: a loop over one buffer makes it once. */
  #lastAddress: number | undefined;

  /** @param memory the guest's memory; until one is attached, every pointer is bad */
  constructor(memory?: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Gives the guest its memory, once it is instantiated. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
    this.#bytes = NOTHING;
    this.#view = NO_VIEW;
    this.#lastAddress = undefined;
  }

  /** The buffer of the memory as it is now: another one where the memory has grown. */
  get buffer(): ArrayBufferLike | undefined {
    return this.#memory?.buffer;
  }

  /** Bytes of the memory as it is now. */
  get size(): number {
    this.#look(0);
    return this.#bytes.length;
  }

  /**
   * Bytes of the memory as it was when a range was checked that has any: it has them still, and may have more by
   * now. `size` looks, which takes longer than the check of a range.
   */
  get checkedSize(): number {
    return this.#bytes.length;
  }

  /** The native address of the memory, for as long as the guest does not run; a range was checked, or `size` asked. */
  get base(): number {
    return this.#base ?? 0;
  }

  /**
   * Checks a range.
   *
   * @returns whether all of it lies within the memory as it is now
   */
  holds(pointer: number, size: number): boolean {
    const start = pointer >>> 0;
    const length = size >>> 0;
    if (length === 0) return true;
    if (start === 0) return false;
    return start + length <= this.#bytes.length || this.#look(start + length);
  }

  /**
   * The native address of a range, for as long as the guest does not run.
   *
   * @returns the address, or -1 where the range does not lie within the memory
   */
  at(pointer: number, size: number): number {
    if (!this.holds(pointer, size)) return -1;
    if (this.#lastAddress === undefined || pointer !== this.#lastPointer) {
      this.#lastPointer = pointer;
      this.#lastAddress = this.base + (pointer >>> 0);
    }
    return this.#lastAddress;
  }

  /**
   * Copies out of the memory.
   *
   * @returns whether the range lies within it; nothing is copied where it does not
   */
  read(pointer: number, size: number, into: Uint8Array, offset: number): boolean {
    if (!this.holds(pointer, size)) return false;
    const start = pointer >>> 0;
    if (size >= MANY) into.set(this.#bytes.subarray(start, start + size), offset);
    else copy(this.#view, start, this.#wordsOf(into), offset, size);
    return true;
  }

  /**
   * Copies into the memory.
   *
   * @returns whether the range lies within it; nothing is copied where it does not
   */
  write(pointer: number, size: number, from: Uint8Array, offset: number): boolean {
    if (!this.holds(pointer, size)) return false;
    const start = pointer >>> 0;
    if (size >= MANY) this.#bytes.set(from.subarray(offset, offset + size), start);
    else copy(this.#wordsOf(from), offset, this.#view, start, size);
    return true;
  }

  /** Reads a 32-bit number, as an i32; the caller has checked that it is there. */
  int32(pointer: number): number {
    const start = pointer >>> 0;
    return start + WORD <= this.#bytes.length ? this.#view.getInt32(start, true) : 0;
  }

  /** Writes a 32-bit number; the caller has checked that there is room. */
  setInt32(pointer: number, value: number): void {
    const start = pointer >>> 0;
    if (start + WORD <= this.#bytes.length) this.#view.setInt32(start, value, true);
  }

  /** Reads a 16-bit number, as an i16; the caller has checked that it is there. */
  int16(pointer: number): number {
    const bytes = this.#bytes;
    const start = pointer >>> 0;
    return ((bytes[start]! | (bytes[start + 1]! << 8)) << 16) >> 16;
  }

  /** Writes a 16-bit number; the caller has checked that there is room. */
  setInt16(pointer: number, value: number): void {
    const bytes = this.#bytes;
    const start = pointer >>> 0;
    bytes[start] = value;
    bytes[start + 1] = value >> 8;
  }

  /**
   * Copies a NUL-terminated string out of the memory, its NUL included.
   *
   * @param limit how many bytes it may have with its NUL
   * @returns its length without the NUL; -1 where the memory ends first, limit where it is longer
   */
  readString(pointer: number, limit: number, into: Uint8Array, offset: number): number {
    if (!this.holds(pointer, 1)) return -1;
    const start = pointer >>> 0;
    for (let i = 0; i < limit; i++) {
      if (start + i >= this.#bytes.length && !this.#look(start + i + 1)) return -1;
      const byte = this.#bytes[start + i]!;
      into[offset + i] = byte;
      if (byte === 0) return i;
    }
    return limit;
  }

  /** Bytes of the host as words: nearly all calls copy to and from the same. */
  #wordsOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#other) {
      this.#other = bytes;
      this.#otherView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#otherView;
  }

  /**
   * Looks at the memory anew where it has grown. Growing detaches the old buffer (its length reads 0)
   * or, where the memory is shared, leaves it short: either way the range check fails and leads here.
   */
  #look(end: number): boolean {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined) return false;
    if (buffer !== this.#bytes.buffer || buffer.byteLength !== this.#bytes.length) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
      this.#base = buffer.byteLength === 0 ? 0 : addressOf(this.#bytes);
      this.#lastAddress = undefined;
    }
    return end <= this.#bytes.length;
  }
}
