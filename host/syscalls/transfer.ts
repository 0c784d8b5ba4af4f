// send(2), recv(2), sendto(2), recvfrom(2): one try each, on bytes that the caller has checked.

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { clib, libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { DROPS_MAX, dropPeeked, isReport } from "./drop.js";
import {
  expectsWait,
  foundMore,
  foundNothing,
  mayWait,
  mayWaitToReceive,
  opened,
  pending,
  shouldPoll,
  wasVain,
} from "../pending.js";
import { scratch, scratchLength, setScratchLength } from "../scratch.js";

const { EAGAIN, EBADF } = Errno;
const { DONTWAIT, FASTOPEN, NOSIGNAL } = marshal.MSG;
const { STREAM } = marshal.SOCK;
// In constants, not in fields: reading a number as large from a field makes another on V8's heap.
const { address, length: lengthAt } = scratch;

function received(descriptor: Descriptor, result: number, size: number, waits: boolean): number {
  if (waits && wasVain(result)) return foundNothing(descriptor);
  // A stream that filled the whole buffer has more: the next receive need not wait.
  if (result === size && descriptor.type === STREAM) foundMore(descriptor);
  return result;
}

/** recv(2) of whatever comes, whoever sent it. */
export function recvAny(
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = libc.recv(descriptor.native, buffer, size, waits ? flags : flags | DONTWAIT);
  return received(descriptor, result, size, waits);
}

/** recv(2) of size bytes at a native address. */
export function recv(
  guest: Guest,
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
): number {
  return guest.policy.judgesSenders(descriptor)
    ? recvJudged(guest, descriptor, buffer, size, flags)
    : recvAny(descriptor, buffer, size, flags);
}

/** recv(2) of what an allowed sender sent. */
function recvJudged(
  guest: Guest,
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = receiveAllowed(guest, descriptor, buffer, size, flags, "recv");
  return received(descriptor, result, size, waits);
}

/**
 * recvfrom(2) of size bytes at a native address. The sender's address is left in the host's `address`
 * scratch area, its length in `length`.
 */
export function recvfrom(
  guest: Guest,
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  const result = guest.policy.judgesSenders(descriptor)
    ? receiveAllowed(guest, descriptor, buffer, size, flags, "recvfrom")
    : receiveNamed(descriptor, buffer, size, waits ? flags : flags | DONTWAIT);
  return received(descriptor, result, size, waits);
}

/** recvfrom(2), with the sender's address in the scratch area. */
function receiveNamed({ native }: Descriptor, buffer: number, size: number, flags: number): number {
  setScratchLength(marshal.SOCKADDR_MAX);
  return libc.recvfrom(native, buffer, size, flags, address, lengthAt);
}

/**
 * Receives the first datagram whose sender is allowed, and drops those before it. It passes through the `block`
 * scratch area: what nobody allowed must not stand in the guest's memory, not even for a moment.
 *
 * @returns as recvfrom(2), or -EAGAIN after DROPS_MAX datagrams, so that a wait can be ended
 */
function receiveAllowed(
  guest: Guest,
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
  syscall: string,
): number {
  const room = Math.min(size, marshal.BLOCK_SIZE);
  for (let drops = 0; drops < DROPS_MAX; drops++) {
    const result = receiveNamed(descriptor, scratch.block, room, flags | DONTWAIT);
    if (result < 0) return result;
    const judged = isReport(flags)
      ? 0
      : guest.policy.judge("receive", descriptor, scratchLength(), syscall);
    if (judged >= 0) {
      const count = Math.min(result, room); // with MSG_TRUNC the result may be more
      if (count > 0) clib.memcpy(buffer, scratch.block, count);
      return result;
    }
    if (descriptor.closed) return -EBADF;
    dropPeeked(descriptor, flags);
    if (guest.policy.disturbed) return -EAGAIN;
  }
  return -EAGAIN;
}

/** The flags that something is sent with: no guest can be sent a signal, and only where it may wait, the kernel does. */
function sending(flags: number, waits: boolean): number {
  return waits ? flags | NOSIGNAL : flags | NOSIGNAL | DONTWAIT;
}

function sent(result: number, waits: boolean): number {
  return waits && wasVain(result) ? pending(EAGAIN) : result;
}

/** send(2) of size bytes at a native address. */
export function send(descriptor: Descriptor, buffer: number, size: number, flags: number): number {
  const waits = mayWait(descriptor, flags);
  if (waits && shouldPoll(descriptor)) return pending(EAGAIN);
  return sent(libc.send(descriptor.native, buffer, size, sending(flags, waits)), waits);
}

/** sendto(2) of size bytes at a native address to the address in the host's `address` scratch area. */
export function sendto(
  guest: Guest,
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
  length: number,
): number {
  const judged = guest.policy.judge("connect", descriptor, length, "sendto");
  if (judged < 0) return judged;
  const waits = mayWait(descriptor, flags);
  if (waits && (flags & FASTOPEN) !== 0) {
    return sendOpening(descriptor, buffer, size, flags, judged);
  }
  if (waits && shouldPoll(descriptor)) return pending(EAGAIN);
  const { native } = descriptor;
  const bits = sending(flags, waits);
  return sent(libc.sendto(native, buffer, size, bits, address, judged), waits);
}

/** sendto(2) with MSG_FASTOPEN on a socket that may wait: send(2), once it has begun to connect. */
function sendOpening(
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
  length: number,
): number {
  const { native } = descriptor;
  const bits = sending(flags, false);
  const result = descriptor.opening
    ? libc.send(native, buffer, size, bits & ~FASTOPEN)
    : libc.sendto(native, buffer, size, bits, address, length);
  return opened(descriptor, result, size);
}

/** sockatmark(3): 1 where the next byte is the one behind the urgent data, else 0; or -errno. */
export function sockatmark(descriptor: Descriptor): number {
  return libc.sockatmark(descriptor.native);
}
