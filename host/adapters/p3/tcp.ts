// wasi:sockets/types' `tcp-socket`, over the calls of tcp(7).

import { setTimeout as pause } from "node:timers/promises";
import {
  isDestination,
  isUnicast,
  suits,
  type IpAddressFamily,
  type IpSocketAddress,
} from "../../component/address.js";
import {
  HOP_LIMIT,
  KEEP_ALIVE,
  KEEP_ALIVE_COUNT,
  KEEP_ALIVE_IDLE_TIME,
  KEEP_ALIVE_INTERVAL,
  RECEIVE_BUFFER_SIZE,
  SEND_BUFFER_SIZE,
  askedSizeOf,
  durationOf,
  getOption,
  probesOf,
  secondsOf,
  setOption,
  sizeOf,
} from "../../component/option.js";
import { acceptResult } from "../../component/error.js";
import { Socket, openSocket } from "../../component/socket.js";
import type { Guest } from "../../guest.js";
import { Errno, marshal } from "../../marshal.js";
import { accept4 } from "../../syscalls/listen.js";
import { expect, failure } from "./error.js";
import { Incoming, sendAll, type ByteReader, type Source } from "./streams.js";
import { Waiting } from "./wait.js";

const { EAGAIN, ECONNABORTED, EINPROGRESS, EMFILE, ENFILE, ENOBUFS, ENOMEM } = Errno;
const { POLL, SOCK } = marshal;

/** How many connections wait to be accepted where nobody has said. */
const BACKLOG = 128;
/** The largest backlog that an int says. */
const LARGEST_BACKLOG = 0x7fffffffn;
/** How long a listener waits for a descriptor or memory, in milliseconds. */
const PAUSE = 50;
/** What it waits for so: the connection stays in the queue meanwhile. */
const SHORTAGES: readonly number[] = [EMFILE, ENFILE, ENOBUFS, ENOMEM];

type State = "unbound" | "bound" | "listening" | "connecting" | "connected" | "closed";

/** wasi:sockets/types' `tcp-socket`. */
export class TcpSocket {
  readonly #socket: Socket;
  #state: State;
  #backlog = BACKLOG;
  #sends = false;
  #receives = false;

  /** @internal */
  constructor(socket: Socket, state: State = "unbound") {
    this.#socket = socket;
    this.#state = state;
  }

  /** Opens one, socket(2). @internal */
  static open(guest: Guest, family: IpAddressFamily): TcpSocket {
    const socket = openSocket(guest, family, "stream");
    if (typeof socket !== "number") return new TcpSocket(socket);
    expect(socket);
    throw new RangeError(`${socket} is no error`);
  }

