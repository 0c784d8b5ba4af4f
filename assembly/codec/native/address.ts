// Socket addresses of the guest's, which are Linux's, as those of another system, and back.

import { AF } from "../../abi/constants";
import { Errno } from "../../abi/errno";
import { sockaddr_in, sockaddr_in6, sockaddr_un } from "../../abi/sockaddr";
import * as darwin from "../../platform/darwin";
import { System, hasLengths } from "../../platform/system";
import { NumberSet, numberFromSystem, numberToSystem } from "../numbers";

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
