// What the standard streams and the clocks need of `wasi_snapshot_preview1`, its typenames.witx.

/** Error numbers. */
export const enum preview1_errno {
  SUCCESS = 0,
  AGAIN = 6,
  BADF = 8,
  CONNRESET = 15,
  FAULT = 21,
  FBIG = 22,
  INTR = 27,
  INVAL = 28,
  IO = 29,
  NOSPC = 51,
  NOTSOCK = 57,
  NOTSUP = 58,
  PIPE = 64,
}

/** Kinds of events, clocks, and flags. */
export const enum preview1 {
  EVENTTYPE_CLOCK = 0,
  EVENTTYPE_FD_READ = 1,
  EVENTTYPE_FD_WRITE = 2,
  CLOCKID_REALTIME = 0,
  CLOCKID_MONOTONIC = 1,
  SUBCLOCKFLAGS_ABSTIME = 1,
  EVENTRWFLAGS_HANGUP = 1,
}

/**
 * subscription, what poll_oneoff waits for: a time of a clock, or a descriptor in the place of the clock's
 * number.
 *
 *      0          8      16            24        32          40      48
 *      +----------+------+-------------+---------+-----------+-------+
 *      | userdata | type | clock or fd | timeout | precision | flags |
 *      +----------+------+-------------+---------+-----------+-------+
 */
@unmanaged
class Subscription {
  userdata: u64;
  type: u64;
  id: u64;
  timeout: u64;
  precision: u64;
  flags: u64;
}

export const enum preview1_subscription {
  userdata = offsetof<Subscription>("userdata"),
  type = offsetof<Subscription>("type"),
  id = offsetof<Subscription>("id"),
  timeout = offsetof<Subscription>("timeout"),
  flags = offsetof<Subscription>("flags"),
  sizeof = offsetof<Subscription>(),
}

/**
 * event, what poll_oneoff found.
 *
 *      0          8       10     16       24      32
 *      +----------+-------+------+--------+-------+
 *      | userdata | errno | type | nbytes | flags |
 *      +----------+-------+------+--------+-------+
 */
@unmanaged
class Event {
  userdata: u64;
  errno: u16;
  type: u16;
  nbytes: u64;
  flags: u64;
}

export const enum preview1_event {
  userdata = offsetof<Event>("userdata"),
  errno = offsetof<Event>("errno"),
  type = offsetof<Event>("type"),
  nbytes = offsetof<Event>("nbytes"),
  flags = offsetof<Event>("flags"),
  sizeof = offsetof<Event>(),
}
