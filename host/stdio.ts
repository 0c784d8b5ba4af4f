// The standard streams of a guest in a thread of its own: waiting for them can be ended, as for its sockets.

import { Descriptor, DescriptorTable, NO_SOCKET, type Held } from "./descriptors.js";
import { marshal, marshalBytes } from "./marshal.js";
import { native } from "./scratch.js";
import { read, write } from "./syscalls/stdio.js";
import { Blocking } from "./wait/blocking.js";
import { until } from "./wait/index.js";
import { READ, WRITE } from "./wait/plan.js";

const { BLOCK_SIZE, block } = marshal;
const encoder = new TextEncoder();

/** Standard input, output and error: 0, 1 and 2. */
export const STREAMS = 3;

export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;

/** The standard streams of one guest. */
export class Stdio {
  readonly #streams: DescriptorTable;
  /** read(2) of (fd, native address, size): how many bytes, or -errno. */
  readonly read: (fd: number, address: number, size: number) => number;
  /** write(2) of (fd, native address, size), all of it: how many bytes, or -errno. */
  readonly write: (fd: number, address: number, size: number) => number;

  /**
   * @param natives the real descriptors
   * @param wake an eventfd(2) that ends a wait when it is written
   * @param held where they are written down
   */
  constructor(natives: readonly number[], wake: number, held: Held) {
    this.#streams = new DescriptorTable(STREAMS, held, 0);
    for (const native of natives) {
      this.#streams.add(new Descriptor(native, NO_SOCKET, NO_SOCKET, 0));
    }
    const wait = new Blocking(this.#streams, wake);
    const reads = until(wait, READ, (fd, address, size) =>
      read(this.#streams.get(fd)!, address, size),
    );
    const writes = until(wait, WRITE, (fd, address, size, _d, _e, _f, done) =>
      write(this.#streams.get(fd)!, address + done, size - done),
    );
    this.read = (fd, address, size) => reads(fd, address, size, 0, 0, 0);
    this.write = (fd, address, size) => writes(fd, address, size, 0, 0, 0);
  }

  /** The real descriptor of a stream, -1 where it is none or closed. */
  native(fd: number): number {
    return this.#streams.get(fd)?.native ?? -1;
  }

  /** A stream, where it is open. */
  stream(fd: number): Descriptor | undefined {
    return this.#streams.get(fd);
  }

  /** Forgets a stream that somebody else is about to close. */
  forget(fd: number): void {
    this.#streams.remove(fd);
  }

  /** Writes text and the end of a line, as far as the stream takes it. */
  print(fd: number, text: string): void {
    const line = encoder.encode(`${text}\n`);
    for (let at = 0; at < line.length && this.native(fd) >= 0; at += BLOCK_SIZE) {
      const part = line.subarray(at, at + BLOCK_SIZE);
      marshalBytes.set(part, block);
      if (this.write(fd, native(block), part.length) < 0) return;
    }
  }
}
