// bind(2), connect(2), getsockname(2), getpeername(2). Addresses pass through the host's `address`
// scratch area: the copy that is judged is the copy that the kernel gets.

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { pending } from "../pending.js";
import { scratch, scratchLength, setScratchLength } from "../scratch.js";
import { unblock } from "../slice.js";

const { EAGAIN, EALREADY, EINPROGRESS } = Errno;

/** bind(2) to the address in the scratch area. */
export function bind(guest: Guest, descriptor: Descriptor, length: number): number {
  const judged = guest.policy.judge("bind", descriptor, length, "bind");
  if (judged < 0) return judged;
  const result = libc.bind(descriptor.native, scratch.address, judged);
  if (result === 0) descriptor.bound = true;
  return result;
}

/**
 * connect(2) to the address in the scratch area. While a connection is under way a second call tells
 * how it went, so a guest that waits simply tries again.
 */
export function connect(guest: Guest, descriptor: Descriptor, length: number): number {
  // AF_UNSPEC dissolves an association and reaches nobody.
  const dissolves = marshal.familyOf(marshal.address, length) === marshal.AF.UNSPEC;
  const judged = dissolves ? length : guest.policy.judge("connect", descriptor, length, "connect");
  if (judged < 0) return judged;
  unblock(descriptor);
  let result = libc.connect(descriptor.native, scratch.address, judged);
  // On this machine the peer's kernel has answered by now: Linux deals with its segments as connect(2) returns.
  if (result === -EINPROGRESS && !descriptor.nonBlocking) {
    result = libc.connect(descriptor.native, scratch.address, judged);
  }
  // A Unix socket may then get a name of the kernel's, and datagrams of anybody, unix(7).
  if (dissolves && descriptor.domain === marshal.AF.UNIX) descriptor.bound = false;
  if (descriptor.nonBlocking) return result;
  if (result === -EINPROGRESS || result === -EALREADY) return pending(EINPROGRESS);
  return result === -EAGAIN ? pending(EAGAIN) : result;
}

/** A libc call that fills in an address, and its length in the scratch area. */
type NameCall = typeof libc.getsockname;

/** The address is left in the scratch area, its true length is the result; or -errno. */
function name(call: NameCall, descriptor: Descriptor): number {
  setScratchLength(marshal.SOCKADDR_MAX);
  const result = call(descriptor.native, scratch.address, scratch.length);
  return result < 0 ? result : scratchLength();
}

/** getsockname(2): the length of the address now in the scratch area, or -errno. */
export function getsockname(descriptor: Descriptor): number {
  return name(libc.getsockname, descriptor);
}

/** getpeername(2): the length of the address now in the scratch area, or -errno. */
export function getpeername(descriptor: Descriptor): number {
  return name(libc.getpeername, descriptor);
}
