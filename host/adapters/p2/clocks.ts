// wasi:clocks, whose pollables are waited for together with sockets.

import type { Host } from "./host.js";
import { OwnPollable } from "./poll.js";

const MILLION = 1_000_000;
const BILLION = 1_000_000_000n;

/** A clock's reading: wasi:clocks/wall-clock's `datetime`. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** wasi:clocks/monotonic-clock of one component. */
export function monotonicClock(host: () => Host) {
  /** A pollable that is ready after so many nanoseconds. */
  function subscribeDuration(duration: bigint): OwnPollable {
    const deadline = performance.now() + Number(duration) / MILLION;
    return new OwnPollable(host().poller, { settled: duration <= 0n, events: 0, deadline });
  }

  return {
    /** Nanoseconds since some moment, clock_gettime(2). */
    now: (): bigint => process.hrtime.bigint(),
    /** What the clock tells apart, in nanoseconds. */
    resolution: (): bigint => 1n,
    subscribeDuration,
    /** A pollable that is ready at a moment of this clock. */
    subscribeInstant: (when: bigint): OwnPollable =>
      subscribeDuration(when - process.hrtime.bigint()),
  };
}

/** wasi:clocks/wall-clock. */
export const wallClock = {
  /** The time since 1970, clock_gettime(2). */
  now(): Datetime {
    const milliseconds = performance.timeOrigin + performance.now();
    const nanoseconds = BigInt(Math.round(milliseconds * MILLION));
    return { seconds: nanoseconds / BILLION, nanoseconds: Number(nanoseconds % BILLION) };
  },
  /** What the clock tells apart. */
  resolution: (): Datetime => ({ seconds: 0n, nanoseconds: 1000 }),
};
