// Waiting. The system calls of this package never wait: one that could says that it is pending, and
// what happens then is decided here, by wrapping the functions that an adapter gives to a guest.

import { NO_TIMEOUT, type Descriptor, type DescriptorTable } from "./descriptors.js";
import { libc } from "./libc.js";
import { Errno, marshal } from "./marshal.js";
import { isPending, mayWait, timedOut } from "./pending.js";
import { native, scratch } from "./scratch.js";

const { EINTR } = Errno;
const { AF, MSG, POLL, SOCK } = marshal;

/** A guest's import: i32 parameters, the socket first; an i32 result. */
export type Call = (fd: number, b: number, c: number, d: number, e: number, f: number) => number;

/**
 * A way to wait: it makes functions that finish what an `attempt` may leave pending. `events` is what to
 * wait for, POLL.IN or POLL.OUT.
 */
export interface Wait {
  /** A call that is done when one attempt is: accept, connect. Its socket's timeouts apply. */
  call(attempt: Call, events: number): Call;
  /** The same with a timeout of its own: (fd, list, count, milliseconds), -1 for none. */
  timed(attempt: Call, events: number): Call;
  /** A transfer (fd, buffer, size, flags…) that may take several attempts: see `targetOf`. */
  transfer(attempt: Call, events: number): Call;
  /** A call (fd, b, c, count) that is repeated until all is moved or nothing is left. */
  repeated(attempt: Call, events: number): Call;
  /** A message (fd, msghdr, flags) whose attempt is also told how many bytes went before. */
  message(attempt: Call, events: number): Call;
  /** A batch (fd, mmsghdrs, count, flags, milliseconds) of messages, done when all of them are. */
  batch(attempt: Call, events: number): Call;
  /**
   * poll(2): (pollfds, count, milliseconds).
   *
   * @param prepare leaves native pollfds in the `block` scratch area, with room for one more: how many are
   *   no descriptors, or -errno
   * @param finish takes them back from there: how many are ready
   */
  poll(prepare: PollStep, finish: PollStep): PollCall;
}

type PollStep = (pollfds: number, count: number) => number;
type PollCall = (pollfds: number, count: number, timeout: number) => number;

/**
 * How many bytes a blocking transfer waits for, socket(7): all of them to be sent; to be received as many
 * as SO_RCVLOWAT says, or all with MSG_WAITALL. Only a stream is moved in parts.
 */
function targetOf(
  descriptor: Descriptor | undefined,
  events: number,
  flags: number,
  size: number,
): number {
  if (descriptor?.type !== SOCK.STREAM || !mayWait(descriptor, flags)) return 0;
  if (events === POLL.OUT || (flags & MSG.WAITALL) !== 0) return size;
  return Math.min(size, descriptor.lowWater);
}

/** Whether a batch of which only some messages went goes on: sending always, receiving without MSG_WAITFORONE. */
function batchGoesOn(descriptor: Descriptor | undefined, events: number, flags: number): boolean {
  if (descriptor === undefined || !mayWait(descriptor, flags)) return false;
  return events === POLL.OUT || (flags & MSG.WAITFORONE) === 0;
}

/** When a wait of so many milliseconds ends. */
function deadlineOf(timeout: number): number {
  return timeout < 0 ? Infinity : performance.now() + timeout;
}

