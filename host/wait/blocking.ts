// The strategy of a program that has its thread for itself: poll(2).

import { isMainThread } from "node:worker_threads";
import type { Descriptor, DescriptorTable } from "../descriptors.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { isPending, timedOut } from "../pending.js";
import { Members, PollSet } from "../pollset.js";
import { native, scratch } from "../scratch.js";
import { waited } from "../slice.js";
import type { Attempt, Finish, LookUp, LookUpSteps, PollSteps, Wait } from "./index.js";
import { PAUSE, VAIN_WAITS, deadlineOf, type Plan } from "./plan.js";

const { EINTR } = Errno;
const { POLL } = marshal;

/** What a wait found, where it is not -errno. */
const READY = 1;
const TIME_IS_UP = 0;

/** The longest native wait, in milliseconds: between two, Node can end the thread. */
const SLICE = 50;

/** The members of the epoll sets of a list that holds none. */
const NO_MEMBERS = new Members();

/** When to look again at the latest, although nothing is ready. */
function lookAgain({ suffice }: Members, deadline: number): number {
  return suffice ? deadline : Math.min(deadline, deadlineOf(PAUSE));
}

/**
 * Blocks the thread in one poll(2), on the socket and on a wake descriptor: writing that ends the wait, and the guest
 * gets EINTR. On a socket that mostly has to wait the kernel waits first, for a slice: host/slice.ts.
 */
export class Blocking implements Wait {
  readonly #descriptors: DescriptorTable;
  readonly #wake: number;
  readonly #members = new Members();

  /**
   * @param descriptors the guest's sockets
   * @param wake an eventfd(2) that ends a wait when it is written, -1 for none
   */
  constructor(descriptors: DescriptorTable, wake = -1) {
    this.#descriptors = descriptors;
    this.#wake = wake;
  }

  finish(plan: Plan, attempt: Attempt): Finish<number> {
    return (first, fd, b, c, d, e, f) => {
      let done = 0;
      let waits = 0; // in a row
      let deadline = 0; // not asked for yet
      for (let result = first; ; result = attempt(fd, b, c, d, e, f, done)) {
        if (result <= 0 && !isPending(result)) return done > 0 ? done : result;
        const socket = this.#descriptors.get(fd)!;
        if (result <= 0) {
          if (deadline === 0) deadline = deadlineOf(plan.timeout(socket, d, e));
          const woken = this.#wait(socket, plan.events, deadline, ++waits);
          if (woken === READY && plan.inKernel) waited(socket);
          if (woken === READY) continue;
          if (done > 0) return done;
          return woken === TIME_IS_UP ? timedOut(result) : woken;
        }
        waits = 0;
        if (!plan.goesOn(socket, done + result, c, d)) return done + result;
        if (!plan.peeks(d)) {
          done += result;
          continue;
        }
        // Bytes that are there already make poll(2) return at once: look again now and then, until the end.
        if (deadline === 0) deadline = deadlineOf(plan.timeout(socket, d, e));
        const pause = Math.min(deadline, deadlineOf(PAUSE));
        const ended = this.#pollOne(socket.native, POLL.RDHUP, pause);
        if (ended < 0 || performance.now() >= deadline) return result;
        socket.ready = true;
        if (ended === READY) return Math.max(attempt(fd, b, c, d, e, f, 0), result);
      }
    };
  }

  poll({ prepare, finish, members = NO_MEMBERS }: PollSteps) {
    return (pollfds: number, count: number, timeout: number): number => {
      const deadline = deadlineOf(timeout);
      for (;;) {
        const invalid = prepare(pollfds, count);
        if (invalid < 0) return invalid;
        const until = invalid > 0 ? 0 : lookAgain(members, deadline);
        const woken = this.#poll(marshal.block, count + members.count, until);
        const found = woken < 0 ? woken : finish(pollfds, count);
        if (found !== 0 || performance.now() >= deadline) return found;
      }
    };
  }

  lookUp<Begun extends LookUp>({ begin, finish, abandon }: LookUpSteps<Begun>) {
    // The main thread is ended with its process alone, so that it may wait in the call itself, as in C.
    const waiting = isMainThread && this.#wake < 0 ? "call" : "slices";
    return (node: number, service: number, hints: number, out: number, capacity: number) => {
      const begun = begin(waiting, node, service, hints, out, capacity);
      if (typeof begun === "number") return begun;
      while (!begun.suspend()) {
        const woken = this.#pollOne(-1, 0, 0);
        if (woken < 0) return abandon(begun, -woken, out, capacity);
      }
      return finish(begun, out, capacity);
    };
  }

  /** Waits until a socket is ready, for the n-th time in a row: READY, TIME_IS_UP, or -errno. */
  #wait(socket: Descriptor, events: number, deadline: number, n: number): number {
    if (socket instanceof PollSet) return this.#waitForSet(socket, deadline);
    // poll(2) calls some sockets ready that are not: a Unix socket whose peer's queue is full.
    if (n > VAIN_WAITS) {
      const woken = this.#pollOne(-1, 0, Math.min(deadline, deadlineOf(PAUSE)));
      if (woken < 0) return woken;
    }
    const woken = this.#pollOne(socket.native, events, deadline);
    if (woken === READY) socket.ready = events === POLL.IN;
    return woken;
  }

  /** The same for an epoll set made of poll(2), in which a try has just found nothing. */
  #waitForSet(set: PollSet, deadline: number): number {
    const members = this.#members;
    members.begin(0);
    members.add(set);
    const until = lookAgain(members, deadline);
    const woken = this.#poll(marshal.block, members.count, until);
    return woken === TIME_IS_UP && until < deadline ? READY : woken;
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
   * @returns READY, TIME_IS_UP, -EINTR where it was woken, or another -errno
   */
  #poll(list: number, count: number, deadline: number): number {
    for (;;) {
      const left = deadline === Infinity ? Infinity : Math.ceil(deadline - performance.now());
      marshal.pollWake(list, count, this.#wake);
      const result = libc.poll(native(list), count + 1, Math.min(Math.max(left, 0), SLICE));
      if (result === -EINTR || (result === 0 && left > SLICE)) continue;
      if (!marshal.pollWoken(list, count)) return Math.min(result, READY);
      libc.eventfd_read(this.#wake, scratch.value);
      return -EINTR;
    }
  }
}
