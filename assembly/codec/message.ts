// From a guest's struct msghdr to the kernel's, and back: sendmsg(2), recvmsg(2) and their batches.
//
// The host copies what a guest passed into the areas below, all headers at once, then the rest one message at a
// time, and has each added to a batch of native headers. Names, vectors and control data of the batch lie in arenas
// of their own:
//
//      messages  | mmsghdr | mmsghdr | …          headers   | native mmsghdr | native mmsghdr | …
//      vectors   | iovec iovec | iovec | …        names     | sockaddr | sockaddr | …
//                                                 controls  | cmsghdr… | cmsghdr… | …

import { Errno } from "../abi/errno";
import {
  Iovec,
  Mmsghdr,
  NativeIovec,
  NativeMmsghdr,
  iovec,
  mmsghdr,
  native_cmsghdr,
  native_iovec,
  native_mmsghdr,
} from "../abi/msghdr";
import { SOCKADDR_MAX } from "../abi/sockaddr";
import { decodeControl, encodeControl } from "./control";

/** How many messages a batch holds. */
export const BATCH_MAX: i32 = 64;

/** How many vectors a message may have, UIO_MAXIOV of sendmsg(2), and a whole batch. */
export const IOV_MAX: i32 = 1024;

/** Bytes of control data that a batch may have, as the kernel lays them out. */
export const CONTROL_MAX: i32 = 16384;

/**
 * The guest's struct mmsghdr of each message of the batch, or its one struct msghdr, as it was when the call began:
 * what has been received since may lie over the guest's own.
 */
export const messages: usize = memory.data(BATCH_MAX * mmsghdr.sizeof, 8);

/** The guest's vectors of the message that is added next. */
export const iovecs: usize = memory.data(IOV_MAX * iovec.sizeof, 8);

/** The native headers of the batch: what the kernel gets. */
export const headers: usize = memory.data(BATCH_MAX * native_mmsghdr.sizeof, 8);

const names: usize = memory.data(BATCH_MAX * SOCKADDR_MAX, 8);
const vectors: usize = memory.data(IOV_MAX * native_iovec.sizeof, 8);
const controls: usize = memory.data(CONTROL_MAX, 8);

/**
 * A native header for a message that is received into the host's memory first, and its one vector: what
 * nobody has allowed yet never stands in the guest's.
 */
export const detour: usize = memory.data(native_mmsghdr.sizeof, 8);
const detourVector: usize = memory.data(native_iovec.sizeof, 8);

/** Bytes that the vectors of the message added last hold: a u64 that lasts as long as the areas do. */
const vectorBytes: usize = memory.data(sizeof<u64>(), 8);
/** Messages, vectors and bytes of control data in the batch so far. */
let messageCount: i32 = 0;
let vectorCount: i32 = 0;
let controlSize: i32 = 0;

/** Native addresses of this memory and of the guest's, and bytes of the guest's. */
let host: u64 = 0;
let guest: u64 = 0;
let guestSize: u64 = 0;

/**
 * Starts an empty batch.
 *
 * @param scratch native address of this memory
 * @param base native address of the guest's memory
 * @param size bytes of the guest's memory
 */
export function batchBegin(scratch: f64, base: f64, size: f64): void {
  host = <u64>scratch;
  batchWithin(base, size);
  messageCount = 0;
  vectorCount = 0;
  controlSize = 0;
}

/** Says anew where the guest's memory lies, and how large it is, for what is added to the batch from now on. */
export function batchWithin(base: f64, size: f64): void {
  guest = <u64>base;
  guestSize = <u64>size;
}

/** How many more vectors the batch has room for. */
export function vectorRoom(): i32 {
  return IOV_MAX - vectorCount;
}

/** How many more bytes of native control data the batch has room for. */
export function controlRoom(): i32 {
  return CONTROL_MAX - controlSize;
}

/** The guest's header of a message of the batch. */
@inline
function message(index: i32): Mmsghdr {
  return changetype<Mmsghdr>(messages + index * mmsghdr.sizeof);
}

/** Makes the batch's first message one that has nothing but so many vectors, which are in `iovecs`. */
export function messageOfVectors(count: i32): void {
  memory.fill(messages, 0, mmsghdr.sizeof);
  message(0).msg_iovlen = count;
}

/** Where the name of a message of the batch lies. */
export function messageName(index: i32): usize {
  return names + index * SOCKADDR_MAX;
}

