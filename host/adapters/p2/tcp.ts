// wasi:sockets/tcp: the states of TcpSocketOperationalSemantics.md over the calls of tcp(7).

import {
  isDestination,
  isUnicast,
  suits,
  type IpAddressFamily,
  type IpSocketAddress,
} from "../../component/address.js";
import { acceptResult } from "../../component/error.js";
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
import { Socket, openSocket, type ShutdownType } from "../../component/socket.js";
import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { accept4 } from "../../syscalls/listen.js";
import { expect, failure } from "./error.js";
import type { Host } from "./host.js";
import type { Network } from "./network.js";
import { OwnPollable, type Source } from "./poll.js";
import { Resource } from "./resource.js";
import { TcpInputStream, TcpOutputStream } from "./streams.js";

const { EINPROGRESS } = Errno;
const { POLL, SOCK } = marshal;

/** How many connections wait to be accepted where nobody has said. */
const BACKLOG = 128;
/** The largest backlog that an int says. */
const LARGEST_BACKLOG = 0x7fffffffn;

type State =
  | "unbound"
  | "bind-in-progress"
  | "bound"
  | "listen-in-progress"
  | "listening"
  | "connect-in-progress"
  | "connected"
  | "closed";

/** The states in which a socket has a local address. */
const BOUND: readonly State[] = [
  "bound",
  "listen-in-progress",
  "listening",
  "connect-in-progress",
  "connected",
];

/** A connection: the socket and its two directions. */
export type Connection = [input: TcpInputStream, output: TcpOutputStream];

/** wasi:sockets/tcp's `tcp-socket`. */
export class TcpSocket extends Resource implements Source {
  /** @internal */
  readonly deadline = Infinity;
  readonly #host: Host;
  readonly #socket: Socket;
  #state: State;
  #network: Network | undefined;
  #backlog = BACKLOG;
  #streams: Connection | undefined;

  /** @internal */
  constructor(host: Host, socket: Socket, state: State = "unbound") {
    super();
    this.#host = host;
    this.#socket = socket;
    this.#state = state;
  }

