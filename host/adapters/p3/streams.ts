// The streams of a TCP connection and of a listener, as jco's generated code takes and gives them.

import type { Socket } from "../../component/socket.js";
import { STAGING_SIZE, staging, stagingBytes } from "../../component/staging.js";
import { Errno, marshal } from "../../marshal.js";
import { recvAny, send } from "../../syscalls/transfer.js";
import { expect } from "./error.js";
import { Waiting } from "./wait.js";

const { EAGAIN, EINTR } = Errno;
const { DONTWAIT } = marshal.MSG;
const { POLL } = marshal;

/** A stream that a component reads. */
export type Source<Value> = AsyncIterator<Value, undefined> & AsyncIterable<Value>;

/** A stream of bytes that a component writes, which jco makes. */
export interface ByteReader {
  /** Up to so many bytes, in one of the forms that jco has for them; null or `done` at the end. */
  read(options: { count: number }): Promise<unknown>;
  [Symbol.dispose]?(): void;
}

/** The end of a stream. */
export const END = { done: true, value: undefined } as const;

/** The bytes that come from a connection's peer, and how that ended. */
export class Incoming implements Source<Uint8Array> {
  /** Settled once the peer has ended its direction, this side has, or the connection has failed. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting: Waiting;
  #settle!: (result: number) => void;
  #done = false;

  constructor(socket: Socket) {
    this.#socket = socket.hold();
    this.#waiting = new Waiting(socket.descriptor, POLL.IN);
    const settled = new Promise<number>((resolve) => {
      this.#settle = resolve;
    });
    this.ended = settled.then((result) => {
      expect(result);
    });
    this.ended.catch(() => undefined); // a component may never ask
  }

  /** Receives bytes, recv(2). */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (!this.#done) {
      const count = recvAny(this.#socket.descriptor, staging, STAGING_SIZE, DONTWAIT);
      if (count > 0) return { done: false, value: stagingBytes.slice(0, count) };
      const woken = count === -EAGAIN ? await this.#waiting.ready() : count;
      if (count !== -EAGAIN || (woken < 0 && woken !== -EINTR)) this.#end(woken);
    }
    return END;
  }

  /** The component reads no more: what still comes is dropped, shutdown(2). */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#done) {
      this.#socket.shutdown("receive");
      this.#end(0);
    }
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(result: number): void {
    this.#done = true;
    this.#waiting.cancel();
    this.#socket.release();
    this.#settle(result);
  }
}

/** The bytes of what `read` of jco's streams has given, undefined at the end. */
function bytesOf(given: unknown): Uint8Array | undefined {
  const result = given as { done?: boolean; value?: unknown } | null;
  const value = result !== null && typeof result.done === "boolean" ? result.value : given;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return Uint8Array.from(value as number[]);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === "number") return Uint8Array.of(value);
  return undefined;
}

/** Whether `read` of jco's streams has said that nothing more comes. */
function isLast(given: unknown): boolean {
  return given === null || given === undefined || (given as { done?: boolean }).done === true;
}

/** The pieces of a stream that a component writes. */
export async function* piecesOf(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  try {
    for (let last = false; !last;) {
      const given = await reader.read({ count: STAGING_SIZE });
      last = isLast(given);
      const bytes = bytesOf(given);
      if (bytes !== undefined) yield bytes;
    }
  } finally {
    reader[Symbol.dispose]?.();
  }
}

/**
 * Sends all bytes of a stream, send(2), and ends the direction, shutdown(2).
 *
 * @throws Failure of an `error-code`
 */
export async function sendAll(socket: Socket, reader: ByteReader): Promise<void> {
  const { descriptor } = socket.hold();
  const waiting = new Waiting(descriptor, POLL.OUT);
  try {
    for await (const bytes of piecesOf(reader)) {
      for (let done = 0; done < bytes.length;) {
        const part = bytes.subarray(done, done + STAGING_SIZE);
        stagingBytes.set(part);
        const count = send(descriptor, staging, part.length, DONTWAIT);
        if (count === -EAGAIN) expect(await waiting.ready());
        else done += expect(count);
      }
    }
    expect(socket.shutdown("send"));
  } finally {
    socket.release();
  }
}
