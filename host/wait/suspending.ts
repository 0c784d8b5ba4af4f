// The strategy of a program that shares its thread: the call is finished by a promise, from the event loop,
// and WebAssembly's stack switching (JSPI) parks the guest meanwhile.

import { setTimeout as pause } from "node:timers/promises";
import { NO_TIMEOUT, type Descriptor, type DescriptorTable } from "../descriptors.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { isPending, timedOut } from "../pending.js";
import { PollSet, membersOf } from "../pollset.js";
import { scratch } from "../scratch.js";
import { READY, TIME_IS_UP, any, ready, wait, type Watched } from "../reactor.js";
import type {
  Attempt,
  Finish,
  LookUp,
  LookUpCall,
  LookUpSteps,
  PollCall,
  PollSteps,
  Wait,
} from "./index.js";
import { finishLookUp } from "./lookup.js";
import { PAUSE, VAIN_WAITS, deadlineOf, type Plan } from "./plan.js";
import { look } from "./unfinished.js";

const { EBADF, EINTR } = Errno;
const { POLL } = marshal;

/** How often an epoll set made of poll(2) is looked at, in milliseconds. */
const LOOK_AGAIN = 10;

/** A call that is under way: its socket's number, and the parameters that its plan reads. */
export interface Started {
  readonly plan: Plan;
  readonly fd: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  /** Tries it, behind what is done already. */
  readonly attempt: (done: number) => number;
}

/** Whether a call is done with its first attempt. */
export function isFinal(
  descriptors: DescriptorTable,
  plan: Plan,
  fd: number,
  c: number,
  d: number,
  result: number,
): boolean {
  if (result <= 0) return !isPending(result);
  const socket = descriptors.get(fd);
  return socket === undefined || !plan.goesOn(socket, result, c, d);
}

/**
 * Finishes a call on the event loop.
 *
 * @param result of its first attempt
 * @param signal ends it: the result is then what was done before, or -EINTR
 * @returns what the call returns, or -errno
 */
export async function finish(
  descriptors: DescriptorTable,
  { plan, fd, c, d, e, attempt }: Started,
  result: number,
  signal?: AbortSignal,
): Promise<number> {
  const socket = descriptors.get(fd);
  let deadline = 0; // not asked for yet
  let waits = 0; // in a row
  for (let done = 0; ; result = attempt(done)) {
    if (result <= 0 && !isPending(result)) return done > 0 ? done : result;
    if (socket === undefined) return result;
    if (result > 0) {
      if (!plan.goesOn(socket, done + result, c, d)) return done + result;
      if (!plan.peeks(d)) {
        done += result;
        waits = 0;
        continue;
      }
    }
    if (deadline === 0) deadline = deadlineOf(plan.timeout(socket, d, e));
    // What has been peeked at makes a socket ready at once, and some are called ready that are not.
    const peeked = result > 0;
    let woken = peeked || ++waits > VAIN_WAITS ? await rest(deadline, signal) : READY;
    if (woken === READY && !peeked) {
      woken = await (socket instanceof PollSet
        ? member(socket, deadline, signal)
        : ready(socket, plan.events, deadline, signal));
    }
    woken = noteReady(socket, plan, woken);
    if (woken !== READY) {
      if (done > 0 || peeked) return Math.max(done, result);
      return woken === TIME_IS_UP ? timedOut(result) : woken;
    }
    if (peeked && hasEnded(socket)) return Math.max(attempt(done), result);
  }
}

/** Whether a call has only to wait for its socket, for as long as that takes, to be tried again. */
function waitsForOne(
  socket: Descriptor | undefined,
  plan: Plan,
  d: number,
  e: number,
  result: number,
): socket is Descriptor {
  if (result > 0 || socket === undefined || socket instanceof PollSet) return false;
  return plan.timeout(socket, d, e) <= NO_TIMEOUT;
}

/** Tells a socket that it was found ready: READY, -EBADF where its number may be another's by now, or what else was found. */
function noteReady(socket: Descriptor, { events }: Plan, found: number): number {
  if (found !== READY) return found;
  if (socket.closed) return -EBADF;
  if (events === POLL.IN) socket.ready = true;
  return READY;
}

