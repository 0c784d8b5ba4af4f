// Values of options, as another system has them, and back: setsockopt(2), getsockopt(2).

import { SO, SOL } from "../../abi/constants";
import { Errno } from "../../abi/errno";
import { group_req, group_source_req, ip_mreq_source, ip_mreqn } from "../../abi/multicast";
import { linger, timeval } from "../../abi/option";
import { SOCKADDR_MAX } from "../../abi/sockaddr";
import { ABSENT } from "../../platform/absent";
import * as darwin from "../../platform/darwin";
import * as freebsd from "../../platform/freebsd";
import { System } from "../../platform/system";
import * as windows from "../../platform/windows";
import { NumberSet, errnoFromSystem, numberFromSystem } from "../numbers";
import { Kind, optionKind } from "../option";
import { sockaddrToSystem } from "./address";

/** Bytes of a struct in_addr, and of a struct ip_mreq, which is two of them. */
const IN_ADDR: i32 = sizeof<u32>();
const IP_MREQ: i32 = 2 * sizeof<u32>();

/** Milliseconds of a timeval: rounded up, so that a limit is never none, and no more than a DWORD holds. */
function milliseconds(value: usize): u32 {
  const seconds = load<i64>(value, timeval.tv_sec);
  const rest = (load<i64>(value, timeval.tv_usec) + 999) / 1000;
  if (seconds < 0) return 1; // over at once
  return seconds > 4_000_000 ? u32.MAX_VALUE : <u32>(seconds * 1000 + rest);
}

/** A timeout: a timeval, or milliseconds on Windows. */
function timeoutToSystem(system: i32, value: usize, length: i32, out: usize): i32 {
  if (length < timeval.sizeof) return -Errno.EINVAL;
  if (system == System.WINDOWS) {
    store<u32>(out, milliseconds(value), windows.timeval.milliseconds);
    return windows.timeval.sizeof;
  }
  // tv_usec is an int on macOS, with padding behind it.
  store<i64>(out, load<i64>(value, timeval.tv_sec), darwin.timeval.tv_sec);
  store<i64>(out, load<i32>(value, timeval.tv_usec), darwin.timeval.tv_usec);
  return darwin.timeval.sizeof;
}

/** SO_LINGER: two ints, or two u_shorts on Windows. */
function lingerToSystem(system: i32, value: usize, length: i32, out: usize): i32 {
  if (length < linger.sizeof) return -Errno.EINVAL;
  const seconds = load<u32>(value, linger.l_linger);
  if (system == System.WINDOWS) {
    store<u16>(out, <u16>(load<i32>(value, linger.l_onoff) != 0), windows.linger.l_onoff);
    store<u16>(out, <u16>min<u32>(seconds, u16.MAX_VALUE), windows.linger.l_linger);
    return windows.linger.sizeof;
  }
  store<i32>(out, load<i32>(value, linger.l_onoff), darwin.linger.l_onoff);
  store<u32>(out, seconds, darwin.linger.l_linger);
  return darwin.linger.sizeof;
}

/** The interface of a struct ip_mreqn as Windows has it: an address, or an index as an address of 0.0.0.0/8. */
function interfaceOf(mreqn: usize): u32 {
  const index = load<u32>(mreqn, ip_mreqn.imr_ifindex);
  return index == 0 ? load<u32>(mreqn, ip_mreqn.imr_address) : bswap(index);
}

/** A group and an interface: a struct ip_mreqn or ip_mreq, ip(7). Windows has the latter alone. */
function mreqToSystem(system: i32, value: usize, length: i32, out: usize): i32 {
  if (length < IP_MREQ) return -Errno.EINVAL;
  const indexed = length >= ip_mreqn.sizeof;
  if (system == System.WINDOWS) {
    const group = load<u32>(value, ip_mreqn.imr_multiaddr);
    const at = indexed ? interfaceOf(value) : load<u32>(value, ip_mreqn.imr_address);
    store<u32>(out, group, windows.ip_mreqn.imr_multiaddr);
    store<u32>(out, at, windows.ip_mreqn.imr_address);
    return windows.ip_mreqn.sizeof;
  }
  const size = indexed ? ip_mreqn.sizeof : IP_MREQ; // laid out alike on BSD
  memory.copy(out, value, size);
  return size;
}

