// An open socket of a component, and what 0.2 and 0.3 do with one alike. A number that is negative is -errno.

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { marshal } from "../marshal.js";
import { bind, connect, getpeername, getsockname } from "../syscalls/address.js";
import { listen } from "../syscalls/listen.js";
import { close, shutdown, socket } from "../syscalls/socket.js";
import { decode, encode, families, type IpAddressFamily, type IpSocketAddress } from "./address.js";
import { connectResult } from "./error.js";
import { ERROR, IPV6_ONLY, REUSE_ADDRESS, REUSE_PORT, getOption, setOption } from "./option.js";

const { IPPROTO, SOCK, address } = marshal;

/** The directions of shutdown(2) by the names that wasi:sockets 0.2 has for them. */
const DIRECTIONS: Readonly<Record<"receive" | "send" | "both", number>> = {
  receive: marshal.SHUT.RD,
  send: marshal.SHUT.WR,
  both: marshal.SHUT.RDWR,
};

export type ShutdownType = keyof typeof DIRECTIONS;

/** A socket that several resources may share: it is closed when the last lets it go. */
export class Socket {
  readonly descriptor: Descriptor;
  #holders = 1;

  /**
   * @param guest whose it is
   * @param fd its number there
   * @param family its address family
   */
  constructor(
    readonly guest: Guest,
    readonly fd: number,
    readonly family: IpAddressFamily,
  ) {
    this.descriptor = guest.descriptors.get(fd)!;
  }

  /** Keeps it open for one more resource. */
  hold(): this {
    this.#holders++;
    return this;
  }

  /** Lets it go. */
  release(): void {
    if (--this.#holders > 0 || this.guest.descriptors.get(this.fd) !== this.descriptor) return;
    close(this.guest, this.fd, this.descriptor);
  }

  /**
   * bind(2). A connection that was there lately does not keep its port from a TCP socket: SO_REUSEADDR, where the
   * port is not the kernel's to choose. Guests that share ports have SO_REUSEPORT there as well.
   */
  bind(local: IpSocketAddress): number {
    if (this.descriptor.type === SOCK.STREAM && local.val.port !== 0) {
      setOption(this, REUSE_ADDRESS, 1);
      if (this.guest.sharesPorts) setOption(this, REUSE_PORT, 1);
    }
    return bind(this.guest, this.descriptor, encode(local));
  }

  /**
   * listen(2). SO_REUSEADDR counts on both sides: connections that linger on this port must have it as well. While
   * a socket listens it keeps its port nevertheless.
   */
  listen(backlog: number): number {
    const result = listen(this.guest, this.descriptor, backlog);
    if (result === 0) setOption(this, REUSE_ADDRESS, 1);
    return result;
  }

  /** connect(2): 0, or -EINPROGRESS where it is under way. */
  connect(remote: IpSocketAddress): number {
    if (this.descriptor.type === SOCK.STREAM) setOption(this, REUSE_ADDRESS, 1); // for when it lingers
    return connectResult(connect(this.guest, this.descriptor, encode(remote)));
  }

  /** How a connect(2) that is no longer under way has ended. */
  connected(): number {
    const error = getOption(this, ERROR);
    return connectResult(error > 0 ? -error : error);
  }

  /**
   * Dissolves the association of a UDP socket, connect(2). Linux takes a port that it chose itself back then, so
   * the socket is bound to it again.
   */
  dissolve(): number {
    const local = this.localAddress();
    const result = connect(this.guest, this.descriptor, marshal.startUnspecified(address));
    if (result < 0 || local === undefined || this.localAddress()?.val.port !== 0) return result;
    return bind(this.guest, this.descriptor, encode(local));
  }

  /** getsockname(2). */
  localAddress(): IpSocketAddress | undefined {
    const length = getsockname(this.descriptor);
    return length < 0 ? undefined : decode(address, length);
  }

  /** getpeername(2). */
  remoteAddress(): IpSocketAddress | undefined {
    const length = getpeername(this.descriptor);
    return length < 0 ? undefined : decode(address, length);
  }

  /** shutdown(2). */
  shutdown(how: ShutdownType): number {
    return shutdown(this.descriptor, DIRECTIONS[how]);
  }
}

/**
 * Opens a socket, socket(2). It never blocks; one of IPv6 takes IPv6 alone.
 *
 * @param type of the socket
 * @returns the socket, or -errno
 */
export function openSocket(
  guest: Guest,
  family: IpAddressFamily,
  type: "stream" | "datagram",
): Socket | number {
  const [kind, protocol] =
    type === "stream" ? [SOCK.STREAM, IPPROTO.TCP] : [SOCK.DGRAM, IPPROTO.UDP];
  const fd = socket(guest, families[family], kind | SOCK.NONBLOCK, protocol);
  if (fd < 0) return fd;
  const opened = new Socket(guest, fd, family);
  const result = family === "ipv6" ? setOption(opened, IPV6_ONLY, 1) : 0;
  if (result >= 0) return opened;
  opened.release();
  return result;
}
