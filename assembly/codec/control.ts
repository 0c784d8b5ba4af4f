// Control messages, cmsg(3): the guest's headers of twelve bytes to the kernel's of sixteen, and back.
// What they carry is laid out alike on both sides; only the descriptors of SCM_RIGHTS are other numbers.

import { SCM, SOL } from "../abi/constants";
import { Payload, controlPayload } from "./payload";
import { Cmsghdr, NativeCmsghdr, cmsghdr, native_cmsghdr } from "../abi/msghdr";

/** How many descriptors the control data of one message may hold, SCM_MAX_FD of unix(7), twice. */
export const RIGHTS_MAX: i32 = 506;

/** A guest's control data: as it passed it, or as it will get it. */
export const CONTROL_SIZE: i32 = 16384;
export const control: usize = memory.data(CONTROL_SIZE, 8);

/** Pointers to the descriptors in the control data at hand, for the host to translate in place. */
export const rights: usize = memory.data(RIGHTS_MAX * sizeof<u32>(), 4);
/** Native descriptors that came and have no place in the guest, for the host to close. */
export const surplus: usize = memory.data(RIGHTS_MAX * sizeof<i32>(), 4);

let rightsFound: i32 = 0;
let surplusFound: i32 = 0;
let cut: bool = false;
let privileged: bool = false;

/** How many pointers `rights` holds. */
export function rightsCount(): i32 {
  return rightsFound;
}

/**
 * Payloads that do what no address says: they tell who sends (a process or an address), choose the interface it leaves
 * by, or do whatever it is that this build does not know, a source route perhaps. A bit for each.
 */
const PRIVILEGED: i32 =
  (1 << Payload.BYTES) |
  (1 << Payload.CREDENTIALS) |
  (1 << Payload.IN_PKTINFO) |
  (1 << Payload.IN6_PKTINFO);

/** Whether the control data that was encoded last holds what only a trusted guest may send. */
export function controlPrivileged(): bool {
  return privileged;
}

/** How many descriptors `surplus` holds. */
export function surplusCount(): i32 {
  return surplusFound;
}

/** Whether the control data that was decoded last was cut: MSG_CTRUNC. */
export function controlCut(): bool {
  return cut;
}

/**
 * Whether the control data that was encoded or decoded last is bytes alone: no descriptors, nothing that only a trusted
 * guest may send, nothing cut.
 */
export function controlPlain(): bool {
  return !(privileged || cut || (rightsFound | surplusFound) != 0);
}

/** Copies a payload: nearly all have some words, for which memory.copy, a call into the engine, takes longer. */
@inline
function copyPayload(out: usize, from: usize, size: i32): void {
  let done = 0;
  for (; done + <i32>sizeof<u32>() <= size; done += sizeof<u32>()) {
    store<u32>(out + done, load<u32>(from + done));
  }
  for (; done < size; done++) store<u8>(out + done, load<u8>(from + done));
}

/** Whether a control message carries descriptors, unix(7). */
@inline
function isRights(level: i32, type: i32): bool {
  return level == SOL.SOCKET && type == SCM.RIGHTS;
}

/** Notes each descriptor of a control message: false where there are too many. */
function noteRights(data: usize, count: i32): bool {
  if (rightsFound + count > RIGHTS_MAX) return false;
  for (let i = 0; i < count; i++) {
    store<u32>(rights + rightsFound++ * sizeof<u32>(), data + i * sizeof<i32>());
  }
  return true;
}

/**
 * Turns the guest's control data in `control` into the kernel's. `rights` then points to the descriptors.
 *
 * @param length bytes of it
 * @param out where the native bytes go
 * @param room how many may
 * @returns the native length; -1 where the data is malformed or does not fit
 */
export function encodeControl(length: i32, out: usize, room: i32): i32 {
  rightsFound = 0;
  surplusFound = 0;
  cut = false;
  privileged = false;
  let from = 0;
  let size = 0;
  // As the kernel walks it: what is too short for another header is no part of the data.
  while (length - from >= cmsghdr.sizeof) {
    const guest = changetype<Cmsghdr>(control + from);
    const guestLength = <i32>guest.cmsg_len; // one above 2^31 is too short as well
    if (guestLength < cmsghdr.sizeof || guestLength > length - from) return -1;
    const dataLength = guestLength - cmsghdr.sizeof;
    const padded = (native_cmsghdr.sizeof + dataLength + 7) & ~7;
    if (size + padded > room) return -1;
    const native = changetype<NativeCmsghdr>(out + size);
    store<u64>(out + size + padded - sizeof<u64>(), 0); // the padding, before what goes over its beginning
    const level = guest.cmsg_level;
    const type = guest.cmsg_type;
    native.cmsg_len = native_cmsghdr.sizeof + dataLength;
    native.cmsg_level = level;
    native.cmsg_type = type;
    if (!privileged) privileged = ((1 << controlPayload(level, type)) & PRIVILEGED) != 0;
    const data = out + size + native_cmsghdr.sizeof;
    copyPayload(data, control + from + cmsghdr.sizeof, dataLength);
    if (isRights(level, type) && !noteRights(data, dataLength >> 2)) return -1;
    size += padded;
    from += (guestLength + 3) & ~3;
  }
  return size;
}

/**
 * Turns the kernel's control data into the guest's, in `control`. What does not fit is cut as the kernel
 * cuts it; `rights` points to the descriptors that fit, `surplus` holds those that do not.
 *
 * @param native where the native bytes lie
 * @param length how many
 * @param capacity bytes of control data that the guest takes
 * @param descriptors how many descriptors the guest has room for
 * @returns the guest's length
 */
export function decodeControl(native: usize, length: i32, capacity: i32, descriptors: i32): i32 {
  rightsFound = 0;
  surplusFound = 0;
  cut = false;
  privileged = false;
  let size = 0;
  let from = 0;
  while (length - from >= native_cmsghdr.sizeof) {
    const header = changetype<NativeCmsghdr>(native + from);
    const nativeLength = <i32>header.cmsg_len;
    if (nativeLength < native_cmsghdr.sizeof || nativeLength > length - from) break;
    const data = native + from + native_cmsghdr.sizeof;
    let dataLength = nativeLength - native_cmsghdr.sizeof;
    from += (nativeLength + 7) & ~7;

    let room = max(0, capacity - size - cmsghdr.sizeof);
    const carriesRights = isRights(header.cmsg_level, header.cmsg_type);
    if (carriesRights) {
      // Whole descriptors only, and no more than there are numbers for.
      room = min(room & ~3, (descriptors - rightsFound) << 2);
      for (let i = min(room, dataLength); i < dataLength; i += sizeof<i32>()) {
        store<i32>(surplus + surplusFound++ * sizeof<i32>(), load<i32>(data + i));
      }
    }
    if (dataLength > room) {
      cut = true;
      dataLength = room;
      if (room == 0) continue;
    }
    const guest = changetype<Cmsghdr>(control + size);
    const padded = (cmsghdr.sizeof + dataLength + 3) & ~3;
    // The padding, before what goes over its beginning: what another guest was sent stood there.
    store<u32>(control + size + padded - sizeof<u32>(), 0);
    guest.cmsg_len = cmsghdr.sizeof + dataLength;
    guest.cmsg_level = header.cmsg_level;
    guest.cmsg_type = header.cmsg_type;
    const guestData = control + size + cmsghdr.sizeof;
    copyPayload(guestData, data, dataLength);
    if (carriesRights) noteRights(guestData, dataLength >> 2);
    size += padded;
  }
  return min(size, capacity);
}