/** Where the control data of the message that is added next goes. */
export function messageControl(): usize {
  return controls + controlSize;
}

/**
 * Checks the vectors in `iovecs` and appends their native twins to the batch.
 *
 * @param count how many, at most vectorRoom()
 * @param skip bytes that were moved before: the first of them are left out
 * @returns false where one does not lie within the memory: then nothing is appended
 */
function addVectors(count: i32, skip: u64): bool {
  let sum: u64 = 0;
  for (let i = 0; i < count; i++) {
    const vector = changetype<Iovec>(iovecs + i * iovec.sizeof);
    const length: u64 = vector.iov_len;
    if (length > 0 && (vector.iov_base == 0 || <u64>vector.iov_base + length > guestSize)) {
      return false;
    }
    const skipped = min(skip - min(skip, sum), length);
    sum += length;
    const native = changetype<NativeIovec>(vectors + (vectorCount + i) * native_iovec.sizeof);
    native.iov_base = guest + vector.iov_base + skipped;
    native.iov_len = length - skipped;
  }
  vectorCount += count;
  store<u64>(vectorBytes, sum);
  return true;
}

/** Bytes that the vectors of the message added last hold, those that were skipped included. */
export function messageBytes(): f64 {
  return <f64>load<u64>(vectorBytes);
}

/** How many bytes of name a message of the guest's has, or takes. */
@inline
function nameLength(guest: Mmsghdr): u32 {
  return guest.msg_name == 0 ? 0 : min<u32>(guest.msg_namelen, SOCKADDR_MAX);
}

/**
 * Adds the next of `messages` to the batch: its vectors are in `iovecs`, its name is where messageName
 * says, its native control data where messageControl says.
 *
 * @param skip bytes of its vectors that were moved before
 * @param nameLength bytes of its name, or room for one
 * @param controlLength bytes of its native control data, or room for some
 * @returns false where a vector does not lie within the guest's memory
 */
export function batchAdd(skip: u32, nameLength: i32, controlLength: i32): bool {
  const count = message(messageCount).msg_iovlen;
  const firstVector = vectorCount;
  if (!addVectors(count, skip)) return false;
  // Every field, and not memory.fill, a call into the engine: the padding is 0 and stays so.
  const native = result(messageCount);
  native.msg_name = nameLength > 0 ? host + messageName(messageCount) : 0;
  native.msg_namelen = nameLength;
  native.msg_iov = host + vectors + firstVector * native_iovec.sizeof;
  native.msg_iovlen = count;
  native.msg_control = controlLength > 0 ? host + messageControl() : 0;
  native.msg_controllen = controlLength;
  native.msg_flags = 0;
  native.msg_len = 0;
  controlSize += (controlLength + 7) & ~7;
  messageCount++;
  return true;
}

/**
 * Adds the next of `messages` to the batch, to be sent: its vectors are in `iovecs`, its name is where messageName says,
 * its control data in `control`.
 *
 * @param skip bytes of its vectors that were moved before, and its control data with them
 * @returns 0; -EMSGSIZE for more vectors than there is room for, -EINVAL for control data that is malformed or more than there
 *   is room for, -EFAULT for a vector that does not lie within the guest's memory
 */
export function addOutgoing(skip: u32): i32 {
  const guest = message(messageCount);
  if (guest.msg_iovlen > <u32>vectorRoom()) return -Errno.EMSGSIZE;
  let control = 0;
  if (skip == 0 && guest.msg_control != 0) {
    control = encodeControl(guest.msg_controllen, messageControl(), controlRoom());
    if (control < 0) return -Errno.EINVAL;
  }
  return batchAdd(skip, nameLength(guest), control) ? 0 : -Errno.EFAULT;
}

/**
 * Adds the next of `messages` to the batch, to be received: its vectors are in `iovecs`.
 *
 * @param skip bytes of its vectors that were received before
 * @param judged whether its sender's name is asked for although the guest does not
 * @param limit bytes of control data that the guest may get
 * @param share bytes of native control data that the message may have in the batch
 * @returns 0; -EMSGSIZE for more vectors than there is room for, -EFAULT for one that does not lie within the guest's memory
 */
