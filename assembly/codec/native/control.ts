// Control data as a 64-bit Linux has it, as another system does, and back, cmsg(3): headers and their alignment, levels
// and types, and what they carry. What another system has and Linux does not is left out.

import { IP, IPV6, SOL } from "../../abi/constants";
import { InPktinfo, in6_pktinfo, in_pktinfo } from "../../abi/control";
import { Errno } from "../../abi/errno";
import { native_cmsghdr } from "../../abi/msghdr";
import { timeval } from "../../abi/option";
import { ABSENT } from "../../platform/absent";
import * as darwin from "../../platform/darwin";
import * as freebsd from "../../platform/freebsd";
import { System, hasLengths } from "../../platform/system";
import * as windows from "../../platform/windows";
import { NumberSet, numberFromSystem, numberToSystem } from "../numbers";
import { Payload, controlPayload } from "../payload";

/** From the start of a control message of a system's to its data, CMSG_DATA. */
function dataOffset(system: i32): i32 {
  if (system == System.DARWIN) return darwin.cmsghdr.data;
  return system == System.FREEBSD ? freebsd.cmsghdr.data : windows.cmsghdr.data;
}

/** A length rounded up to where the next header stands, CMSG_NXTHDR. */
function aligned(system: i32, length: i32): i32 {
  const unit = system == System.DARWIN ? darwin.cmsghdr.alignment : freebsd.cmsghdr.alignment;
  return (length + unit - 1) & ~(unit - 1);
}

/** Writes the header of a control message, of so many bytes of data. */
function storeHeader(system: i32, out: usize, data: i32, level: i32, type: i32): void {
  const length = dataOffset(system) + data;
  if (hasLengths(system)) {
    store<u32>(out, length, darwin.cmsghdr.cmsg_len);
    store<i32>(out, level, darwin.cmsghdr.cmsg_level);
    store<i32>(out, type, darwin.cmsghdr.cmsg_type);
  } else {
    store<u64>(out, length, windows.cmsghdr.cmsg_len);
    store<i32>(out, level, windows.cmsghdr.cmsg_level);
    store<i32>(out, type, windows.cmsghdr.cmsg_type);
  }
}

/** The set that the types of a level are of, -1 for a level without any that is known elsewhere. */
function typesOf(level: i32): i32 {
  switch (level) {
    case SOL.SOCKET:
      return NumberSet.SCM;
    case SOL.IP:
      return NumberSet.IP;
    case SOL.IPV6:
      return NumberSet.IPV6;
    default:
      return -1;
  }
}

/** A system's type of a control message that the guest sends; ABSENT where one of the two does not know it. */
function sentType(system: i32, level: i32, type: i32, payload: i32): i32 {
  const set = payload == Payload.BYTES ? -1 : typesOf(level);
  return set < 0 ? ABSENT : numberToSystem(system, set, type);
}

/**
 * The guest's type of a control message that a system received. What BSD receives has the number of the option that
 * asks for it, ip(4): IP_RECVTTL, not IP_TTL; and Windows has one number for both.
 */
function receivedType(system: i32, level: i32, type: i32): i32 {
  const set = typesOf(level);
  const found = set < 0 ? ABSENT : numberFromSystem(system, set, type);
  if (set == NumberSet.IP) {
    if (found == IP.RECVTTL) return IP.TTL;
    if (found == IP.RECVTOS) return IP.TOS;
  }
  if (set == NumberSet.IPV6) {
    if (found == IPV6.RECVPKTINFO) return IPV6.PKTINFO;
    if (found == IPV6.RECVHOPLIMIT) return IPV6.HOPLIMIT;
  }
  return found;
}

/** Bytes of the TTL and TOS that BSD receives with a datagram, ip(4), and of the TOS that FreeBSD sends one with. */
const UCHAR: i32 = sizeof<u8>();

/** A number of one byte or four. */
function numberOf(data: usize, length: i32): i32 {
  return length >= sizeof<i32>() ? load<i32>(data) : load<u8>(data);
}

/** Writes it. */
function storeNumber(out: usize, size: i32, number: i32): i32 {
  if (size == UCHAR) store<u8>(out, <u8>number);
  else store<i32>(out, number);
  return size;
}

/** What a control message carries, of the guest's to a system's: its length there, -1 where it is too short. */
function dataToSystem(
  system: i32,
  level: i32,
  payload: i32,
  data: usize,
  length: i32,
  out: usize,
): i32 {
  switch (payload) {
    case Payload.BYTE:
    case Payload.INT:
      if (length < UCHAR) return -1;
      const size = level == SOL.IP && system == System.FREEBSD ? UCHAR : sizeof<i32>();
      return storeNumber(out, size, numberOf(data, length));
    case Payload.IN_PKTINFO:
      if (length < in_pktinfo.sizeof) return -1;
      if (system != System.WINDOWS) break; // macOS has it alike
      const info = changetype<InPktinfo>(data);
      store<u32>(out, info.ipi_spec_dst, windows.in_pktinfo.ipi_addr); // what it is sent from
      store<i32>(out, info.ipi_ifindex, windows.in_pktinfo.ipi_ifindex);
      return windows.in_pktinfo.sizeof;
    case Payload.IN6_PKTINFO:
      if (length < in6_pktinfo.sizeof) return -1; // laid out alike
      break;
  }
  memory.copy(out, data, length);
  return length;
}

