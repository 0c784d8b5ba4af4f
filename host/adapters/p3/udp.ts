// wasi:sockets/types' `udp-socket`, over the calls of udp(7).

import {
  decode,
  encode,
  equal,
  isDestination,
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
import { openSocket, type Socket } from "../../component/socket.js";
import { STAGING_SIZE, staging, stagingBytes } from "../../component/staging.js";
import type { Guest } from "../../guest.js";
import { Errno, marshal } from "../../marshal.js";
import { scratchLength } from "../../scratch.js";
import { recvfrom, send, sendto } from "../../syscalls/transfer.js";
import { expect, failure } from "./error.js";
import { Waiting } from "./wait.js";

const { EAGAIN } = Errno;
const { DONTWAIT } = marshal.MSG;
const { POLL, address } = marshal;

/** wasi:sockets/types' `udp-socket`. */
export class UdpSocket {
  readonly #socket: Socket;
  #bound = false;
  #remote: IpSocketAddress | undefined;

  /** @internal */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Opens one, socket(2). @internal */
  static open(guest: Guest, family: IpAddressFamily): UdpSocket {
    const socket = openSocket(guest, family, "datagram");
    if (typeof socket !== "number") return new UdpSocket(socket);
    expect(socket);
    throw new RangeError(`${socket} is no error`);
  }

  /**
   * Binds, bind(2).
   *
   * @throws Failure of an `error-code`
   */
  bind(local: IpSocketAddress): void {
    if (this.#bound) throw failure("invalid-state");
    if (!suits(this.#socket.family, local)) throw failure("invalid-argument");
    expect(this.#socket.bind(local));
    this.#bound = true;
  }

  /**
   * Associates the socket with one peer, connect(2).
   *
   * @throws Failure of an `error-code`
   */
  connect(remote: IpSocketAddress): void {
    if (!this.#reaches(remote)) throw failure("invalid-argument");
    expect(this.#socket.connect(remote));
    this.#bound = true;
    this.#remote = remote;
  }

  /**
   * Dissolves the association, connect(2).
   *
   * @throws Failure of an `error-code`: invalid-state where there is none
   */
  disconnect(): void {
    if (this.#remote === undefined) throw failure("invalid-state");
    expect(this.#socket.dissolve());
    this.#remote = undefined;
  }

  /**
   * Sends a datagram, sendto(2).
   *
   * @param remote where to; undefined for the peer
   * @throws Failure of an `error-code`
   */
  async send(data: Uint8Array, remote: IpSocketAddress | undefined): Promise<void> {
    const peer = this.#remote;
    const allowed =
      remote === undefined
        ? peer !== undefined
        : peer === undefined
          ? this.#reaches(remote)
          : equal(peer, remote);
    if (!allowed) throw failure("invalid-argument");
    if (data.length > STAGING_SIZE) throw failure("datagram-too-large");
    const { guest, descriptor } = this.#socket.hold();
    try {
      for (;;) {
        stagingBytes.set(data);
        const result =
          peer === undefined
            ? sendto(guest, descriptor, staging, data.length, DONTWAIT, encode(remote!))
            : send(descriptor, staging, data.length, DONTWAIT);
        if (result !== -EAGAIN) {
          expect(result);
          this.#bound = true;
          return;
        }
        expect(await new Waiting(descriptor, POLL.OUT).ready());
      }
    } finally {
      this.#socket.release();
    }
  }

  /**
   * Receives a datagram, recvfrom(2).
   *
   * @returns the datagram, and who sent it
   * @throws Failure of an `error-code`: invalid-state where it is not bound
   */
  async receive(): Promise<[Uint8Array, IpSocketAddress]> {
    if (!this.#bound) throw failure("invalid-state");
    const { guest, descriptor } = this.#socket.hold();
    try {
      for (;;) {
        const count = recvfrom(guest, descriptor, staging, STAGING_SIZE, DONTWAIT);
        if (count === -EAGAIN) {
          expect(await new Waiting(descriptor, POLL.IN).ready());
          continue;
        }
        expect(count);
        const remote = decode(address, scratchLength());
        if (remote !== undefined) return [stagingBytes.slice(0, count), remote];
      }
    } finally {
      this.#socket.release();
    }
  }

  /** The address that it is bound to, getsockname(2). */
  getLocalAddress(): IpSocketAddress {
    const local = this.#bound ? this.#socket.localAddress() : undefined;
    if (local === undefined) throw failure("invalid-state");
    return local;
  }

  /** The address that it is associated with, getpeername(2). */
  getRemoteAddress(): IpSocketAddress {
    const remote = this.#remote && this.#socket.remoteAddress();
    if (remote === undefined) throw failure("invalid-state");
    return remote;
  }

  /** SO_DOMAIN. */
  getAddressFamily(): IpAddressFamily {
    return this.#socket.family;
  }

  /** IP_TTL or IPV6_UNICAST_HOPS; not 0. */
  getUnicastHopLimit(): number {
    return expect(getOption(this.#socket, HOP_LIMIT));
  }

  setUnicastHopLimit(limit: number): void {
    this.#set(HOP_LIMIT, limit);
  }

  /** SO_RCVBUF, in bytes as they were asked for; not 0. */
  getReceiveBufferSize(): bigint {
    return askedSizeOf(expect(getOption(this.#socket, RECEIVE_BUFFER_SIZE)));
  }

  setReceiveBufferSize(size: bigint): void {
    this.#set(RECEIVE_BUFFER_SIZE, sizeOf(size));
  }

  /** SO_SNDBUF, in bytes as they were asked for; not 0. */
  getSendBufferSize(): bigint {
    return askedSizeOf(expect(getOption(this.#socket, SEND_BUFFER_SIZE)));
  }

  setSendBufferSize(size: bigint): void {
    this.#set(SEND_BUFFER_SIZE, sizeOf(size));
  }

  /** The component drops it. */
  [Symbol.dispose](): void {
    this.#socket.release();
  }

  #reaches(remote: IpSocketAddress): boolean {
    return suits(this.#socket.family, remote) && isDestination(remote);
  }

  #set(option: typeof HOP_LIMIT, value: number): void {
    if (value === 0) throw failure("invalid-argument");
    expect(setOption(this.#socket, option, value));
  }
}