/** IP_MULTICAST_IF: a struct ip_mreqn, ip_mreq, whose group nobody reads, or in_addr. */
function interfaceToSystem(system: i32, value: usize, length: i32, out: usize): i32 {
  if (length < IN_ADDR) return -Errno.EINVAL;
  if (length >= ip_mreqn.sizeof && system != System.WINDOWS) {
    return mreqToSystem(system, value, length, out);
  }
  let address = load<u32>(value);
  if (length >= IP_MREQ) address = load<u32>(value, ip_mreqn.imr_address);
  if (length >= ip_mreqn.sizeof) address = interfaceOf(value);
  store<u32>(out, address);
  return IN_ADDR;
}

/** A group, an interface and a source: struct ip_mreq_source, whose last two are the other way round elsewhere. */
function sourceToSystem(value: usize, length: i32, out: usize): i32 {
  if (length < ip_mreq_source.sizeof) return -Errno.EINVAL;
  const group = load<u32>(value, ip_mreq_source.imr_multiaddr);
  const source = load<u32>(value, ip_mreq_source.imr_sourceaddr);
  const at = load<u32>(value, ip_mreq_source.imr_interface);
  store<u32>(out, group, darwin.ip_mreq_source.imr_multiaddr);
  store<u32>(out, source, darwin.ip_mreq_source.imr_sourceaddr);
  store<u32>(out, at, darwin.ip_mreq_source.imr_interface);
  return darwin.ip_mreq_source.sizeof;
}

/**
 * struct group_req, or group_source_req, RFC 3678: the addresses in it are translated as well, and macOS packs it.
 *
 * @param count how many addresses it has: 1 or 2
 */
function groupToSystem(system: i32, count: i32, value: usize, length: i32, out: usize): i32 {
  const from = group_req.gr_group;
  if (length < from + count * SOCKADDR_MAX) return -Errno.EINVAL;
  const to =
    system == System.DARWIN
      ? darwin.group_source_req.gsr_group
      : freebsd.group_source_req.gsr_group;
  const size = to + count * SOCKADDR_MAX;
  memory.fill(out, 0, size);
  store<u32>(out, load<u32>(value, group_source_req.gsr_interface));
  for (let i = 0; i < count; i++) {
    const at = i * SOCKADDR_MAX;
    const result = sockaddrToSystem(system, value + from + at, SOCKADDR_MAX, out + to + at);
    if (result < 0) return result;
  }
  return size;
}

/**
 * The value of an option as another system has it: timeouts, lingering and multicast groups are other structs there,
 * numbers and flags are copied.
 *
 * @param system a System
 * @param level SOL_SOCKET or another, as the guest has it
 * @param option as the guest has it
 * @param value the guest's
 * @param length its bytes
 * @param out where the other goes, as many bytes
 * @returns its length; -EINVAL where the guest's is too short; what sockaddrToSystem returns for a group's address
 */
export function optionToSystem(
  system: i32,
  level: i32,
  option: i32,
  value: usize,
  length: i32,
  out: usize,
): i32 {
  if (system != System.LINUX) {
    switch (optionKind(level, option)) {
      case Kind.TIMEVAL:
        return timeoutToSystem(system, value, length, out);
      case Kind.LINGER:
        return lingerToSystem(system, value, length, out);
      case Kind.IN_ADDR:
        return interfaceToSystem(system, value, length, out);
      case Kind.MREQ:
        return mreqToSystem(system, value, length, out);
      case Kind.MREQ_SOURCE:
        return sourceToSystem(value, length, out);
      case Kind.GROUP:
        return groupToSystem(system, 1, value, length, out);
      case Kind.GROUP_SOURCE:
        return groupToSystem(system, 2, value, length, out);
    }
  }
  memory.copy(out, value, length);
  return length;
}

