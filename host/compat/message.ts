// sendmsg(2), recvmsg(2) and their batches: the header, the name, the vectors and the control data are translated, the bytes
// go where they are.

import {
  SIZE,
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
import type { Sockets } from "./sockets.js";
import type { System } from "./system.js";
import type { MessageFlags, Outcomes } from "./transfer.js";

const { CONTROL_MAX, Errno, INT_SIZE, IOV_MAX, MSG, SOCK, SOCKADDR_MAX } = codecs;
const { native_iovec, native_mmsghdr, native_msghdr } = codecs;

/** The parts of a message, behind one another on either side. The name comes first, where `addressTo` has it. */
const HEADER = SOCKADDR_MAX;
const VECTORS = HEADER + native_msghdr.sizeof;
const CONTROL = VECTORS + IOV_MAX * native_iovec.sizeof;

/** Where bytes go that are dropped: no message takes so much of `to`. */
const DROPPED = to + SIZE;

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
  sockets: Sockets,
  flagsOf: MessageFlags,
  outcomes: Outcomes,
) {
  /** Takes a header and its vectors: 0, or -errno. */
  function take(header: number): number {
    translator.take(from + HEADER, header, native_msghdr.sizeof);
    const count = int(at.count);
    if (count < 0 || count > IOV_MAX) return -Errno.EMSGSIZE;
    translator.take(from + VECTORS, address(at.vectors), count * native_iovec.sizeof);
    return 0;
  }

  /** Makes the system's vectors of those that were taken: 0, or -errno. */
  function translateVectors(): number {
    const count = int(at.count);
    return Math.min(codecs.vectorsToSystem(system.id, from + VECTORS, count, to + VECTORS), 0);
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
    const error = take(header) || translateVectors();
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

  /**
   * Has a receive drop bytes, as MSG_TRUNC has it: of a datagram those that the vectors do not hold, which are counted, by one
   * vector more; of a stream as many as they would hold, by one in their place.
   */
  function drop(fd: number, room: number): void {
    const stream = sockets.type(fd) === SOCK.STREAM;
    const count = stream ? 0 : int(at.count);
    if (count === IOV_MAX) return; // nobody takes more: what is dropped goes uncounted
    const vector = from + VECTORS + count * native_iovec.sizeof;
    setAddress(vector + native_iovec.iov_base, native(DROPPED));
    setAddress(vector + native_iovec.iov_len, stream ? Math.min(room, SIZE) : SIZE);
    setInt(at.count, count + 1);
  }

  /**
   * How many bytes of control data are received there. Windows fails where there is no room for all of it, and gives none with a
   * stream; others would open the descriptors for which the guest has no room.
   */
  function controlThere(fd: number, room: number): number {
    if (system.id !== codecs.System.WINDOWS) return room;
    return sockets.type(fd) === SOCK.STREAM ? 0 : CONTROL_MAX;
  }

  function recvmsg(fd: number, header: number, flags: number): number {
    if ((flags & MSG.ERRQUEUE) !== 0) return -Errno.EAGAIN; // no such queue: nothing is in it
    const taken = take(header);
    if (taken < 0) return taken;
    const [count, room] = [int(at.count), capacity()];
    if ((flags & MSG.TRUNC) !== 0) drop(fd, room);
    const error = translateVectors();
    if (error < 0) return error;
    const [name, nameRoom] = [address(at.name), int(at.nameLength)];
    const [vectors, control] = [address(at.vectors), address(at.control)];
    const controlRoom = Math.min(address(at.controlLength), CONTROL_MAX);
    translate(name === 0 ? 0 : SOCKADDR_MAX, controlThere(fd, controlRoom));
    let cut = 0;
    let result = outcomes.received(fd, system.recvmsg(fd, to + HEADER, flagsOf.of(flags)));
    // A datagram that was cut is an error on Windows, where all has arrived that there was room for.
    if (result === -Errno.EMSGSIZE) [result, cut] = [room, MSG.TRUNC];
    if (result < 0) return result;
    if (result > room) cut = MSG.TRUNC;
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
    setInt(at.count, count);
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
