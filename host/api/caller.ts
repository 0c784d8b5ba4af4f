// A TypeScript caller's side of one instance of build/sockets.wasm: its bytes, and how its calls fail.

import { decodeAddress, encodeAddress, type Address } from "../address.js";
import { BufferPool } from "./buffers.js";
import { describe, type ErrnoDescription } from "../errno.js";
import { SocketError, type ErrorContext } from "../error.js";
import { readText, writeText } from "../marshal.js";
import type { Sockets } from "./sockets.js";

/** What every function of the TypeScript API does its work with. */
export class Caller {
  /** The caller's bytes in the instance's memory. */
  readonly pool: BufferPool;
  /** The last failure: an error number, a negative EAI code, 0 for none. */
  #failure = 0;

  /** @param wasm the instance */
  constructor(readonly wasm: Sockets) {
    this.pool = new BufferPool(wasm);
  }

  /** The last failure, null where nothing has failed yet. */
  get failure(): ErrnoDescription | null {
    return this.#failure === 0 ? null : describe(this.#failure);
  }

  /** Passes a count on, or -1 after keeping the error number. */
  count(result: number): number {
    if (result < 0) this.#failure = this.wasm.errno();
    return result;
  }

  /** Passes on what came, or null after keeping the error number. */
  found<Value>(value: Value | null): Value | null {
    if (value === null) this.#failure = this.wasm.errno();
    return value;
  }

  /** Passes a result on that is no failure, and throws one that is. */
  expect(syscall: string, result: number, context?: ErrorContext): number {
    if (result >= 0) return result;
    throw this.error(syscall, this.wasm.errno(), context);
  }

  /** Keeps an error number, and makes the error that is to be thrown. */
  error(syscall: string, errno: number, context?: ErrorContext): SocketError {
    this.#failure = errno;
    return new SocketError(syscall, errno, context);
  }

  /** Writes an address into the `address` scratch area: its length. */
  encodeAddress(address: Address): number {
    const { wasm } = this;
    return encodeAddress(wasm, this.pool.bytes, address, (name) => this.interfaceIndex(name));
  }

  /** Reads the address in the `address` scratch area, of the length in `length`. */
  decodeAddress(): Address | null {
    const { address, length } = this.wasm;
    return decodeAddress(this.wasm, this.pool.bytes, address, this.pool.word(length));
  }

  /** Makes the whole `address` scratch area ready to be filled in. */
  expectAddress(): void {
    this.pool.setWord(this.wasm.length, this.wasm.SOCKADDR_MAX);
  }

  /**
   * Writes a C string into the `text` scratch area.
   *
   * @param at the offset to write it at
   * @returns the offset behind its NUL
   * @throws TypeError where it holds a NUL itself; RangeError where it does not fit
   */
  writeString(text: string, at = 0): number {
    if (!text.includes("\0")) return at + writeText(this.wasm, this.pool.bytes, `${text}\0`, at);
    throw new TypeError(`${JSON.stringify(text)} holds a NUL, which ends a string in C`);
  }

  /** Reads a C string. */
  readString(at: number): string {
    const { bytes } = this.pool;
    return readText(bytes, at, bytes.indexOf(0, at) - at);
  }

  /** The index of a network interface, if_nametoindex(3). */
  interfaceIndex(name: string): number {
    this.writeString(name);
    return this.expect("if_nametoindex", this.wasm.if_nametoindex(this.wasm.text));
  }
}
