// poll(2) and epoll(7). The lists pass through the host's `block` scratch area.

import { Descriptor, NO_SOCKET } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { currentPlatform } from "../platform/index.js";
import { scratch, setWord, word } from "../scratch.js";

const { EBADF, EINVAL, EMFILE } = Errno;
const { EPOLL, EPOLL_CTL, block, pollfd } = marshal;
const { packsEpollEvents } = currentPlatform();

/**
 * Puts the real descriptors of a guest's struct pollfds, in the scratch area, in the place of its numbers.
 *
 * @returns how many are no descriptors: poll(2) then must not wait
 */
export function translatePollfds(guest: Guest, count: number): number {
  let invalid = 0;
  for (let i = 0; i < count; i++) {
    const at = block + i * pollfd.sizeof;
    const fd = word(at + pollfd.fd);
    const descriptor = guest.descriptors.get(fd);
    // Negative ones are passed over, as poll(2) does; others are told from them afterwards, by number.
    setWord(at + pollfd.fd, descriptor?.native ?? -1);
    if (descriptor === undefined && fd >= 0) invalid++;
  }
  return invalid;
}

/** epoll_create1(2): the guest's descriptor, or -errno. */
export function epollCreate(guest: Guest, flags: number): number {
  if ((flags & ~EPOLL.CLOEXEC) !== 0) return -EINVAL;
  if (guest.descriptors.room < 1) return -EMFILE;
  const native = libc.epoll_create1(EPOLL.CLOEXEC);
  if (native < 0) return native;
  const descriptor = new Descriptor(native, NO_SOCKET, NO_SOCKET, 0);
  descriptor.closeOnExec = flags !== 0;
  return guest.descriptors.add(descriptor);
}

/** epoll_ctl(2) with the guest's struct epoll_event in the scratch area. */
export function epollControl(
  guest: Guest,
  epoll: Descriptor,
  operation: number,
  fd: number,
): number {
  const descriptor = guest.descriptors.get(fd);
  if (descriptor === undefined) return -EBADF;
  if (operation !== EPOLL_CTL.DEL) marshal.encodeEvent(block, packsEpollEvents);
  return libc.epoll_ctl(epoll.native, operation, descriptor.native, scratch.events);
}

/**
 * epoll_wait(2) without waiting. The guest's events are left in the scratch area.
 *
 * @param count how many it takes, from 1 to EVENTS_MAX
 * @returns how many there are, or -errno
 */
export function epollEvents(epoll: Descriptor, count: number): number {
  const result = libc.epoll_wait(epoll.native, scratch.events, count, 0);
  if (result > 0) marshal.decodeEvents(block, result, packsEpollEvents);
  return result;
}
