// Messages for AssemblyScript: sendmsg(2), recvmsg(2) and their batches, with control data, cmsg(3).

import { IP, IPV6, SCM, SOL } from "./abi/constants";
import { SockExtendedErr, sock_extended_err } from "./abi/control";
import { Cmsghdr, Iovec, Mmsghdr, cmsghdr, iovec, mmsghdr } from "./abi/msghdr";
import { SOCKADDR_MAX } from "./abi/sockaddr";
import { SocketAddress } from "./address";
import * as bsd from "./bsd";

/** Bytes rounded up to where the next control message stands. */
@inline
function aligned(length: i32): i32 {
  return (length + 3) & ~3;
}

/** An error report of the network, IP_RECVERR of ip(7). */
export class ErrorReport {
  constructor(
    readonly errno: i32,
    /** SO_EE_ORIGIN: 1 local, 2 ICMP, 3 ICMPv6, 5 zero copy. */
    readonly origin: u8,
    readonly icmpType: u8,
    readonly icmpCode: u8,
    /** The path MTU behind EMSGSIZE, the first completion of MSG_ZEROCOPY. */
    readonly info: u32,
    /** The last completion of MSG_ZEROCOPY. */
    readonly data: u32,
    /** Who reported it; its length is 0 where nobody is named. */
    readonly offender: SocketAddress,
  ) {}
}

/** The control data of a message: control messages one after the other. */
export class ControlData {
  readonly bytes: StaticArray<u8>;
  /** How many of the bytes count. */
  length: i32 = 0;

  /** @param capacity room in bytes: twelve and the payload, rounded up to four, for each message */
  constructor(capacity: i32) {
    this.bytes = new StaticArray<u8>(capacity);
  }

  private at(offset: i32): Cmsghdr {
    return changetype<Cmsghdr>(changetype<usize>(this.bytes) + offset);
  }

  /**
   * Adds a control message.
   *
   * @param level SOL.SOCKET, SOL.IP…
   * @param type SCM.RIGHTS, IP.PKTINFO…
   * @param size bytes of payload
   * @returns where the payload goes, 0 where it does not fit
   */
  add(level: i32, type: i32, size: i32): usize {
    if (this.length + aligned(cmsghdr.sizeof + size) > this.bytes.length) return 0;
    const header = this.at(this.length);
    header.cmsg_len = cmsghdr.sizeof + size;
    header.cmsg_level = level;
    header.cmsg_type = type;
    const payload = changetype<usize>(header) + cmsghdr.sizeof;
    this.length += aligned(cmsghdr.sizeof + size);
    return payload;
  }

  /** Adds descriptors to pass, SCM_RIGHTS of unix(7): false where they do not fit. */
  addRights(fds: StaticArray<i32>): bool {
    const size = fds.length * sizeof<i32>();
    const payload = this.add(SOL.SOCKET, SCM.RIGHTS, size);
    if (payload == 0) return false;
    memory.copy(payload, changetype<usize>(fds), size);
    return true;
  }

  /**
   * Finds a control message.
   *
   * @returns where its payload stands, 0 where there is none; `sizeOf` tells its size
   */
  find(level: i32, type: i32): usize {
    for (let offset = 0; offset + cmsghdr.sizeof <= this.length;) {
      const header = this.at(offset);
      if (header.cmsg_level == level && header.cmsg_type == type) {
        return changetype<usize>(header) + cmsghdr.sizeof;
      }
      offset += max(aligned(header.cmsg_len), cmsghdr.sizeof);
    }
    return 0;
  }

  /** The size in bytes of a payload that `find` found. */
  sizeOf(payload: usize): i32 {
    return changetype<Cmsghdr>(payload - cmsghdr.sizeof).cmsg_len - cmsghdr.sizeof;
  }

  /**
   * The number that a control message carries: IP.TTL, IPV6.HOPLIMIT, IPV6.TCLASS, UDP.GRO…
   *
   * @returns the number, -1 where there is no such message
   */
  getInt(level: i32, type: i32): i32 {
    const payload = this.find(level, type);
    if (payload == 0) return -1;
    return this.sizeOf(payload) < <i32>sizeof<i32>() ? <i32>load<u8>(payload) : load<i32>(payload);
  }

  /** The error report, where "recverr" is set and MSG.ERRQUEUE was asked for one; null for none. */
  errorReport(): ErrorReport | null {
    let payload = this.find(SOL.IP, IP.RECVERR);
    if (payload == 0) payload = this.find(SOL.IPV6, IPV6.RECVERR);
    if (payload == 0) return null;
    const error = changetype<SockExtendedErr>(payload);
    const size = sock_extended_err.sizeof;
    return new ErrorReport(
      error.ee_errno,
      error.ee_origin,
      error.ee_type,
      error.ee_code,
      error.ee_info,
      error.ee_data,
      SocketAddress.decode(payload + size, this.sizeOf(payload) - size),
    );
  }

  /** The descriptors that were passed, SCM_RIGHTS of unix(7); none where there are none. */
  rights(): StaticArray<i32> {
    const payload = this.find(SOL.SOCKET, SCM.RIGHTS);
    const count = payload == 0 ? 0 : this.sizeOf(payload) / sizeof<i32>();
    const fds = new StaticArray<i32>(<i32>count);
    memory.copy(changetype<usize>(fds), payload, count * sizeof<i32>());
    return fds;
  }
}