  /**
   * Binds, bind(2).
   *
   * @throws Failure of an `error-code`
   */
  bind(local: IpSocketAddress): void {
    if (this.#state !== "unbound") throw failure("invalid-state");
    if (!suits(this.#socket.family, local) || !isUnicast(local)) throw failure("invalid-argument");
    expect(this.#socket.bind(local));
    this.#state = "bound";
  }

  /**
   * Connects, connect(2). Whatever it fails of, the socket is closed then.
   *
   * @throws Failure of an `error-code`
   */
  async connect(remote: IpSocketAddress): Promise<void> {
    if (this.#state !== "unbound" && this.#state !== "bound") throw failure("invalid-state");
    this.#state = "closed"; // unless it succeeds
    if (!suits(this.#socket.family, remote) || !isUnicast(remote) || !isDestination(remote)) {
      throw failure("invalid-argument");
    }
    const result = this.#socket.connect(remote);
    if (result === -EINPROGRESS) {
      this.#state = "connecting";
      const woken = await new Waiting(this.#socket.descriptor, POLL.OUT).ready();
      this.#state = "closed";
      expect(woken);
      expect(this.#socket.connected());
    } else expect(result);
    this.#state = "connected";
  }

  /**
   * Listens, listen(2); a socket that is not bound gets a port of the kernel's choice.
   *
   * @returns the connections that are accepted
   * @throws Failure of an `error-code`
   */
  listen(): Source<TcpSocket> {
    if (this.#state !== "unbound" && this.#state !== "bound") throw failure("invalid-state");
    const result = this.#socket.listen(this.#backlog);
    if (result < 0) this.#state = "closed";
    expect(result);
    this.#state = "listening";
    return new Accepted(this.#socket);
  }

  /**
   * Sends a stream to its end, and then ends this direction of the connection.
   *
   * @returns settled once all is sent
   * @throws Failure of an `error-code`: invalid-state where it is not connected, or has sent before
   */
  async send(data: ByteReader): Promise<void> {
    if (this.#state !== "connected" || this.#sends) {
      data[Symbol.dispose]?.();
      throw failure("invalid-state");
    }
    this.#sends = true;
    await sendAll(this.#socket, data);
  }

  /**
   * Receives what the peer sends.
   *
   * @returns the bytes; and settled once no more come, where it fails with an `error-code`: invalid-state where
   *   the socket is not connected, or was received from before
   */
  receive(): [Source<Uint8Array>, Promise<void>] {
    if (this.#state !== "connected" || this.#receives) {
      const refused = Promise.reject<undefined>(failure("invalid-state"));
      refused.catch(() => undefined); // a component may never ask
      return [nothing(), refused];
    }
    this.#receives = true;
    const incoming = new Incoming(this.#socket);
    return [incoming, incoming.ended];
  }

  /** The address that it is bound to, getsockname(2). */
  getLocalAddress(): IpSocketAddress {
    const unbound = this.#state === "unbound" || this.#state === "closed";
    const local = unbound ? undefined : this.#socket.localAddress();
    if (local === undefined) throw failure("invalid-state");
    return local;
  }

  /** The address that it is connected to, getpeername(2). */
  getRemoteAddress(): IpSocketAddress {
    const remote = this.#state === "connected" ? this.#socket.remoteAddress() : undefined;
    if (remote === undefined) throw failure("invalid-state");
    return remote;
  }

  /** SO_ACCEPTCONN. */
  getIsListening(): boolean {
    return this.#state === "listening";
  }

  /** SO_DOMAIN. */
  getAddressFamily(): IpAddressFamily {
    return this.#socket.family;
  }

  /** How many connections may wait to be accepted; not 0. */
  setListenBacklogSize(size: bigint): void {
    if (size === 0n) throw failure("invalid-argument");
    if (["connecting", "connected", "closed"].includes(this.#state)) throw failure("invalid-state");
    this.#backlog = Number(size < LARGEST_BACKLOG ? size : LARGEST_BACKLOG);
    if (this.#state === "listening") expect(this.#socket.listen(this.#backlog));
  }

  /** SO_KEEPALIVE. */
  getKeepAliveEnabled(): boolean {
    return this.#get(KEEP_ALIVE) !== 0;
  }

  setKeepAliveEnabled(value: boolean): void {
    this.#set(KEEP_ALIVE, value ? 1 : 0);
  }

  /** TCP_KEEPIDLE, in nanoseconds of whole seconds; not 0. */
  getKeepAliveIdleTime(): bigint {
    return durationOf(this.#get(KEEP_ALIVE_IDLE_TIME));
  }

  setKeepAliveIdleTime(duration: bigint): void {
    this.#set(KEEP_ALIVE_IDLE_TIME, secondsOf(duration));
  }

  /** TCP_KEEPINTVL, in nanoseconds of whole seconds; not 0. */
  getKeepAliveInterval(): bigint {
    return durationOf(this.#get(KEEP_ALIVE_INTERVAL));
  }

  setKeepAliveInterval(duration: bigint): void {
    this.#set(KEEP_ALIVE_INTERVAL, secondsOf(duration));
  }

  /** TCP_KEEPCNT; not 0. */
  getKeepAliveCount(): number {
    return this.#get(KEEP_ALIVE_COUNT);
  }

  setKeepAliveCount(count: number): void {
    this.#set(KEEP_ALIVE_COUNT, probesOf(count));
  }

  /** IP_TTL or IPV6_UNICAST_HOPS; not 0. */
  getHopLimit(): number {
    return this.#get(HOP_LIMIT);
  }

  setHopLimit(limit: number): void {
    this.#set(HOP_LIMIT, limit);
  }

  /** SO_RCVBUF, in bytes as they were asked for; not 0. */
  getReceiveBufferSize(): bigint {
    return askedSizeOf(this.#get(RECEIVE_BUFFER_SIZE));
  }

  setReceiveBufferSize(size: bigint): void {
    this.#set(RECEIVE_BUFFER_SIZE, sizeOf(size));
  }

  /** SO_SNDBUF, in bytes as they were asked for; not 0. */
  getSendBufferSize(): bigint {
    return askedSizeOf(this.#get(SEND_BUFFER_SIZE));
  }

  setSendBufferSize(size: bigint): void {
    this.#set(SEND_BUFFER_SIZE, sizeOf(size));
  }

  /** The component drops it: what still sends, receives or accepts goes on. */
  [Symbol.dispose](): void {
    this.#state = "closed";
    this.#socket.release();
  }

  #get(option: typeof KEEP_ALIVE): number {
    return expect(getOption(this.#socket, option));
  }

  #set(option: typeof KEEP_ALIVE, value: number): void {
    if (value === 0 && option !== KEEP_ALIVE) throw failure("invalid-argument");
    expect(setOption(this.#socket, option, value));
  }
}

/** A stream that has ended. */
function nothing(): Source<Uint8Array> {
  const source: Source<Uint8Array> = {
    next: () => Promise.resolve({ done: true, value: undefined }),
    return: () => Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => source,
  };
  return source;
}

/** The connections of a listener: each is accepted when it is asked for. */
class Accepted implements Source<TcpSocket> {
  readonly #socket: Socket;
  readonly #waiting: Waiting;
  #done = false;

  constructor(socket: Socket) {
    this.#socket = socket.hold();
    this.#waiting = new Waiting(socket.descriptor, POLL.IN);
  }

  /** Accepts a connection, accept(2). One that is lost on the way ends nothing. */
  async next(): Promise<IteratorResult<TcpSocket, undefined>> {
    const { guest, descriptor, family } = this.#socket;
    while (!this.#done) {
      const fd = acceptResult(accept4(guest, descriptor, SOCK.NONBLOCK));
      if (fd >= 0) {
        return { done: false, value: new TcpSocket(new Socket(guest, fd, family), "connected") };
      }
      if (fd === -EAGAIN) await this.#waiting.ready();
      else if (SHORTAGES.includes(-fd)) await pause(PAUSE);
      else if (fd !== -ECONNABORTED) void this.return();
    }
    return { done: true, value: undefined };
  }

  /** The component accepts no more. */
  return(): Promise<IteratorResult<TcpSocket, undefined>> {
    if (!this.#done) {
      this.#done = true;
      this.#waiting.cancel();
      this.#socket.release();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
