// getsockopt(2) and setsockopt(2). Values pass through the host's `block` scratch area.

import { NO_TIMEOUT, type Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { libc } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { scratch, scratchLength, setScratchLength, setWord } from "../scratch.js";
import { unblock } from "../slice.js";

const { EACCES, ENOPROTOOPT } = Errno;
const { INT_SIZE, SO, SOL, Kind } = marshal;
const TIMEOUTS: readonly number[] = [SO.RCVTIMEO, SO.RCVTIMEO_NEW, SO.SNDTIMEO, SO.SNDTIMEO_NEW];

/**
 * Whether an option exists for a guest. The codecs' table leaves out every option whose value holds a
 * pointer or a descriptor of the host, and what they do not know might hold one. Only an embedder's own
 * code reaches the levels that have no table.
 */
function exists(guest: Guest, level: number, option: number): boolean {
  if (marshal.optionKind(level, option) !== Kind.NONE) return true;
  return guest.policy.trusted && marshal.symbolCount(marshal.SymbolSet.OPTION + level) === 0;
}

/** The milliseconds of the timeval in the scratch area, as the kernel understands it. */
function timeout(): number {
  const seconds = marshal.optionFirst(Kind.TIMEVAL, marshal.block);
  const microseconds = marshal.optionSecond(Kind.TIMEVAL, marshal.block);
  if (seconds < 0) return 0;
  return seconds === 0 && microseconds === 0 ? NO_TIMEOUT : seconds * 1000 + microseconds / 1000;
}

/** Cuts a buffer that is too large, in the scratch area, as the kernel does with its own limit, socket(7). */
function limit({ policy, limits }: Guest, option: number, value: number): void {
  if (policy.trusted || (option !== SO.SNDBUF && option !== SO.RCVBUF)) return;
  const most = option === SO.SNDBUF ? limits.sndbuf : limits.rcvbuf;
  if (value >>> 0 > most) setWord(marshal.block, most); // the kernel takes a negative size for a large one
}

/** Whether an option is one of those that a slice sets: the guest's own are 0 then. */
function isTimeout(level: number, option: number): boolean {
  return level === SOL.SOCKET && TIMEOUTS.includes(option);
}

/** Keeps what a wait must know: the real socket never blocks, so the kernel does not apply it. */
function remember(descriptor: Descriptor, option: number): void {
  switch (option) {
    case SO.RCVTIMEO:
    case SO.RCVTIMEO_NEW:
      descriptor.receiveTimeout = timeout();
      break;
    case SO.SNDTIMEO:
    case SO.SNDTIMEO_NEW:
      descriptor.sendTimeout = timeout();
      break;
    case SO.LINGER:
      descriptor.lingers =
        marshal.optionFirst(Kind.LINGER, marshal.block) !== 0 &&
        marshal.optionSecond(Kind.LINGER, marshal.block) !== 0;
      break;
    case SO.ZEROCOPY:
      descriptor.zeroCopies = marshal.optionFirst(Kind.FLAG, marshal.block) !== 0;
      break;
    case SO.RCVLOWAT:
      descriptor.lowWater = Math.max(1, marshal.optionFirst(Kind.INT, marshal.block));
      break;
  }
}

/**
 * setsockopt(2) of the value in the scratch area.
 *
 * @param length of the value in bytes
 */
export function setsockopt(
  guest: Guest,
  descriptor: Descriptor,
  level: number,
  option: number,
  length: number,
): number {
  if (!exists(guest, level, option)) return -ENOPROTOOPT;
  const value = length < INT_SIZE ? 0 : marshal.optionFirst(Kind.INT, marshal.block);
  if (!guest.policy.allowsOption(descriptor, level, option, value)) return -EACCES;
  if (level === SOL.SOCKET && length >= INT_SIZE) limit(guest, option, value);
  if (isTimeout(level, option)) unblock(descriptor);
  const result = libc.setsockopt(descriptor.native, level, option, scratch.block, length);
  if (result === 0 && level === SOL.SOCKET) remember(descriptor, option);
  return result;
}

/**
 * getsockopt(2) into the scratch area.
 *
 * @param capacity how many bytes of value the guest takes
 * @returns the length of the value in bytes, or -errno
 */
export function getsockopt(
  guest: Guest,
  descriptor: Descriptor,
  level: number,
  option: number,
  capacity: number,
): number {
  if (!exists(guest, level, option)) return -ENOPROTOOPT;
  if (isTimeout(level, option)) unblock(descriptor);
  setScratchLength(capacity);
  const result = libc.getsockopt(descriptor.native, level, option, scratch.block, scratch.length);
  return result < 0 ? result : scratchLength();
}