/** How many waits in a row may be in vain before the next try is put off. */
const VAIN_WAITS = 3;
/** How long it is put off, in milliseconds. */
const PAUSE = 1;
/** The longest wait of poll(2), in milliseconds. */
const INT_MAX = 0x7fffffff;

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
      const { receiveTimeout, sendTimeout } = this.#descriptors.get(fd)!;
      const deadline = deadlineOf(events === POLL.IN ? receiveTimeout : sendTimeout);
      return this.#retry(attempt, events, deadline, result, fd, b, c, d, e, f);
    };
  }

  timed(attempt: Call, events: number): Call {
    return (fd, b, c, timeout, e, f) => {
      const result = attempt(fd, b, c, timeout, e, f);
      if (!isPending(result)) return result;
      return this.#retry(attempt, events, deadlineOf(timeout), result, fd, b, c, timeout, e, f);
    };
  }

  transfer(attempt: Call, events: number): Call {
    const call = this.call(attempt, events);
    return (fd, buffer, size, flags, e, f) => {
      const wanted = size >>> 0;
      let done = call(fd, buffer, size, flags, e, f);
      if (done <= 0 || done >= wanted) return done;
      const descriptor = this.#descriptors.get(fd)!;
      const target = targetOf(descriptor, events, flags, wanted);
      if ((flags & MSG.PEEK) !== 0 && events === POLL.IN) {
        return this.#peek(call, descriptor, target, done, fd, buffer, size, flags, e, f);
      }
      while (done < target) {
        const result = call(fd, (buffer + done) | 0, (wanted - done) | 0, flags, e, f);
        if (result <= 0) break; // what fails after some bytes were moved fails again in the next call
        done += result;
      }
      return done;
    };
  }

  repeated(attempt: Call, events: number): Call {
    const call = this.call(attempt, events);
    return (fd, b, c, count) => {
      const wanted = count >>> 0;
      let done = 0;
      do {
        const result = call(fd, b, c, (wanted - done) | 0, 0, 0);
        if (result <= 0) return done > 0 ? done : result;
        done += result;
      } while (done < wanted && targetOf(this.#descriptors.get(fd), events, 0, wanted) > 0);
      return done;
    };
  }

  message(attempt: Call, events: number): Call {
    const call = this.call(attempt, events);
    return (fd, message, flags) => {
      let done = call(fd, message, flags, 0, 0, 0);
      while (
        done > 0 &&
        done < marshal.messageBytes() &&
        targetOf(this.#descriptors.get(fd), events, flags, 1) > 0
      ) {
        const result = call(fd, message, flags, done, 0, 0);
        if (result <= 0) break;
        done += result;
      }
      return done;
    };
  }

  batch(attempt: Call, events: number): Call {
    const { sizeof } = marshal.mmsghdr;
    const call = this.call(attempt, events);
    return (fd, messages, count, flags, timeout) => {
      const deadline = deadlineOf(events === POLL.IN ? timeout : NO_TIMEOUT);
      const wanted = count >>> 0;
      let done = 0;
      do {
        const at = (messages + done * sizeof) | 0;
        const rest = (wanted - done) | 0;
        const result =
          deadline === Infinity
            ? call(fd, at, rest, flags, 0, 0)
            : this.#within(deadline, attempt, events, fd, at, rest, flags);
        if (result <= 0) return done > 0 ? done : result;
        done += result;
      } while (done < wanted && batchGoesOn(this.#descriptors.get(fd), events, flags));
      return done;
    };
  }

  poll(prepare: PollStep, finish: PollStep): PollCall {
    return (pollfds, count, timeout) => {
      const invalid = prepare(pollfds, count);
      if (invalid < 0) return invalid;
      const woken = this.#poll(marshal.block, count, deadlineOf(invalid > 0 ? 0 : timeout));
      return woken < 0 || woken === EINTR ? -Math.abs(woken) : finish(pollfds, count);
    };
  }

  /**
   * Looks again, now and then, until enough bytes can be peeked at or no more will come: those that are
   * there already make poll(2) return at once.
   */
  #peek(
    call: Call,
    { native, domain, receiveTimeout }: Descriptor,
    target: number,
    seen: number,
    fd: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
  ): number {
    if (domain === AF.UNIX) return seen; // Linux does not wait for more there
    const deadline = deadlineOf(receiveTimeout);
    let done = seen;
    while (done > 0 && done < target && performance.now() < deadline) {
      const ended = this.#pollOne(native, POLL.RDHUP, Math.min(deadline, deadlineOf(PAUSE)));
      if (ended === EINTR) break;
      done = call(fd, b, c, d, e, f);
      if (ended > 0) break;
    }
    return done;
  }

  /** One attempt of a batch that must be done by a deadline. */
  #within(
    deadline: number,
    attempt: Call,
    events: number,
    fd: number,
    b: number,
    c: number,
    d: number,
  ): number {
    const result = attempt(fd, b, c, d, 0, 0);
    if (!isPending(result)) return result;
    return this.#retry(attempt, events, deadline, result, fd, b, c, d, 0, 0);
  }

  /** Waits and tries again until the call is no longer pending. */
  #retry(
    attempt: Call,
    events: number,
    deadline: number,
    result: number,
    fd: number,
    b: number,
    c: number,
    d: number,
    e: number,
    f: number,
  ): number {
    const descriptor = this.#descriptors.get(fd)!;
    for (let waits = 1; ; waits++) {
      // poll(2) calls some sockets ready that are not: a Unix socket whose peer's queue is full.
      if (
        waits > VAIN_WAITS &&
        this.#pollOne(-1, 0, Math.min(deadline, deadlineOf(PAUSE))) === EINTR
      ) {
        return -EINTR;
      }
      const woken = this.#pollOne(descriptor.native, events, deadline);
      if (woken === EINTR) return -EINTR;
      if (woken === 0) return timedOut(result);
      descriptor.ready = events === POLL.IN;
      const again = attempt(fd, b, c, d, e, f);
      if (!isPending(again)) return again;
    }
  }

  #pollOne(native: number, events: number, deadline: number): number {
    marshal.pollPrepare(native, events);
    return this.#poll(marshal.pollfds, 1, deadline);
  }

  /**
   * Waits until one of some descriptors is ready, the deadline has passed or the wake descriptor is
   * written. A signal that arrives meanwhile is none of the guest's business: the wait goes on.
   *
   * @param list pointer to struct pollfds in the host's scratch memory, with room for one more
   * @param count how many
   * @returns positive where one is ready, 0 where time is up, EINTR where it was woken, or -errno
   */
  #poll(list: number, count: number, deadline: number): number {
    for (;;) {
      const left =
        deadline === Infinity ? -1 : Math.max(0, Math.ceil(deadline - performance.now()));
      marshal.pollWake(list, count, this.#wake);
      const result = libc.poll(native(list), count + 1, Math.min(left, INT_MAX));
      if (result === -EINTR) continue;
      if (!marshal.pollWoken(list, count)) return Math.min(result, 1);
      libc.eventfd_read(this.#wake, scratch.value);
      return EINTR;
    }
  }
}
