// A socket that somebody waits for on the event loop.

import { openHandle, type EventLoopHandle } from "./libc.js";

/**
 * What is called when a socket may be ready, once, or is about to be closed: it tries its call again.
 *
 * @param woken READY of host/reactor.ts, or -errno
 */
export type Waiter = (woken: number) => void;

/** What a waiter is called with. */
export const READY = 1;

/**
 * One socket's waiters, and the handle that watches it for them. Each time that the event loop finds the socket
 * ready, the first waiter of that direction is called, and the next one where it still is after that: so each gets
 * its share, in turn, and none is called for what another has taken. Whoever is called mostly waits again at
 * once, so the handle goes on watching, and stops only when it finds something that nobody waits for.
 */
export class Registration {
  readonly #handle: EventLoopHandle;
  #readers: Waiter[] = [];
  #writers: Waiter[] = [];
  /** What the handle watches: for reading from the start. */
  #reads = true;
  #writes = false;
  #waiters = 0;
  #keepsAlive = true;

  private constructor(handle: EventLoopHandle) {
    this.#handle = handle;
  }

  /**
   * @param native the real descriptor, which stays open until `release`
   * @returns the registration, or -errno where the event loop cannot watch it
   */
  static open(native: number): Registration | number {
    const handle = openHandle(native, (readable, writable, stopped) => {
      registration.#ready(readable, writable, stopped);
    });
    if (typeof handle === "number") return handle;
    const registration = new Registration(handle);
    return registration;
  }

  /** Adds a waiter for either direction. */
  add(reads: boolean, waiter: Waiter): void {
    (reads ? this.#readers : this.#writers).push(waiter);
    if (this.#waiters++ === 0 && this.#keepsAlive) this.#handle.ref();
    if (reads ? !this.#reads : !this.#writes) {
      this.#watch(reads || this.#reads, !reads || this.#writes);
    }
  }

  /** Forgets a waiter. */
  remove(waiter: Waiter): void {
    for (const waiters of [this.#readers, this.#writers]) {
      const index = waiters.indexOf(waiter);
      if (index < 0) continue;
      waiters.splice(index, 1);
      this.#settle(1);
    }
  }

  /** Lets the event loop go on while somebody waits, as it does from the start. */
  ref(): void {
    this.#keepsAlive = true;
    if (this.#waiters > 0) this.#handle.ref();
  }

  /** Lets the event loop end although somebody waits. */
  unref(): void {
    this.#keepsAlive = false;
    this.#handle.unref();
  }

  /** Stops watching, because the socket is about to be closed, and calls whoever waits. */
  release(): void {
    this.#handle.close();
    const waiters = [...this.#readers, ...this.#writers];
    this.#readers = [];
    this.#writers = [];
    waiters.forEach(call);
  }

  #watch(reads: boolean, writes: boolean): void {
    this.#reads = reads;
    this.#writes = writes;
    this.#handle.watch(reads, writes);
  }

  #ready(readable: boolean, writable: boolean, stopped: boolean): void {
    const reader = readable ? this.#readers.shift() : undefined;
    const writer = writable ? this.#writers.shift() : undefined;
    if (stopped) this.#reads = this.#writes = false;
    this.#settle(Number(reader !== undefined) + Number(writer !== undefined));
    if (reader) call(reader);
    if (writer) call(writer);
    const unwanted = readable && reader === undefined;
    const reads = this.#readers.length > 0 || (this.#reads && !unwanted);
    // A socket is nearly always writable, and would wake the event loop for ever: that is watched only while somebody
    // waits for it, at the price of two epoll_ctl(2).
    const writes = this.#writers.length > 0;
    if (reads !== this.#reads || writes !== this.#writes) this.#watch(reads, writes);
  }

  /** The event loop may end where nobody waits. */
  #settle(count: number): void {
    if (count === 0) return;
    this.#waiters -= count;
    if (this.#waiters === 0) this.#handle.unref();
  }
}

function call(waiter: Waiter): void {
  try {
    waiter(READY);
  } catch (error) {
    // One caller's fault must not keep the others waiting; Node reports it as uncaught.
    queueMicrotask(() => {
      throw error;
    });
  }
}
