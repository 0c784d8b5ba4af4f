// The strategy of a caller that waits itself: one attempt a call, and what is pending is its result.

import { libc } from "../libc.js";
import { scratch } from "../scratch.js";
import type { Attempt, Call, PollCall, PollSteps, Wait } from "./index.js";

/** Gives the result of a first attempt on, pending or not: `finish` of ./suspending goes on from there. */
export class Unfinished implements Wait {
  until(attempt: Attempt): Call {
    return (fd, b, c, d, e, f) => attempt(fd, b, c, d, e, f, 0);
  }

  poll({ prepare, finish }: PollSteps): PollCall {
    return (pollfds, count) => look(prepare, finish, pollfds, count);
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
