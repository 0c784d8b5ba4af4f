// Structs of the guest's, which are Linux's, to those of another system and back, byte for byte. Where a struct holds
// pointers, Linux's is that of a 64-bit kernel, which the other codecs have built.

import { AF, SO, SOL } from "../abi/constants";
import { native_addrinfo } from "../abi/addrinfo";
import { Errno } from "../abi/errno";
import { linger, timeval } from "../abi/option";
import { sockaddr_in, sockaddr_in6, sockaddr_un } from "../abi/sockaddr";
import { ABSENT } from "../platform/absent";
import * as darwin from "../platform/darwin";
import { System, hasLengths } from "../platform/system";
import * as windows from "../platform/windows";
import {
  NumberSet,
  flagsFromSystem,
  flagsToSystem,
  numberFromSystem,
  numberToSystem,
} from "./numbers";

/** Writes the family of a sockaddr, and before it, on BSD, its length. */
function storeFamily(system: i32, out: usize, family: i32, length: i32): void {
  if (hasLengths(system)) {
    store<u8>(out, <u8>length, darwin.sockaddr_in.sin_len);
    store<u8>(out, <u8>family, darwin.sockaddr_in.sin_family);
  } else {
    store<u16>(out, <u16>family);
  }
}

/** Bytes of path that struct sockaddr_un has room for. */
function pathRoom(system: i32): i32 {
  return hasLengths(system)
    ? darwin.sockaddr_un.sizeof - darwin.sockaddr_un.sun_path
    : sockaddr_un.sizeof - sockaddr_un.sun_path;
}

/** Bytes of a path before its NUL, or all of them. */
function pathLength(at: usize, room: i32): i32 {
  let length = 0;
  while (length < room && load<u8>(at + length) != 0) length++;
  return length;
}

/** A Unix address, unix(7): the abstract namespace, and a name that the kernel chooses, are Linux's alone. */
function pathToSystem(system: i32, address: usize, length: i32, out: usize): i32 {
  const path = pathLength(address + sockaddr_un.sun_path, length - sockaddr_un.sun_path);
  if (path == 0) return -Errno.EINVAL;
  if (path >= pathRoom(system)) return -Errno.ENAMETOOLONG;
  memory.copy(out + sockaddr_un.sun_path, address + sockaddr_un.sun_path, path);
  store<u8>(out + sockaddr_un.sun_path + path, 0);
  return sockaddr_un.sun_path + path + 1;
}

/**
 * A socket address of the guest's as another system has it.
 *
 * @param system a System
 * @param address the guest's sockaddr
 * @param length its bytes
 * @param out where the other goes, SOCKADDR_MAX bytes
 * @returns its length; -EINVAL, -EAFNOSUPPORT or -ENAMETOOLONG where the system has no such address
 */
export function sockaddrToSystem(system: i32, address: usize, length: i32, out: usize): i32 {
  if (system == System.LINUX) {
    memory.copy(out, address, length);
    return length;
  }
  if (length < sockaddr_un.sun_path) return -Errno.EINVAL;
  const family = <i32>load<u16>(address);
  const theirs = numberToSystem(system, NumberSet.AF, family);
  let size = 0;
  switch (family) {
    case AF.UNSPEC: // which dissolves an association, connect(2)
      size = sockaddr_in.sizeof;
      memory.fill(out, 0, size);
      break;
    case AF.INET:
      if (length < sockaddr_in.sizeof) return -Errno.EINVAL;
      size = sockaddr_in.sizeof;
      memory.copy(out, address, sockaddr_in.sin_zero);
      store<u64>(out, 0, sockaddr_in.sin_zero); // which BSD looks at
      break;
    case AF.INET6:
      if (length < sockaddr_in6.sin6_scope_id) return -Errno.EINVAL;
      size = sockaddr_in6.sizeof;
      memory.fill(out, 0, size);
      memory.copy(out, address, min(length, size)); // older programs have no scope
      break;
    case AF.UNIX:
      size = pathToSystem(system, address, length, out);
      if (size < 0) return size;
      break;
    default:
      return -Errno.EAFNOSUPPORT;
  }
  storeFamily(system, out, theirs, size);
  return size;
}

/**
 * A socket address of another system as the guest has it.
 *
 * @param length bytes of the address at native
 * @param out where the guest's goes, SOCKADDR_MAX bytes
 * @returns its length, 0 for an address of a family that the guest does not know
 */
export function sockaddrFromSystem(system: i32, native: usize, length: i32, out: usize): i32 {
  if (system == System.LINUX) {
    memory.copy(out, native, length);
    return length;
  }
  if (length < sockaddr_un.sun_path) return 0;
  const theirs = hasLengths(system)
    ? <i32>load<u8>(native, darwin.sockaddr_in.sin_family)
    : <i32>load<u16>(native);
  const family = numberFromSystem(system, NumberSet.AF, theirs);
  let size = 0;
  if (family == AF.INET && length >= sockaddr_in.sizeof) size = sockaddr_in.sizeof;
  if (family == AF.INET6 && length >= sockaddr_in6.sizeof) size = sockaddr_in6.sizeof;
  if (size > 0) memory.copy(out, native, size);
  if (family == AF.UNIX) {
    const at = native + sockaddr_un.sun_path;
    const path = pathLength(at, min(length - sockaddr_un.sun_path, pathRoom(system)));
    memory.copy(out + sockaddr_un.sun_path, at, path);
    // Linux counts the NUL of a path, and gives the family alone where there is none.
    size = sockaddr_un.sun_path;
    if (path > 0) {
      store<u8>(out + sockaddr_un.sun_path + path, 0);
      size += path + 1;
    }
  }
  if (size > 0) store<u16>(out, <u16>family);
  return size;
}

