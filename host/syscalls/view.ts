// send(2) and sendmsg(2) of bytes in views, which lie outside of linear memories: one try each, for which the kernel does
// not wait.

import type { Descriptor } from "../descriptors.js";
import { addressOf, libc, sendView } from "../libc.js";
import { marshal, marshalBytes } from "../marshal.js";
import { native, scratch, setWord } from "../scratch.js";

const { IOV_MAX, MSG, block, native_iovec, native_msghdr } = marshal;

/** Nobody waits, and no process can be sent a signal. */
const SENT = MSG.NOSIGNAL | MSG.DONTWAIT;
/** A message's vectors stand behind its header. */
const VECTORS = block + native_msghdr.sizeof;

/** Writes an address or a size, of 64 bits. */
function setLong(pointer: number, value: number): void {
  setWord(pointer, value);
  setWord(pointer + 4, value / 2 ** 32);
}

/** send(2) of the bytes of a view: how many were taken, or -errno. */
export function sendBytes(socket: Descriptor, view: Uint8Array): number {
  return sendView(socket.native, view, view.length, SENT);
}

/**
 * sendmsg(2) of the bytes of views, one after the other.
 *
 * @param views none of them is empty
 * @param first the index of the first that is sent; at most IOV_MAX are
 * @returns how many bytes were taken, or -errno
 */
export function sendViews(socket: Descriptor, views: readonly Uint8Array[], first: number): number {
  const count = Math.min(views.length - first, IOV_MAX);
  for (let i = 0; i < count; i++) {
    const view = views[first + i]!;
    const vector = VECTORS + i * native_iovec.sizeof;
    setLong(vector + native_iovec.iov_base, addressOf(view));
    setLong(vector + native_iovec.iov_len, view.length);
  }
  marshalBytes.fill(0, block, VECTORS);
  setLong(block + native_msghdr.msg_iov, native(VECTORS));
  setLong(block + native_msghdr.msg_iovlen, count);
  return libc.sendmsg(socket.native, scratch.block, SENT);
}
