// Readiness: poll, epoll_create1, epoll_ctl, epoll_wait.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { pending } from "../../pending.js";
import type { Watched } from "../../reactor.js";
import { epollCalls } from "../../syscalls/epoll.js";
import { translatePollfds } from "../../syscalls/poll.js";
import { until, type PollSteps, type Wait } from "../../wait/index.js";
import { EPOLL_WAIT } from "../../wait/plan.js";
import type { Frame } from "./frame.js";
import { stepsWithSets } from "./pollset.js";

const { EBADF, EFAULT, EINVAL } = Errno;
const { BLOCK_SIZE, EPOLL_CTL, EVENTS_MAX, POLL, block, epoll_event, pollfd } = marshal;

/** How many struct pollfds one call may have: the scratch area holds one more, to wake it. */
const POLLFDS_MAX = BLOCK_SIZE / pollfd.sizeof - 1;

/** What epoll_wait(2) returns where its time is up: no event. */
const NOTHING = 0;

/** The imports of one guest. */
export function pollCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;
  const epoll = epollCalls(guest.platform);

  /** Copies a guest's list and puts the real descriptors into the copy. */
  function prepare(pollfds: number, count: number): number {
    if (count >>> 0 > POLLFDS_MAX) return -EINVAL;
    const copied = memory.read(pollfds, count * pollfd.sizeof, marshalBytes, block);
    return copied ? translatePollfds(guest, count) : -EFAULT;
  }

  /** Writes what was found into the guest's list: how many descriptors have something to tell. */
  function finish(pollfds: number, count: number): number {
    if (!memory.holds(pollfds, count * pollfd.sizeof)) return -EFAULT;
    let ready = 0;
    for (let i = 0; i < count; i++) {
      const at = pollfds + i * pollfd.sizeof;
      const fd = memory.int32(at + pollfd.fd);
      const unknown = fd >= 0 && frame.descriptor(fd) === undefined;
      const revents = unknown ? POLL.NVAL : marshal.pollRevents(block, i);
      memory.setInt16(at + pollfd.revents, revents);
      if (revents !== 0) ready++;
    }
    return ready;
  }

  /** What a guest's list, which `prepare` has copied, asks to be watched. */
  function watched(pollfds: number, count: number): Watched[] {
    return Array.from({ length: count }, (_, i) => pollfds + i * pollfd.sizeof).flatMap((at) => {
      const descriptor = frame.descriptor(memory.int32(at + pollfd.fd));
      return descriptor ? [{ descriptor, events: memory.int16(at + pollfd.events) }] : [];
    });
  }

  const steps: PollSteps = { prepare, finish, watched };

  return {
    poll: wait.poll(guest.platform.epoll ? steps : stepsWithSets(frame, steps)),

    epoll_create1(flags: number): number {
      return epoll.create(guest, flags);
    },

    epoll_ctl(epfd: number, operation: number, fd: number, event: number): number {
      const set = frame.descriptor(epfd);
      if (set === undefined) return -EBADF;
      if (operation !== EPOLL_CTL.DEL) {
        if (!memory.read(event, epoll_event.sizeof, marshalBytes, block)) return -EFAULT;
      }
      return epoll.control(guest, set, operation, fd);
    },

    epoll_wait: until(wait, EPOLL_WAIT, (epfd, events, count, timeout) => {
      const set = frame.descriptor(epfd);
      if (set === undefined) return -EBADF;
      if (count <= 0) return -EINVAL;
      const taken = Math.min(count, EVENTS_MAX);
      if (!memory.holds(events, taken * epoll_event.sizeof)) return -EFAULT;
      const result = epoll.events(set, taken);
      if (result > 0) memory.write(events, result * epoll_event.sizeof, marshalBytes, block);
      return result === 0 && timeout !== 0 ? pending(NOTHING) : result;
    }),
  };
}
