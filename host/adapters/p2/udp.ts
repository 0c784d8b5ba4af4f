// wasi:sockets/udp, over the calls of udp(7).

import {
  equal,
  isDestination,
  isEmbedded,
  suits,
  type IpAddressFamily,
  type IpSocketAddress,
} from "../../component/address.js";
import {
  HOP_LIMIT,
  RECEIVE_BUFFER_SIZE,
  SEND_BUFFER_SIZE,
  askedSizeOf,
  getOption,
  setOption,
  sizeOf,
} from "../../component/option.js";
import { decode, encode } from "../../component/address.js";
import { openSocket, type Socket } from "../../component/socket.js";
import { STAGING_SIZE, staging, stagingBytes } from "../../component/staging.js";
import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { scratchLength } from "../../scratch.js";
import { recvfrom, send, sendto } from "../../syscalls/transfer.js";
import { expect, failure } from "./error.js";
import type { Host } from "./host.js";
import type { Network } from "./network.js";
import { OwnPollable, type Source } from "./poll.js";
import { Resource } from "./resource.js";

const { EAGAIN } = Errno;
const { DONTWAIT } = marshal.MSG;
const { POLL, address } = marshal;

/** How many datagrams one call moves at most. */
const BATCH = 64;

/** wasi:sockets/udp's `incoming-datagram`. */
export interface IncomingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

/** wasi:sockets/udp's `outgoing-datagram`. */
export interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress?: IpSocketAddress | undefined;
}

/** What both streams of a socket know of each other: those that `stream` gave last are the ones that work. */
class Association {
  current = true;

  /** @param remote the only peer, undefined for any */
  constructor(readonly remote: IpSocketAddress | undefined) {}
}

/** wasi:sockets/udp's `udp-socket`. */
export class UdpSocket extends Resource {
  readonly #host: Host;
  readonly #socket: Socket;
  #state: "unbound" | "bind-in-progress" | "bound" = "unbound";
  #association: Association | undefined;

  /** @internal */
  constructor(host: Host, socket: Socket) {
    super();
    this.#host = host;
    this.#socket = socket;
  }

