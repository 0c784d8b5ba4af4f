// Bytes: sock_recv, sock_send, their kind with addresses, and fd_read and fd_write of a socket. One vector is what
// nearly all guests pass: the kernel then reads and writes it by recv(2) and send(2), where several take a message.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { base, scratchLength } from "../../scratch.js";
import { recvmsg, sendmsg } from "../../syscalls/message.js";
import { recv, recvfrom, send, sendto } from "../../syscalls/transfer.js";
import { until, type Attempt, type Call, type Result, type Wait } from "../../wait/index.js";
import { RECEIVE, RECVMSG, SEND, SENDMSG } from "../../wait/plan.js";
import { errnoOf, type Frame } from "./frame.js";
import type { Names } from "./names.js";

const { EBADF, EFAULT, EINVAL } = Errno;
const { INT_SIZE, MSG, SOCK, SOCKADDR_MAX, address, iovec, preview1 } = marshal;
const SHORT_SIZE = INT_SIZE / 2;

const RIFLAGS = preview1.RIFLAGS_PEEK | preview1.RIFLAGS_WAITALL;
/** The flags of recv(2) by those of sock_recv. */
const RECEIVE_FLAGS = Array.from(
  { length: RIFLAGS + 1 },
  (_, flags) =>
    (flags & preview1.RIFLAGS_PEEK && MSG.PEEK) | (flags & preview1.RIFLAGS_WAITALL && MSG.WAITALL),
);

/** The transfers of one guest; an address is one of an ABI. */
export class Transfer {
  readonly #frame: Frame;
  readonly #receiveOne: Call;
  readonly #receiveMany: Call;
  readonly #sendOne: Call;
  readonly #sendMany: Call;

  constructor(frame: Frame, wait: Wait, names: Names | undefined) {
    this.#frame = frame;
    const { guest, memory } = frame;

    const receiveOne: Attempt = (fd, buffer, size, flags, name, port, done) => {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return -EBADF;
      const error = name === 0 ? 0 : names!.check(descriptor, name, port);
      if (error < 0) return error;
      const at = memory.at(buffer + done, size - done);
      if (at < 0) return -EFAULT;
      if (name === 0) return recv(guest, descriptor, at, size - done, flags);
      const received = recvfrom(guest, descriptor, at, size - done, flags);
      if (received >= 0) names!.write(address, scratchLength());
      return received;
    };

    const sendOne: Attempt = (fd, buffer, size, _flags, name, port, done) => {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return -EBADF;
      const length = name === 0 ? 0 : names!.read(name, port, address);
      if (length < 0) return length;
      const at = memory.at(buffer + done, size - done);
      if (at < 0) return -EFAULT;
      return name === 0
        ? send(descriptor, at, size - done, 0)
        : sendto(guest, descriptor, at, size - done, 0, length);
    };

    /** Makes a batch of one message of a guest's vectors, behind the bytes that went before: 0, or -errno. */
    const build = (vectors: number, count: number, done: number, name: number): number => {
      const copied = memory.read(vectors, count * iovec.sizeof, marshalBytes, marshal.iovecs);
      if (!copied) return -EFAULT;
      const { size } = memory; // looks at the memory, so that its base is right as well
      marshal.batchBegin(base, memory.base, size);
      marshal.messageOfVectors(count);
      return marshal.batchAdd(done, name, 0) ? 0 : -EFAULT;
    };

    const receiveMany: Attempt = (fd, vectors, flags, count, name, port, done) => {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return -EBADF;
      const error = name === 0 ? 0 : names!.check(descriptor, name, port);
      if (error < 0) return error;
      const named = name !== 0 || guest.policy.judgesSenders(descriptor);
      const built = build(vectors, count, done, named ? SOCKADDR_MAX : 0);
      if (built < 0) return built;
      const received = recvmsg(guest, descriptor, flags);
      if (received >= 0 && name !== 0) {
        names!.write(marshal.messageName(0), marshal.resultNameLength(0));
      }
      return received;
    };

    const sendMany: Attempt = (fd, vectors, flags, count, name, port, done) => {
      const descriptor = frame.socket(fd);
      if (descriptor === undefined) return -EBADF;
      const length = name === 0 ? 0 : names!.read(name, port, marshal.messageName(0));
      if (length < 0) return length;
      const error = build(vectors, count, done, length);
      return error < 0 ? error : sendmsg(guest, descriptor, flags, done);
    };

    this.#receiveOne = until(wait, RECEIVE, receiveOne);
    this.#receiveMany = until(wait, RECVMSG, receiveMany);
    this.#sendOne = until(wait, SEND, sendOne);
    this.#sendMany = until(wait, SENDMSG, sendMany);
  }

