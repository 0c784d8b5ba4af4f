// A call that cannot be finished yet: how it says so, and when it is better not tried at all. What
// happens then, whether a thread waits or a promise, is the business of a Wait.

import type { Descriptor } from "./descriptors.js";
import { Errno, marshal } from "./marshal.js";

const { DONTWAIT, ERRQUEUE, OOB } = marshal.MSG;

/** Above every error number. */
const PENDING = 0x10000;

/**
 * How long the prediction that a receive will find nothing lasts, in calls: one try in so many finds
 * out whether it still holds.
 */
const WAIT_FIRST = 64;

/**
 * The result of a call that may wait and be tried again.
 *
 * @param errno what the guest gets where the wait times out
 */
export function pending(errno: number): number {
  return -(PENDING + errno);
}

/** Whether a result is that of a call that may wait. */
export function isPending(result: number): boolean {
  return result <= -PENDING;
}

/** What a pending call returns where its wait times out: -errno. */
export function timedOut(result: number): number {
  return result + PENDING;
}

/** Whether a call on this socket may wait. */
export function mayWait(descriptor: Descriptor, flags: number): boolean {
  return !descriptor.nonBlocking && (flags & DONTWAIT) === 0;
}

/** Whether a receive may wait: Linux never waits for an error report or urgent data. */
export function mayWaitToReceive(descriptor: Descriptor, flags: number): boolean {
  return !descriptor.nonBlocking && (flags & (DONTWAIT | ERRQUEUE | OOB)) === 0;
}

/**
 * Whether a call that the kernel may wait for should be waited for by poll(2) first: one in so many is, so that
 * whoever wakes the thread is heard although the kernel never waits in vain.
 */
export function shouldPoll(descriptor: Descriptor): boolean {
  return descriptor.blocks && ++descriptor.kernelWaits % WAIT_FIRST === 0;
}

/**
 * Whether a try found nothing, or no room. A signal that arrives while the kernel waits is none of the guest's business:
 * it is tried again.
 */
export function wasVain(result: number): boolean {
  return result === -Errno.EAGAIN || result === -Errno.EINTR;
}

/** Whether a receive should wait before it is tried, because the last ones had to. */
export function expectsWait(descriptor: Descriptor): boolean {
  const { ready } = descriptor;
  descriptor.ready = false; // of the wait before this try alone
  if (descriptor.blocks) return !ready && shouldPoll(descriptor);
  if (descriptor.waitFirst === 0) return false;
  if (!ready) return true;
  descriptor.waitFirst--;
  return false;
}

/** The result of a receive that found nothing and may wait: it predicts the same for the next. */
export function foundNothing(descriptor: Descriptor): number {
  descriptor.waitFirst = WAIT_FIRST;
  return pending(Errno.EAGAIN);
}

/** Takes the prediction back: there is more to receive. */
export function foundMore(descriptor: Descriptor): void {
  descriptor.waitFirst = 0;
}

/**
 * The result of an attempt with MSG_FASTOPEN by a call that may wait, tcp(7): it connects and takes all
 * bytes. Once the connection is under way, the next attempt must send without the flag, or it would be a
 * second connect: the descriptor remembers.
 *
 * @param size how many bytes the attempt was to send
 */
export function opened(descriptor: Descriptor, result: number, size: number): number {
  const waits = result === -Errno.EINPROGRESS || result === -Errno.EAGAIN;
  descriptor.opening = waits || (result >= 0 && result < size);
  return waits ? pending(-result) : result;
}