  /**
   * Binds, bind(2). The socket is bound once `finishBind` was called.
   *
   * @throws Failure of an `error-code`
   */
  startBind(_network: Network, local: IpSocketAddress): void {
    if (this.#state === "bind-in-progress") throw failure("concurrency-conflict");
    if (this.#state !== "unbound") throw failure("invalid-state");
    if (!suits(this.#socket.family, local)) throw failure("invalid-argument");
    expect(this.#socket.bind(local));
    this.#state = "bind-in-progress";
  }

  /** Ends `startBind`. */
  finishBind(): void {
    if (this.#state !== "bind-in-progress") throw failure("not-in-progress");
    this.#state = "bound";
  }

  /**
   * Associates the socket with one peer, or with none, connect(2). The streams that it gave before no longer work.
   *
   * @returns the two directions
   * @throws Failure of an `error-code`
   */
  stream(remote: IpSocketAddress | undefined): [IncomingDatagramStream, OutgoingDatagramStream] {
    if (this.#state !== "bound") throw failure("invalid-state");
    if (remote !== undefined && !(suits(this.#socket.family, remote) && isDestination(remote))) {
      throw failure("invalid-argument");
    }
    const before = this.#association;
    if (before !== undefined) before.current = false;
    this.#association = undefined;
    if (before?.remote !== undefined) expect(this.#socket.dissolve());
    if (remote !== undefined) expect(this.#socket.connect(remote));
    const association = new Association(remote);
    this.#association = association;
    return [
      new IncomingDatagramStream(this.#host, this.#socket, association),
      new OutgoingDatagramStream(this.#host, this.#socket, association),
    ];
  }

  /** The address that it is bound to, getsockname(2). */
  localAddress(): IpSocketAddress {
    const local = this.#state === "bound" ? this.#socket.localAddress() : undefined;
    if (local === undefined) throw failure("invalid-state");
    return local;
  }

  /** The address that it is associated with, getpeername(2). */
  remoteAddress(): IpSocketAddress {
    const remote = this.#association?.remote && this.#socket.remoteAddress();
    if (remote === undefined) throw failure("invalid-state");
    return remote;
  }

  /** SO_DOMAIN. */
  addressFamily(): IpAddressFamily {
    return this.#socket.family;
  }

  /** IP_TTL or IPV6_UNICAST_HOPS; not 0. */
  unicastHopLimit(): number {
    return expect(getOption(this.#socket, HOP_LIMIT));
  }

  setUnicastHopLimit(limit: number): void {
    this.#set(HOP_LIMIT, limit);
  }

  /** SO_RCVBUF, in bytes as they were asked for; not 0. */
  receiveBufferSize(): bigint {
    return askedSizeOf(expect(getOption(this.#socket, RECEIVE_BUFFER_SIZE)));
  }

  setReceiveBufferSize(size: bigint): void {
    this.#set(RECEIVE_BUFFER_SIZE, sizeOf(size));
  }

  /** SO_SNDBUF, in bytes as they were asked for; not 0. */
  sendBufferSize(): bigint {
    return askedSizeOf(expect(getOption(this.#socket, SEND_BUFFER_SIZE)));
  }

  setSendBufferSize(size: bigint): void {
    this.#set(SEND_BUFFER_SIZE, sizeOf(size));
  }

  /** A pollable that is always ready: nothing that the socket itself does takes time. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.#host.poller, { settled: true, events: 0, deadline: Infinity });
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#socket.release();
  }

  #set(option: typeof HOP_LIMIT, value: number): void {
    if (value === 0) throw failure("invalid-argument");
    expect(setOption(this.#socket, option, value));
  }
}

/** What both directions have. */
abstract class DatagramStream extends Resource implements Source {
  /** @internal */
  readonly deadline = Infinity;
  /** @internal */
  readonly descriptor: Descriptor;
  /** @internal */
  protected readonly host: Host;
  /** @internal */
  protected readonly socket: Socket;
  /** @internal */
  protected readonly association: Association;

  /** @internal */
  constructor(host: Host, socket: Socket, association: Association) {
    super();
    this.host = host;
    this.socket = socket.hold();
    this.association = association;
    this.descriptor = socket.descriptor;
  }

  /** @internal */
  abstract readonly settled: boolean;
  /** @internal */
  abstract readonly events: number;

  /** A pollable that is ready once the stream is. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.host.poller, this);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.socket.release();
  }

  /** @internal */
  protected expectCurrent(): void {
    if (!this.association.current) throw failure("invalid-state");
  }
}

/** wasi:sockets/udp's `incoming-datagram-stream`. */
export class IncomingDatagramStream extends DatagramStream {
  /** @internal */
  readonly events = POLL.IN;

  /** @internal */
  get settled(): boolean {
    return !this.association.current;
  }

  /**
   * Receives what is there, recvfrom(2).
   *
   * @param most how many datagrams at most
   * @returns the datagrams, none where there are none yet
   * @throws Failure of an `error-code`
   */
  receive(most: bigint): IncomingDatagram[] {
    this.expectCurrent();
    const datagrams: IncomingDatagram[] = [];
    const { guest } = this.socket;
    const limit = most < BigInt(BATCH) ? Number(most) : BATCH;
    while (datagrams.length < limit) {
      const count = recvfrom(guest, this.descriptor, staging, STAGING_SIZE, DONTWAIT);
      if (count === -EAGAIN || (count < 0 && datagrams.length > 0)) break;
      expect(count);
      const remoteAddress = decode(address, scratchLength());
      if (remoteAddress === undefined) continue;
      datagrams.push({ data: stagingBytes.slice(0, count), remoteAddress });
    }
    return datagrams;
  }
}

/** wasi:sockets/udp's `outgoing-datagram-stream`. */
export class OutgoingDatagramStream extends DatagramStream {
  /** @internal */
  readonly events = POLL.OUT;
  /** How many datagrams the next `send` may have. */
  #permit = 0;
  /** Whether the kernel had no room for the last datagram. */
  #full = false;

  /** @internal */
  get settled(): boolean {
    return !this.#full || !this.association.current;
  }

  /**
   * How many datagrams the next `send` may have, 0 where it has to wait.
   *
   * @throws Failure of an `error-code`
   */
  checkSend(): bigint {
    this.expectCurrent();
    if (this.#full) this.#full = !this.host.poller.ready(this);
    this.#permit = this.#full ? 0 : BATCH;
    return BigInt(this.#permit);
  }

  /**
   * Sends datagrams, sendto(2), up to the first that fails or finds no room.
   *
   * @param datagrams at most as many as `checkSend` permitted
   * @returns how many were sent
   * @throws Failure of an `error-code` of the first; Error where there are more
   */
  send(datagrams: readonly OutgoingDatagram[]): bigint {
    if (datagrams.length > this.#permit) {
      throw new Error(
        `send of ${datagrams.length} datagrams: check-send permitted ${this.#permit}`,
      );
    }
    this.expectCurrent();
    this.#permit -= datagrams.length;
    let sent = 0;
    for (const datagram of datagrams) {
      const result = this.#sendOne(datagram);
      if (result === -EAGAIN) {
        this.#full = true;
        break;
      }
      if (result < 0 && sent > 0) break;
      expect(result);
      sent++;
    }
    return BigInt(sent);
  }

  #sendOne({ data, remoteAddress }: OutgoingDatagram): number {
    const { remote } = this.association;
    if (remoteAddress === undefined) {
      if (remote === undefined) return -Errno.EINVAL;
    } else if (remote !== undefined) {
      if (!equal(remote, remoteAddress)) return -Errno.EINVAL;
    } else if (
      remoteAddress.tag !== this.socket.family ||
      isEmbedded(remoteAddress) ||
      !isDestination(remoteAddress)
    ) {
      return -Errno.EINVAL;
    }
    if (data.length > STAGING_SIZE) return -Errno.EMSGSIZE;
    stagingBytes.set(data);
    const { guest } = this.socket;
    if (remote !== undefined) return send(this.descriptor, staging, data.length, DONTWAIT);
    const length = encode(remoteAddress!);
    return sendto(guest, this.descriptor, staging, data.length, DONTWAIT, length);
  }
}

/** wasi:sockets/udp-create-socket's `create-udp-socket`, socket(2). */
export function createUdpSocket(host: Host, family: IpAddressFamily): UdpSocket {
  const socket = openSocket(host.guest, family, "datagram");
  if (typeof socket !== "number") return new UdpSocket(host, socket);
  expect(socket);
  throw new RangeError(`${socket} is no error`);
}
