// What a port was given to write and has not sent yet.

import type { Descriptor } from "../descriptors.js";
import { Errno } from "../marshal.js";
import { sendBytes, sendViews } from "../syscalls/view.js";

/** What is shorter is copied with its neighbours, up to as much: that costs less than to give each its vector. */
const COPIED = 0x1000;

const NOTHING: Uint8Array[] = [];

/** Chunks of a stream, which go together, or packets, each of which goes alone. */
export class Outgoing {
  readonly #packets: boolean;
  #chunks = NOTHING;
  /** The first chunk that is not sent. */
  #next = 0;

  constructor(packets: boolean) {
    this.#packets = packets;
  }

  /**
   * Puts what is to be sent in the place of what was.
   *
   * @param chunks belong to this from now on; an empty one would be the end of the stream to a receiver of packets
   */
  fill(chunks: Uint8Array[]): void {
    this.#chunks = this.#packets || chunks.length === 1 ? chunks : joined(chunks);
    this.#next = 0;
  }

  /** Forgets what was not sent. */
  clear(): void {
    this.#chunks = NOTHING;
    this.#next = 0;
  }

  /** Sends as much as the socket takes: 0 when that was all, -EAGAIN when it was not, or another -errno of send(2). */
  send(socket: Descriptor): number {
    const chunks = this.#chunks;
    while (this.#next < chunks.length) {
      const alone = this.#packets || this.#next === chunks.length - 1;
      const count = alone
        ? sendBytes(socket, chunks[this.#next]!)
        : sendViews(socket, chunks, this.#next);
      if (count < 0) return count;
      if (!this.#drop(count)) return -Errno.EAGAIN;
    }
    this.clear();
    return 0;
  }

  /** Drops bytes from the front: whether nothing is left of the chunk that they ended in. */
  #drop(count: number): boolean {
    const chunks = this.#chunks;
    let left = count;
    while (this.#next < chunks.length && left >= chunks[this.#next]!.length) {
      left -= chunks[this.#next++]!.length;
    }
    if (left > 0) chunks[this.#next] = chunks[this.#next]!.subarray(left);
    return left === 0;
  }
}

/** The same bytes, with short chunks in one. */
function joined(chunks: Uint8Array[]): Uint8Array[] {
  const result: Uint8Array[] = [];
  for (let start = 0, end = 0; start < chunks.length; start = end) {
    let size = chunks[end++]!.length;
    while (end < chunks.length && size + chunks[end]!.length <= COPIED)
      size += chunks[end++]!.length;
    result.push(end === start + 1 ? chunks[start]! : Buffer.concat(chunks.slice(start, end), size));
  }
  return result;
}
