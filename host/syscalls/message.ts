// sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2): one try each, on the batch of native headers that the
// codecs have built, and the descriptors that control data carries, unix(7).

import { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { clib, libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { DROPS_MAX, dropPeeked, isReport } from "./drop.js";
import {
  expectsWait,
  foundNothing,
  mayWait,
  mayWaitToReceive,
  opened,
  pending,
} from "../pending.js";
import { PollSet } from "../pollset.js";
import { base, scratch, setScratchLength, setWord, word } from "../scratch.js";
import { setNonBlocking, unblock } from "../slice.js";

const { EACCES, EAGAIN, EBADF, EOPNOTSUPP } = Errno;
const { INT_SIZE, MSG, SO, SOL } = marshal;
// In constants, not in fields: reading a number as large from a field makes another on V8's heap.
const { headers } = scratch;
/** With what all is sent and received: nothing waits here, and no guest can be sent a signal. */
const [SENT, RECEIVED] = [MSG.NOSIGNAL | MSG.DONTWAIT, MSG.CMSG_CLOEXEC | MSG.DONTWAIT];

/**
 * Puts the real descriptors of a message that is to be sent in the place of the guest's numbers.
 *
 * @returns 0, -EBADF for a number that is none, -EOPNOTSUPP for an epoll set that the kernel does not know, or
 *   -EACCES for other control data that is not allowed
 */
export function translateControl(guest: Guest, descriptor: Descriptor): number {
  if (!guest.policy.trusted && marshal.controlPrivileged()) {
    guest.policy.refuseOption(descriptor, "sendmsg");
    return -EACCES;
  }
  for (let i = 0; i < marshal.rightsCount(); i++) {
    const at = word(marshal.rights + i * INT_SIZE);
    const passed = guest.descriptors.get(word(at));
    if (passed === undefined) return -EBADF;
    // It is of this guest alone: FreeBSD says the same of a kqueue(2).
    if (passed instanceof PollSet) return -EOPNOTSUPP;
    unblock(passed);
    passed.shared = true;
    setWord(at, passed.native);
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
    const native = guest.own(word(at));
    const descriptor = new Descriptor(
      native,
      property(native, SO.DOMAIN),
      property(native, SO.TYPE),
      property(native, SO.PROTOCOL),
    );
    // Whoever had it before may have bound it and set its options. That was perhaps a guest, this one even: it
    // gets no more by passing a socket than it had.
    descriptor.bound = guest.policy.trusted;
    descriptor.lingers = true;
    descriptor.zeroCopies = true;
    descriptor.shared = true;
    // Whether it blocks for the guest is the guest's to say: its sender may be one, whose sockets never do.
    setNonBlocking(descriptor, true);
    setWord(at, guest.descriptors.add(descriptor));
  }
  closeSurplus();
}

/** Closes the descriptors that came and have no place in the guest. */
function closeSurplus(): void {
  for (let i = 0; i < marshal.surplusCount(); i++) libc.close(word(marshal.surplus + i * INT_SIZE));
}

/**
 * Judges the destination of a message of the batch; one without goes where its socket is connected to.
 *
 * @returns what is negative where it is not allowed, an error number
 */
function judge(guest: Guest, descriptor: Descriptor, index: number, syscall: string): number {
  if (guest.policy.trusted) return 0;
  const length = marshal.resultNameLength(index);
  if (length === 0) return 0;
  const at = marshal.messageName(index);
  const judged = guest.policy.judge("connect", descriptor, length, syscall, at);
  if (judged >= 0 && judged !== length) marshal.messageRename(index, judged);
  return judged;
}

/**
 * sendmsg(2) of the batch's first message.
 *
 * @param done how many bytes of it went before
 * @returns how many were taken, or -errno
 */
export function sendmsg(guest: Guest, descriptor: Descriptor, flags: number, done: number): number {
  const judged = judge(guest, descriptor, 0, "sendmsg");
  if (judged < 0) return judged;
  const waits = mayWait(descriptor, flags);
  if (waits && (flags & MSG.FASTOPEN) !== 0) return sendOpening(descriptor, flags, done);
  const result = libc.sendmsg(descriptor.native, headers, flags | SENT);
  return result === -EAGAIN && waits ? pending(EAGAIN) : result;
}

/** sendmsg(2) with MSG_FASTOPEN on a socket that may wait: without a name, once it has begun to connect. */
function sendOpening(descriptor: Descriptor, flags: number, done: number): number {
  const { FASTOPEN } = MSG;
  if (descriptor.opening) marshal.batchUnname();
  const bits = descriptor.opening ? flags & ~FASTOPEN : flags;
  const result = libc.sendmsg(descriptor.native, headers, bits | SENT);
  return opened(descriptor, result, marshal.messageBytes() - done);
}

/** sendmmsg(2) of the batch, up to the first message that is not allowed: how many messages, or -errno. */
export function sendmmsg(
  guest: Guest,
  descriptor: Descriptor,
  count: number,
  flags: number,
): number {
  let allowed = 0;
  let judged = 0;
  while (allowed < count && (judged = judge(guest, descriptor, allowed, "sendmmsg")) >= 0)
    allowed++;
  if (judged < 0 && (allowed === 0 || guest.policy.disturbed)) return judged;
  const result = libc.sendmmsg(descriptor.native, headers, allowed, flags | SENT);
  return result === -EAGAIN && mayWait(descriptor, flags) ? pending(EAGAIN) : result;
}

/** recvmsg(2) into the batch's first message: how many bytes, or -errno. */
export function recvmsg(guest: Guest, descriptor: Descriptor, flags: number): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = guest.policy.judgesSenders(descriptor)
    ? receiveAllowed(guest, descriptor, 0, flags, "recvmsg")
    : libc.recvmsg(descriptor.native, headers, flags | RECEIVED);
  return result === -EAGAIN && waits ? foundNothing(descriptor) : result;
}

/** recvmmsg(2) into the batch: how many messages, or -errno. */
export function recvmmsg(
  guest: Guest,
  descriptor: Descriptor,
  count: number,
  flags: number,
): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = guest.policy.judgesSenders(descriptor)
    ? receiveEachAllowed(guest, descriptor, count, flags)
    : libc.recvmmsg(descriptor.native, headers, count, flags | RECEIVED, 0);
  return result === -EAGAIN && waits ? foundNothing(descriptor) : result;
}

