// The bytes of a TypeScript caller in linear memory: views that are not copied, and one staging area,
// kept between calls, for the Uint8Arrays that lie elsewhere.

import type { Sockets } from "./sockets.js";

/** The staging area to begin with, in bytes. */
const STAGE_SIZE = 65536;

/** The longest view, in bytes: AssemblyScript's allocator takes no more at once. */
const MAX_SIZE = 0x3fffffff;

/** Refuses what JavaScript passes where the types do not let it. */
function refuseOthers(bytes: Uint8Array): void {
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(`bytes must be a Uint8Array, not ${Object.prototype.toString.call(bytes)}`);
}

/** The caller's buffers in the memory of one instance. */
export class BufferPool {
  readonly #wasm: Sockets;
  /** All of linear memory as it is now; only `#allocate` makes it grow. */
  #bytes: Uint8Array;
  #words: DataView;
  #buffer: ArrayBufferLike;
  /** The buffers that memory had before it grew: their views are detached. */
  readonly #outgrown = new WeakSet<ArrayBufferLike>();
  /** Where the views that were given out stand. */
  readonly #views = new WeakMap<Uint8Array, { readonly pointer: number; readonly size: number }>();
  #stage = 0;
  #stageSize = 0;

  constructor(wasm: Sockets) {
    this.#wasm = wasm;
    this.#buffer = wasm.memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#words = new DataView(this.#buffer);
  }

  /** All of linear memory. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Reads a 32-bit number. */
  word(pointer: number): number {
    return this.#words.getInt32(pointer, true);
  }

  /** Writes a 32-bit number. */
  setWord(pointer: number, value: number): void {
    this.#words.setInt32(pointer, value, true);
  }

  /** Writes a 64-bit number. */
  setLong(pointer: number, value: number): void {
    this.#words.setBigInt64(pointer, BigInt(value), true);
  }

  /** A zeroed view of linear memory. */
  allocate(size: number): Uint8Array {
    const pointer = this.#allocate(size);
    return this.#view(pointer, size);
  }

  /** Frees a view. */
  release(view: Uint8Array): void {
    this.#wasm.release(this.#known(view).pointer);
    this.#views.delete(view);
  }

  /** A new view in the place of one that is detached. */
  remap(view: Uint8Array): Uint8Array {
    const { pointer, size } = this.#known(view);
    this.#views.delete(view);
    return this.#view(pointer, size);
  }

  /**
   * Where bytes stand in linear memory that the kernel will read after the call, MSG_ZEROCOPY: never in the
   * staging area, which the next call uses again.
   *
   * @throws TypeError for bytes that lie elsewhere
   */
  pin(bytes: Uint8Array): number {
    if (this.holds(bytes)) return bytes.byteOffset;
    throw new TypeError(
      '"zerocopy" sends the bytes of a buffer that net.buffer gave, and no others',
    );
  }

  /** Where bytes that are to be sent stand in linear memory: copied there, unless they are there already. */
  stage(bytes: Uint8Array): number {
    const pointer = this.room(bytes);
    if (bytes.buffer === this.#buffer) return pointer;
    this.#bytes.set(bytes, pointer);
    return pointer;
  }

  /** Where bytes may be received into: their own place in linear memory, or the staging area. */
  room(bytes: Uint8Array): number {
    refuseOthers(bytes);
    if (bytes.buffer === this.#buffer) return bytes.byteOffset;
    this.#refuseDetached(bytes);
    return this.reserve(bytes.length);
  }

  /** Whether bytes lie in linear memory already. */
  holds(bytes: Uint8Array): boolean {
    refuseOthers(bytes);
    if (bytes.buffer === this.#buffer) return true;
    this.#refuseDetached(bytes);
    return false;
  }

  /** The staging area, with room for so many bytes. */
  reserve(size: number): number {
    if (size > this.#stageSize) this.#enlargeStage(size);
    return this.#stage;
  }

  /** Copies what was received into the staging area to where the caller wants it. */
  unstage(bytes: Uint8Array, pointer: number, count: number): void {
    if (count <= 0 || bytes.buffer === this.#buffer) return;
    bytes.set(this.#bytes.subarray(pointer, pointer + Math.min(count, bytes.length)));
  }

  #refuseDetached(bytes: Uint8Array): void {
    if (bytes.length > 0 || !this.#outgrown.has(bytes.buffer)) return;
    throw new TypeError(
      "this buffer was detached when memory grew: net.remap(buffer) gives it back",
    );
  }

  #view(pointer: number, size: number): Uint8Array {
    const view = new Uint8Array(this.#buffer, pointer, size);
    this.#views.set(view, { pointer, size });
    return view;
  }

  #known(view: Uint8Array): { readonly pointer: number; readonly size: number } {
    const place = this.#views.get(view);
    if (place === undefined)
      throw new TypeError("this is not a view that net.buffer gave and that is still held");
    return place;
  }

  #enlargeStage(size: number): void {
    if (this.#stageSize > 0) this.#wasm.release(this.#stage);
    this.#stageSize = 0; // in case the next line throws
    const doubled = Math.max(STAGE_SIZE, 2 ** Math.ceil(Math.log2(size)));
    const wanted = Math.max(size, Math.min(doubled, MAX_SIZE));
    this.#stage = this.#allocate(wanted);
    this.#stageSize = wanted;
  }

  #allocate(size: number): number {
    if (!Number.isInteger(size) || size < 0 || size > MAX_SIZE) {
      throw new RangeError(`buffer size ${size} is not an integer from 0 to ${MAX_SIZE}`);
    }
    try {
      return this.#wasm.allocate(size) >>> 0;
    } catch (cause) {
      throw new RangeError(`no linear memory is left for ${size} bytes`, { cause });
    } finally {
      this.#look();
    }
  }

  #look(): void {
    const { buffer } = this.#wasm.memory;
    if (buffer === this.#buffer) return;
    this.#outgrown.add(this.#buffer);
    this.#buffer = buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new DataView(buffer);
  }
}
