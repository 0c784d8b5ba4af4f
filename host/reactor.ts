// Waiting on Node's event loop, whose own epoll(7) set (kqueue(2) elsewhere) watches the sockets. A socket is
// registered when it is first waited for, and stays so until it is closed.

import { setMaxListeners } from "node:events";
import type { Descriptor } from "./descriptors.js";
import { Errno, marshal } from "./marshal.js";
import { READY, Registration, type Waiter } from "./registration.js";

export { READY, type Waiter } from "./registration.js";

const { EBADF, EINTR } = Errno;
const { POLL } = marshal;

/** What a wait found whose time is up; READY and -errno are the others. */
export const TIME_IS_UP = 0;

/** The longest timer of Node, in milliseconds. */
const LONGEST = 0x7fffffff;

/** How often urgent data is looked for, which the event loop does not watch, in milliseconds. */
const URGENT_SLICE = 10;

/** A socket and what to wait for: POLL.IN, POLL.OUT, POLL.PRI, POLL.RDHUP, ored. */
export interface Watched {
  readonly descriptor: Descriptor;
  readonly events: number;
}

/**
 * Has a waiter called when a call on a socket may no longer find nothing.
 *
 * @param events POLL.IN or POLL.OUT
 * @returns 0, -EBADF where it is closed, -EPERM where the event loop cannot watch it, or -EMFILE
 */
export function wait(descriptor: Descriptor, events: number, waiter: Waiter): number {
  if (descriptor.closed) return -EBADF;
  const registration = registered(descriptor);
  if (typeof registration === "number") return registration;
  registration.add(events === POLL.IN, waiter);
  return 0;
}

/** Lets the event loop go on while somebody waits for a socket, as it does from the start. */
export function ref(descriptor: Descriptor): void {
  const registration = registered(descriptor);
  if (typeof registration === "object") registration.ref();
}

/** Lets the event loop end although somebody waits for a socket. */
export function unref(descriptor: Descriptor): void {
  const registration = registered(descriptor);
  if (typeof registration === "object") registration.unref();
}

/** The registration of an open socket, or -errno. */
function registered(descriptor: Descriptor): Registration | number {
  if (descriptor.registration !== undefined) return descriptor.registration;
  const registration = Registration.open(descriptor.native);
  if (typeof registration === "object") descriptor.registration = registration;
  return registration;
}

/**
 * Waits for a socket.
 *
 * @param events POLL.IN or POLL.OUT
 * @param deadline as performance.now() has it, Infinity for none
 * @param signal ends the wait as well
 * @returns READY where the call is to be tried again, TIME_IS_UP, -EINTR where the signal has ended it, or
 *   another -errno
 */
export function ready(
  descriptor: Descriptor,
  events: number,
  deadline: number,
  signal?: AbortSignal,
): Promise<number> {
  if (deadline !== Infinity || signal !== undefined) {
    return any([{ descriptor, events }], deadline, signal);
  }
  return new Promise((resolve) => {
    const error = wait(descriptor, events, resolve);
    if (error < 0) resolve(error);
  });
}

/** Waits for several sockets, of which one is enough: see `ready`. */
export function any(
  watched: readonly Watched[],
  deadline: number,
  signal?: AbortSignal,
): Promise<number> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (woken: number) => {
      if (timer !== undefined) clearTimeout(timer);
      signal?.removeEventListener("abort", interrupted);
      for (const { descriptor } of watched) descriptor.registration?.remove(finish);
      resolve(woken);
    };
    const interrupted = () => {
      finish(-EINTR);
    };
    if (signal?.aborted) {
      interrupted();
      return;
    }
    let urgent = false;
    for (const { descriptor, events } of watched) {
      urgent ||= (events & POLL.PRI) !== 0;
      const writes = (events & POLL.OUT) !== 0;
      const reads = !writes || (events & (POLL.IN | POLL.RDHUP)) !== 0;
      const error =
        (reads ? wait(descriptor, POLL.IN, finish) : 0) ||
        (writes ? wait(descriptor, POLL.OUT, finish) : 0);
      if (error < 0) {
        finish(error);
        return;
      }
    }
    if (deadline !== Infinity || urgent) {
      const left = Math.max(0, Math.ceil(deadline - performance.now()));
      const slice = urgent ? URGENT_SLICE : LONGEST;
      timer = setTimeout(finish, Math.min(left, slice), left > slice ? READY : TIME_IS_UP);
    }
    if (signal === undefined) return;
    // Many calls may share a signal, and each takes its listener away again: that is no leak to warn of.
    setMaxListeners(0, signal);
    signal.addEventListener("abort", interrupted);
  });
}
