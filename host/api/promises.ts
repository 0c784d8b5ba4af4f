// What `open()` of wasi-sockets/promises gives: every call that has to wait returns a promise, which the event
// loop settles. Nothing blocks the thread.

import type { Address } from "../address.js";
import type { ErrorContext } from "../error.js";
import type { GuestOptions } from "../guest.js";
import { Errno, marshal } from "../marshal.js";
import { isPending } from "../pending.js";
import type { Platform } from "../platform/index.js";
import type { Watched } from "../reactor.js";
import {
  ACCEPT,
  CONNECT,
  EPOLL_WAIT,
  RECEIVE,
  RECVMMSG,
  SEND,
  SENDFILE,
  SENDMMSG,
  type Plan,
} from "../wait/plan.js";
import { finish, finishPoll, isFinal, type Started } from "../wait/suspending.js";
import { Unfinished } from "../wait/unfinished.js";
import {
  answerOf,
  ask,
  lookUpErrno,
  nameOf,
  type AddressInfo,
  type AddressInfoHints,
  type NameInfo,
} from "./addrinfo.js";
import { BaseNet } from "./base.js";
import {
  bytesOf,
  messageRest,
  type IncomingMessage,
  type OutgoingMessage,
  type ReceivedMessage,
} from "./message.js";
import { epollResults, poll, type EpollResult, type PollRequest, type PollResult } from "./poll.js";
import {
  messageFlags,
  pollEvents,
  types,
  type Flags,
  type MessageFlag,
  type NameInfoFlag,
  type TypeFlag,
} from "./symbols.js";

const { EINTR } = Errno;
const { SOCK } = marshal;

/** What every call that can wait takes as its last argument. */
export interface WaitOptions {
  /**
   * Ends the wait: the promise is rejected with the signal's reason, and the socket is as it was. A call that
   * has moved some bytes by then gives their count instead, as an interrupted one does in C.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * BSD sockets on the event loop. A failure always rejects: `errno` is the last one of this net, and between a
 * call and its `await` there may have been another.
 */
export class AsyncNet extends BaseNet {
  readonly #wait: Unfinished;

  /**
   * @param options permissions and limits; everything is allowed where `allow` is absent
   * @param platform the machine, this one where it is absent
   * @internal
   */
  constructor(options: GuestOptions = {}, platform?: Platform) {
    const wait = new Unfinished();
    super(options, () => wait, platform);
    this.#wait = wait;
  }

  /**
   * Connects to an address, connect(2). After an aborted call the connection goes on: another one waits for it.
   *
   * @throws SocketError ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EACCES, EINPROGRESS (non-blocking, or after
   *   SO_SNDTIMEO)…; TypeError, RangeError for an address that is none
   */
  async connect(fd: number, address: Address, options?: WaitOptions): Promise<void> {
    const attempt = () => this.#code(this.calls.connect(fd, address));
    await this.#finish("connect", () => started(CONNECT, attempt, fd), options, { address });
  }

  /**
   * Accepts a connection, accept(2).
   *
   * @returns the connection's descriptor
   * @throws SocketError EAGAIN (non-blocking, or after SO_RCVTIMEO), EINVAL, EMFILE…
   */
  accept(fd: number, options?: WaitOptions): Promise<number> {
    return this.accept4(fd, null, options);
  }

  /**
   * Accepts a connection, accept4(2).
   *
   * @param flags modifiers for the new descriptor
   * @returns the connection's descriptor
   * @throws SocketError as `accept`
   */
  accept4(fd: number, flags: Flags<TypeFlag>, options?: WaitOptions): Promise<number> {
    const begin = () => {
      const modifiers = types.encodeFlags(flags);
      const attempt = () => this.#code(this.calls.accept4(fd, modifiers));
      return started(ACCEPT, attempt, fd);
    };
    return this.#finish("accept", begin, options);
  }

