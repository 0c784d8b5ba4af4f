// Where the ports of a thread receive: memory that is taken from the system in slabs, and given out in the parts
// that something came into. A port that waits holds none of it.

import { markAsUntransferable } from "node:worker_threads";
import { addressOf } from "../libc.js";

/** How many bytes are taken from the system at once: 256 KiB. */
const SLAB_SIZE = 0x40000;
/** The least room that is worth a receive. */
const LEAST_ROOM = 0x10000;
/** What is shorter is copied, so that it keeps no slab alive. */
const COPIED = 0x1000;

let slab = new Uint8Array(0);
let address = 0;
let used = 0;

/** Makes sure that there is room to receive into: how many bytes. */
export function room(): number {
  if (slab.length - used < LEAST_ROOM) {
    slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
    // Other ports' bytes lie there as well: whoever gives one part away must not take theirs along.
    markAsUntransferable(slab.buffer);
    address = addressOf(slab);
    used = 0;
  }
  return slab.length - used;
}

/** The native address of that room, which holds until `taken`, or the next `room`. */
export function roomAddress(): number {
  return address + used;
}

/** What was received there: a part of the slab, or a copy where it is short. */
export function taken(count: number): Uint8Array {
  const received = slab.subarray(used, used + count);
  if (count < COPIED) return Buffer.from(received);
  used += count;
  return received;
}
