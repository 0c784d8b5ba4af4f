// Module `wasi_snapshot_preview1`, as node:wasi serves it, but for what could wait, the standard streams and
// the clocks: here a wait can be ended; and for what would end the process.

import { Errno, marshal } from "../marshal.js";
import type { GuestMemory } from "../memory.js";
import type { Stdio } from "../stdio.js";

const {
  INT_SIZE,
  IOV_MAX,
  POLL,
  block,
  iovec,
  preview1,
  preview1_errno: wasi,
  preview1_event: event,
  preview1_subscription: subscription,
} = marshal;

/** Error numbers of preview1; what has none here is IO. */
const errnos = new Map<number, number>([
  [Errno.EAGAIN, wasi.AGAIN],
  [Errno.EBADF, wasi.BADF],
  [Errno.ECONNRESET, wasi.CONNRESET],
  [Errno.EFAULT, wasi.FAULT],
  [Errno.EFBIG, wasi.FBIG],
  [Errno.EINTR, wasi.INTR],
  [Errno.EINVAL, wasi.INVAL],
  [Errno.ENOSPC, wasi.NOSPC],
  [Errno.EPIPE, wasi.PIPE],
]);

/** The error number of preview1 for -errno. */
function failure(result: number): number {
  return errnos.get(-result) ?? wasi.IO;
}

/** How many subscriptions one call may have. */
const SUBSCRIPTIONS_MAX = 1024;
const NANOSECONDS_PER_MILLISECOND = 1e6;

/** What proc_exit throws through the guest. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** What a guest waits for, copied out of its memory. */
interface Subscription {
  /** Both words of what it is known by. */
  readonly userdata: readonly [low: number, high: number];
  readonly type: number;
  /** The real descriptor, -1 for a clock and for a stream that is none. */
  readonly native: number;
  /** How long a clock has still to go in milliseconds, 0 for a stream that is none. */
  readonly left: number;
}

/** What node:wasi serves. */
type Base = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/**
 * Makes the imports of one guest.
 *
 * @param stdio its standard streams
 * @param memory its linear memory
 * @param base what node:wasi serves, whose descriptors are the same streams and no others
 */