/** An int of an option: of fewer bytes where the system keeps it in a u_char, or writes a BOOLEAN for a BOOL. */
function intOf(native: usize, length: i32): i32 {
  if (length >= sizeof<i32>()) return load<i32>(native);
  return length >= sizeof<u16>() ? load<u16>(native) : length > 0 ? load<u8>(native) : 0;
}

/** An int that is a number of a set on its own: an error of SO_ERROR, a family of SO_DOMAIN. */
function meaningOf(system: i32, level: i32, option: i32, number: i32): i32 {
  if (level != SOL.SOCKET) return number;
  if (option == SO.ERROR) return number == 0 ? 0 : errnoFromSystem(system, number);
  if (option == SO.DOMAIN) {
    const family = numberFromSystem(system, NumberSet.AF, number);
    return family == ABSENT ? 0 : family; // AF_UNSPEC
  }
  return number;
}

/** A timeout, from a timeval or milliseconds. */
function timeoutFromSystem(system: i32, native: usize, length: i32, out: usize): i32 {
  if (system == System.WINDOWS) {
    if (length < windows.timeval.sizeof) return 0;
    const time = load<u32>(native, windows.timeval.milliseconds);
    store<i64>(out, time / 1000, timeval.tv_sec);
    store<i64>(out, (time % 1000) * 1000, timeval.tv_usec);
  } else {
    if (length < darwin.timeval.sizeof) return 0;
    store<i64>(out, load<i64>(native, darwin.timeval.tv_sec), timeval.tv_sec);
    store<i64>(out, load<i32>(native, darwin.timeval.tv_usec), timeval.tv_usec);
  }
  return timeval.sizeof;
}

/** SO_LINGER, from ints or u_shorts. */
function lingerFromSystem(system: i32, native: usize, length: i32, out: usize): i32 {
  if (system == System.WINDOWS) {
    if (length < windows.linger.sizeof) return 0;
    store<i32>(out, <i32>(load<u16>(native, windows.linger.l_onoff) != 0), linger.l_onoff);
    store<i32>(out, load<u16>(native, windows.linger.l_linger), linger.l_linger);
  } else {
    if (length < darwin.linger.sizeof) return 0;
    store<i32>(out, <i32>(load<i32>(native, darwin.linger.l_onoff) != 0), linger.l_onoff);
    store<i32>(out, load<i32>(native, darwin.linger.l_linger), linger.l_linger);
  }
  return linger.sizeof;
}

/**
 * The value that another system gave an option, getsockopt(2), as the guest has it. A flag that is set is 1, where BSD
 * has the number of its option.
 *
 * @param system a System
 * @param level SOL_SOCKET or another, as the guest has it
 * @param option as the guest has it
 * @param native the system's value
 * @param length its bytes
 * @param out where the guest's goes: as many bytes, and 16 at least
 * @returns its length; 0 where the system's is too short for what it should be
 */
export function optionFromSystem(
  system: i32,
  level: i32,
  option: i32,
  native: usize,
  length: i32,
  out: usize,
): i32 {
  const kind = system == System.LINUX ? Kind.BYTES : optionKind(level, option);
  switch (kind) {
    case Kind.FLAG:
      store<i32>(out, <i32>(intOf(native, length) != 0));
      return sizeof<i32>();
    case Kind.INT:
      store<i32>(out, meaningOf(system, level, option, intOf(native, length)));
      return sizeof<i32>();
    case Kind.TIMEVAL:
      return timeoutFromSystem(system, native, length, out);
    case Kind.LINGER:
      return lingerFromSystem(system, native, length, out);
    default:
      memory.copy(out, native, length);
      return length;
  }
}
