// Numbers of the guest's, which are Linux's, to those of another system and back, by the rows of platform/table.

import { Errno } from "../abi/errno";
import { ABSENT } from "../platform/absent";
import { System } from "../platform/system";
import {
  AF_ROWS,
  AI_ROWS,
  EAI_ROWS,
  ERRNO_ROWS,
  FD_ROWS,
  F_ROWS,
  IPV6_ROWS,
  IP_ROWS,
  MCAST_ROWS,
  MSG_ROWS,
  NI_ROWS,
  O_ROWS,
  POLL_ROWS,
  SCM_ROWS,
  SHUT_ROWS,
  SOCK_ROWS,
  SOL_ROWS,
  SO_ROWS,
  TCP_ROWS,
} from "../platform/table";

/** Sets of numbers, by the prefix that C gives them. */
export const enum NumberSet {
  AF = 0,
  SOCK = 1,
  MSG = 2,
  AI = 3,
  EAI = 4,
  NI = 5,
  SHUT = 6,
  POLL = 7,
  SCM = 8,
  SOL = 9,
  SO = 10,
  IP = 11,
  MCAST = 12,
  IPV6 = 13,
  TCP = 14,
  F = 15,
  FD = 16,
  O = 17,
  ERRNO = 18,
}

// prettier-ignore
@lazy
const SETS: StaticArray<StaticArray<i32>> = [
  AF_ROWS, SOCK_ROWS, MSG_ROWS, AI_ROWS, EAI_ROWS, NI_ROWS, SHUT_ROWS, POLL_ROWS, SCM_ROWS, SOL_ROWS, SO_ROWS,
  IP_ROWS, MCAST_ROWS, IPV6_ROWS, TCP_ROWS, F_ROWS, FD_ROWS, O_ROWS, ERRNO_ROWS,
];

/** Columns of a row: Linux, macOS, FreeBSD, Windows, as System numbers them. */
const COLUMNS: i32 = 4;

/** What a column of the first row that has a number in another column holds; ABSENT where there is none. */
function translated(set: i32, from: i32, to: i32, number: i32): i32 {
  const rows = SETS[set];
  for (let i = 0; i < rows.length; i += COLUMNS) {
    if (rows[i + from] == number) return rows[i + to];
  }
  return ABSENT;
}

/**
 * A number of the guest's on another system.
 *
 * @param system a System
 * @param set a NumberSet
 * @param number as the guest has it
 * @returns the number there, or ABSENT where the system has no such thing
 */
export function numberToSystem(system: i32, set: i32, number: i32): i32 {
  return translated(set, System.LINUX, system, number);
}

/** The guest's number for one of another system, or ABSENT where Linux has no such thing; parameters as above. */
export function numberFromSystem(system: i32, set: i32, number: i32): i32 {
  return number == ABSENT ? ABSENT : translated(set, system, System.LINUX, number);
}

/**
 * Flags of the guest's on another system; parameters as of numberToSystem.
 *
 * @returns the flags there, or ABSENT where one of them is none or does not exist there
 */
export function flagsToSystem(system: i32, set: i32, flags: i32): i32 {
  const rows = SETS[set];
  let result = 0;
  let left = flags;
  for (let i = 0; i < rows.length; i += COLUMNS) {
    const flag = unchecked(rows[i]);
    if (flag == 0 || (flags & flag) != flag) continue;
    const theirs = rows[i + system];
    if (theirs == ABSENT) return ABSENT;
    result |= theirs;
    left &= ~flag;
  }
  return left == 0 ? result : ABSENT;
}

/** The same, but for those that do not exist there, which are left out. */
export function knownFlagsToSystem(system: i32, set: i32, flags: i32): i32 {
  const rows = SETS[set];
  let result = 0;
  for (let i = 0; i < rows.length; i += COLUMNS) {
    const theirs = rows[i + system];
    if ((flags & unchecked(rows[i])) != 0 && theirs != ABSENT) result |= theirs;
  }
  return result;
}

/** The guest's flags for those of another system; what Linux does not have is left out. */
export function flagsFromSystem(system: i32, set: i32, flags: i32): i32 {
  const rows = SETS[set];
  let result = 0;
  for (let i = 0; i < rows.length; i += COLUMNS) {
    // One flag of the guest may be several there: POLLIN is POLLRDNORM and POLLRDBAND on Windows.
    const theirs = rows[i + system];
    if (theirs != ABSENT && (flags & theirs) != 0) result |= unchecked(rows[i]);
  }
  return result;
}

/** The guest's error number for one of another system: EIO for what Linux does not have. */
export function errnoFromSystem(system: i32, errno: i32): i32 {
  const found = numberFromSystem(system, NumberSet.ERRNO, errno);
  return found == ABSENT ? Errno.EIO : found;
}
