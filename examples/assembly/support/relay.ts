// Bytes on their way from one socket to another, neither of which blocks.

import { Errno, SHUT, errno, recv, send, shutdown } from "wasi-sockets/assembly";

/** How many bytes are held at most: whoever sends more has to wait for who receives. */
const SIZE: i32 = 16384;

export class Relay {
  private readonly buffer: Uint8Array = new Uint8Array(SIZE);
  private start: i32 = 0;
  private end: i32 = 0;
  /** Whether the sender has ended its stream. */
  private ended: bool = false;
  /** Whether that was passed on as well. */
  done: bool = false;

  /**
   * @param from the sender, -1 for none
   * @param to the receiver
   */
  constructor(
    readonly from: i32,
    readonly to: i32,
  ) {}

  /** Puts bytes into the empty buffer: what was received before there was a relay. */
  put(bytes: Uint8Array): void {
    this.buffer.set(bytes);
    this.start = 0;
    this.end = bytes.length;
  }

  /** Whether there is room to receive into. */
  get receives(): bool {
    return !this.ended && this.start == this.end;
  }

  /** Whether there is something to send. */
  get sends(): bool {
    return this.start < this.end;
  }

  /** Moves what can be moved: false where one of the two sockets failed. */
  pump(): bool {
    while (!this.done) {
      if (this.receives) {
        const count = recv(this.from, this.buffer);
        if (count < 0) return errno() == Errno.EAGAIN;
        this.ended = count == 0;
        this.start = 0;
        this.end = count;
      }
      if (!this.sends) {
        shutdown(this.to, SHUT.WR);
        this.done = true;
        return true;
      }
      const count = send(this.to, this.buffer.subarray(this.start, this.end));
      if (count < 0) return errno() == Errno.EAGAIN;
      this.start += count;
    }
    return true;
  }
}
