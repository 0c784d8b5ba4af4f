// The calls of a component that move bytes and wait, as functions of i32 over its linear memory. The code that
// `jco transpile --import-bindings hybrid` writes takes these where it finds them, and nothing stands between the
// component and the call then: docs/src/optimized-host-bindings.md of jco.

import { GuestMemory } from "../../memory.js";
import { marshal } from "../../marshal.js";
import { Failure } from "../../component/error.js";
import { stagingBytes } from "../../component/staging.js";
import type { AnyPollable } from "./poll.js";
import { handleOf, resourceOf, type HandleTable } from "./resource.js";
import {
  TcpInputStream,
  TcpOutputStream,
  type AnyInputStream,
  type AnyOutputStream,
  type StreamError,
} from "./streams.js";

const { INT_SIZE, result_list, result_tag, result_u64, stream_error } = marshal;

/** Where a function looks for its form over linear memory. */
const LOWER = Symbol.for("cabiLower");

/** What jco gives such a function of its component. */
interface CanonicalOptions {
  readonly memory: WebAssembly.Memory;
  readonly realloc: (old: number, oldSize: number, align: number, size: number) => number;
  readonly resourceTables: readonly HandleTable[];
}

/** The resource of a handle; a handle that is none ends the component. */
function resource(table: HandleTable, handle: number): object {
  const found = resourceOf(table, handle);
  if (found === undefined) throw new Error(`${handle} is no handle of such a resource`);
  return found;
}

/** A component's linear memory, as its results are written into it. */
class Results {
  readonly guest: GuestMemory;
  readonly #memory: WebAssembly.Memory;
  readonly #realloc: CanonicalOptions["realloc"];
  readonly #errors: HandleTable;
  #bytes: Uint8Array;

  constructor({ memory, realloc, resourceTables }: CanonicalOptions) {
    this.guest = new GuestMemory(memory);
    this.#memory = memory;
    this.#realloc = realloc;
    this.#errors = resourceTables[0]!;
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** The memory as it is now. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer)
      this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  /** Checks where a result goes: a bad place ends the component, before the call has an effect. */
  expect(out: number, size: number): void {
    if (!this.guest.holds(out, size)) throw new RangeError(`no result fits at ${out >>> 0}`);
  }

  /** Writes the case of a result. */
  tag(out: number, tag: number): void {
    this.guest.setInt32(out + result_list.tag, tag);
  }

  /** Writes a result of bytes. */
  list(out: number, bytes: Uint8Array, count: number): void {
    const at = this.#realloc(0, 0, 1, count);
    if (!this.guest.holds(at, count)) throw new RangeError(`no ${count} bytes fit at ${at >>> 0}`);
    this.bytes.set(count === bytes.length ? bytes : bytes.subarray(0, count), at >>> 0);
    this.tag(out, result_tag.OK);
    this.guest.setInt32(out + result_list.pointer, at);
    this.guest.setInt32(out + result_list.length, count);
  }

  /**
   * Writes what a function has thrown, where its result has it; anything else ends the component.
   *
   * @param layout where the error goes
   */
  failure(out: number, thrown: unknown, layout: { error: number; handle: number }): void {
    const error = (thrown instanceof Failure ? thrown.payload : thrown) as {
      readonly tag?: StreamError["tag"];
      readonly val?: unknown;
    };
    if (error.tag !== "closed" && error.tag !== "last-operation-failed") throw thrown;
    this.tag(out, result_tag.ERR);
    const closed = error.tag === "closed";
    const tag = closed ? stream_error.CLOSED : stream_error.LAST_OPERATION_FAILED;
    this.guest.setInt32(out + layout.error, tag);
    if (closed) return;
    this.guest.setInt32(out + layout.handle, handleOf(this.#errors, error.val as object));
  }
}

/** Gives a function its form over linear memory. */
function lowered(lower: (options: CanonicalOptions) => unknown): () => never {
  const direct = () => {
    throw new TypeError("a method is called at the resource that has it");
  };
  return Object.assign(direct, { [LOWER]: lower });
}

/** read and blocking-read: (handle, length, out). */
function reading(blocks: boolean) {
  return lowered((options) => {
    const results = new Results(options);
    const streams = options.resourceTables[1]!;
    return (handle: number, length: bigint, out: number): void => {
      const stream = resource(streams, handle) as AnyInputStream;
      results.expect(out, result_list.sizeof);
      const wanted = BigInt.asUintN(64, length);
      try {
        if (stream instanceof TcpInputStream) {
          results.list(out, stagingBytes, stream.take(wanted, blocks));
        } else {
          const bytes = blocks ? stream.blockingRead(wanted) : stream.read(wanted);
          results.list(out, bytes, bytes.length);
        }
      } catch (error) {
        results.failure(out, error, result_list);
      }
    };
  });
}

/** write and blocking-write-and-flush: (handle, pointer, length, out). */
function writing(blocks: boolean) {
  return lowered((options) => {
    const results = new Results(options);
    const streams = options.resourceTables[1]!;
    return (handle: number, pointer: number, length: number, out: number): void => {
      const stream = resource(streams, handle) as AnyOutputStream;
      results.expect(out, result_list.sizeof);
      const at = results.guest.at(pointer, length);
      if (at < 0) throw new RangeError(`no ${length >>> 0} bytes are at ${pointer >>> 0}`);
      const size = length >>> 0;
      try {
        if (stream instanceof TcpOutputStream) {
          stream.give(at, size, blocks, (done) =>
            results.bytes.slice(pointer + done, pointer + size),
          );
        } else {
          const contents = results.bytes.slice(pointer, pointer + size);
          if (blocks) stream.blockingWriteAndFlush(contents);
          else stream.write(contents);
        }
        results.tag(out, result_tag.OK);
      } catch (error) {
        results.failure(out, error, result_list);
      }
    };
  });
}

/** The methods of input streams. */
export const inputStream = { read: reading(false), blockingRead: reading(true) };

/** The methods of output streams. */
export const outputStream = {
  write: writing(false),
  blockingWriteAndFlush: writing(true),

  /** check-write: (handle, out). */
  checkWrite: lowered((options) => {
    const results = new Results(options);
    const streams = options.resourceTables[1]!;
    return (handle: number, out: number): void => {
      const stream = resource(streams, handle) as AnyOutputStream;
      results.expect(out, result_u64.sizeof);
      try {
        const permit = stream.checkWrite();
        results.tag(out, result_tag.OK);
        results.guest.setInt32(out + result_u64.payload, Number(BigInt.asIntN(32, permit)));
        results.guest.setInt32(out + result_u64.payload + INT_SIZE, Number(permit >> 32n));
      } catch (error) {
        results.failure(out, error, result_u64);
      }
    };
  }),
};

/** The methods of pollables. */
export const pollable = {
  /** ready: (handle). */
  ready: lowered(({ resourceTables: [table] }) => {
    return (handle: number): number => ((resource(table!, handle) as AnyPollable).ready() ? 1 : 0);
  }),
  /** block: (handle). */
  block: lowered(({ resourceTables: [table] }) => {
    return (handle: number): void => {
      (resource(table!, handle) as AnyPollable).block();
    };
  }),
};
