// What `open()` gives: every call that has to wait blocks the thread, as in C.

import type { Address } from "../address.js";
import type { GuestOptions } from "../guest.js";
import type { Platform } from "../platform/index.js";
import { Blocking } from "../wait/blocking.js";
import type { Waker } from "../waker.js";
import {
  ask,
  answerOf,
  nameOf,
  type AddressInfo,
  type AddressInfoHints,
  type NameInfo,
} from "./addrinfo.js";
import { BaseNet } from "./base.js";
import type { IncomingMessage, OutgoingMessage, ReceivedMessage } from "./message.js";
import { epollResults, poll, type EpollResult, type PollRequest, type PollResult } from "./poll.js";
import {
  messageFlags,
  types,
  type Flags,
  type MessageFlag,
  type NameInfoFlag,
  type TypeFlag,
} from "./symbols.js";

/** Options of `open`. */
export interface OpenOptions extends GuestOptions {
  /** The descriptor of a Waker, by which another thread ends a blocked call with EINTR. */
  readonly wake?: Waker["descriptor"] | undefined;
}

/** BSD sockets. Every call that has to wait blocks the thread, as in C. */
export class Net extends BaseNet {
  /**
   * @param options permissions and limits; everything is allowed where `allow` is absent
   * @param platform the machine, this one where it is absent
   * @internal
   */
  constructor({ wake, ...options }: OpenOptions = {}, platform?: Platform) {
    super(options, ({ descriptors }) => new Blocking(descriptors, wake), platform);
  }

  /**
   * Connects to an address, connect(2), and waits until it is done unless the socket is non-blocking.
   *
   * @throws SocketError ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EACCES, EINPROGRESS (non-blocking)…;
   *   TypeError, RangeError for an address that is none
   */
  connect(fd: number, address: Address): void {
    this.caller.expect("connect", this.calls.connect(fd, address), { address });
  }

  /**
   * Accepts a connection, accept(2), and waits for one unless the socket is non-blocking.
   *
   * @returns the connection's descriptor
   * @throws SocketError EAGAIN (non-blocking, or after SO_RCVTIMEO), EINVAL, EMFILE…
   */
  accept(fd: number): number {
    return this.accept4(fd, null);
  }

  /**
   * Accepts a connection, accept4(2).
   *
   * @param flags modifiers for the new descriptor
   * @returns the connection's descriptor
   * @throws SocketError as `accept`
   */
  accept4(fd: number, flags: Flags<TypeFlag>): number {
    return this.caller.expect("accept", this.calls.accept4(fd, types.encodeFlags(flags)));
  }

  /**
   * Sends bytes on a connection, send(2). A blocking stream takes all of them. No signal is raised.
   *
   * @returns how many bytes were taken, or -1 with `errno` EPIPE, ECONNRESET, EAGAIN, EMSGSIZE…
   */
  send(fd: number, bytes: Uint8Array, flags: Flags<MessageFlag> = null): number {
    const bits = flags === null ? 0 : messageFlags.encodeFlags(flags);
    return this.caller.count(this.calls.send(fd, bytes, bits));
  }

  /**
   * Receives bytes, recv(2), and waits for some unless the socket is non-blocking.
   *
   * @param bytes where they go; a view from `buffer` is filled by the kernel itself
   * @returns how many bytes came, 0 at the end of a stream, or -1 with `errno` EAGAIN, ECONNRESET…
   */
  recv(fd: number, bytes: Uint8Array, flags: Flags<MessageFlag> = null): number {
    const bits = flags === null ? 0 : messageFlags.encodeFlags(flags);
    return this.caller.count(this.calls.recv(fd, bytes, bits));
  }

  /**
   * Sends bytes to an address, sendto(2).
   *
   * @param address where to, null for the address that the socket is connected to
   * @returns how many bytes were taken, or -1 with `errno` EACCES, EMSGSIZE, ENETUNREACH…
   * @throws TypeError, RangeError for an address that is none
   */
  sendto(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag>,
    address: Address | null,
  ): number {
    return this.caller.count(
      this.calls.sendto(fd, bytes, messageFlags.encodeFlags(flags), address),
    );
  }

