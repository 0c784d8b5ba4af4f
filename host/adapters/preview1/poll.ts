// poll_oneoff and epoll_oneoff: clocks, standard streams, sockets and files in one wait.

import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import type { PollSteps, Result, Wait } from "../../wait/index.js";
import { errnoOf, type Frame } from "./frame.js";

const { EBADF, EFAULT, EINVAL } = Errno;
const {
  BLOCK_SIZE,
  INT_SIZE,
  POLL,
  block,
  pollfd,
  preview1,
  preview1_event: event,
  preview1_subscription: subscription,
} = marshal;

/** How many subscriptions one call may have: the scratch area holds one more, to wake it. */
const SUBSCRIPTIONS_MAX = BLOCK_SIZE / pollfd.sizeof - 1;
const NANOSECONDS_PER_MILLISECOND = 1e6;

/** What a guest waits for, copied out of its memory. */
interface Subscription {
  /** Both words of what it is known by. */
  readonly userdata: readonly [low: number, high: number];
  readonly type: number;
  /** What is polled: nothing for a clock, a file, and for what is no descriptor. */
  readonly descriptor: Descriptor | undefined;
  /** How long it may still take in milliseconds: a clock's time, 0 for what need not be waited for. */
  readonly left: number;
  /** Its error number. */
  readonly errno: number;
}

/** What poll(2) waits for, of a subscription. */
function eventsOf({ type }: Subscription): number {
  return type === preview1.EVENTTYPE_FD_READ ? POLL.IN : POLL.OUT;
}

/** The functions of one guest. */
export function pollCalls({ guest, memory, stdio }: Frame, wait: Wait) {
  /** What the call at hand waits for, and what poll(2) found of each. */
  let subscriptions: Subscription[] = [];
  let revents: number[] = [];

  function timestamp(at: number): number {
    return (memory.int32(at) >>> 0) + (memory.int32(at + INT_SIZE) >>> 0) * 2 ** 32;
  }

  /** How long a clock has still to go, in milliseconds. */
  function timeLeft(at: number): number {
    const timeout = timestamp(at + subscription.timeout) / NANOSECONDS_PER_MILLISECOND;
    const flags = memory.int32(at + subscription.flags);
    if ((flags & preview1.SUBCLOCKFLAGS_ABSTIME) === 0) return timeout;
    const isReal = memory.int32(at + subscription.id) === preview1.CLOCKID_REALTIME;
    const monotonic = Number(process.hrtime.bigint()) / NANOSECONDS_PER_MILLISECOND;
    return Math.max(timeout - (isReal ? Date.now() : monotonic), 0);
  }

  function readSubscription(at: number): Subscription {
    const { userdata, id } = subscription;
    const type = memory.int32(at + subscription.type) & 0xff;
    const known = [memory.int32(at + userdata), memory.int32(at + userdata + INT_SIZE)] as const;
    if (type === preview1.EVENTTYPE_CLOCK) {
      return { userdata: known, type, descriptor: undefined, left: timeLeft(at), errno: 0 };
    }
    const fd = memory.int32(at + id);
    const found = stdio.stream(fd) ?? guest.descriptors.get(fd);
    const isPolled = found !== undefined && found.native >= 0; // a file is always ready
    return {
      userdata: known,
      type,
      descriptor: isPolled ? found : undefined,
      left: isPolled ? Infinity : 0,
      errno: found === undefined ? errnoOf(-EBADF) : 0,
    };
  }

  const steps: PollSteps = {
    prepare() {
      subscriptions.forEach((waited, i) => {
        marshal.pollEntry(block, i, waited.descriptor?.native ?? -1, eventsOf(waited));
      });
      return 0;
    },
    finish() {
      revents = subscriptions.map((_, i) => marshal.pollRevents(block, i));
      return revents.filter((found) => found !== 0).length;
    },
    watched: () =>
      subscriptions.flatMap((waited) => {
        const { descriptor } = waited;
        return descriptor === undefined ? [] : [{ descriptor, events: eventsOf(waited) }];
      }),
  };
  const poll = wait.poll(steps);

  function writeEvent(at: number, { userdata, type, errno }: Subscription, found: number): void {
    const moves = (found & (POLL.IN | POLL.OUT)) !== 0;
    const hungUp = (found & POLL.HUP) !== 0;
    memory.setInt32(at + event.userdata, userdata[0]);
    memory.setInt32(at + event.userdata + INT_SIZE, userdata[1]);
    memory.setInt16(at + event.errno, errno);
    memory.setInt16(at + event.type, type);
    memory.setInt32(at + event.nbytes, moves ? 1 : 0); // at least
    memory.setInt32(at + event.nbytes + INT_SIZE, 0);
    memory.setInt32(at + event.flags, hungUp ? preview1.EVENTRWFLAGS_HANGUP : 0);
    memory.setInt32(at + event.flags + INT_SIZE, 0);
  }

  /** Checks all pointers of a call: 0, or -errno. */
  function check(list: number, events: number, count: number, out: number): number {
    if (count < 1 || count > SUBSCRIPTIONS_MAX) return -EINVAL;
    return memory.holds(list, count * subscription.sizeof) &&
      memory.holds(events, count * event.sizeof) &&
      memory.holds(out, INT_SIZE)
      ? 0
      : -EFAULT;
  }

  function poll_oneoff(list: number, events: number, count: number, out: number): Result {
    const error = check(list, events, count, out);
    if (error < 0) return errnoOf(error);
    subscriptions = Array.from({ length: count }, (_, i) =>
      readSubscription(list + i * subscription.sizeof),
    );
    revents = subscriptions.map(() => 0);
    const start = performance.now();
    const shortest = Math.min(...subscriptions.map(({ left }) => left));

    /** Gives the guest what was found. */
    function tell(result: number): number {
      if (result < 0) return errnoOf(result);
      if (check(list, events, count, out) < 0) return errnoOf(-EFAULT);
      const elapsed = performance.now() - start;
      // Where no descriptor is ready, it was the shortest time that ended the wait, whatever the clock says.
      const passed = revents.some((found) => found !== 0) ? elapsed : Math.max(elapsed, shortest);
      let told = 0;
      for (const [i, waited] of subscriptions.entries()) {
        if (revents[i] === 0 && waited.left > passed) continue;
        writeEvent(events + told++ * event.sizeof, waited, revents[i]!);
      }
      memory.setInt32(out, told);
      return 0;
    }

    const result = poll(0, count, shortest === Infinity ? -1 : shortest);
    return typeof result === "number" ? tell(result) : result.then(tell);
  }

  // WasmEdge's, which tells of what is new alone: a guest that takes all there is gets by with more.
  return { poll_oneoff, epoll_oneoff: poll_oneoff };
}
