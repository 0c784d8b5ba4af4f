// The struct pollfds that a call waits with: its socket's, or a guest's own list, and behind them that
// of a descriptor that wakes it.

import { POLL } from "../abi/constants";
import { Pollfd, pollfd } from "../abi/poll";

/** Room for a socket and the wake descriptor. */
export const pollfds: usize = memory.data(2 * pollfd.sizeof, 8);

/** Where what is read from the wake descriptor goes, eight bytes. */
export const value: usize = memory.data(sizeof<u64>(), 8);

/**
 * Writes the first of `pollfds`.
 *
 * @param fd the socket, -1 to wait for the wake descriptor or the timeout alone
 * @param events what to wait for, POLL.IN or POLL.OUT
 */
export function pollPrepare(fd: i32, events: i32): void {
  pollEntry(pollfds, 0, fd, events);
}

/**
 * Writes an entry of a list.
 *
 * @param list pointer to the list
 * @param index of the entry
 * @param fd the descriptor, a negative one to pass the entry over
 * @param events what to wait for; of an epoll event the bits that poll(2) knows
 */
export function pollEntry(list: usize, index: i32, fd: i32, events: i32): void {
  const entry = changetype<Pollfd>(list + index * pollfd.sizeof);
  entry.fd = fd;
  entry.events = <i16>events;
  entry.revents = 0;
}

/** Writes what an entry of a list was found ready for. */
export function pollFound(list: usize, index: i32, revents: i32): void {
  changetype<Pollfd>(list + index * pollfd.sizeof).revents = <i16>revents;
}

/**
 * Writes the pollfd of the wake descriptor behind a list.
 *
 * @param list pointer to the list
 * @param count how many it holds
 * @param wake the descriptor, -1 where there is none
 */
export function pollWake(list: usize, count: i32, wake: i32): void {
  pollEntry(list, count, wake, POLL.IN);
}

/** Whether the poll(2) that just returned found the wake descriptor behind a list readable. */
export function pollWoken(list: usize, count: i32): bool {
  return changetype<Pollfd>(list + count * pollfd.sizeof).revents != 0;
}

/** What poll(2) found out about an entry of a list. */
export function pollRevents(list: usize, index: i32): i32 {
  return changetype<Pollfd>(list + index * pollfd.sizeof).revents;
}
