// sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2): one try each, on the batch of native headers that the
// codecs have built, and the descriptors that control data carries, unix(7).

import { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import {
  expectsWait,
  foundNothing,
  mayWait,
  mayWaitToReceive,
  opened,
  pending,
} from "../pending.js";
import { PollSet } from "../pollset.js";
import { scratch, setScratchLength, setWord, word } from "../scratch.js";

const { EACCES, EAGAIN, EBADF, EOPNOTSUPP } = Errno;
const { F, INT_SIZE, MSG, O, SO, SOL } = marshal;

/**
 * Puts the real descriptors of a message that is to be sent in the place of the guest's numbers.
 *
 * @returns 0, -EBADF for a number that is none, -EOPNOTSUPP for an epoll set that the kernel does not know, or -EACCES for other control data that is not allowed
 */
export function translateControl(guest: Guest): number {
  if (!guest.policy.trusted && marshal.controlPrivileged()) return -EACCES;
  for (let i = 0; i < marshal.rightsCount(); i++) {
    const at = word(marshal.rights + i * INT_SIZE);
    const descriptor = guest.descriptors.get(word(at));
    if (descriptor === undefined) return -EBADF;
    // It is of this guest alone: FreeBSD says the same of a kqueue(2).
    if (descriptor instanceof PollSet) return -EOPNOTSUPP;
    setWord(at, descriptor.native);
  }
  return 0;
}

/** A property of a received descriptor, -1 where it is no socket. */
function property(native: number, option: number): number {
  setScratchLength(INT_SIZE);
  const result = libc.getsockopt(native, SOL.SOCKET, option, scratch.block, scratch.length);
  return result < 0 ? -1 : word(marshal.block);
}

/**
 * Gives the descriptors of a received message their numbers in the guest, whose table has room for them,
 * and closes those that found no place.
 */
export function acceptRights(guest: Guest): void {
  for (let i = 0; i < marshal.rightsCount(); i++) {
    const at = word(marshal.rights + i * INT_SIZE);
    const native = word(at);
    const descriptor = new Descriptor(
      native,
      property(native, SO.DOMAIN),
      property(native, SO.TYPE),
      property(native, SO.PROTOCOL),
    );
    // Whether it blocks is the receiver's to say: its sender may be a guest, whose sockets never do.
    const flags = libc.fcntl(native, F.GETFL, 0);
    descriptor.bound = true; // by whoever had it before, who may have set options as well
    descriptor.lingers = true;
    descriptor.zeroCopies = true;
    libc.fcntl(native, F.SETFL, flags | O.NONBLOCK);
    setWord(at, guest.descriptors.add(descriptor));
  }
  for (let i = 0; i < marshal.surplusCount(); i++) libc.close(word(marshal.surplus + i * INT_SIZE));
}

/** Whether the destination of a message of the batch is allowed; one without goes where its socket is connected to. */
function allows(guest: Guest, descriptor: Descriptor, index: number): boolean {
  const length = marshal.resultNameLength(index);
  if (length === 0) return true;
  return guest.policy.allowsAddress("connect", descriptor, length, marshal.messageName(index));
}

/**
 * sendmsg(2) of the batch's first message.
 *
 * @param left how many bytes of it are to be sent
 * @returns how many were taken, or -errno
 */
export function sendmsg(guest: Guest, descriptor: Descriptor, flags: number, left: number): number {
  if (!allows(guest, descriptor, 0)) return -EACCES;
  const waits = mayWait(descriptor, flags);
  if (waits && (flags & MSG.FASTOPEN) !== 0) return sendOpening(descriptor, flags, left);
  const result = libc.sendmsg(descriptor.native, scratch.headers, flags | MSG.NOSIGNAL);
  return result === -EAGAIN && waits ? pending(EAGAIN) : result;
}

/** sendmsg(2) with MSG_FASTOPEN on a socket that may wait: without a name, once it has begun to connect. */
function sendOpening(descriptor: Descriptor, flags: number, left: number): number {
  const { FASTOPEN, NOSIGNAL } = MSG;
  if (descriptor.opening) marshal.batchUnname();
  const bits = descriptor.opening ? flags & ~FASTOPEN : flags;
  const result = libc.sendmsg(descriptor.native, scratch.headers, bits | NOSIGNAL);
  return opened(descriptor, result, left);
}

/** sendmmsg(2) of the batch, up to the first message that is not allowed: how many messages, or -errno. */
export function sendmmsg(
  guest: Guest,
  descriptor: Descriptor,
  count: number,
  flags: number,
): number {
  let allowed = 0;
  while (allowed < count && allows(guest, descriptor, allowed)) allowed++;
  if (allowed === 0 && count > 0) return -EACCES;
  const result = libc.sendmmsg(descriptor.native, scratch.headers, allowed, flags | MSG.NOSIGNAL);
  return result === -EAGAIN && mayWait(descriptor, flags) ? pending(EAGAIN) : result;
}

/** recvmsg(2) into the batch's first message: how many bytes, or -errno. */
export function recvmsg(descriptor: Descriptor, flags: number): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = libc.recvmsg(descriptor.native, scratch.headers, flags | MSG.CMSG_CLOEXEC);
  return result === -EAGAIN && waits ? foundNothing(descriptor) : result;
}

/** recvmmsg(2) into the batch: how many messages, or -errno. */
export function recvmmsg(descriptor: Descriptor, count: number, flags: number): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = libc.recvmmsg(
    descriptor.native,
    scratch.headers,
    count,
    flags | MSG.CMSG_CLOEXEC,
    0,
  );
  return result === -EAGAIN && waits ? foundNothing(descriptor) : result;
}