  /**
   * Binds, bind(2). The socket is bound once `finishBind` was called.
   *
   * @throws Failure of an `error-code`
   */
  startBind(network: Network, local: IpSocketAddress): void {
    this.#expectState("bind-in-progress", "unbound");
    const { family } = this.#socket;
    if (!suits(family, local) || !isUnicast(local)) throw failure("invalid-argument");
    expect(this.#socket.bind(local));
    this.#network = network;
    this.#state = "bind-in-progress";
  }

  /** Ends `startBind`. */
  finishBind(): void {
    if (this.#state !== "bind-in-progress") throw failure("not-in-progress");
    this.#state = "bound";
  }

  /**
   * Begins to connect, connect(2). Whatever it fails of, the socket is closed then.
   *
   * @throws Failure of an `error-code`
   */
  startConnect(network: Network, remote: IpSocketAddress): void {
    this.#expectState("connect-in-progress", "unbound", "bound");
    const { family } = this.#socket;
    this.#state = "closed"; // unless it succeeds
    if (!suits(family, remote) || !isUnicast(remote) || !isDestination(remote)) {
      throw failure("invalid-argument");
    }
    if (this.#network !== undefined && this.#network.host !== network.host) {
      throw failure("invalid-argument");
    }
    const result = this.#socket.connect(remote);
    if (result !== -EINPROGRESS) expect(result);
    this.#network = network;
    this.#state = "connect-in-progress";
  }

  /**
   * Ends `startConnect`.
   *
   * @returns both directions of the connection
   * @throws Failure of an `error-code`: would-block while it is under way
   */
  finishConnect(): Connection {
    if (this.#state !== "connect-in-progress") throw failure("not-in-progress");
    if (!this.#host.poller.ready(this)) throw failure("would-block");
    this.#state = "closed"; // unless it has succeeded
    expect(this.#socket.connected());
    this.#state = "connected";
    return this.#open();
  }

  /**
   * Listens, listen(2). The socket listens once `finishListen` was called.
   *
   * @throws Failure of an `error-code`
   */
  startListen(): void {
    this.#expectState("listen-in-progress", "bound");
    this.#state = "closed"; // unless it succeeds
    expect(this.#listen());
    this.#state = "listen-in-progress";
  }

  /** Ends `startListen`. */
  finishListen(): void {
    if (this.#state !== "listen-in-progress") throw failure("not-in-progress");
    this.#state = "listening";
  }

  /**
   * Accepts a connection, accept(2).
   *
   * @returns the socket, and both directions of the connection
   * @throws Failure of an `error-code`: would-block where there is none
   */
  accept(): [TcpSocket, ...Connection] {
    if (this.#state !== "listening") throw failure("invalid-state");
    const { guest, descriptor, family } = this.#socket;
    const fd = expect(acceptResult(accept4(guest, descriptor, SOCK.NONBLOCK)));
    const accepted = new TcpSocket(this.#host, new Socket(guest, fd, family), "connected");
    accepted.#network = this.#network;
    return [accepted, ...accepted.#open()];
  }

  /** The address that it is bound to, getsockname(2). */
  localAddress(): IpSocketAddress {
    const local = BOUND.includes(this.#state) ? this.#socket.localAddress() : undefined;
    if (local === undefined) throw failure("invalid-state");
    return local;
  }

  /** The address that it is connected to, getpeername(2). */
  remoteAddress(): IpSocketAddress {
    const remote = this.#state === "connected" ? this.#socket.remoteAddress() : undefined;
    if (remote === undefined) throw failure("invalid-state");
    return remote;
  }

  /** SO_ACCEPTCONN. */
  isListening(): boolean {
    return this.#state === "listening";
  }

  /** SO_DOMAIN. */
  addressFamily(): IpAddressFamily {
    return this.#socket.family;
  }

  /** How many connections may wait to be accepted; not 0. */
  setListenBacklogSize(size: bigint): void {
    if (size === 0n) throw failure("invalid-argument");
    if (["connect-in-progress", "connected", "closed"].includes(this.#state)) {
      throw failure("invalid-state");
    }
    this.#backlog = Number(size < LARGEST_BACKLOG ? size : LARGEST_BACKLOG);
    if (this.#state === "listening") expect(this.#listen());
  }

  /** SO_KEEPALIVE. */
  keepAliveEnabled(): boolean {
    return this.#get(KEEP_ALIVE) !== 0;
  }

  setKeepAliveEnabled(value: boolean): void {
    this.#set(KEEP_ALIVE, value ? 1 : 0);
  }

  /** TCP_KEEPIDLE, in nanoseconds of whole seconds; not 0. */
  keepAliveIdleTime(): bigint {
    return durationOf(this.#get(KEEP_ALIVE_IDLE_TIME));
  }

  setKeepAliveIdleTime(duration: bigint): void {
    this.#set(KEEP_ALIVE_IDLE_TIME, secondsOf(duration));
  }

  /** TCP_KEEPINTVL, in nanoseconds of whole seconds; not 0. */
  keepAliveInterval(): bigint {
    return durationOf(this.#get(KEEP_ALIVE_INTERVAL));
  }

  setKeepAliveInterval(duration: bigint): void {
    this.#set(KEEP_ALIVE_INTERVAL, secondsOf(duration));
  }

  /** TCP_KEEPCNT; not 0. */
  keepAliveCount(): number {
    return this.#get(KEEP_ALIVE_COUNT);
  }

  setKeepAliveCount(count: number): void {
    this.#set(KEEP_ALIVE_COUNT, probesOf(count));
  }

  /** IP_TTL or IPV6_UNICAST_HOPS; not 0. */
  hopLimit(): number {
    return this.#get(HOP_LIMIT);
  }

  setHopLimit(limit: number): void {
    this.#set(HOP_LIMIT, limit);
  }

  /** SO_RCVBUF, in bytes as they were asked for; not 0. */
  receiveBufferSize(): bigint {
    return askedSizeOf(this.#get(RECEIVE_BUFFER_SIZE));
  }

  setReceiveBufferSize(size: bigint): void {
    this.#set(RECEIVE_BUFFER_SIZE, sizeOf(size));
  }

  /** SO_SNDBUF, in bytes as they were asked for; not 0. */
  sendBufferSize(): bigint {
    return askedSizeOf(this.#get(SEND_BUFFER_SIZE));
  }

  setSendBufferSize(size: bigint): void {
    this.#set(SEND_BUFFER_SIZE, sizeOf(size));
  }

  /** A pollable that is ready once `finishConnect` or `accept` has something to tell. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.#host.poller, this);
  }

  /**
   * Ends directions of the connection, shutdown(2): their streams are closed. What was written is still sent.
   *
   * @throws Failure of an `error-code`: invalid-state where it is not connected
   */
  shutdown(kind: ShutdownType): void {
    if (this.#state !== "connected") throw failure("invalid-state");
    const [input, output] = this.#streams!;
    if (kind !== "send") {
      input.settled = true;
      expect(this.#socket.shutdown("receive"));
    }
    if (kind === "receive") return;
    let result = 0;
    output.end(() => {
      result = this.#socket.shutdown("send");
    });
    expect(result);
  }

  /** Whether there is nothing to wait for. @internal */
  get settled(): boolean {
    return this.#state !== "connect-in-progress" && this.#state !== "listening";
  }

  /** @internal */
  get descriptor(): Descriptor {
    return this.#socket.descriptor;
  }

  /** @internal */
  get events(): number {
    return this.#state === "listening" ? POLL.IN : POLL.OUT;
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = "closed";
    this.#socket.release();
  }

  #open(): Connection {
    const { descriptor } = this.#socket;
    // From now on each call says itself whether it waits.
    descriptor.nonBlocking = false;
    const streams: Connection = [
      new TcpInputStream(this.#host, this.#socket),
      new TcpOutputStream(this.#host, this.#socket),
    ];
    this.#streams = streams;
    return streams;
  }

  #listen(): number {
    return this.#socket.listen(this.#backlog);
  }

  #expectState(inProgress: State, ...states: readonly State[]): void {
    if (this.#state === inProgress) throw failure("concurrency-conflict");
    if (!states.includes(this.#state)) throw failure("invalid-state");
  }

  #get(option: typeof KEEP_ALIVE): number {
    if (this.#state === "closed") throw failure("invalid-state");
    return expect(getOption(this.#socket, option));
  }

  #set(option: typeof KEEP_ALIVE, value: number): void {
    if (value === 0 && option !== KEEP_ALIVE) throw failure("invalid-argument");
    if (this.#state === "closed") throw failure("invalid-state");
    expect(setOption(this.#socket, option, value));
  }
}

/** wasi:sockets/tcp-create-socket's `create-tcp-socket`, socket(2). */
export function createTcpSocket(host: Host, family: IpAddressFamily): TcpSocket {
  const socket = openSocket(host.guest, family, "stream");
  return new TcpSocket(host, typeof socket === "number" ? fail(socket) : socket);
}

function fail(result: number): never {
  expect(result);
  throw new RangeError(`${result} is no error`);
}
