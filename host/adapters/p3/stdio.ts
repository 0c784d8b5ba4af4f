// wasi:cli's standard streams: what is read is waited for on the event loop, what is written is written at once.

import { Failure } from "../../component/error.js";
import { STAGING_SIZE, staging, stagingBytes } from "../../component/staging.js";
import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { STDIN, type Stdio } from "../../stdio.js";
import { END, piecesOf, type ByteReader, type Source } from "./streams.js";
import { Waiting } from "./wait.js";

const { EBADF, EINTR, EPERM, EPIPE } = Errno;
const { POLL } = marshal;

/** Passes a result on that is no failure, and throws wasi:cli/types' `error-code` of -errno. */
function expect(result: number): number {
  if (result < 0) throw new Failure(result === -EPIPE ? "pipe" : "io");
  return result;
}

/** Standard input, and how it ended. */
export class StandardInput implements Source<Uint8Array> {
  /** Settled at the end of the input, once the component reads no more, or where reading has failed. */
  readonly ended: Promise<void>;
  readonly #stdio: Stdio;
  readonly #waiting: Waiting | undefined;
  #settle!: (result: number) => void;
  #done = false;

  constructor(stdio: Stdio) {
    this.#stdio = stdio;
    const descriptor: Descriptor | undefined = stdio.stream(STDIN);
    this.#waiting = descriptor && new Waiting(descriptor, POLL.IN);
    const settled = new Promise<number>((resolve) => {
      this.#settle = resolve;
    });
    this.ended = settled.then((result) => {
      expect(result);
    });
    this.ended.catch(() => undefined); // a component may never ask
  }

  /** Reads bytes, read(2). A file, which the event loop cannot watch, never waits. */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#done) return END;
    const woken = (await this.#waiting?.ready()) ?? -EBADF;
    if (woken === -EINTR) return END;
    const fails = woken < 0 && woken !== -EPERM;
    const count = fails ? woken : this.#stdio.read(STDIN, staging, STAGING_SIZE);
    if (count > 0) return { done: false, value: stagingBytes.slice(0, count) };
    this.#end(count);
    return END;
  }

  /** The component reads no more. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#done) this.#end(0);
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(result: number): void {
    this.#done = true;
    this.#waiting?.cancel();
    this.#settle(result);
  }
}

/**
 * Writes all bytes of a stream, write(2).
 *
 * @param fd standard output or error
 * @throws Failure of wasi:cli/types' `error-code`
 */
export async function writeAll(stdio: Stdio, fd: number, reader: ByteReader): Promise<void> {
  for await (const bytes of piecesOf(reader)) {
    for (let done = 0; done < bytes.length; done += STAGING_SIZE) {
      const part = bytes.subarray(done, done + STAGING_SIZE);
      stagingBytes.set(part);
      expect(stdio.write(fd, staging, part.length));
    }
  }
}
