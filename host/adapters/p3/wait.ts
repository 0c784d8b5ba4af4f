// Waiting for a socket on the event loop, until it is ready or nobody wants to know any more.

import type { Descriptor } from "../../descriptors.js";
import { Errno } from "../../marshal.js";
import { READY, wait } from "../../reactor.js";

const { EBADF, EINTR } = Errno;

/** One wait at a time for one direction of a socket. */
export class Waiting {
  readonly #descriptor: Descriptor;
  readonly #events: number;
  #waiter: ((woken: number) => void) | undefined;

  /** @param events POLL.IN or POLL.OUT */
  constructor(descriptor: Descriptor, events: number) {
    this.#descriptor = descriptor;
    this.#events = events;
  }

  /** Waits: 0 where a call is to be tried again, -EBADF where the socket was closed, -EINTR after `cancel`. */
  ready(): Promise<number> {
    return new Promise((resolve) => {
      const waiter = (woken: number) => {
        this.#waiter = undefined;
        if (this.#descriptor.closed) resolve(-EBADF);
        else resolve(woken === READY ? 0 : woken);
      };
      this.#waiter = waiter;
      const error = wait(this.#descriptor, this.#events, waiter);
      if (error < 0) waiter(error);
    });
  }

  /** Ends the wait. */
  cancel(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    this.#descriptor.registration?.remove(waiter);
    waiter(-EINTR);
  }
}
