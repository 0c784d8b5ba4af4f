// Messages: sendmsg, recvmsg, sendmmsg, recvmmsg. The headers are copied and built anew for the kernel; the
// bytes that they point to stay where they are.

import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { mayWait } from "../../pending.js";
import { base, word } from "../../scratch.js";
import {
  acceptRights,
  recvmmsg,
  recvmsg,
  sendmmsg,
  sendmsg,
  translateControl,
} from "../../syscalls/message.js";
import type { Result, Wait } from "../../wait/index.js";
import { RECVMMSG, RECVMSG, SENDMMSG, SENDMSG } from "../../wait/plan.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT, EINVAL, EMSGSIZE, ENOBUFS } = Errno;
const { BATCH_MAX, CONTROL_MAX, MSG, SOCK, SOCKADDR_MAX } = marshal;
const { iovec, message, mmsghdr, msghdr, native_cmsghdr } = marshal;

/** A field of the guest's header at hand. */
function field(offset: number): number {
  return word(message + offset);
}

/** The imports of one guest. */
export function messageCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;
  const { limits } = guest;

  /** Copies the guest's header and its vectors: 0, or -errno. */
  function readHeader(pointer: number): number {
    if (!memory.read(pointer, msghdr.sizeof, marshalBytes, message)) return -EFAULT;
    const vectors = field(msghdr.msg_iovlen) >>> 0;
    if (vectors > Math.min(marshal.vectorRoom(), limits.vectors)) return -EMSGSIZE;
    const size = vectors * iovec.sizeof;
    const copied = memory.read(field(msghdr.msg_iov), size, marshalBytes, marshal.iovecs);
    if (!copied) return -EFAULT;
    return field(msghdr.msg_name) !== 0 && field(msghdr.msg_namelen) < 0 ? -EINVAL : 0;
  }

  /** How many bytes of name the header at hand has, or takes. */
  function nameLength(): number {
    return field(msghdr.msg_name) === 0 ? 0 : Math.min(field(msghdr.msg_namelen), SOCKADDR_MAX);
  }

  /** How many bytes of control data it has, or takes. */
  function controlLength(): number {
    return field(msghdr.msg_control) === 0 ? 0 : field(msghdr.msg_controllen) >>> 0;
  }

  /** Adds the header at hand to the batch: 0, or -EFAULT for a vector outside the memory. */
  function add(name: number, control: number, done: number): number {
    const { size } = memory; // looks at the memory, so that its base is right as well
    return marshal.batchAdd(base, memory.base, size, done, name, control) ? 0 : -EFAULT;
  }

  /** Adds a message that is to be sent to the batch, without the bytes that went before: 0, or -errno. */
  function addOutgoing(
    descriptor: Descriptor,
    pointer: number,
    index: number,
    done: number,
  ): number {
    const error = readHeader(pointer);
    if (error < 0) return error;
    const name = nameLength();
    const nameAt = marshal.messageName(index);
    if (!memory.read(field(msghdr.msg_name), name, marshalBytes, nameAt)) return -EFAULT;
    const length = done > 0 ? 0 : controlLength();
    if (length > limits.control) return -ENOBUFS;
    const copied = memory.read(field(msghdr.msg_control), length, marshalBytes, marshal.control);
    if (!copied) return -EFAULT;
    const room = marshal.controlRoom();
    const control = marshal.encodeControl(length, marshal.messageControl(), room);
    if (control < 0) return -EINVAL;
    const failed = translateControl(guest, descriptor);
    return failed < 0 ? failed : add(name, control, done);
  }

  /** Adds room for a message that is to be received to the batch, behind the bytes that came before: 0, or -errno. */
  function addIncoming(
    descriptor: Descriptor,
    pointer: number,
    share: number,
    done: number,
  ): number {
    const error = readHeader(pointer);
    if (error < 0) return error;
    if (!memory.holds(pointer, msghdr.sizeof)) return -EFAULT;
    const name = nameLength();
    if (!memory.holds(field(msghdr.msg_name), name)) return -EFAULT;
    const control = Math.min(controlLength(), limits.control);
    if (!memory.holds(field(msghdr.msg_control), control)) return -EFAULT;
    // The kernel's headers and padding are larger than the guest's, by a third and a half.
    const wanted = control === 0 ? 0 : control * 2 + native_cmsghdr.sizeof;
    const named = name > 0 || guest.policy.judgesSenders(descriptor);
    return add(named ? SOCKADDR_MAX : 0, Math.min(wanted, share) & ~7, done);
  }

  /** Writes what the kernel left of a message of the batch into the guest's header, name and control data. */
  function writeBack(pointer: number, index: number, flags: number): void {
    marshal.messageTake(index);
    const named = marshal.resultNameLength(index);
    const name = Math.min(nameLength(), named);
    if (name > 0)
      memory.write(field(msghdr.msg_name), name, marshalBytes, marshal.messageName(index));

    const control = marshal.decodeControl(
      marshal.resultControl(index, base),
      marshal.resultControlLength(index),
      Math.min(controlLength(), limits.control),
      guest.descriptors.room,
    );
    acceptRights(guest);
    memory.write(field(msghdr.msg_control), control, marshalBytes, marshal.control);

    let left = marshal.resultFlags(index);
    if (marshal.controlCut()) left |= MSG.CTRUNC;
    if ((flags & MSG.CMSG_CLOEXEC) === 0) left &= ~MSG.CMSG_CLOEXEC;
    if (!memory.holds(pointer, msghdr.sizeof)) return;
    memory.setInt32(pointer + msghdr.msg_namelen, field(msghdr.msg_name) === 0 ? 0 : named);
    memory.setInt32(pointer + msghdr.msg_controllen, control);
    memory.setInt32(pointer + msghdr.msg_flags, left);
  }

  /** Builds a batch of as many messages as fit: how many, or -errno where not even one does. */
  function build(
    descriptor: Descriptor,
    pointer: number,
    wanted: number,
    incoming: boolean,
  ): number {
    const count = Math.min(wanted >>> 0, BATCH_MAX);
    if (!memory.holds(pointer, count * mmsghdr.sizeof)) return -EFAULT;
    const share = (CONTROL_MAX / Math.max(count, 1)) & ~7;
    marshal.batchBegin();
    for (let index = 0; index < count; index++) {
      const at = pointer + index * mmsghdr.sizeof;
      const error = incoming
        ? addIncoming(descriptor, at, share, 0)
        : addOutgoing(descriptor, at, index, 0);
      if (error < 0) return index > 0 ? index : error;
    }
    return count;
  }

  /** Writes how many bytes a message of the batch moved. */
  function writeLength(pointer: number, index: number): void {
    memory.setInt32(pointer + mmsghdr.msg_len, marshal.resultLength(index));
  }

  const sendOne = wait.until((fd, pointer, flags, _d, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    marshal.batchBegin();
    const error = addOutgoing(descriptor, pointer, 0, done);
    return error < 0 ? error : sendmsg(guest, descriptor, flags, marshal.messageBytes() - done);
  }, SENDMSG);

  const sendBatch = wait.until((fd, messages, count, flags, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const pointer = messages + done * mmsghdr.sizeof;
    const built = build(descriptor, pointer, (count >>> 0) - done, false);
    if (built <= 0) return built;
    const sent = sendmmsg(guest, descriptor, built, flags);
    for (let i = 0; i < sent; i++) writeLength(pointer + i * mmsghdr.sizeof, i);
    return sent;
  }, SENDMMSG);

  /** Notes how much of a message went: whether all of it did. */
  function wentWhole(pointer: number, sent: number, size: number): boolean {
    if (sent >= 0 && memory.holds(pointer, mmsghdr.sizeof)) {
      memory.setInt32(pointer + mmsghdr.msg_len, sent);
    }
    return sent === size;
  }

  /** What a batch returns that ended at a message: how many went, the last perhaps in part; or -errno. */
  function endedAt(index: number, sent: number): number {
    if (sent >= 0) return index + 1;
    return index > 0 ? index : sent;
  }

  /**
   * Sends messages on a blocking stream, each of them whole: sendmmsg(2) on the socket beneath, which does not
   * block, would count one that it took in part.
   */
  function sendEach(fd: number, pointer: number, count: number, flags: number, from = 0): Result {
    for (let i = from; i < count; i++) {
      const at = pointer + i * mmsghdr.sizeof;
      if (!memory.holds(at, mmsghdr.sizeof)) return endedAt(i, -EFAULT);
      const sent = sendOne(fd, at, flags, 0, 0, 0);
      const size = marshal.messageBytes();
      if (typeof sent !== "number") {
        return sent.then((later) =>
          wentWhole(at, later, size)
            ? sendEach(fd, pointer, count, flags, i + 1)
            : endedAt(i, later),
        );
      }
      if (!wentWhole(at, sent, size)) return endedAt(i, sent);
    }
    return count;
  }

  const receiveBatch = wait.until((fd, messages, count, flags, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const pointer = messages + done * mmsghdr.sizeof;
    const built = build(descriptor, pointer, (count >>> 0) - done, true);
    if (built <= 0) return built;
    const received = recvmmsg(guest, descriptor, built, flags);
    for (let i = 0; i < received; i++) {
      const at = pointer + i * mmsghdr.sizeof;
      writeBack(at, i, flags);
      writeLength(at, i);
    }
    return received;
  }, RECVMMSG);

  return {
    sendmsg: sendOne,

    sendmmsg(fd: number, pointer: number, count: number, flags: number): Result {
      const descriptor = frame.descriptor(fd);
      const taken = Math.min(count >>> 0, limits.batch);
      const whole = descriptor?.type === SOCK.STREAM && mayWait(descriptor, flags);
      return whole
        ? sendEach(fd, pointer, taken, flags)
        : sendBatch(fd, pointer, taken, flags, 0, 0);
    },

    recvmsg: wait.until((fd, pointer, flags, _d, _e, _f, done) => {
      const descriptor = frame.descriptor(fd);
      if (descriptor === undefined) return -EBADF;
      marshal.batchBegin();
      const error = addIncoming(descriptor, pointer, CONTROL_MAX, done);
      if (error < 0) return error;
      const received = recvmsg(guest, descriptor, flags);
      if (received >= 0) writeBack(pointer, 0, flags);
      return received;
    }, RECVMSG),

    recvmmsg(fd: number, pointer: number, count: number, flags: number, timeout: number): Result {
      const taken = Math.min(count >>> 0, limits.batch);
      return receiveBatch(fd, pointer, taken, flags, timeout, 0);
    },
  };
}
