// Ending a blocked call from another thread.

import { libc } from "./libc.js";
import { marshal } from "./marshal.js";

/**
 * Interrupts the calls of another thread, eventfd(2). Whoever makes one keeps it for as long as the
 * other thread may block, and gives that thread its `descriptor`.
 */
export class Waker {
  /** The descriptor to give to `open({ wake })` in the other thread. */
  readonly descriptor: number;
  #open = true;

  /** @throws Error where the process has no descriptor left */
  constructor() {
    const { CLOEXEC, NONBLOCK } = marshal.SOCK; // EFD_CLOEXEC and EFD_NONBLOCK are the same bits
    this.descriptor = libc.eventfd(0, CLOEXEC | NONBLOCK);
    if (this.descriptor < 0) throw new Error(`eventfd failed with errno ${-this.descriptor}`);
  }

  /** Ends the call that the other thread is blocked in, or else its next one that would block: EINTR. */
  wake(): void {
    if (this.#open) libc.eventfd_write(this.descriptor, 1);
  }

  /** Closes the descriptor: the other thread must not use it any more. */
  dispose(): void {
    if (this.#open) libc.close(this.descriptor);
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
