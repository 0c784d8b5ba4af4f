// The strategy of a caller that waits itself: one attempt a call, and what is pending is its result.

import { libc } from "../libc.js";
import { scratch } from "../scratch.js";
import { Errno } from "../marshal.js";
import { pending } from "../pending.js";
import type {
  Attempt,
  Call,
  LookUp,
  LookUpCall,
  LookUpSteps,
  PollCall,
  PollSteps,
  Wait,
} from "./index.js";
import { finishLookUp } from "./lookup.js";

/** Gives the result of a first attempt on, pending or not: `finish` of ./suspending goes on from there. */
export class Unfinished implements Wait {
  /** Finishes the look-up that the last getaddrinfo has begun; undefined where that needed none. */
  lookUpBegun: ((signal?: AbortSignal) => Promise<number>) | undefined;

  until(attempt: Attempt): Call {
    return (fd, b, c, d, e, f) => attempt(fd, b, c, d, e, f, 0);
  }

  poll({ prepare, finish }: PollSteps): PollCall {
    return (pollfds, count) => look(prepare, finish, pollfds, count);
  }

  lookUp<Begun extends LookUp>(steps: LookUpSteps<Begun>): LookUpCall {
    return (node, service, hints, out, capacity) => {
      const begun = steps.begin(node, service, hints, out, capacity);
      this.lookUpBegun =
        typeof begun === "number"
          ? undefined
          : (signal) => finishLookUp(steps, begun, out, capacity, signal);
      return typeof begun === "number" ? begun : pending(Errno.EINTR);
    };
  }
}

/** poll(2) without waiting. */
export function look(
  prepare: PollSteps["prepare"],
  finish: PollSteps["finish"],
  pollfds: number,
  count: number,
): number {
  const invalid = prepare(pollfds, count);
  if (invalid < 0) return invalid;
  const result = libc.poll(scratch.block, count, 0);
  return result < 0 ? result : finish(pollfds, count);
}
