// Sends, receives and accepts that wait in the kernel, a slice at a time: a socket that blocks, but for no longer than its
// SO_RCVTIMEO and SO_SNDTIMEO, socket(7). A thread that waits for each of its receives then makes one system call of
// two, one whose peer is slower than itself one of three or four a send, and no wait becomes one that nobody can end.

import type { Descriptor } from "./descriptors.js";
import { libc } from "./libc.js";
import { marshal } from "./marshal.js";
import { currentPlatform } from "./platform/index.js";
import { scratch } from "./scratch.js";

const { AF, F, Kind, O, SO, SOL } = marshal;

/** How long the kernel waits at most, in milliseconds. What takes longer is waited for by poll(2). */
const SLICE = 10;
/** Whether this system can: a call that must not wait says so by MSG_DONTWAIT then. */
const { slices } = currentPlatform();
/** How many calls must have waited for a socket to be worth the system calls that this takes. */
const WAITS = 16;

const DOMAINS: readonly number[] = [AF.INET, AF.INET6, AF.UNIX];
/** Both, for nothing else that waits for this socket may wait for longer either. */
const TIMEOUTS = [SO.RCVTIMEO, SO.SNDTIMEO];

/** Sets both timeouts of the real socket, in milliseconds, 0 for none: whether the kernel took them. */
function setTimeouts({ native }: Descriptor, milliseconds: number): boolean {
  const length = marshal.encodeOption(Kind.TIMEVAL, marshal.interval, 0, milliseconds * 1000);
  return TIMEOUTS.every(
    (option) => libc.setsockopt(native, SOL.SOCKET, option, scratch.interval, length) === 0,
  );
}

/** Sets or clears O_NONBLOCK of the real socket, fcntl(2): 0, or -errno. */
export function setNonBlocking({ native }: Descriptor, on: boolean): number {
  const flags = libc.fcntl(native, F.GETFL, 0);
  if (flags < 0) return flags;
  return libc.fcntl(native, F.SETFL, on ? flags | O.NONBLOCK : flags & ~O.NONBLOCK);
}

/**
 * Takes down that a send, a receive or an accept had to wait, and lets the kernel wait for the next ones where they
 * mostly do. The open file must be this descriptor's alone, and the timeouts the host's to set.
 */
export function waited(descriptor: Descriptor): void {
  if (++descriptor.waits !== WAITS || descriptor.shared || !slices) return;
  if (descriptor.receiveTimeout > 0 || descriptor.sendTimeout > 0) return;
  if (!DOMAINS.includes(descriptor.domain)) return;
  descriptor.sliced ||= setTimeouts(descriptor, SLICE);
  descriptor.blocks = descriptor.sliced && setNonBlocking(descriptor, false) === 0;
}

/** Makes a real socket again what all others are, before somebody else has it or its timeouts matter. */
export function unblock(descriptor: Descriptor): void {
  descriptor.waits = 0;
  if (descriptor.blocks) setNonBlocking(descriptor, true);
  if (descriptor.sliced) setTimeouts(descriptor, 0);
  descriptor.blocks = false;
  descriptor.sliced = false;
}