/** The other way: its length, -1 where it is too short. */
function dataFromSystem(
  system: i32,
  level: i32,
  payload: i32,
  data: usize,
  length: i32,
  out: usize,
): i32 {
  switch (payload) {
    case Payload.BYTE:
    case Payload.INT: {
      const size = level == SOL.IP && hasLengths(system) ? UCHAR : sizeof<i32>();
      if (length < size) return -1;
      return storeNumber(
        out,
        payload == Payload.BYTE ? UCHAR : sizeof<i32>(),
        numberOf(data, size),
      );
    }
    case Payload.TIMEVAL:
      if (length < darwin.timeval.sizeof) return -1;
      store<i64>(out, load<i64>(data, darwin.timeval.tv_sec), timeval.tv_sec);
      store<i64>(out, load<i32>(data, darwin.timeval.tv_usec), timeval.tv_usec);
      return timeval.sizeof;
    case Payload.IN_PKTINFO: {
      if (system != System.WINDOWS) break; // macOS has it alike
      if (length < windows.in_pktinfo.sizeof) return -1;
      const info = changetype<InPktinfo>(out);
      info.ipi_ifindex = load<i32>(data, windows.in_pktinfo.ipi_ifindex);
      info.ipi_addr = info.ipi_spec_dst = load<u32>(data, windows.in_pktinfo.ipi_addr);
      return in_pktinfo.sizeof;
    }
  }
  memory.copy(out, data, length);
  return length;
}

/**
 * Control data as another system has it. Descriptors of SCM_RIGHTS are copied.
 *
 * @param system a System
 * @param control Linux's, as encodeControl makes it
 * @param length its bytes
 * @param out where the other goes: as many bytes, rounded up to eight
 * @returns its length; -EINVAL where it is malformed, or the system has no such message
 */
export function controlToSystem(system: i32, control: usize, length: i32, out: usize): i32 {
  if (system == System.LINUX) {
    memory.copy(out, control, length);
    return length;
  }
  let from = 0;
  let size = 0;
  while (length - from >= native_cmsghdr.sizeof) {
    const at = control + from;
    const whole = load<u64>(at, native_cmsghdr.cmsg_len);
    if (whole < <u64>native_cmsghdr.sizeof || whole > <u64>(length - from)) return -Errno.EINVAL;
    const level = load<i32>(at, native_cmsghdr.cmsg_level);
    const type = load<i32>(at, native_cmsghdr.cmsg_type);
    const payload = controlPayload(level, type);
    const theirs = sentType(system, level, type, payload);
    if (theirs == ABSENT) return -Errno.EINVAL;
    const start = out + size;
    const offset = dataOffset(system);
    const data = dataToSystem(
      system,
      level,
      payload,
      at + native_cmsghdr.sizeof,
      <i32>whole - native_cmsghdr.sizeof,
      start + offset,
    );
    if (data < 0) return -Errno.EINVAL;
    const padded = aligned(system, offset + data);
    memory.fill(start + offset + data, 0, padded - offset - data);
    memory.fill(start + darwin.cmsghdr.sizeof, 0, offset - darwin.cmsghdr.sizeof); // before BSD's data
    storeHeader(system, start, data, numberToSystem(system, NumberSet.SOL, level), theirs);
    size += padded;
    from += (<i32>whole + 7) & ~7;
  }
  return size;
}

/**
 * Control data of another system as Linux has it; decodeControl makes the guest's of that.
 *
 * @param system a System
 * @param native the system's
 * @param length its bytes
 * @param out where Linux's goes: half as many bytes again, rounded up to eight
 * @returns its length
 */
export function controlFromSystem(system: i32, native: usize, length: i32, out: usize): i32 {
  if (system == System.LINUX) {
    memory.copy(out, native, length);
    return length;
  }
  const offset = dataOffset(system);
  let from = 0;
  let size = 0;
  while (length - from >= offset) {
    const at = native + from;
    const isBsd = hasLengths(system);
    const whole: u64 = isBsd ? load<u32>(at) : load<u64>(at);
    if (whole < <u64>offset || whole > <u64>(length - from)) break;
    const levelAt = at + (isBsd ? darwin.cmsghdr.cmsg_level : windows.cmsghdr.cmsg_level);
    const theirs = load<i32>(levelAt);
    const type = load<i32>(levelAt, sizeof<i32>()); // stands behind it everywhere
    from += aligned(system, <i32>whole);
    const level = numberFromSystem(system, NumberSet.SOL, theirs);
    const ours = receivedType(system, level, type);
    const payload = controlPayload(level, ours);
    if (payload == Payload.BYTES) continue;
    const start = out + size;
    const data = dataFromSystem(
      system,
      level,
      payload,
      at + offset,
      <i32>whole - offset,
      start + native_cmsghdr.sizeof,
    );
    if (data < 0) continue;
    const padded = (native_cmsghdr.sizeof + data + 7) & ~7;
    store<u64>(start, native_cmsghdr.sizeof + data, native_cmsghdr.cmsg_len);
    store<i32>(start, level, native_cmsghdr.cmsg_level);
    store<i32>(start, ours, native_cmsghdr.cmsg_type);
    memory.fill(start + native_cmsghdr.sizeof + data, 0, padded - native_cmsghdr.sizeof - data);
    size += padded;
  }
  return size;
}