  /**
   * recvmsg(2): an error number.
   *
   * @param flags of sock_recv
   * @param name pointer to room for an address, 0 where it is not asked for
   * @param port pointer to room for its port, 0 as well
   * @param out pointer to where the number of bytes goes
   * @param outFlags pointer to where the flags go, 0 where they are not asked for
   */
  receive(
    fd: number,
    vectors: number,
    count: number,
    flags: number,
    name: number,
    port: number,
    out: number,
    outFlags: number,
  ): Result {
    const frame = this.#frame;
    const { memory } = frame;
    const descriptor = frame.socket(fd);
    if (descriptor === undefined) return errnoOf(frame.noSocket(fd));
    if ((flags & ~RIFLAGS) !== 0) return errnoOf(-EINVAL);
    if (!memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
    if (outFlags !== 0 && !memory.holds(outFlags, SHORT_SIZE)) return errnoOf(-EFAULT);
    const found = frame.look(vectors, count);
    if (found < 0) return errnoOf(found);
    // A datagram that is longer than its room says so; of a stream MSG_TRUNC would throw bytes away.
    const truncates = descriptor.type === SOCK.STREAM ? 0 : MSG.TRUNC;
    const bits = RECEIVE_FLAGS[flags]! | truncates;
    const { size } = frame;
    const result =
      found === 1
        ? this.#receiveOne(fd, frame.buffer, size, bits, name, port)
        : this.#receiveMany(fd, vectors, bits, count, name, port);
    return typeof result === "number"
      ? this.#received(result, size, out, outFlags)
      : result.then((later) => this.#received(later, size, out, outFlags));
  }

  #received(result: number, size: number, out: number, outFlags: number): number {
    if (result < 0) return errnoOf(result);
    this.#frame.give(out, Math.min(result, size));
    const { memory } = this.#frame;
    if (outFlags !== 0 && memory.holds(outFlags, SHORT_SIZE)) {
      memory.setInt16(outFlags, result > size ? preview1.ROFLAGS_TRUNCATED : 0);
    }
    return 0;
  }

  /**
   * sendmsg(2): an error number.
   *
   * @param flags of sock_send, of which there are none
   * @param name pointer to an address, 0 where there is none
   * @param port its port
   * @param out pointer to where the number of bytes goes
   */
  send(
    fd: number,
    vectors: number,
    count: number,
    flags: number,
    name: number,
    port: number,
    out: number,
  ): Result {
    const frame = this.#frame;
    if (frame.socket(fd) === undefined) return errnoOf(frame.noSocket(fd));
    if (flags !== 0) return errnoOf(-EINVAL);
    if (!frame.memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
    const found = frame.look(vectors, count);
    if (found < 0) return errnoOf(found);
    const result =
      found === 1
        ? this.#sendOne(fd, frame.buffer, frame.size, 0, name, port)
        : this.#sendMany(fd, vectors, 0, count, name, port);
    return typeof result === "number"
      ? this.#sent(result, out)
      : result.then((later) => this.#sent(later, out));
  }

  #sent(result: number, out: number): number {
    if (result < 0) return errnoOf(result);
    this.#frame.give(out, result);
    return 0;
  }
}

/** What all ABIs have. */
export function transferCalls(frame: Frame, transfer: Transfer) {
  const { memory } = frame;
  return {
    sock_recv(
      fd: number,
      vectors: number,
      count: number,
      flags: number,
      out: number,
      outFlags: number,
    ): Result {
      if (!memory.holds(outFlags, SHORT_SIZE)) return errnoOf(-EFAULT);
      return transfer.receive(fd, vectors, count, flags, 0, 0, out, outFlags);
    },

    sock_send(fd: number, vectors: number, count: number, flags: number, out: number): Result {
      return transfer.send(fd, vectors, count, flags, 0, 0, out);
    },
  };
}