export function addIncoming(skip: u32, judged: bool, limit: u32, share: i32): i32 {
  const guest = message(messageCount);
  if (guest.msg_iovlen > <u32>vectorRoom()) return -Errno.EMSGSIZE;
  const name = judged || nameLength(guest) > 0 ? SOCKADDR_MAX : 0;
  let control = 0;
  if (guest.msg_control != 0 && guest.msg_controllen > 0) {
    // The kernel's headers and padding are larger than the guest's, by a third and a half.
    control = min(<i32>min(guest.msg_controllen, limit) * 2 + native_cmsghdr.sizeof, share) & ~7;
  }
  return batchAdd(skip, name, control) ? 0 : -Errno.EFAULT;
}

/** Takes the name of the batch's first message away: its socket is connected by now. */
export function batchUnname(): void {
  const native = changetype<NativeMmsghdr>(headers);
  native.msg_name = 0;
  native.msg_namelen = 0;
}

/** Gives a message of the batch another name, of `length` bytes, that lies where messageName says. */
export function messageRename(index: i32, length: u32): void {
  result(index).msg_namelen = length;
}

/**
 * Makes `detour` the header of a message of the batch, but for its vectors: their bytes go elsewhere.
 *
 * @param scratch native address of this memory
 * @param at where in this memory
 * @param room bytes there
 */
export function detourBegin(index: i32, scratch: f64, at: usize, room: u32): void {
  memory.copy(detour, headers + index * native_mmsghdr.sizeof, native_mmsghdr.sizeof);
  let size: u64 = 0;
  for (let i = 0; i < vectorsOf(index); i++) size += vector(index, i, scratch).iov_len;
  const native = changetype<NativeIovec>(detourVector);
  native.iov_base = <u64>scratch + at;
  native.iov_len = min<u64>(size, room);
  const header = changetype<NativeMmsghdr>(detour);
  header.msg_iov = <u64>scratch + detourVector;
  header.msg_iovlen = 1;
}

/** The length of the name that the kernel left in `detour`. */
export function detourNameLength(): u32 {
  return changetype<NativeMmsghdr>(detour).msg_namelen;
}

/** Bytes of control data that the kernel left by way of `detour`. */
export function detourControlLength(): i32 {
  return <i32>changetype<NativeMmsghdr>(detour).msg_controllen;
}

/** Passes what the kernel left in `detour` on to the message of the batch, of which `length` bytes came. */
export function detourEnd(index: i32, length: u32): void {
  const from = changetype<NativeMmsghdr>(detour);
  const to = result(index);
  to.msg_namelen = from.msg_namelen;
  to.msg_controllen = from.msg_controllen;
  to.msg_flags = from.msg_flags;
  to.msg_len = length;
}

/** How many vectors a message of the batch has. */
export function vectorsOf(index: i32): i32 {
  return <i32>result(index).msg_iovlen;
}

function vector(index: i32, position: i32, scratch: f64): NativeIovec {
  const first = <usize>(result(index).msg_iov - <u64>scratch);
  return changetype<NativeIovec>(first + position * native_iovec.sizeof);
}

/** The native address that a vector of a message of the batch points to; `scratch` is that of this memory. */
export function vectorBase(index: i32, position: i32, scratch: f64): f64 {
  return <f64>vector(index, position, scratch).iov_base;
}

/** Bytes that it holds. */
export function vectorLength(index: i32, position: i32, scratch: f64): f64 {
  return <f64>vector(index, position, scratch).iov_len;
}

/** What the kernel made of a message of the batch: the header of it. */
function result(index: i32): NativeMmsghdr {
  return changetype<NativeMmsghdr>(headers + index * native_mmsghdr.sizeof);
}

/** The true length of the name that the kernel left for a message of the batch. */
export function resultNameLength(index: i32): u32 {
  return result(index).msg_namelen;
}

/** Bytes of control data that the kernel left for a message of the batch. */
export function resultControlLength(index: i32): i32 {
  return <i32>result(index).msg_controllen;
}

/** Where that control data lies. */
export function resultControl(index: i32, scratch: f64): usize {
  return <usize>(result(index).msg_control - <u64>scratch);
}

/**
 * Turns the control data that the kernel left for a message of the batch into the guest's, in `control`.
 *
 * @param limit bytes that the guest may get, however large its own room is
 * @param descriptors how many descriptors the guest has room for
 * @returns the guest's length
 */
export function takeControl(index: i32, limit: u32, descriptors: i32): i32 {
  const room = message(index).msg_controllen;
  const from = resultControl(index, <f64>host);
  return decodeControl(from, resultControlLength(index), min(room, limit), descriptors);
}
