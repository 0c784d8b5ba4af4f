// struct msghdr and what it points to, sendmsg(2).

import { marshal } from "../marshal.js";
import { LIST_MAX, pointerText, type TracedCall } from "./call.js";
import { controlText } from "./option.js";
import { controlsOf, levels, messageFlags } from "./symbols.js";
import { list } from "./text.js";

const { cmsghdr, iovec, mmsghdr, msghdr } = marshal;

/** How many bytes of control data are looked at. */
const CONTROL_MAX = 512;

function vectors(call: TracedCall, pointer: number, count: number, moved: number): string {
  const array = call.array(pointer, count, iovec.sizeof);
  if (pointer === 0 || array === undefined) return pointerText(pointer);
  let left = moved;
  const items = array.entries.map((entry) => {
    const base = entry.getInt32(iovec.iov_base, true);
    const length = entry.getUint32(iovec.iov_len, true);
    const filled = Math.min(length, left);
    left -= filled;
    return `{iov_base=${call.data(base, filled)}, iov_len=${length}}`;
  });
  return list(items, array.more);
}

function controls(call: TracedCall, pointer: number, length: number): string {
  const size = length >>> 0;
  const bytes = call.memory.holds(pointer, size)
    ? call.bytes(pointer, Math.min(size, CONTROL_MAX))
    : undefined;
  if (bytes === undefined || size === 0) return pointerText(pointer);
  const view = new DataView(bytes.buffer);
  const items: string[] = [];
  let at = 0;
  while (bytes.length - at >= cmsghdr.sizeof && items.length < LIST_MAX) {
    const messageLength = view.getUint32(at + cmsghdr.cmsg_len, true);
    if (messageLength < cmsghdr.sizeof || messageLength > bytes.length - at) {
      return list(items, true);
    }
    const level = view.getInt32(at + cmsghdr.cmsg_level, true);
    const type = view.getInt32(at + cmsghdr.cmsg_type, true);
    const data = bytes.subarray(at + cmsghdr.sizeof, at + messageLength);
    items.push(
      `{cmsg_len=${messageLength}, cmsg_level=${levels.one(level)}, cmsg_type=${controlsOf(level).one(type)}, cmsg_data=${controlText(level, type, data)}}`,
    );
    at += (messageLength + 3) & ~3;
  }
  return list(items, size - at >= cmsghdr.sizeof);
}

/** How many bytes of name a header has, or has room for. */
export function nameRoom(call: TracedCall, pointer: number): number {
  return call.struct(pointer, msghdr.sizeof)?.getInt32(msghdr.msg_namelen, true) ?? 0;
}

/**
 * A struct msghdr.
 *
 * @param moved how many bytes of its vectors hold data
 * @param room how many bytes of name it had room for: the kernel's own length may be longer
 */
export function messageText(
  call: TracedCall,
  pointer: number,
  moved = Infinity,
  room = Infinity,
): string {
  const header = call.struct(pointer, msghdr.sizeof);
  if (header === undefined) return pointerText(pointer);
  const field = (offset: number): number => header.getInt32(offset, true);
  const nameLength = field(msghdr.msg_namelen);
  const name = call.address(field(msghdr.msg_name), Math.min(nameLength, room));
  const iovlen = field(msghdr.msg_iovlen);
  const controllen = field(msghdr.msg_controllen);
  const fields = [
    `msg_name=${name}`,
    `msg_namelen=${nameLength}`,
    `msg_iov=${vectors(call, field(msghdr.msg_iov), iovlen, moved)}`,
    `msg_iovlen=${iovlen >>> 0}`,
    `msg_control=${controls(call, field(msghdr.msg_control), controllen)}`,
    `msg_controllen=${controllen >>> 0}`,
    `msg_flags=${messageFlags.flags(field(msghdr.msg_flags))}`,
  ];
  return `{${fields.join(", ")}}`;
}

/**
 * An array of struct mmsghdr.
 *
 * @param count how many messages were sent or received
 * @param rooms as above, for each message; absent where they were sent
 */
export function messagesText(
  call: TracedCall,
  pointer: number,
  count: number,
  rooms?: readonly number[],
): string {
  const array = call.array(pointer, count, mmsghdr.sizeof);
  if (array === undefined || count === 0) return pointerText(pointer);
  const items = array.entries.map((entry, index) => {
    const at = pointer + index * mmsghdr.sizeof;
    const length = entry.getUint32(mmsghdr.msg_len, true);
    const text = messageText(call, at, rooms && length, rooms?.[index]);
    return `{msg_hdr=${text}, msg_len=${length}}`;
  });
  return list(items, array.more);
}
