// epoll(7) on an operating system that has none: what the calls of ./epoll mean, on sets made of poll(2).

import { NO_SOCKET, type Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal, marshalBytes, writeText } from "../marshal.js";
import { PollSet } from "../pollset.js";
import { scratch, word } from "../scratch.js";

const { EBADF, EEXIST, EINVAL, ELOOP, EMFILE, ENOENT, EPERM } = Errno;
const { EPOLL, EPOLL_CTL, O, POLL, SEEK, block, epoll_event } = marshal;

/** What stands for a set among the process's descriptors. */
const PLACEHOLDER = "/dev/null\0";

/** What an entry may be told of with EPOLLEXCLUSIVE, epoll_ctl(2). */
const EXCLUSIVE_EVENTS =
  POLL.IN | POLL.OUT | POLL.ERR | POLL.HUP | EPOLL.WAKEUP | EPOLL.ET | EPOLL.EXCLUSIVE;

/** Whether a descriptor is a file or a directory, which no epoll watches: what has an offset. */
function isFile({ native, type }: Descriptor): boolean {
  return type === NO_SOCKET && libc.lseek(native, 0, SEEK.CUR) >= 0;
}

function create(guest: Guest, flags: number): number {
  if ((flags & ~EPOLL.CLOEXEC) !== 0) return -EINVAL;
  if (guest.descriptors.room < 1) return -EMFILE;
  writeText(marshal, marshalBytes, PLACEHOLDER);
  const native = libc.open(scratch.text, O.RDWR | O.CLOEXEC, 0);
  if (native < 0) return native;
  const set = new PollSet(native);
  set.closeOnExec = flags !== 0;
  return guest.descriptors.add(set);
}

function control(guest: Guest, set: Descriptor, operation: number, fd: number): number {
  const descriptor = guest.descriptors.get(fd);
  if (descriptor === undefined) return -EBADF;
  if (!(descriptor instanceof PollSet) && isFile(descriptor)) return -EPERM;
  if (!(set instanceof PollSet) || set === descriptor) return -EINVAL;
  const error = operation === EPOLL_CTL.DEL ? 0 : checkExclusive(descriptor, operation);
  if (error < 0) return error;

  const interest = set.find(descriptor);
  switch (operation) {
    case EPOLL_CTL.ADD:
      if (descriptor instanceof PollSet && !set.mayWatch(descriptor)) return -ELOOP;
      if (interest !== undefined) return -EEXIST;
      set.add(descriptor);
      return 0;
    case EPOLL_CTL.MOD:
      if (interest === undefined) return -ENOENT;
      if (interest.exclusive) return -EINVAL;
      interest.arm();
      return 0;
    case EPOLL_CTL.DEL:
      if (interest === undefined) return -ENOENT;
      set.remove(interest);
      return 0;
    default:
      return -EINVAL;
  }
}

/** EPOLLEXCLUSIVE is for ADD alone, with few other flags, and for no set: 0, or -EINVAL. */
function checkExclusive(descriptor: Descriptor, operation: number): number {
  const events = word(block + epoll_event.events);
  if ((events & EPOLL.EXCLUSIVE) === 0) return 0;
  const allowed =
    operation === EPOLL_CTL.ADD &&
    !(descriptor instanceof PollSet) &&
    (events & ~EXCLUSIVE_EVENTS) === 0;
  return allowed ? 0 : -EINVAL;
}

/** The calls, as EpollCalls of ./epoll describes them. */
export const pollSetCalls = {
  create,
  control,
  events(set: Descriptor, count: number): number {
    return set instanceof PollSet ? set.take(count) : -EINVAL;
  },
};
