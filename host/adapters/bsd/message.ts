// Messages: sendmsg, recvmsg, sendmmsg, recvmmsg. The headers are copied and built anew for the kernel; the
// bytes that they point to stay where they are. A message of a batch costs as little as it may: most have one vector,
// no control data and no name to send to, and what they do not have is not asked of the codecs.

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
import { until, type Attempt, type Result, type Wait } from "../../wait/index.js";
import { RECVMMSG, RECVMSG, SENDMMSG, SENDMSG } from "../../wait/plan.js";
import type { Frame } from "./frame.js";

const { EBADF, EFAULT, EINVAL, EMSGSIZE, ENOBUFS } = Errno;
const { BATCH_MAX, CONTROL_MAX, MSG, SOCK, SOCKADDR_MAX } = marshal;
const { control, headers, iovec, iovecs, messages } = marshal;
const { mmsghdr, msghdr, native_mmsghdr, native_msghdr } = marshal;
const { msg_name, msg_namelen, msg_iov, msg_iovlen, msg_control, msg_controllen } = msghdr;
const { addIncoming, addOutgoing, batchBegin, batchWithin } = marshal;
const { controlCut, controlPlain, messageBytes, messageName, takeControl } = marshal;

/** Where the guest's header of a message of the batch stands in the trusted memory. */
function copied(index: number): number {
  return messages + index * mmsghdr.sizeof;
}

/** Where the kernel's header of it stands. */
function left(index: number): number {
  return headers + index * native_mmsghdr.sizeof;
}

/** How many bytes of name a header has, or takes. */
function nameLength(header: number): number {
  return Math.min(word(header + msg_namelen), SOCKADDR_MAX);
}

