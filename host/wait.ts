// Waiting. The system calls of this package never wait: one that could says that it is pending, and
// what happens then is decided here, by wrapping the functions that an adapter gives to a guest.

import { NO_TIMEOUT, type Descriptor, type DescriptorTable } from "./descriptors.js";
import { libc } from "./libc.js";
import { Errno, marshal } from "./marshal.js";
import { isPending, timedOut } from "./pending.js";
import { scratch } from "./scratch.js";

const { EINTR } = Errno;
const { MSG, POLL, SOCK } = marshal;

/** A guest's import: i32 parameters, the socket first; an i32 result. */
export type Call = (fd: number, b: number, c: number, d: number, e: number, f: number) => number;

/** A way to wait: it makes functions that finish what `attempt` may leave pending. */
export interface Wait {
  /**
   * A call that is done when one attempt is: accept, connect, a datagram.
   *
   * @param attempt the call, which returns a pending result where it would have to wait
   * @param events what to wait for, POLL.IN or POLL.OUT
   */
  call(attempt: Call, events: number): Call;
  /** A transfer (fd, buffer, size, flags…) that may take several attempts: see `unfinished`. */
  transfer(attempt: Call, events: number): Call;
}

/**
 * Whether a blocking transfer that moved only some of its bytes goes on: sending on a stream always,
 * receiving with MSG_WAITALL.
 */
function unfinished(descriptor: Descriptor | undefined, events: number, flags: number): boolean {
  if (descriptor?.type !== SOCK.STREAM || descriptor.nonBlocking || (flags & MSG.DONTWAIT) !== 0)
    return false;
  return events === POLL.OUT || (flags & (MSG.WAITALL | MSG.PEEK)) === MSG.WAITALL;
}

/** How many waits in a row may be in vain before the next try is put off. */
const VAIN_WAITS = 3;
/** How long it is put off, in milliseconds. */
const PAUSE = 1;

/**
 * Blocks the thread in one poll(2), on the socket and on a wake descriptor. Nothing else in this
 * package blocks natively, so writing the wake descriptor always ends a wait: the guest gets EINTR.
 */
export class Blocking implements Wait {
  readonly #descriptors: DescriptorTable;
  readonly #wake: number;

  /**
   * @param descriptors the guest's sockets
   * @param wake an eventfd(2) that ends a wait when it is written, -1 for none
   */
  constructor(descriptors: DescriptorTable, wake = -1) {
    this.#descriptors = descriptors;
    this.#wake = wake;
  }

  call(attempt: Call, events: number): Call {
    return (fd, b, c, d, e, f) => {
      const result = attempt(fd, b, c, d, e, f);
      if (!isPending(result)) return result;
      const descriptor = this.#descriptors.get(fd)!;
      const timeout = events === POLL.IN ? descriptor.receiveTimeout : descriptor.sendTimeout;
      const deadline = timeout === NO_TIMEOUT ? Infinity : performance.now() + timeout;
      for (let waits = 1; ; waits++) {
        // poll(2) calls some sockets ready that are not: a Unix socket whose peer's queue is full.
        const ended =
          waits > VAIN_WAITS
            ? this.#poll(-1, 0, Math.min(deadline, performance.now() + PAUSE))
            : -1;
        const woken = ended === EINTR ? ended : this.#poll(descriptor.native, events, deadline);
        if (woken === EINTR) return -EINTR;
        if (woken === 0) return timedOut(result);
        descriptor.ready = true;
        const again = attempt(fd, b, c, d, e, f);
        if (!isPending(again)) return again;
      }
    };
  }

  transfer(attempt: Call, events: number): Call {
    const call = this.call(attempt, events);
    return (fd, buffer, size, flags, e, f) => {
      const wanted = size >>> 0;
      let done = call(fd, buffer, size, flags, e, f);
      if (done <= 0 || done >= wanted || !unfinished(this.#descriptors.get(fd), events, flags))
        return done;
      while (done < wanted) {
        const result = call(fd, (buffer + done) | 0, (wanted - done) | 0, flags, e, f);
        if (result <= 0) break; // what failed after some bytes were moved fails again in the next call
        done += result;
      }
      return done;
    };
  }

  /**
   * Waits until the socket is ready, the deadline has passed or the wake descriptor is written. A signal
   * that arrives meanwhile is none of the guest's business: the wait goes on.
   *
   * @returns positive where it is ready, 0 where time is up, EINTR where it was woken
   */
  #poll(fd: number, events: number, deadline: number): number {
    for (;;) {
      const left =
        deadline === Infinity ? -1 : Math.max(0, Math.ceil(deadline - performance.now()));
      marshal.pollPrepare(fd, events, this.#wake);
      const result = libc.poll(scratch.pollfds, 2, Math.min(left, 0x7fffffff));
      if (result === -EINTR) continue;
      if (!marshal.pollWoken()) return result > 0 ? 1 : result;
      libc.eventfd_read(this.#wake, scratch.block);
      return EINTR;
    }
  }
}
