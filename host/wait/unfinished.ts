// The strategy of a caller that waits itself: one attempt a call, and what is pending is its result.

import { libc } from "../libc.js";
import { scratch } from "../scratch.js";
import { Errno } from "../marshal.js";
import { pending } from "../pending.js";
import type {
  Finish,
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
  /**
   * Finishes the look-up that the last getaddrinfo has begun, where its result was pending. The function is given
   * the call's result while the answer is in the caller's memory: others may be there a moment later.
   */
  finishLookUp!: <Taken>(take: (result: number) => Taken, signal?: AbortSignal) => Promise<Taken>;

  finish(): Finish {
    return (result) => result;
  }

  poll({ prepare, finish }: PollSteps): PollCall {
    return (pollfds, count) => look(prepare, finish, pollfds, count);
  }

  lookUp<Begun extends LookUp>(steps: LookUpSteps<Begun>): LookUpCall {
    return (node, service, hints, out, capacity) => {
      const begun = steps.begin("loop", node, service, hints, out, capacity);
      if (typeof begun === "number") return begun;
      this.finishLookUp = (take, signal) => finishLookUp(steps, begun, out, capacity, take, signal);
      return pending(Errno.EINTR);
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
