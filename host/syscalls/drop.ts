// What is dropped because its sender is not allowed.

import type { Descriptor } from "../descriptors.js";
import { libc } from "../libc.js";
import { marshal } from "../marshal.js";
import { scratch } from "../scratch.js";

const { DONTWAIT, ERRQUEUE, PEEK } = marshal.MSG;

/** How many one try drops before it gives up for now: a wait between two tries can be ended. */
export const DROPS_MAX = 64;

/** Whether a receive is for the reports of what the guest sent itself, ip(7): their name is where that went. */
export function isReport(flags: number): boolean {
  return (flags & ERRQUEUE) !== 0;
}

/** Takes away a datagram that was only peeked at. */
export function dropPeeked(descriptor: Descriptor, flags: number): void {
  if ((flags & PEEK) !== 0) libc.recv(descriptor.native, scratch.block, 0, DONTWAIT);
}