/** The imports of one guest. */
export function messageCalls(frame: Frame, wait: Wait) {
  const { guest, memory } = frame;
  const { limits } = guest;

  /** Copies the vectors of the message that is added next, and looks at the length of its name: 0, or -errno. */
  function readVectors(header: number): number {
    const vectors = word(header + msg_iovlen) >>> 0;
    if (vectors > limits.vectors) return -EMSGSIZE;
    const size = vectors * iovec.sizeof;
    if (!memory.read(word(header + msg_iov), size, marshalBytes, iovecs)) return -EFAULT;
    return word(header + msg_namelen) < 0 && word(header + msg_name) !== 0 ? -EINVAL : 0;
  }

  /** Copies the name that a message is to be sent to: 0, or -errno. */
  function readName(header: number, index: number): number {
    const name = word(header + msg_name);
    const at = messageName(index);
    return memory.read(name, nameLength(header), marshalBytes, at) ? 0 : -EFAULT;
  }

  /** Copies the control data of the message that is added next: 0, or -errno. */
  function readControl(header: number): number {
    const size = word(header + msg_controllen) >>> 0;
    if (size > limits.control) return -ENOBUFS;
    return memory.read(word(header + msg_control), size, marshalBytes, control) ? 0 : -EFAULT;
  }

  /** Tells the codecs where the guest's memory ends by now: another of its threads may have let it grow. */
  function lookAgain(): void {
    const { size } = memory; // looks at the memory, so that its base is right as well
    batchWithin(memory.base, size);
  }

  /** Adds a message that is to be sent to the batch, without the bytes that went before: 0, or -errno. */
  function addToSend(descriptor: Descriptor, index: number, done: number): number {
    const header = copied(index);
    const controlled = done === 0 && word(header + msg_control) !== 0;
    let error = readVectors(header);
    if (error === 0 && word(header + msg_name) !== 0) error = readName(header, index);
    if (error === 0 && controlled) error = readControl(header);
    if (error < 0) return error;
    error = addOutgoing(done);
    if (error === -EFAULT) {
      lookAgain();
      error = addOutgoing(done);
    }
    if (error < 0 || !controlled || controlPlain()) return error;
    return translateControl(guest, descriptor);
  }

  /**
   * Adds room for a message that is to be received to the batch, behind the bytes that came before: 0, or -errno.
   *
   * @param judged whether its sender will be
   * @param share how many bytes of control data it may have in the batch
   */
  function addToReceive(judged: boolean, index: number, share: number, done: number): number {
    const header = copied(index);
    let error = readVectors(header);
    if (error < 0) return error;
    const name = word(header + msg_name);
    if (name !== 0 && !memory.holds(name, nameLength(header))) return -EFAULT;
    const room = word(header + msg_control);
    if (room !== 0) {
      const size = Math.min(word(header + msg_controllen) >>> 0, limits.control);
      if (!memory.holds(room, size)) return -EFAULT;
    }
    error = addIncoming(done, judged, limits.control, share);
    if (error !== -EFAULT) return error;
    lookAgain();
    return addIncoming(done, judged, limits.control, share);
  }

  /** Writes the control data that the kernel left of a message of the batch into the guest's: its length. */
  function writeControl(index: number, header: number): number {
    const size = takeControl(index, limits.control, guest.descriptors.room);
    if (!controlPlain()) acceptRights(guest);
    memory.write(word(header + msg_control), size, marshalBytes, control);
    return size;
  }

  /** Writes what the kernel left of a message of the batch into the guest's header, name and control data. */
  function writeBack(pointer: number, index: number, flags: number): void {
    const header = copied(index);
    const native = left(index);
    const to = word(header + msg_name);
    const named = word(native + native_msghdr.msg_namelen);
    if (to !== 0) {
      memory.write(to, Math.min(nameLength(header), named), marshalBytes, messageName(index));
    }
    let bits = word(native + native_msghdr.msg_flags);
    let size = 0;
    if (word(native + native_msghdr.msg_controllen) > 0) {
      size = writeControl(index, header);
      if (controlCut()) bits |= MSG.CTRUNC;
    }
    if ((flags & MSG.CMSG_CLOEXEC) === 0) bits &= ~MSG.CMSG_CLOEXEC;
    if (!memory.holds(pointer, msghdr.sizeof)) return;
    memory.setInt32(pointer + msg_namelen, to === 0 ? 0 : named);
    memory.setInt32(pointer + msg_controllen, size);
    memory.setInt32(pointer + msghdr.msg_flags, bits);
  }

  /** Copies the guest's headers, and begins a batch of them: 0, or -EFAULT. */
  function copyHeaders(pointer: number, size: number): number {
    if (!memory.read(pointer, size, marshalBytes, messages)) return -EFAULT;
    batchBegin(base, memory.base, memory.checkedSize);
    return 0;
  }

  /**
   * Begins a batch of as many messages as fit.
   *
   * @param pointer the guest's array of struct mmsghdr
   * @returns how many, or -EFAULT
   */
  function begin(pointer: number, wanted: number): number {
    const count = Math.min(wanted >>> 0, BATCH_MAX);
    return copyHeaders(pointer, count * mmsghdr.sizeof) < 0 ? -EFAULT : count;
  }

  /** Builds a batch of messages to send: how many, or -errno where not even one can be built. */
  function buildOutgoing(descriptor: Descriptor, pointer: number, wanted: number): number {
    const count = begin(pointer, wanted);
    for (let index = 0; index < count; index++) {
      const error = addToSend(descriptor, index, 0);
      if (error < 0) return index > 0 ? index : error;
    }
    return count;
  }

  /** Builds a batch of messages to receive: how many, or -errno where not even one can be built. */
  function buildIncoming(descriptor: Descriptor, pointer: number, wanted: number): number {
    const count = begin(pointer, wanted);
    const share = (CONTROL_MAX / Math.max(count, 1)) & ~7;
    const judged = guest.policy.judgesSenders(descriptor);
    for (let index = 0; index < count; index++) {
      const error = addToReceive(judged, index, share, 0);
      if (error < 0) return index > 0 ? index : error;
    }
    return count;
  }

  /** Writes how many bytes a message of the batch moved. */
  function writeLength(pointer: number, index: number): void {
    memory.setInt32(pointer + mmsghdr.msg_len, word(left(index) + native_mmsghdr.msg_len));
  }

  const trySendmsg: Attempt = (fd, pointer, flags, _d, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    let error = copyHeaders(pointer, msghdr.sizeof);
    if (error === 0) error = addToSend(descriptor, 0, done);
    return error < 0 ? error : sendmsg(guest, descriptor, flags, done);
  };

  const tryRecvmsg: Attempt = (fd, pointer, flags, _d, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    let error = copyHeaders(pointer, msghdr.sizeof);
    const judged = guest.policy.judgesSenders(descriptor);
    if (error === 0) error = addToReceive(judged, 0, CONTROL_MAX, done);
    if (error < 0) return error;
    const received = recvmsg(guest, descriptor, flags);
    if (received >= 0) writeBack(pointer, 0, flags);
    return received;
  };

  const finishSendmsg = wait.finish(SENDMSG, trySendmsg);
  const finishRecvmsg = wait.finish(RECVMSG, tryRecvmsg);

  function sendOne(fd: number, pointer: number, flags: number): Result {
    const result = trySendmsg(fd, pointer, flags, 0, 0, 0, 0);
    return result > 0 && result === messageBytes()
      ? result
      : finishSendmsg(result, fd, pointer, flags, 0, 0, 0);
  }

  const sendBatch = until(wait, SENDMMSG, (fd, messages, count, flags, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const pointer = messages + done * mmsghdr.sizeof;
    const built = buildOutgoing(descriptor, pointer, (count >>> 0) - done);
    if (built <= 0) return built;
    const sent = sendmmsg(guest, descriptor, built, flags);
    for (let i = 0; i < sent; i++) writeLength(pointer + i * mmsghdr.sizeof, i);
    return sent;
  });

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
      const sent = sendOne(fd, at, flags);
      const size = messageBytes();
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

  const receiveBatch = until(wait, RECVMMSG, (fd, messages, count, flags, _e, _f, done) => {
    const descriptor = frame.descriptor(fd);
    if (descriptor === undefined) return -EBADF;
    const pointer = messages + done * mmsghdr.sizeof;
    const built = buildIncoming(descriptor, pointer, (count >>> 0) - done);
    if (built <= 0) return built;
    const received = recvmmsg(guest, descriptor, built, flags);
    for (let i = 0; i < received; i++) {
      const at = pointer + i * mmsghdr.sizeof;
      writeBack(at, i, flags);
      writeLength(at, i);
    }
    return received;
  });

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

    recvmsg(fd: number, pointer: number, flags: number): Result {
      const result = tryRecvmsg(fd, pointer, flags, 0, 0, 0, 0);
      return frame.isEnough(result, fd, flags)
        ? result
        : finishRecvmsg(result, fd, pointer, flags, 0, 0, 0);
    },

    recvmmsg(fd: number, pointer: number, count: number, flags: number, timeout: number): Result {
      const taken = Math.min(count >>> 0, limits.batch);
      return receiveBatch(fd, pointer, taken, flags, timeout, 0);
    },
  };
}
