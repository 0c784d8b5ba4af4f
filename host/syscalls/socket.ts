// socket(2), socketpair(2), shutdown(2), close(2), fcntl(2): the life of a descriptor.

import { closeNative } from "../closing.js";
import { Descriptor, ForeignFile } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { scratch } from "../scratch.js";
import { unblock } from "../slice.js";

const { EACCES, EINVAL, EMFILE } = Errno;
const { F, FD, O } = marshal;
const MODIFIERS = marshal.SOCK.NONBLOCK | marshal.SOCK.CLOEXEC;

/** Takes a real descriptor into a guest's table, with the modifiers that the guest asked for. */
export function adopt(
  guest: Guest,
  native: number,
  kind: { readonly domain: number; readonly type: number; readonly protocol: number },
  modifiers: number,
): number {
  const descriptor = new Descriptor(guest.own(native), kind.domain, kind.type, kind.protocol);
  descriptor.nonBlocking = (modifiers & marshal.SOCK.NONBLOCK) !== 0;
  descriptor.closeOnExec = (modifiers & marshal.SOCK.CLOEXEC) !== 0;
  return guest.descriptors.add(descriptor);
}

/** socket(2). */
export function socket(guest: Guest, domain: number, type: number, protocol: number): number {
  const kind = { domain, type: type & ~MODIFIERS, protocol };
  if (!guest.policy.allowsSocket(kind, "socket")) return -EACCES;
  if (guest.descriptors.room < 1) return -EMFILE;
  const native = libc.socket(domain, type | MODIFIERS, protocol);
  return native < 0 ? native : adopt(guest, native, kind, type);
}

/**
 * socketpair(2). The two numbers are left in the host's `block` scratch area.
 *
 * @returns 0, or -errno
 */
export function socketpair(guest: Guest, domain: number, type: number, protocol: number): number {
  const kind = { domain, type: type & ~MODIFIERS, protocol };
  if (!guest.policy.allowsSocket(kind, "socketpair")) return -EACCES;
  if (guest.descriptors.room < 2) return -EMFILE;
  const result = libc.socketpair(domain, type | MODIFIERS, protocol, scratch.block);
  if (result < 0) return result;
  const pair = new Int32Array(marshal.memory.buffer, marshal.block, 2);
  pair[0] = adopt(guest, pair[0]!, kind, type);
  pair[1] = adopt(guest, pair[1]!, kind, type);
  // Nobody but the other can reach either, so neither needs a name that would have to be judged.
  for (const fd of pair) guest.descriptors.get(fd)!.bound = true;
  return 0;
}

/** shutdown(2). */
export function shutdown(descriptor: Descriptor, how: number): number {
  return libc.shutdown(descriptor.native, how);
}

/** close(2). The number is free even where the kernel reports an error: Linux has closed it. */
export function close(guest: Guest, fd: number, descriptor: Descriptor): number {
  guest.descriptors.remove(fd);
  return closeNative(descriptor);
}

/**
 * dup2(2) to a number that is open, and close(2) of the old one. Both are.
 *
 * @returns what had the number: it is closed where it has a real descriptor
 */
export function renumber(guest: Guest, from: number, to: number): Descriptor {
  const replaced = guest.descriptors.move(from, to);
  if (!(replaced instanceof ForeignFile)) closeNative(replaced);
  return replaced;
}

/**
 * fcntl(2), the four commands that carry no pointer and no signal; EINVAL for any other.
 * O_NONBLOCK and FD_CLOEXEC are the guest's alone: the real descriptor always has both.
 */
export function fcntl(descriptor: Descriptor, command: number, argument: number): number {
  switch (command) {
    case F.GETFD:
      return descriptor.closeOnExec ? FD.CLOEXEC : 0;
    case F.SETFD:
      descriptor.closeOnExec = (argument & FD.CLOEXEC) !== 0;
      return 0;
    case F.GETFL: {
      const flags = libc.fcntl(descriptor.native, F.GETFL, 0);
      return flags < 0 || descriptor.nonBlocking ? flags : flags & ~O.NONBLOCK;
    }
    case F.SETFL: {
      unblock(descriptor);
      const result = libc.fcntl(descriptor.native, F.SETFL, argument | O.NONBLOCK);
      if (result === 0) descriptor.nonBlocking = (argument & O.NONBLOCK) !== 0;
      return result;
    }
    default:
      return -EINVAL;
  }
}