/**
 * Hints of getaddrinfo(3), as 64-bit Linux has them, as another system does.
 *
 * @param hints a native_addrinfo
 * @param out where the other goes, as many bytes
 * @returns false where the system lacks a flag or the family: EAI_BADFLAGS or EAI_FAMILY
 */
export function hintsToSystem(system: i32, hints: usize, out: usize): bool {
  memory.fill(out, 0, native_addrinfo.sizeof);
  const flags = flagsToSystem(system, NumberSet.AI, load<i32>(hints, native_addrinfo.ai_flags));
  const family = numberToSystem(system, NumberSet.AF, load<i32>(hints, native_addrinfo.ai_family));
  if (flags == ABSENT || family == ABSENT) return false;
  store<i32>(out, flags, native_addrinfo.ai_flags);
  store<i32>(out, family, native_addrinfo.ai_family);
  const type = load<i32>(hints, native_addrinfo.ai_socktype);
  store<i32>(out, type, native_addrinfo.ai_socktype); // 1 to 5 everywhere, and 0 for any
  const protocol = load<i32>(hints, native_addrinfo.ai_protocol);
  store<i32>(out, protocol, native_addrinfo.ai_protocol); // IANA's everywhere
  return true;
}

/**
 * An answer of another system's getaddrinfo(3) as 64-bit Linux has it. The address that it points to is still the
 * system's, for sockaddrFromSystem.
 *
 * @param native the system's struct addrinfo
 * @param out where a native_addrinfo goes
 */
export function addrinfoFromSystem(system: i32, native: usize, out: usize): void {
  if (system == System.LINUX) {
    memory.copy(out, native, native_addrinfo.sizeof);
    return;
  }
  memory.fill(out, 0, native_addrinfo.sizeof);
  const flags = flagsFromSystem(system, NumberSet.AI, load<i32>(native, darwin.addrinfo.ai_flags));
  store<i32>(out, flags, native_addrinfo.ai_flags);
  const family = numberFromSystem(
    system,
    NumberSet.AF,
    load<i32>(native, darwin.addrinfo.ai_family),
  );
  store<i32>(out, family == ABSENT ? AF.UNSPEC : family, native_addrinfo.ai_family);
  store<i32>(out, load<i32>(native, darwin.addrinfo.ai_socktype), native_addrinfo.ai_socktype);
  store<i32>(out, load<i32>(native, darwin.addrinfo.ai_protocol), native_addrinfo.ai_protocol);
  // A socklen_t, or Windows' size_t, whose lower half stands in the same place.
  store<u32>(out, load<u32>(native, darwin.addrinfo.ai_addrlen), native_addrinfo.ai_addrlen);
  store<u64>(out, load<u64>(native, darwin.addrinfo.ai_canonname), native_addrinfo.ai_canonname);
  store<u64>(out, load<u64>(native, darwin.addrinfo.ai_addr), native_addrinfo.ai_addr);
  store<u64>(out, load<u64>(native, darwin.addrinfo.ai_next), native_addrinfo.ai_next);
}

/** Whether an option is a timeout of SOL_SOCKET. */
function isTimeout(level: i32, option: i32): bool {
  return level == SOL.SOCKET && (option == SO.RCVTIMEO || option == SO.SNDTIMEO);
}

/** Milliseconds of a timeval: rounded up, so that a limit is never none, and no more than a DWORD holds. */
function milliseconds(value: usize): u32 {
  const seconds = load<i64>(value, timeval.tv_sec);
  const rest = (load<i64>(value, timeval.tv_usec) + 999) / 1000;
  if (seconds < 0) return 1; // over at once
  return seconds > 4_000_000 ? u32.MAX_VALUE : <u32>(seconds * 1000 + rest);
}

/**
 * The value of SO_LINGER, SO_RCVTIMEO or SO_SNDTIMEO as another system has it; other values are copied.
 *
 * @param level SOL_SOCKET or another, as the guest has it
 * @param option as the guest has it
 * @param value the guest's
 * @param length its bytes
 * @param out where the other goes, as many bytes
 * @returns its length, or -EINVAL where the guest's is too short
 */
export function optionToSystem(
  system: i32,
  level: i32,
  option: i32,
  value: usize,
  length: i32,
  out: usize,
): i32 {
  if (system != System.LINUX && isTimeout(level, option)) {
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
  if (system == System.WINDOWS && level == SOL.SOCKET && option == SO.LINGER) {
    if (length < linger.sizeof) return -Errno.EINVAL;
    const seconds = load<u32>(value, linger.l_linger);
    store<u16>(out, <u16>(load<i32>(value, linger.l_onoff) != 0), windows.linger.l_onoff);
    store<u16>(out, <u16>min<u32>(seconds, u16.MAX_VALUE), windows.linger.l_linger);
    return windows.linger.sizeof;
  }
  memory.copy(out, value, length);
  return length;
}
