// epoll(7): the kernel's, or where it has none ./pollset. Events pass through the host's `block` scratch area.

import { Descriptor, NO_SOCKET } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import type { Platform } from "../platform/index.js";
import { scratch } from "../scratch.js";
import { pollSetCalls } from "./pollset.js";

const { EBADF, EINVAL, EMFILE } = Errno;
const { EPOLL, EPOLL_CTL, block } = marshal;

/** The calls of epoll(7). */
export interface EpollCalls {
  /** epoll_create1(2): the guest's descriptor, or -errno. */
  create(guest: Guest, flags: number): number;
  /** epoll_ctl(2) with the guest's struct epoll_event in the scratch area. */
  control(guest: Guest, epoll: Descriptor, operation: number, fd: number): number;
  /**
   * epoll_wait(2) without waiting. The guest's events are left in the scratch area.
   *
   * @param count how many it takes, from 1 to EVENTS_MAX
   * @returns how many there are, or -errno
   */
  events(epoll: Descriptor, count: number): number;
}

/** The calls on a machine. */
export function epollCalls({ epoll, packsEpollEvents }: Platform): EpollCalls {
  if (!epoll) return pollSetCalls;
  return {
    create(guest, flags) {
      if ((flags & ~EPOLL.CLOEXEC) !== 0) return -EINVAL;
      if (guest.descriptors.room < 1) return -EMFILE;
      const native = libc.epoll_create1(EPOLL.CLOEXEC);
      if (native < 0) return native;
      const descriptor = new Descriptor(guest.own(native), NO_SOCKET, NO_SOCKET, 0);
      descriptor.closeOnExec = flags !== 0;
      return guest.descriptors.add(descriptor);
    },

    control(guest, { native }, operation, fd) {
      const descriptor = guest.descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      if (operation !== EPOLL_CTL.DEL) marshal.encodeEvent(block, packsEpollEvents);
      return libc.epoll_ctl(native, operation, descriptor.native, scratch.events);
    },

    events({ native }, count) {
      const result = libc.epoll_wait(native, scratch.events, count, 0);
      if (result > 0) marshal.decodeEvents(block, result, packsEpollEvents);
      return result;
    },
  };
}