  /**
   * Receives bytes and who sent them, recvfrom(2).
   *
   * @returns the count and the sender's address, null where the socket is a stream; or false and null
   *   with `errno` EAGAIN, ECONNREFUSED…
   */
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag> = null,
  ): [count: number, address: Address | null] | [count: false, address: null] {
    const count = this.caller.count(
      this.calls.recvfrom(fd, bytes, messageFlags.encodeFlags(flags)),
    );
    return count < 0 ? [false, null] : [count, this.caller.decodeAddress()];
  }

  /**
   * Sends part of a file that `preopens` opened, sendfile(2).
   *
   * @param offset where in the file, null for its own position, which then moves
   * @param count how many bytes at most
   * @returns how many bytes were taken, 0 at the end of the file, or -1 with `errno` EPIPE, EINVAL…
   */
  sendfile(fd: number, file: number, offset: number | null, count: number): number {
    return this.caller.count(this.calls.sendfile(fd, file, offset, count));
  }

  /**
   * Sends a message, sendmsg(2): bytes from several places, an address, control messages.
   *
   * @returns how many bytes were taken, or -1 with `errno` as `sendto`
   * @throws TypeError, RangeError for an address or a control message that is none
   */
  sendmsg(fd: number, message: OutgoingMessage, flags: Flags<MessageFlag> = null): number {
    return this.caller.count(this.calls.sendmsg(fd, message, messageFlags.encodeFlags(flags)));
  }

  /**
   * Receives a message, recvmsg(2): bytes into several places, an address, control messages. Descriptors
   * that come with it get numbers of this net; those that do not fit are closed, and "ctrunc" says so.
   *
   * @param message where its bytes go, and how many bytes of control data to take
   * @returns the message, or null with `errno` as `recvfrom`
   */
  recvmsg(
    fd: number,
    message: IncomingMessage,
    flags: Flags<MessageFlag> = null,
  ): ReceivedMessage | null {
    return this.caller.found(this.calls.recvmsg(fd, message, messageFlags.encodeFlags(flags)));
  }

  /**
   * Sends up to 64 messages by one system call, sendmmsg(2).
   *
   * @returns how many messages were sent, or -1 with `errno` as `sendto`
   */
  sendmmsg(
    fd: number,
    messages: readonly OutgoingMessage[],
    flags: Flags<MessageFlag> = null,
  ): number {
    return this.caller.count(this.calls.sendmmsg(fd, messages, messageFlags.encodeFlags(flags)));
  }

  /**
   * Receives up to 64 messages by one system call, recvmmsg(2). It waits for all of them, unless the flag
   * "waitforone" is set or time is up.
   *
   * @param timeout in milliseconds, -1 for none
   * @returns the messages that came, or null with `errno` as `recvfrom`
   */
  recvmmsg(
    fd: number,
    messages: readonly IncomingMessage[],
    flags: Flags<MessageFlag> = null,
    timeout = -1,
  ): ReceivedMessage[] | null {
    const bits = messageFlags.encodeFlags(flags);
    return this.caller.found(this.calls.recvmmsg(fd, messages, bits, timeout));
  }

  /**
   * Waits until descriptors are ready, poll(2).
   *
   * @param timeout in milliseconds, -1 for none
   * @returns those that have something to tell, none where time is up
   * @throws SocketError EINTR; TypeError for a symbol
   */
  poll(requests: readonly PollRequest[], timeout = -1): PollResult[] {
    return poll(this.caller, requests, timeout);
  }

  /**
   * Waits until a descriptor of a set is ready, epoll_wait(2).
   *
   * @param count how many events to take at most
   * @param timeout in milliseconds, -1 for none
   * @returns the events, none where time is up
   * @throws SocketError EBADF, EINVAL, EINTR
   */
  epollWait(epfd: number, count = 64, timeout = -1): EpollResult[] {
    const found = this.calls.epollWait(epfd, count, timeout);
    return epollResults(this.caller, this.caller.expect("epoll_wait", found));
  }

  /**
   * Finds the names of an address, getnameinfo(3).
   *
   * @param flags "numerichost", "numericserv", "namereqd"…
   * @throws SocketError with code EAI_NONAME, EAI_AGAIN…; TypeError for an address or a symbol
   */
  getnameinfo(address: Address, flags: Flags<NameInfoFlag> = null): NameInfo {
    return nameOf(this.caller, address, flags);
  }

  /**
   * Looks a host and a service up, getaddrinfo(3), by libc's own resolver.
   *
   * @param node a name or an address in text, null for this host
   * @param service a service name or a port in text, null for port 0
   * @param hints what is wanted; each of its members, and it itself, may be absent
   * @returns the addresses, best first
   * @throws SocketError with code EAI_NONAME, EAI_SERVICE, EAI_AGAIN…; EACCES where the policy refuses
   */
  getaddrinfo(
    node: string | null,
    service: string | null = null,
    hints: AddressInfoHints | null = null,
  ): AddressInfo[] {
    return answerOf(this.caller, node, ask(this.caller, node, service, hints));
  }
}
