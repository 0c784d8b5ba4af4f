// listen(2) and accept4(2).

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { expectsWait, foundNothing, mayWait, pending } from "../pending.js";
import { scratch, setScratchLength } from "../scratch.js";
import { adopt } from "./socket.js";

const { EACCES, EAGAIN, EINVAL, EMFILE } = Errno;
const MODIFIERS = marshal.SOCK.NONBLOCK | marshal.SOCK.CLOEXEC;

/** listen(2). On a socket that was never bound it binds one to any address: that takes all of `bind`. */
export function listen(guest: Guest, descriptor: Descriptor, backlog: number): number {
  if (!descriptor.bound && !guest.policy.allowsAnyBind) return -EACCES;
  return libc.listen(descriptor.native, backlog);
}

/**
 * accept4(2). The peer's address is left in the host's `address` scratch area, its length in `length`.
 *
 * @returns the guest's new descriptor, or -errno
 */
export function accept4(guest: Guest, descriptor: Descriptor, flags: number): number {
  if ((flags & ~MODIFIERS) !== 0) return -EINVAL;
  // Before the connection is taken: it would be lost if there were no number for it.
  if (guest.descriptors.room < 1) return -EMFILE;
  const waits = mayWait(descriptor, 0);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  setScratchLength(marshal.SOCKADDR_MAX);
  const native = libc.accept4(descriptor.native, scratch.address, scratch.length, MODIFIERS);
  if (native === -EAGAIN && waits) return foundNothing(descriptor);
  if (native < 0) return native;
  const fd = adopt(guest, native, descriptor, flags);
  if (descriptor.domain !== marshal.AF.UNIX) guest.descriptors.get(fd)!.inherit(descriptor);
  return fd;
}
