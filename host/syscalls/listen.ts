// listen(2) and accept4(2).

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { expectsWait, foundNothing, mayWait, pending, wasVain } from "../pending.js";
import { scratch, scratchLength, setScratchLength } from "../scratch.js";
import { unblock } from "../slice.js";
import { getsockname } from "./address.js";
import { DROPS_MAX } from "./drop.js";
import { adopt } from "./socket.js";

const { EAGAIN, EBADF, EINVAL, EMFILE } = Errno;
const MODIFIERS = marshal.SOCK.NONBLOCK | marshal.SOCK.CLOEXEC;

/** listen(2). On a socket that was never bound it binds one to any address: that is judged as bind(2) is. */
export function listen(guest: Guest, descriptor: Descriptor, backlog: number): number {
  const { policy, limits } = guest;
  const local = policy.judgesLocal && descriptor.bound ? getsockname(descriptor) : 0;
  const judged = local < 0 ? local : policy.judgeListen(descriptor, local);
  if (judged < 0) return judged;
  unblock(descriptor);
  // Linux takes a negative backlog for the largest.
  return libc.listen(descriptor.native, Math.min(backlog >>> 0, limits.backlog));
}

/** accept4(2) of the first connection whose peer is allowed; the others are closed. */
function acceptAllowed(guest: Guest, descriptor: Descriptor, named: boolean): number {
  const { judgesPeers } = guest.policy;
  const address = named || judgesPeers ? scratch.address : 0;
  const length = named || judgesPeers ? scratch.length : 0;
  for (let drops = 0; drops < DROPS_MAX; drops++) {
    setScratchLength(marshal.SOCKADDR_MAX);
    const native = libc.accept4(descriptor.native, address, length, MODIFIERS);
    if (native < 0 || !judgesPeers) return native;
    if (guest.policy.judge("accept", descriptor, scratchLength(), "accept") >= 0) return native;
    libc.close(native);
    if (descriptor.closed) return -EBADF;
    // What the kernel waits for next is another wait, which can be ended.
    if (guest.policy.disturbed || descriptor.blocks) break;
  }
  return -EAGAIN;
}

/**
 * accept4(2). The peer's address is left in the host's `address` scratch area, its length in `length`.
 *
 * @param named whether it is asked for
 * @returns the guest's new descriptor, or -errno
 */
export function accept4(guest: Guest, descriptor: Descriptor, flags: number, named = true): number {
  if ((flags & ~MODIFIERS) !== 0) return -EINVAL;
  // Before the connection is taken: it would be lost if there were no number for it.
  if (guest.descriptors.room < 1) return -EMFILE;
  const waits = mayWait(descriptor, 0);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const native = acceptAllowed(guest, descriptor, named);
  if (waits && wasVain(native)) return foundNothing(descriptor);
  if (native < 0) return native;
  const fd = adopt(guest, native, descriptor, flags);
  const accepted = guest.descriptors.get(fd)!;
  // A Unix socket keeps its listener's name for good; another has one only while it is connected.
  if (descriptor.domain === marshal.AF.UNIX) accepted.bound = true;
  else accepted.inherit(descriptor);
  return fd;
}
