// The calls that can wait, one try of each: from TypeScript's values to what build/sockets.wasm returns. Who
// calls them decides what a failure becomes, and whether to try again.

import type { Address } from "../address.js";
import type { DescriptorTable } from "../descriptors.js";
import type { Caller } from "./caller.js";
import {
  receiveMessage,
  receiveMessages,
  sendMessage,
  sendMessages,
  type IncomingMessage,
  type OutgoingMessage,
  type ReceivedMessage,
} from "./message.js";
import { epollWait } from "./poll.js";

/** Numbers are counts and descriptors, or -1 with the error number in the instance's errno. */
export class Calls {
  readonly #caller: Caller;
  readonly #descriptors: DescriptorTable;

  /**
   * @param caller the caller's side of the instance
   * @param descriptors the sockets that it opens
   */
  constructor(caller: Caller, descriptors: DescriptorTable) {
    this.#caller = caller;
    this.#descriptors = descriptors;
  }

  /** connect(2). */
  connect(fd: number, address: Address): number {
    const { wasm } = this.#caller;
    const length = this.#caller.encodeAddress(address);
    return wasm.connect(fd, wasm.address, length);
  }

  /** accept4(2). */
  accept4(fd: number, modifiers: number): number {
    return this.#caller.wasm.accept4(fd, 0, 0, modifiers);
  }

  /** send(2). */
  send(fd: number, bytes: Uint8Array, flags: number): number {
    return this.#caller.wasm.send(fd, this.#outgoing(fd, bytes, flags), bytes.length, flags);
  }

  /** recv(2). */
  recv(fd: number, bytes: Uint8Array, flags: number): number {
    const at = this.#room(bytes, flags);
    const count = this.#caller.wasm.recv(fd, at, bytes.length, flags);
    this.#caller.pool.unstage(bytes, at, count);
    return count;
  }

  /** sendto(2). */
  sendto(fd: number, bytes: Uint8Array, flags: number, address: Address | null): number {
    const { wasm } = this.#caller;
    const length = address === null ? 0 : this.#caller.encodeAddress(address);
    const to = address === null ? 0 : wasm.address;
    const at = this.#outgoing(fd, bytes, flags);
    return wasm.sendto(fd, at, bytes.length, flags, to, length);
  }

  /** recvfrom(2): the sender is left for Caller.decodeAddress. */
  recvfrom(fd: number, bytes: Uint8Array, flags: number): number {
    const { wasm, pool } = this.#caller;
    const at = this.#room(bytes, flags);
    this.#caller.expectAddress();
    const count = wasm.recvfrom(fd, at, bytes.length, flags, wasm.address, wasm.length);
    pool.unstage(bytes, at, count);
    return count;
  }

  /** sendfile(2). */
  sendfile(fd: number, file: number, offset: number | null, count: number): number {
    const { wasm, pool } = this.#caller;
    if (offset !== null) pool.setLong(wasm.block, offset);
    return wasm.sendfile(fd, file, offset === null ? 0 : wasm.block, count);
  }

  /** sendmsg(2). */
  sendmsg(fd: number, message: OutgoingMessage, flags: number): number {
    return sendMessage(this.#caller, fd, message, flags, this.#zeroCopies(fd, flags));
  }

  /** recvmsg(2): the message, or null. */
  recvmsg(fd: number, message: IncomingMessage, flags: number): ReceivedMessage | null {
    return receiveMessage(this.#caller, fd, message, flags);
  }

  /** sendmmsg(2). */
  sendmmsg(fd: number, messages: readonly OutgoingMessage[], flags: number): number {
    return sendMessages(this.#caller, fd, messages, flags, this.#zeroCopies(fd, flags));
  }

  /** recvmmsg(2): the messages, or null. */
  recvmmsg(
    fd: number,
    messages: readonly IncomingMessage[],
    flags: number,
    timeout: number,
  ): ReceivedMessage[] | null {
    return receiveMessages(this.#caller, fd, messages, flags, timeout);
  }

  /** epoll_wait(2): the events are left for `epollResults`. */
  epollWait(epfd: number, count: number, timeout: number): number {
    return epollWait(this.#caller, epfd, count, timeout);
  }

  /** Whether the kernel may read what is sent after the call: MSG_ZEROCOPY counts where the option is set. */
  #zeroCopies(fd: number, flags: number): boolean {
    if ((flags & this.#caller.wasm.MSG.ZEROCOPY) === 0) return false;
    return this.#descriptors.get(fd)?.zeroCopies ?? false;
  }

  /** Where bytes are sent from. */
  #outgoing(fd: number, bytes: Uint8Array, flags: number): number {
    const { pool } = this.#caller;
    return this.#zeroCopies(fd, flags) ? pool.pin(bytes) : pool.stage(bytes);
  }

  /** Where bytes are received. With MSG_TRUNC a stream counts and writes none: what is there must be theirs. */
  #room(bytes: Uint8Array, flags: number): number {
    const { pool, wasm } = this.#caller;
    return (flags & wasm.MSG.TRUNC) !== 0 ? pool.stage(bytes) : pool.room(bytes);
  }
}