  /**
   * Sends bytes on a connection, send(2). A stream takes all of them, unless it is non-blocking. They must not
   * change before the promise is settled.
   *
   * @returns how many bytes were taken
   * @throws SocketError EPIPE, ECONNRESET, EAGAIN, EMSGSIZE…
   */
  send(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag> = null,
    options?: WaitOptions,
  ): Promise<number> {
    const begin = () => {
      const bits = messageFlags.encodeFlags(flags);
      const attempt = (done: number) => this.#code(this.calls.send(fd, behind(bytes, done), bits));
      return started(SEND, attempt, fd, bytes.length, bits);
    };
    return this.#finish("send", begin, options);
  }

  /**
   * Receives bytes, recv(2).
   *
   * @param bytes where they go; nothing is written there before something has come
   * @returns how many bytes came, 0 at the end of a stream
   * @throws SocketError ECONNRESET, EAGAIN (non-blocking, or after SO_RCVTIMEO)…
   */
  recv(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag> = null,
    options?: WaitOptions,
  ): Promise<number> {
    const begin = () => {
      const bits = messageFlags.encodeFlags(flags);
      const attempt = (done: number) => this.#code(this.calls.recv(fd, behind(bytes, done), bits));
      return started(RECEIVE, attempt, fd, bytes.length, bits);
    };
    return this.#finish("recv", begin, options);
  }

  /**
   * Sends bytes to an address, sendto(2).
   *
   * @param address where to, null for the address that the socket is connected to
   * @returns how many bytes were taken
   * @throws SocketError EACCES, EMSGSIZE, ENETUNREACH…; TypeError, RangeError for an address that is none
   */
  sendto(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag>,
    address: Address | null,
    options?: WaitOptions,
  ): Promise<number> {
    const begin = () => {
      const bits = messageFlags.encodeFlags(flags);
      const attempt = (done: number) =>
        this.#code(this.calls.sendto(fd, behind(bytes, done), bits, address));
      return started(SEND, attempt, fd, bytes.length, bits);
    };
    return this.#finish("sendto", begin, options, { address: address ?? undefined });
  }

  /**
   * Receives bytes and who sent them, recvfrom(2).
   *
   * @returns the count and the sender's address, null where the socket is a stream
   * @throws SocketError as `recv`, ECONNREFUSED…
   */
  async recvfrom(
    fd: number,
    bytes: Uint8Array,
    flags: Flags<MessageFlag> = null,
    options?: WaitOptions,
  ): Promise<[count: number, address: Address | null]> {
    const bits = messageFlags.encodeFlags(flags);
    let address: Address | null = null;
    const attempt = (done: number) => {
      const count = this.calls.recvfrom(fd, behind(bytes, done), bits);
      if (count >= 0) address = this.caller.decodeAddress();
      return this.#code(count);
    };
    const begin = () => started(RECEIVE, attempt, fd, bytes.length, bits);
    return [await this.#finish("recvfrom", begin, options), address];
  }

  /**
   * Sends part of a file that `preopens` opened, sendfile(2).
   *
   * @param offset where in the file, null for its own position, which then moves
   * @param count how many bytes at most
   * @returns how many bytes were taken, 0 at the end of the file
   * @throws SocketError EPIPE, EINVAL…
   */
  sendfile(
    fd: number,
    file: number,
    offset: number | null,
    count: number,
    options?: WaitOptions,
  ): Promise<number> {
    const attempt = (done: number) =>
      this.#code(
        this.calls.sendfile(fd, file, offset === null ? null : offset + done, count - done),
      );
    return this.#finish("sendfile", () => started(SENDFILE, attempt, fd, 0, count), options);
  }

  /**
   * Sends a message, sendmsg(2). Its bytes must not change before the promise is settled.
   *
   * @returns how many bytes were taken
   * @throws SocketError as `sendto`; TypeError, RangeError for an address or a control message that is none
   */
  sendmsg(
    fd: number,
    message: OutgoingMessage,
    flags: Flags<MessageFlag> = null,
    options?: WaitOptions,
  ): Promise<number> {
    const begin = () => {
      const bits = messageFlags.encodeFlags(flags);
      const attempt = (done: number) =>
        this.#code(this.calls.sendmsg(fd, messageRest(message, done), bits));
      return started(SEND, attempt, fd, bytesOf(message), bits);
    };
    return this.#finish("sendmsg", begin, options);
  }

