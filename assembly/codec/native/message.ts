// Headers of sendmsg(2) and recvmsg(2) and their vectors, as a 64-bit Linux has them, as another system does, and back:
// struct msghdr of BSD, WSAMSG of Windows.

import { Errno } from "../../abi/errno";
import { NativeIovec, NativeMmsghdr, native_iovec, native_msghdr } from "../../abi/msghdr";
import * as darwin from "../../platform/darwin";
import { System } from "../../platform/system";
import * as windows from "../../platform/windows";
import { NumberSet, flagsFromSystem } from "../numbers";

/**
 * A message's header as another system has it. What its pointers point to is still Linux's: sockaddrToSystem,
 * vectorsToSystem and controlToSystem make the system's of it.
 *
 * @param system a System
 * @param header a native_msghdr, as batchAdd makes it
 * @param out where the other goes, as many bytes
 * @returns its length, or -EMSGSIZE where a count does not fit into the system's
 */
export function messageToSystem(system: i32, header: usize, out: usize): i32 {
  if (system == System.LINUX) {
    memory.copy(out, header, native_msghdr.sizeof);
    return native_msghdr.sizeof;
  }
  const from = changetype<NativeMmsghdr>(header);
  if (max(from.msg_iovlen, from.msg_controllen) > <u64>i32.MAX_VALUE) return -Errno.EMSGSIZE;
  memory.fill(out, 0, native_msghdr.sizeof); // the flags too, which the call writes
  if (system == System.WINDOWS) {
    store<u64>(out, from.msg_name, windows.msghdr.msg_name);
    store<u32>(out, from.msg_namelen, windows.msghdr.msg_namelen);
    store<u64>(out, from.msg_iov, windows.msghdr.msg_iov);
    store<u32>(out, <u32>from.msg_iovlen, windows.msghdr.msg_iovlen);
    store<u32>(out, <u32>from.msg_controllen, windows.msghdr.msg_controllen);
    store<u64>(out, from.msg_control, windows.msghdr.msg_control);
    return windows.msghdr.sizeof;
  }
  store<u64>(out, from.msg_name, darwin.msghdr.msg_name);
  store<u32>(out, from.msg_namelen, darwin.msghdr.msg_namelen);
  store<u64>(out, from.msg_iov, darwin.msghdr.msg_iov);
  store<u32>(out, <u32>from.msg_iovlen, darwin.msghdr.msg_iovlen);
  store<u64>(out, from.msg_control, darwin.msghdr.msg_control);
  store<u32>(out, <u32>from.msg_controllen, darwin.msghdr.msg_controllen);
  return darwin.msghdr.sizeof;
}

/**
 * What recvmsg(2) of another system left in a header: the lengths of the name and of the control data, which are the
 * system's own still, and the flags.
 *
 * @param system a System
 * @param native the system's header
 * @param out the native_msghdr it was made of; the rest of it stays
 */
export function messageFromSystem(system: i32, native: usize, out: usize): void {
  if (system == System.LINUX) {
    memory.copy(out, native, native_msghdr.sizeof);
    return;
  }
  const inWindows = system == System.WINDOWS;
  const to = changetype<NativeMmsghdr>(out);
  to.msg_namelen = load<u32>(native, darwin.msghdr.msg_namelen); // in the same place everywhere
  to.msg_controllen = inWindows
    ? load<u32>(native, windows.msghdr.msg_controllen)
    : load<u32>(native, darwin.msghdr.msg_controllen);
  const flags = inWindows
    ? load<i32>(native, windows.msghdr.msg_flags)
    : load<i32>(native, darwin.msghdr.msg_flags);
  to.msg_flags = flagsFromSystem(system, NumberSet.MSG, flags);
}

/**
 * Vectors as another system has them: a WSABUF of Windows has its length, of 32 bits, first.
 *
 * @param system a System
 * @param vectors native_iovecs
 * @param count how many
 * @param out where the others go, as many bytes
 * @returns their bytes, or -EINVAL where one is longer than the system's can be
 */
export function vectorsToSystem(system: i32, vectors: usize, count: i32, out: usize): i32 {
  const size = count * native_iovec.sizeof;
  if (system != System.WINDOWS) {
    memory.copy(out, vectors, size); // laid out alike
    return size;
  }
  for (let i = 0; i < count; i++) {
    const from = changetype<NativeIovec>(vectors + i * native_iovec.sizeof);
    const to = out + i * windows.iovec.sizeof;
    if (from.iov_len > <u64>u32.MAX_VALUE) return -Errno.EINVAL;
    store<u64>(to, from.iov_len, windows.iovec.iov_len); // and the padding behind it
    store<u64>(to, from.iov_base, windows.iovec.iov_base);
  }
  return size;
}
