// send(2), recv(2), sendto(2), recvfrom(2): one try each, on bytes that the caller has checked.

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import {
  expectsWait,
  foundMore,
  foundNothing,
  mayWait,
  mayWaitToReceive,
  opened,
  pending,
} from "../pending.js";
import { scratch, setScratchLength } from "../scratch.js";

const { EACCES, EAGAIN } = Errno;
const { FASTOPEN, NOSIGNAL } = marshal.MSG;
const { STREAM } = marshal.SOCK;

function received(descriptor: Descriptor, result: number, size: number, waits: boolean): number {
  if (result === -EAGAIN && waits) return foundNothing(descriptor);
  // A stream that filled the whole buffer has more: the next receive need not wait.
  if (result === size && descriptor.type === STREAM) foundMore(descriptor);
  return result;
}

/** recv(2) of size bytes at a native address. */
export function recv(descriptor: Descriptor, buffer: number, size: number, flags: number): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  return received(descriptor, libc.recv(descriptor.native, buffer, size, flags), size, waits);
}

/**
 * recvfrom(2) of size bytes at a native address. The sender's address is left in the host's `address`
 * scratch area, its length in `length`.
 */
export function recvfrom(
  descriptor: Descriptor,
  buffer: number,
  size: number,
  flags: number,
): number {
  const waits = mayWaitToReceive(descriptor, flags);
  if (waits && expectsWait(descriptor)) return pending(EAGAIN);
  setScratchLength(marshal.SOCKADDR_MAX);
  const result = libc.recvfrom(
    descriptor.native,
    buffer,
    size,
    flags,
    scratch.address,
    scratch.length,
  );
  return received(descriptor, result, size, waits);
}

/** send(2) of size bytes at a native address. No guest can be sent a signal, so none is raised. */
export function send(descriptor: Descriptor, buffer: number, size: number, flags: number): number {
  const result = libc.send(descriptor.native, buffer, size, flags | NOSIGNAL);
  return result === -EAGAIN && mayWait(descriptor, flags) ? pending(EAGAIN) : result;
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
  if (!guest.policy.allowsAddress("connect", descriptor, length)) return -EACCES;
  const waits = mayWait(descriptor, flags);
  if (waits && (flags & FASTOPEN) !== 0) {
    return sendOpening(descriptor, buffer, size, flags, length);
  }
  const result = libc.sendto(
    descriptor.native,
    buffer,
    size,
    flags | NOSIGNAL,
    scratch.address,
    length,
  );
  return result === -EAGAIN && waits ? pending(EAGAIN) : result;
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
  const result = descriptor.opening
    ? libc.send(native, buffer, size, (flags & ~FASTOPEN) | NOSIGNAL)
    : libc.sendto(native, buffer, size, flags | NOSIGNAL, scratch.address, length);
  return opened(descriptor, result, size);
}

/** sockatmark(3): 1 where the next byte is the one behind the urgent data, else 0; or -errno. */
export function sockatmark(descriptor: Descriptor): number {
  return libc.sockatmark(descriptor.native);
}