export function wasiPreview1(stdio: Stdio, memory: GuestMemory, base: Base): Base {
  /** Whether a list of vectors can be: an error number. */
  function checkVectors(vectors: number, count: number): number {
    if (count >>> 0 > IOV_MAX) return wasi.INVAL;
    return memory.holds(vectors, count * iovec.sizeof) ? wasi.SUCCESS : wasi.FAULT;
  }

  /** readv(2) and writev(2): a short transfer ends the call. */
  function transfer(call: Stdio["read"]) {
    return (fd: number, vectors: number, count: number, out: number): number => {
      if (stdio.native(fd) < 0) return wasi.BADF;
      const error = checkVectors(vectors, count);
      if (error !== wasi.SUCCESS) return error;
      if (!memory.holds(out, INT_SIZE)) return wasi.FAULT;
      let moved = 0;
      for (let i = 0; i < count; i++) {
        const at = vectors + i * iovec.sizeof;
        const size = memory.int32(at + iovec.iov_len) >>> 0;
        if (size === 0) continue;
        const address = memory.at(memory.int32(at + iovec.iov_base), size);
        const result = address < 0 ? -Errno.EFAULT : call(fd, address, size);
        if (result < 0 && moved === 0) return failure(result);
        moved += Math.max(result, 0);
        // What has come is enough: a second read could wait.
        if (result < size || call === stdio.read) break;
      }
      memory.setInt32(out, moved);
      return wasi.SUCCESS;
    };
  }

  /** preadv(2) or pwritev(2) of node:wasi, which 2^31 vectors would end the process of. */
  function positioned(call: "fd_pread" | "fd_pwrite") {
    return (fd: number, vectors: number, count: number, offset: bigint, out: number) => {
      const error = checkVectors(vectors, count);
      return error === wasi.SUCCESS ? base[call]!(fd, vectors, count, offset, out) : error;
    };
  }

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
    const isClock = type === preview1.EVENTTYPE_CLOCK;
    const native = isClock ? -1 : stdio.native(memory.int32(at + id));
    return {
      userdata: [memory.int32(at + userdata), memory.int32(at + userdata + INT_SIZE)],
      type,
      native,
      left: isClock ? timeLeft(at) : native < 0 ? 0 : Infinity,
    };
  }

  /** Waits for the first of some subscriptions: what poll(2) found of each, or -errno. */
  function poll(subscriptions: readonly Subscription[], timeout: number): number[] | number {
    let revents: number[] = [];
    const call = stdio.poll({
      prepare() {
        subscriptions.forEach(({ native, type }, i) => {
          const events = type === preview1.EVENTTYPE_FD_READ ? POLL.IN : POLL.OUT;
          marshal.pollEntry(block, i, native, events);
        });
        return 0;
      },
      finish() {
        revents = subscriptions.map((_, i) => marshal.pollRevents(block, i));
        return revents.filter((found) => found !== 0).length;
      },
      watched: () => [],
    });
    const result = call(0, subscriptions.length, timeout === Infinity ? -1 : timeout);
    return result < 0 ? result : revents;
  }

  function writeEvent(at: number, { userdata, type, native }: Subscription, revents: number): void {
    const isNone = type !== preview1.EVENTTYPE_CLOCK && native < 0;
    const moves = (revents & (POLL.IN | POLL.OUT)) !== 0;
    const hungUp = (revents & POLL.HUP) !== 0;
    memory.setInt32(at + event.userdata, userdata[0]);
    memory.setInt32(at + event.userdata + INT_SIZE, userdata[1]);
    memory.setInt16(at + event.errno, isNone ? wasi.BADF : wasi.SUCCESS);
    memory.setInt16(at + event.type, type);
    memory.setInt32(at + event.nbytes, moves ? 1 : 0); // at least
    memory.setInt32(at + event.nbytes + INT_SIZE, 0);
    memory.setInt32(at + event.flags, hungUp ? preview1.EVENTRWFLAGS_HANGUP : 0);
    memory.setInt32(at + event.flags + INT_SIZE, 0);
  }

  function poll_oneoff(list: number, events: number, count: number, out: number): number {
    if (count < 1 || count > SUBSCRIPTIONS_MAX) return wasi.INVAL;
    if (!memory.holds(list, count * subscription.sizeof)) return wasi.FAULT;
    if (!memory.holds(events, count * event.sizeof)) return wasi.FAULT;
    if (!memory.holds(out, INT_SIZE)) return wasi.FAULT;
    const subscriptions = Array.from({ length: count }, (_, i) =>
      readSubscription(list + i * subscription.sizeof),
    );
    const start = performance.now();
    const shortest = Math.min(...subscriptions.map(({ left }) => left));
    const revents = poll(subscriptions, shortest);
    if (typeof revents === "number") return failure(revents);
    const elapsed = performance.now() - start;
    // Where no stream is ready, it was the shortest time that ended the wait, whatever the clock says.
    const passed = revents.some((found) => found !== 0) ? elapsed : Math.max(elapsed, shortest);
    let found = 0;
    for (const [i, waited] of subscriptions.entries()) {
      if (revents[i] === 0 && waited.left > passed) continue;
      writeEvent(events + found++ * event.sizeof, waited, revents[i]!);
    }
    memory.setInt32(out, found);
    return wasi.SUCCESS;
  }

  const fails = (errno: number) => () => errno;
  return {
    ...base,
    fd_read: transfer(stdio.read),
    fd_write: transfer(stdio.write),
    fd_pread: positioned("fd_pread"),
    fd_pwrite: positioned("fd_pwrite"),
    poll_oneoff,
    fd_close(fd: number) {
      stdio.forget(fd); // node:wasi is about to close it
      return base["fd_close"]!(fd);
    },
    // A stream may be somebody else's as well, who wants it as it is.
    fd_fdstat_set_flags: fails(wasi.NOTSUP),
    fd_renumber: fails(wasi.NOTSUP),
    proc_raise: fails(wasi.NOTSUP), // it would end the whole process
    sock_accept: fails(wasi.NOTSOCK),
    sock_recv: fails(wasi.NOTSOCK),
    sock_send: fails(wasi.NOTSOCK),
    sock_shutdown: fails(wasi.NOTSOCK),
    proc_exit(code: number) {
      throw new Exit(code);
    },
  } as Base;
}
