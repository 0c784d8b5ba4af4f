// read(2) and write(2) on a guest's standard streams. They may be anybody's, and block: a call is made only
// where poll(2) says that it will not wait.

import type { Descriptor } from "../descriptors.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { pending } from "../pending.js";
import { scratch } from "../scratch.js";

const { EAGAIN } = Errno;
const { POLL } = marshal;

/** What poll(2) promises that a pipe takes at once where it is writable, limits.h. */
const PIPE_BUF = 4096;

/** Whether a call on a stream would not wait. */
function isReady({ native }: Descriptor, events: number): boolean {
  marshal.pollPrepare(native, events);
  return libc.poll(scratch.pollfds, 1, 0) !== 0; // the call itself tells of an error
}

/**
 * read(2), one try.
 *
 * @param address native address of room for size bytes
 */
export function read(stream: Descriptor, address: number, size: number): number {
  if (!isReady(stream, POLL.IN)) return pending(EAGAIN);
  const result = libc.read(stream.native, address, size);
  return result === -EAGAIN ? pending(EAGAIN) : result;
}

/**
 * write(2), one try, of no more than a pipe takes at once.
 *
 * @param address native address of size bytes
 */
export function write(stream: Descriptor, address: number, size: number): number {
  if (!isReady(stream, POLL.OUT)) return pending(EAGAIN);
  const result = libc.write(stream.native, address, Math.min(size, PIPE_BUF));
  return result === -EAGAIN ? pending(EAGAIN) : result;
}
