// Waiting. The system calls of this package never wait: one that could says that it is pending, and
// what happens then is a strategy's business: ./blocking, ./suspending or ./unfinished.

import type { Waiting } from "../lookups/index.js";
import type { Members } from "../pollset.js";
import type { Watched } from "../reactor.js";
import type { Plan } from "./plan.js";

/** What an import gives: a result, or where the guest is suspended meanwhile, the promise of one. */
export type Result = number | Promise<number>;

/** A guest's import: i32 parameters, the socket first; an i32 result. */
export type Call = (fd: number, b: number, c: number, d: number, e: number, f: number) => Result;

/** One try of a call, which also learns how much of it went before: bytes, or messages of a batch. */
export type Attempt = (
  fd: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  done: number,
) => number;

/** What goes on with a call whose first attempt had this result. */
export type Finish<Given extends Result = Result> = (
  result: number,
  ...parameters: Parameters<Call>
) => Given;

/** What poll(2) takes: (pollfds, count, milliseconds). */
export type PollCall = (pollfds: number, count: number, timeout: number) => Result;

/** The steps of poll(2) between a guest's list and the `block` scratch area. */
export interface PollSteps {
  /**
   * Leaves native pollfds in the scratch area, with room for one more: how many are no descriptors, or
   * -errno.
   */
  readonly prepare: (pollfds: number, count: number) => number;
  /** Takes them back from there: how many are ready. */
  readonly finish: (pollfds: number, count: number) => number;
  /** What the list asks to be watched; the scratch area was prepared. */
  readonly watched: (pollfds: number, count: number) => Watched[];
  /**
   * What `prepare` left behind the list, where epoll is made of poll(2): the descriptors of the list's sets.
   * They may become ready although nothing is found then, and the list is to be prepared again.
   */
  readonly members?: Members;
}

/** What getaddrinfo takes: (node, service, hints, out, capacity). */
export type LookUpCall = (
  node: number,
  service: number,
  hints: number,
  out: number,
  capacity: number,
) => Result;

/** A look-up that another thread has in hand. */
export interface LookUp {
  /** The real descriptor that becomes readable once the answer is there: POLLIN, or POLLHUP alone; -1 for none. */
  readonly native: number;
  /**
   * Whether the answer is there. It is worth asking now and then: a machine without a thread to spare makes no
   * descriptor readable.
   */
  readonly done: boolean;
  /** Waits for a slice: whether the answer is there. */
  suspend(): boolean;
  /** Has the event loop call a function once the answer is there; absent where the descriptor tells. */
  whenDone?(tell: () => void): void;
}

/**
 * The steps of a look-up. Each one that begins is ended by exactly one call of `finish` or `abandon`, before
 * which its descriptor must be watched by nobody any more; meanwhile any other call may be made.
 */
export interface LookUpSteps<Begun extends LookUp> {
  /** Starts one; or gives the result of the call where none is needed. */
  readonly begin: (
    waiting: Waiting,
    node: number,
    service: number,
    hints: number,
    out: number,
    capacity: number,
  ) => Begun | number;
  /** Gives the guest the answer, which is there: the result of the call. */
  readonly finish: (lookUp: Begun, out: number, capacity: number) => number;
  /** Leaves it to itself, and gives the guest EAI_SYSTEM with an error number: the result of the call. */
  readonly abandon: (lookUp: Begun, errno: number, out: number, capacity: number) => number;
}

/** A way to wait. */
export interface Wait {
  /** Makes what finishes, by a plan, what the attempts of a call leave pending. */
  finish(plan: Plan, attempt: Attempt): Finish;
  /** Makes poll(2). */
  poll(steps: PollSteps): PollCall;
  /** Makes getaddrinfo(3). */
  lookUp<Begun extends LookUp>(steps: LookUpSteps<Begun>): LookUpCall;
}

/**
 * Makes an import of attempts. V8 inlines none of them, for all imports share this literal: one that moves bytes has a
 * literal of its own, which asks `finish` where its first attempt was not all.
 */
export function until<Given extends Result>(
  wait: { finish(plan: Plan, attempt: Attempt): Finish<Given> },
  plan: Plan,
  attempt: Attempt,
): (...parameters: Parameters<Call>) => Given {
  const finish = wait.finish(plan, attempt);
  return (fd, b, c, d, e, f) => finish(attempt(fd, b, c, d, e, f, 0), fd, b, c, d, e, f);
}
