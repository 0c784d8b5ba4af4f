// sendmsg(2), recvmsg(2) and their batches: the header, the name, the vectors and the control data are translated, the bytes
// go where they are.

import {
  address,
  codecs,
  from,
  int,
  native,
  setAddress,
  setInt,
  to,
  type Translator,
} from "./room.js";
import type { System } from "./system.js";
import type { MessageFlags, Outcomes } from "./transfer.js";

const { CONTROL_MAX, Errno, INT_SIZE, IOV_MAX, MSG, SOCKADDR_MAX } = codecs;
const { native_iovec, native_mmsghdr, native_msghdr } = codecs;

/** The parts of a message, behind one another on either side. The name comes first, where `addressTo` has it. */
const HEADER = SOCKADDR_MAX;
const VECTORS = HEADER + native_msghdr.sizeof;
const CONTROL = VECTORS + IOV_MAX * native_iovec.sizeof;

/** The members of Linux's header. */
const at = {
  name: from + HEADER + native_msghdr.msg_name,
  nameLength: from + HEADER + native_msghdr.msg_namelen,
  vectors: from + HEADER + native_msghdr.msg_iov,
  count: from + HEADER + native_msghdr.msg_iovlen,
  control: from + HEADER + native_msghdr.msg_control,
  controlLength: from + HEADER + native_msghdr.msg_controllen,
  flags: from + HEADER + native_msghdr.msg_flags,
};

export function messageCalls(
  system: System,
  translator: Translator,
  flagsOf: MessageFlags,
  outcomes: Outcomes,
) {
  /** Takes a header and its vectors: 0, or -errno. */
  function take(header: number): number {
    translator.take(from + HEADER, header, native_msghdr.sizeof);
    const count = int(at.count);
    if (count < 0 || count > IOV_MAX) return -Errno.EMSGSIZE;
    translator.take(from + VECTORS, address(at.vectors), count * native_iovec.sizeof);
    return codecs.vectorsToSystem(system.id, from + VECTORS, count, to + VECTORS);
  }

  /** Makes the system's header of the one that was taken, with the parts where they lie there. */
  function translate(nameLength: number, controlLength: number): void {
    setAddress(at.name, nameLength === 0 ? 0 : native(to));
    setInt(at.nameLength, nameLength);
    setAddress(at.vectors, native(to + VECTORS));
    setAddress(at.control, controlLength === 0 ? 0 : native(to + CONTROL));
    setAddress(at.controlLength, controlLength);
    codecs.messageToSystem(system.id, from + HEADER, to + HEADER);
  }

  /** The name that a message is sent to, in its place: its length, 0 for none, or -errno. */
  function nameTo(): number {
    const [name, length] = [address(at.name), int(at.nameLength)];
    return name === 0 || length === 0 ? 0 : translator.addressTo(name, length, to);
  }

  /** The control data that is sent, in its place: its length, or -errno. */
  function controlTo(): number {
    const length = address(at.controlLength);
    if (length > CONTROL_MAX) return -Errno.ENOBUFS;
    translator.take(from + CONTROL, address(at.control), length);
    return codecs.controlToSystem(system.id, from + CONTROL, length, to + CONTROL);
  }

  function sendmsg(fd: number, header: number, flags: number): number {
    const error = take(header);
    if (error < 0) return error;
    const nameLength = nameTo();
    if (nameLength < 0) return nameLength;
    const controlLength = controlTo();
    if (controlLength < 0) return controlLength;
    translate(nameLength, controlLength);
    return outcomes.sent(fd, system.sendmsg(fd, to + HEADER, flagsOf.of(flags)));
  }

  /** Bytes that the vectors of the message hold. */
  function capacity(): number {
    let size = 0;
    for (let i = 0; i < int(at.count); i++) {
      size += address(from + VECTORS + i * native_iovec.sizeof + native_iovec.iov_len);
    }
    return size;
  }

  function recvmsg(fd: number, header: number, flags: number): number {
    if ((flags & MSG.ERRQUEUE) !== 0) return -Errno.EAGAIN; // no such queue: nothing is in it
    const error = take(header);
    if (error < 0) return error;
    const [name, nameRoom] = [address(at.name), int(at.nameLength)];
    const [vectors, control] = [address(at.vectors), address(at.control)];
    const controlRoom = Math.min(address(at.controlLength), CONTROL_MAX);
    translate(name === 0 ? 0 : SOCKADDR_MAX, controlRoom);
    let result = outcomes.received(fd, system.recvmsg(fd, to + HEADER, flagsOf.of(flags)));
    // A datagram that was cut is an error on Windows, where all has arrived that there was room for.
    const cut = result === -Errno.EMSGSIZE ? MSG.TRUNC : 0;
    if (cut !== 0) result = capacity();
    if (result < 0) return result;
    codecs.messageFromSystem(system.id, to + HEADER, from + HEADER);
    const nameLength = int(at.nameLength);
    const size = name === 0 ? 0 : translator.addressFrom(to, nameLength, name, nameRoom);
    setInt(at.nameLength, size);
    const [left, there] = [address(at.controlLength), to + CONTROL];
    const length = codecs.controlFromSystem(system.id, there, left, from + CONTROL);
    const given = Math.min(length, controlRoom);
    translator.give(control, from + CONTROL, given);
    setAddress(at.controlLength, given);
    setInt(at.flags, int(at.flags) | cut | (length > given ? MSG.CTRUNC : 0));
    setAddress(at.name, name);
    setAddress(at.vectors, vectors);
    setAddress(at.control, control);
    translator.give(header, from + HEADER, native_msghdr.sizeof);
    return result;
  }

  /** Makes a call for each message of a batch, until one fails: how many were done, or -errno of the first. */
  function each(call: typeof sendmsg) {
    return (fd: number, messages: number, count: number, flags: number): number => {
      for (let i = 0; i < count; i++) {
        const message = messages + i * native_mmsghdr.sizeof;
        const result = call(fd, message, flags);
        if (result < 0) return i > 0 ? i : result;
        setInt(from, result);
        translator.give(message + native_mmsghdr.msg_len, from, INT_SIZE);
      }
      return count;
    };
  }

  return { sendmsg, recvmsg, sendmmsg: each(sendmsg), recvmmsg: each(recvmsg) };
}