/** As recvmmsg(2) on a socket that does not block, of messages whose senders are allowed. */
function receiveEachAllowed(
  guest: Guest,
  descriptor: Descriptor,
  count: number,
  flags: number,
): number {
  for (let index = 0; index < count; index++) {
    const result = receiveAllowed(guest, descriptor, index, flags, "recvmmsg");
    if (result < 0) return index > 0 && !descriptor.closed ? index : result;
  }
  return count;
}

/**
 * recvmsg(2) into a message of the batch, of the first datagram whose sender is allowed; those before it are
 * dropped. It passes through the `block` scratch area, as in ./transfer.ts.
 */
function receiveAllowed(
  guest: Guest,
  descriptor: Descriptor,
  index: number,
  flags: number,
  syscall: string,
): number {
  const name = marshal.messageName(index);
  for (let drops = 0; drops < DROPS_MAX; drops++) {
    marshal.detourBegin(index, base, marshal.block, marshal.BLOCK_SIZE);
    const result = libc.recvmsg(descriptor.native, scratch.detour, flags | RECEIVED);
    if (result < 0) return result;
    const length = marshal.detourNameLength();
    const judged = isReport(flags)
      ? 0
      : guest.policy.judge("receive", descriptor, length, syscall, name);
    if (judged >= 0) {
      scatter(index, Math.min(result, marshal.BLOCK_SIZE));
      marshal.detourEnd(index, result);
      return result;
    }
    dropRights(index);
    if (descriptor.closed) return -EBADF;
    dropPeeked(descriptor, flags);
    if (guest.policy.disturbed) return -EAGAIN;
  }
  return -EAGAIN;
}

/** Copies bytes of the `block` scratch area to the vectors of a message. */
function scatter(index: number, count: number): void {
  const vectors = marshal.vectorsOf(index);
  let done = 0;
  for (let i = 0; i < vectors && done < count; i++) {
    const size = Math.min(marshal.vectorLength(index, i, base), count - done);
    if (size > 0) clib.memcpy(marshal.vectorBase(index, i, base), scratch.block + done, size);
    done += size;
  }
}

/** Closes the descriptors that came with a message that is dropped. */
function dropRights(index: number): void {
  const control = marshal.resultControl(index, base);
  marshal.decodeControl(control, marshal.detourControlLength(), 0, 0);
  closeSurplus();
}