  /**
   * Receives a message, recvmsg(2).
   *
   * @param message where its bytes go, and how many bytes of control data to take
   * @throws SocketError as `recvfrom`
   */
  async recvmsg(
    fd: number,
    message: IncomingMessage,
    flags: Flags<MessageFlag> = null,
    options?: WaitOptions,
  ): Promise<ReceivedMessage> {
    const bits = messageFlags.encodeFlags(flags);
    let received: ReceivedMessage | null = null;
    const attempt = (done: number) => {
      const found = this.calls.recvmsg(fd, messageRest(message, done), bits);
      received = found ?? received;
      return this.#code(found === null ? -1 : found.count);
    };
    // What comes with control data is whole, as RECVMSG of the plans says.
    const plan: Plan = {
      ...RECEIVE,
      goesOn: (socket, done, size, d) =>
        received!.control.length === 0 && RECEIVE.goesOn(socket, done, size, d),
    };
    const begin = () => started(plan, attempt, fd, bytesOf(message), bits);
    const count = await this.#finish("recvmsg", begin, options);
    return { ...received!, count };
  }

  /**
   * Sends up to 64 messages, sendmmsg(2): by one system call, but on a stream, where each is sent whole.
   *
   * @returns how many messages were sent
   * @throws SocketError as `sendto`, where not even one was
   */
  async sendmmsg(
    fd: number,
    messages: readonly OutgoingMessage[],
    flags: Flags<MessageFlag> = null,
    options?: WaitOptions,
  ): Promise<number> {
    const bits = messageFlags.encodeFlags(flags);
    if (this.guest.descriptors.get(fd)?.type === SOCK.STREAM) {
      return this.#sendEach(fd, messages, flags, options);
    }
    const attempt = (done: number) =>
      this.#code(this.calls.sendmmsg(fd, messages.slice(done), bits));
    const begin = () => started(SENDMMSG, attempt, fd, messages.length, bits);
    return await this.#finish("sendmmsg", begin, options);
  }

  /**
   * Receives up to 64 messages, recvmmsg(2). It waits for all of them, unless the flag "waitforone" is set or
   * time is up.
   *
   * @param timeout in milliseconds, -1 for none
   * @returns the messages that came
   * @throws SocketError as `recvfrom`, where none came
   */
  async recvmmsg(
    fd: number,
    messages: readonly IncomingMessage[],
    flags: Flags<MessageFlag> = null,
    timeout = -1,
    options?: WaitOptions,
  ): Promise<ReceivedMessage[]> {
    const bits = messageFlags.encodeFlags(flags);
    const received: ReceivedMessage[] = [];
    const attempt = (done: number) => {
      const found = this.calls.recvmmsg(fd, messages.slice(done), bits, timeout);
      if (found !== null) received.push(...found);
      return this.#code(found === null ? -1 : found.length);
    };
    const begin = () => started(RECVMMSG, attempt, fd, messages.length, bits, timeout);
    await this.#finish("recvmmsg", begin, options);
    return received;
  }

