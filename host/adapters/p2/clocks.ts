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

/** wasi:clocks/monotonic-clock. */
export interface MonotonicClock {
  /** Nanoseconds since some moment, clock_gettime(2). */
  readonly now: () => bigint;
  /** What the clock tells apart, in nanoseconds. */
  readonly resolution: () => bigint;
  /** A pollable that is ready after so many nanoseconds. */
  readonly subscribeDuration: (duration: bigint) => OwnPollable;
  /** A pollable that is ready at a moment of this clock. */
  readonly subscribeInstant: (when: bigint) => OwnPollable;
}

/** wasi:clocks/wall-clock. */
export interface WallClock {
  /** The time since 1970, clock_gettime(2). */
  readonly now: () => Datetime;
  /** What the clock tells apart. */
  readonly resolution: () => Datetime;
}

/** The clock of one component. */
export function monotonicClock(host: () => Host): MonotonicClock {
  function subscribeDuration(duration: bigint): OwnPollable {
    const deadline = performance.now() + Number(duration) / MILLION;
    return new OwnPollable(host().poller, { settled: duration <= 0n, events: 0, deadline });
  }

  return {
    now: () => process.hrtime.bigint(),
    resolution: () => 1n,
    subscribeDuration,
    subscribeInstant: (when) => subscribeDuration(when - process.hrtime.bigint()),
  };
}

/** The clock of them all. */
export const wallClock: WallClock = {
  now() {
    const milliseconds = performance.timeOrigin + performance.now();
    const nanoseconds = BigInt(Math.round(milliseconds * MILLION));
    return { seconds: nanoseconds / BILLION, nanoseconds: Number(nanoseconds % BILLION) };
  },
  resolution: () => ({ seconds: 0n, nanoseconds: 1000 }),
};