/** Messages to send or to receive, laid out once and used as often as wanted: no call allocates. */
export class Messages {
  private readonly headers: StaticArray<u8>;
  private readonly vectors: StaticArray<u8>;
  private readonly names: StaticArray<u8>;
  /** What the headers point to, so that it is not collected. */
  private readonly held: StaticArray<Uint8Array | null>;
  private readonly controls: StaticArray<ControlData | null>;
  /** Whether no message was ever given an address or control data. */
  private bare: bool = true;

  /**
   * @param capacity how many messages
   * @param named whether the kernel is asked who sent what is received, for `address`
   */
  constructor(
    readonly capacity: i32 = 1,
    private readonly named: bool = true,
  ) {
    this.headers = new StaticArray<u8>(capacity * mmsghdr.sizeof);
    this.vectors = new StaticArray<u8>(capacity * iovec.sizeof);
    this.names = new StaticArray<u8>(capacity * SOCKADDR_MAX);
    this.held = new StaticArray<Uint8Array | null>(capacity);
    this.controls = new StaticArray<ControlData | null>(capacity);
  }

  private at(index: i32): Mmsghdr {
    return changetype<Mmsghdr>(changetype<usize>(this.headers) + index * mmsghdr.sizeof);
  }

  private name(index: i32): usize {
    return changetype<usize>(this.names) + index * SOCKADDR_MAX;
  }

  /**
   * Sets a message: its bytes, or the room for them.
   *
   * @param address where it goes to, null where the socket is connected; for what is received, null
   * @param control its control data, or the room for some
   */
  set(
    index: i32,
    bytes: Uint8Array,
    address: SocketAddress | null = null,
    control: ControlData | null = null,
  ): void {
    this.held[index] = bytes; // throws where there is no such message, before anything is written
    this.controls[index] = control;
    if (address != null || control != null) this.bare = false;
    const vector = changetype<Iovec>(changetype<usize>(this.vectors) + index * iovec.sizeof);
    vector.iov_base = <u32>bytes.dataStart;
    vector.iov_len = bytes.byteLength;
    const header = this.at(index);
    header.msg_iov = <u32>changetype<usize>(vector);
    header.msg_iovlen = 1;
    header.msg_name = 0;
    header.msg_namelen = 0;
    if (address != null) {
      memory.copy(this.name(index), address.pointer, address.length);
      header.msg_name = <u32>this.name(index);
      header.msg_namelen = address.length;
    }
    header.msg_control = control == null ? 0 : <u32>changetype<usize>(control.bytes);
    header.msg_controllen = control == null ? 0 : control.length;
  }

  /** Makes a message ready to be received into once more. */
  private expect(index: i32): void {
    const header = this.at(index);
    const control = this.controls[index];
    header.msg_name = this.named ? <u32>this.name(index) : 0;
    header.msg_namelen = this.named ? SOCKADDR_MAX : 0;
    header.msg_controllen = control == null ? 0 : control.bytes.length;
  }

  private accept(index: i32): void {
    const control = this.controls[index];
    if (control != null) control.length = this.at(index).msg_controllen;
  }

  /** Sends the first message, sendmsg(2): how many bytes were taken, or -1. */
  send(fd: i32, flags: i32 = 0): i32 {
    return bsd.sendmsg(fd, changetype<usize>(this.headers), flags);
  }

  /** Receives the first message, recvmsg(2): how many bytes came, or -1. */
  receive(fd: i32, flags: i32 = 0): i32 {
    this.expect(0);
    const count = bsd.recvmsg(fd, changetype<usize>(this.headers), flags);
    if (count >= 0) this.accept(0);
    return count;
  }

  /** Sends the first count messages, or all, by one system call, sendmmsg(2): how many were sent, or -1. */
  sendMany(fd: i32, count: i32, flags: i32 = 0): i32 {
    const taken = min(count, this.capacity);
    return bsd.sendmmsg(fd, changetype<usize>(this.headers), taken, flags);
  }

  /**
   * Receives up to count messages, or as many as there are, by one system call, recvmmsg(2).
   *
   * @param flags MSG.WAITFORONE to wait for the first alone
   * @param timeout in milliseconds, -1 for none
   * @returns how many came, or -1
   */
  receiveMany(fd: i32, count: i32, flags: i32 = 0, timeout: i32 = -1): i32 {
    const room = min(count, this.capacity);
    // What the last receive left in the header of a bare message is what this one expects there.
    if (this.named || !this.bare) for (let i = 0; i < room; i++) this.expect(i);
    const came = bsd.recvmmsg(fd, changetype<usize>(this.headers), room, flags, timeout);
    if (!this.bare) for (let i = 0; i < came; i++) this.accept(i);
    return came;
  }

  /** How many bytes of a message of a batch were moved. */
  length(index: i32): u32 {
    return this.at(index).msg_len;
  }

  /** Who sent a message that was received; its length is 0 where that was not asked for. */
  address(index: i32): SocketAddress {
    return SocketAddress.decode(this.name(index), this.at(index).msg_namelen);
  }

  /** The flags of a message that was received: MSG.TRUNC, MSG.CTRUNC… */
  flags(index: i32): i32 {
    return this.at(index).msg_flags;
  }
}