/**
 * Waits for an epoll set made of poll(2), in which a try has just found nothing. What is added to it meanwhile,
 * and what its members cannot show, is looked for now and then.
 */
async function member(set: PollSet, deadline: number, signal?: AbortSignal): Promise<number> {
  const until = Math.min(deadline, deadlineOf(LOOK_AGAIN));
  const woken = await any(membersOf(set), until, signal);
  return woken === TIME_IS_UP && until < deadline ? READY : woken;
}

/**
 * Finishes poll(2) on the event loop.
 *
 * @param look finds what is ready: how many, or -errno
 * @param watched what to wait for
 * @param timeout in milliseconds, NO_TIMEOUT for none
 * @param signal ends it with -EINTR
 * @returns what `look` found, 0 where time is up, or -errno
 */
export async function finishPoll(
  look: () => number,
  watched: () => Watched[],
  timeout: number,
  signal?: AbortSignal,
): Promise<number> {
  const deadline = deadlineOf(timeout);
  for (let waits = 1; ; waits++) {
    // A socket that has bytes is woken for, whatever else of it is asked for.
    let woken = waits > VAIN_WAITS ? await rest(deadline, signal) : READY;
    if (woken === READY) woken = await any(watched(), deadline, signal);
    const found = woken < 0 ? woken : look();
    if (found !== 0 || woken === TIME_IS_UP) return found;
  }
}

/** Puts the next try off: READY, TIME_IS_UP, or -EINTR. */
async function rest(deadline: number, signal: AbortSignal | undefined): Promise<number> {
  await pause(PAUSE);
  if (signal?.aborted) return -EINTR;
  return performance.now() < deadline ? READY : TIME_IS_UP;
}

/** Whether nothing more will come, so that bytes that were peeked at are all there are. */
function hasEnded({ native }: Descriptor): boolean {
  marshal.pollPrepare(native, POLL.RDHUP);
  return libc.poll(scratch.pollfds, 1, 0) > 0;
}

/** Suspends the guest in a promise of what the call returns. */
export class Suspending implements Wait {
  readonly #descriptors: DescriptorTable;

  /** @param descriptors the guest's sockets */
  constructor(descriptors: DescriptorTable) {
    this.#descriptors = descriptors;
  }

  finish(plan: Plan, attempt: Attempt): Finish {
    const descriptors = this.#descriptors;
    return (result, fd, b, c, d, e, f) => {
      if (isFinal(descriptors, plan, fd, c, d, result)) return result;
      const goOn = (result: number) => {
        const again = (done: number) => attempt(fd, b, c, d, e, f, done);
        return finish(descriptors, { plan, fd, c, d, e, attempt: again }, result);
      };
      const socket = descriptors.get(fd);
      if (!waitsForOne(socket, plan, d, e, result)) return goOn(result);
      // Most calls have found nothing, wait for ever and find all when they are tried next. That is done as the event loop
      // tells of the socket: it takes one promise.
      return new Promise((resolve) => {
        const error = wait(socket, plan.events, (found) => {
          const woken = noteReady(socket, plan, found);
          const next = woken === READY ? attempt(fd, b, c, d, e, f, 0) : woken;
          resolve(isFinal(descriptors, plan, fd, c, d, next) ? next : goOn(next));
        });
        if (error < 0) resolve(error);
      });
    };
  }

  poll({ prepare, finish, watched }: PollSteps): PollCall {
    return (pollfds, count, timeout) => {
      const again = () => look(prepare, finish, pollfds, count);
      const found = again();
      if (found !== 0 || timeout === 0) return found;
      return finishPoll(again, () => watched(pollfds, count), timeout);
    };
  }

  lookUp<Begun extends LookUp>(steps: LookUpSteps<Begun>): LookUpCall {
    return (node, service, hints, out, capacity) => {
      const begun = steps.begin("loop", node, service, hints, out, capacity);
      if (typeof begun === "number") return begun;
      return finishLookUp(steps, begun, out, capacity, (result) => result);
    };
  }
}