  /**
   * Waits until descriptors are ready, poll(2).
   *
   * @param timeout in milliseconds, -1 for none
   * @returns those that have something to tell, none where time is up
   * @throws SocketError; TypeError for a symbol
   */
  async poll(
    requests: readonly PollRequest[],
    timeout = -1,
    { signal }: WaitOptions = {},
  ): Promise<PollResult[]> {
    signal?.throwIfAborted();
    let found: PollResult[] = [];
    const look = () => (found = poll(this.caller, requests, 0)).length;
    if (look() === 0 && timeout !== 0) {
      const result = await finishPoll(look, () => this.#watched(requests), timeout, signal);
      this.#expect("poll", result, signal);
    }
    return found;
  }

  /**
   * Waits until a descriptor of a set is ready, epoll_wait(2).
   *
   * @param count how many events to take at most
   * @param timeout in milliseconds, -1 for none
   * @returns the events, none where time is up
   * @throws SocketError EBADF, EINVAL
   */
  async epollWait(
    epfd: number,
    count = 64,
    timeout = -1,
    options?: WaitOptions,
  ): Promise<EpollResult[]> {
    let events: EpollResult[] = [];
    const attempt = () => {
      const found = this.calls.epollWait(epfd, count, timeout);
      if (found > 0) events = epollResults(this.caller, found);
      return this.#code(found);
    };
    const begin = () => started(EPOLL_WAIT, attempt, epfd, count, timeout);
    await this.#finish("epoll_wait", begin, options);
    return events;
  }

  /**
   * Finds the names of an address, getnameinfo(3).
   *
   * @param flags "numerichost", "numericserv", "namereqd"…
   * @throws SocketError with code EAI_NONAME, EAI_AGAIN…; TypeError for an address or a symbol
   */
  getnameinfo(address: Address, flags: Flags<NameInfoFlag> = null): Promise<NameInfo> {
    return new Promise((resolve) => {
      resolve(nameOf(this.caller, address, flags));
    });
  }

  /**
   * Looks a host and a service up, getaddrinfo(3), by libc's own resolver.
   *
   * @param node a name or an address in text, null for this host
   * @param service a service name or a port in text, null for port 0
   * @param hints what is wanted; each of its members, and it itself, may be absent
   * @returns the addresses, best first
   * @throws SocketError with code EAI_NONAME, EAI_SERVICE, EAI_AGAIN, also where 64 look-ups are under way…; EACCES
   *   where the policy refuses
   */
  async getaddrinfo(
    node: string | null,
    service: string | null = null,
    hints: AddressInfoHints | null = null,
    { signal }: WaitOptions = {},
  ): Promise<AddressInfo[]> {
    signal?.throwIfAborted();
    const take = (result: number) => {
      if (lookUpErrno(this.caller, result) === EINTR) signal?.throwIfAborted();
      return answerOf(this.caller, node, result);
    };
    const result = ask(this.caller, node, service, hints);
    return isPending(result) ? this.#wait.finishLookUp(take, signal) : take(result);
  }

  /** The result of an attempt as host/wait has it: the call's, -errno, or pending. */
  #code(result: number): number {
    return result < 0 ? -this.caller.wasm.errno() : result;
  }

  /**
   * Tries a call, and where that is not enough again whenever the event loop says that it may be done.
   *
   * @param begin makes the call of the caller's arguments: it runs in here, so that a bad one rejects
   */
  async #finish(
    syscall: string,
    begin: () => Started,
    { signal }: WaitOptions = {},
    context?: ErrorContext,
  ): Promise<number> {
    const call = begin();
    signal?.throwIfAborted();
    const { descriptors } = this.guest;
    let result = call.attempt(0);
    if (!isFinal(descriptors, call.plan, call.fd, call.c, call.d, result)) {
      result = await finish(descriptors, call, result, signal);
    }
    return this.#expect(syscall, result, signal, context);
  }

  #expect(
    syscall: string,
    result: number,
    signal: AbortSignal | undefined,
    context?: ErrorContext,
  ): number {
    if (result >= 0) return result;
    if (result === -EINTR) signal?.throwIfAborted();
    throw this.caller.error(syscall, -result, context);
  }

  /** Sends messages on a stream, each of them whole. */
  async #sendEach(
    fd: number,
    messages: readonly OutgoingMessage[],
    flags: Flags<MessageFlag>,
    options?: WaitOptions,
  ): Promise<number> {
    let sent = 0;
    for (const message of messages) {
      try {
        const count = await this.sendmsg(fd, message, flags, options);
        sent++;
        if (count < bytesOf(message)) break;
      } catch (error) {
        if (sent === 0) throw error;
        break;
      }
    }
    return sent;
  }

  /** The sockets that poll(2) is asked about. */
  #watched(requests: readonly PollRequest[]): Watched[] {
    return requests.flatMap(({ fd, events }) => {
      const descriptor = this.guest.descriptors.get(fd);
      return descriptor ? [{ descriptor, events: pollEvents.encodeFlags(events) }] : [];
    });
  }
}

/** A call whose attempts are given: see Started. */
function started(
  plan: Plan,
  attempt: (done: number) => number,
  fd: number,
  c = 0,
  d = 0,
  e = 0,
): Started {
  return { plan, attempt, fd, c, d, e };
}

/** The bytes that are not done yet. */
function behind(bytes: Uint8Array, done: number): Uint8Array {
  return done > 0 ? bytes.subarray(done) : bytes;
}
