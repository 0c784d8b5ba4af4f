// The pollfd pair that a blocking call waits with: its socket, and a descriptor that wakes it.

import { POLL } from "../abi/constants";
import { Pollfd, pollfd } from "../abi/poll";

/** Two struct pollfd in a row: the socket, then the wake descriptor. */
export const pollfds: usize = memory.data(2 * pollfd.sizeof, 8);

/**
 * Fills the pair before poll(2).
 *
 * @param fd the socket, -1 to wait for the wake descriptor or the timeout alone
 * @param events what to wait for, POLL.IN or POLL.OUT
 * @param wake the wake descriptor, -1 where there is none
 */
export function pollPrepare(fd: i32, events: i32, wake: i32): void {
  const socket = changetype<Pollfd>(pollfds);
  const waker = changetype<Pollfd>(pollfds + pollfd.sizeof);
  socket.fd = fd;
  socket.events = <i16>events;
  socket.revents = 0;
  waker.fd = wake;
  waker.events = <i16>POLL.IN;
  waker.revents = 0;
}

/** Whether the poll(2) that just returned found the wake descriptor readable. */
export function pollWoken(): bool {
  return changetype<Pollfd>(pollfds + pollfd.sizeof).revents != 0;
}
