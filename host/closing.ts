// Closing a real descriptor, close(2), without ever waiting for it.

import type { Descriptor } from "./descriptors.js";
import { release } from "./keeping.js";
import { libc } from "./libc.js";
import { marshal, marshalBytes } from "./marshal.js";
import { native } from "./scratch.js";

const { SO, SOL, linger, value } = marshal;

/** The real descriptor of one that is closed: whoever still has it gets EBADF, and not what another has opened. */
const NONE = -1;

/**
 * Closes the real descriptor: 0, or -errno. Linux lets close(2) linger on a socket that does not block,
 * and nothing could end that wait: the bytes that are left are sent in the background instead.
 */
export function closeNative(descriptor: Descriptor): number {
  descriptor.closed = true;
  descriptor.registration?.release();
  descriptor.registration = undefined;
  if (descriptor.lingers) {
    marshalBytes.fill(0, value, value + linger.sizeof);
    libc.setsockopt(descriptor.native, SOL.SOCKET, SO.LINGER, native(value), linger.sizeof);
  }
  descriptor.leave();
  const real = descriptor.native;
  descriptor.native = NONE;
  return release(real);
}
