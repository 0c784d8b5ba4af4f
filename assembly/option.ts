// Socket options for AssemblyScript: setsockopt(2) and getsockopt(2), for each kind of value that there is.

import { SO, SOL, TCP } from "./abi/constants";
import { Ucred, ucred } from "./abi/control";
import { Timeval, linger, timeval } from "./abi/option";
import { TcpInfo, tcp_info } from "./abi/tcp";
import * as bsd from "./bsd";

export { TcpInfo } from "./abi/tcp";

/** Room for the value of an option that is made of numbers, and its value-result length. */
const value = memory.data(timeval.sizeof, 8);
const length = memory.data(sizeof<u32>(), 4);

/** The longest text of an option, SO_PEERSEC's, is a security label. */
const TEXT_SIZE: i32 = 256;

/** Reads an option into some bytes: 0, or -1. How many there are stands in `length` then. */
function read(fd: i32, level: i32, option: i32, out: usize, capacity: i32): i32 {
  store<i32>(length, capacity);
  return bsd.getsockopt(fd, level, option, out, length);
}

/**
 * Sets an option, setsockopt(2).
 *
 * @param optval an integer or a bool for an int; a string for one such as TCP.CONGESTION or SO.BINDTODEVICE;
 *   a Uint8Array of the value's very bytes for any
 * @returns 0, or -1 with ENOPROTOOPT, EINVAL, EPERM…
 */
export function setsockopt<T>(fd: i32, level: i32, option: i32, optval: T): i32 {
  if (isInteger<T>()) {
    store<i32>(value, <i32>optval);
    return bsd.setsockopt(fd, level, option, value, sizeof<i32>());
  }
  if (isString<T>()) {
    const text = String.UTF8.encode(optval as string);
    return bsd.setsockopt(fd, level, option, changetype<usize>(text), text.byteLength);
  }
  if (optval instanceof Uint8Array) {
    return bsd.setsockopt(fd, level, option, optval.dataStart, optval.byteLength);
  }
  ERROR("setsockopt takes an integer, a bool, a string or a Uint8Array");
}

/**
 * Reads an option that is an int, getsockopt(2).
 *
 * @returns its value; -1 where it failed, or is -1: setErrno(0) before tells the two apart
 */
export function getsockopt(fd: i32, level: i32, option: i32): i32 {
  return read(fd, level, option, value, sizeof<i32>()) < 0 ? -1 : load<i32>(value);
}

/**
 * Reads an option of any kind, getsockopt(2).
 *
 * @param capacity how many bytes it may have; more are cut off, or fail, as the option has it
 * @returns the bytes of its value; null with ENOPROTOOPT, EINVAL, ERANGE…
 */
export function getsockoptBytes(
  fd: i32,
  level: i32,
  option: i32,
  capacity: i32,
): Uint8Array | null {
  const bytes = new Uint8Array(capacity);
  if (read(fd, level, option, bytes.dataStart, capacity) < 0) return null;
  return bytes.slice(0, load<i32>(length));
}

/**
 * Reads an option that is text, getsockopt(2): TCP.CONGESTION, SO.BINDTODEVICE, TCP.ULP…
 *
 * @returns the text, "" where none is set; null with ENOPROTOOPT…
 */
export function getsockoptText(fd: i32, level: i32, option: i32): string | null {
  const bytes = getsockoptBytes(fd, level, option, TEXT_SIZE);
  if (bytes == null) return null;
  const nul = bytes.indexOf(0);
  return String.UTF8.decodeUnsafe(bytes.dataStart, nul < 0 ? bytes.length : nul);
}

/** Whether close(2) waits for unsent bytes, SO_LINGER of socket(7). */
export class Linger {
  constructor(
    readonly on: bool,
    /** For how long; 0 resets the connection. */
    readonly seconds: i32,
  ) {}
}

/**
 * Sets how long close(2) waits for unsent bytes, SO_LINGER of socket(7).
 *
 * @returns 0, or -1 with EBADF…
 */
export function setLinger(fd: i32, on: bool, seconds: i32): i32 {
  store<i32>(value, on, linger.l_onoff);
  store<i32>(value, seconds, linger.l_linger);
  return bsd.setsockopt(fd, SOL.SOCKET, SO.LINGER, value, linger.sizeof);
}

/** Reads what setLinger sets; null with EBADF… */
export function getLinger(fd: i32): Linger | null {
  if (read(fd, SOL.SOCKET, SO.LINGER, value, linger.sizeof) < 0) return null;
  return new Linger(load<i32>(value, linger.l_onoff) != 0, load<i32>(value, linger.l_linger));
}

/**
 * Sets how long a call may wait before it fails with EAGAIN, socket(7).
 *
 * @param option SO.RCVTIMEO or SO.SNDTIMEO
 * @param milliseconds 0 for no limit
 * @returns 0, or -1 with EBADF…
 */
export function setTimeout(fd: i32, option: i32, milliseconds: i32): i32 {
  const time = changetype<Timeval>(value);
  time.tv_sec = milliseconds / 1000;
  time.tv_usec = (milliseconds % 1000) * 1000;
  return bsd.setsockopt(fd, SOL.SOCKET, option, value, timeval.sizeof);
}

/**
 * Reads what setTimeout sets, rounded up by the kernel's clock.
 *
 * @param option SO.RCVTIMEO or SO.SNDTIMEO
 * @returns milliseconds, rounded up, 0 for no limit; -1 with EBADF…
 */
export function getTimeout(fd: i32, option: i32): i64 {
  if (read(fd, SOL.SOCKET, option, value, timeval.sizeof) < 0) return -1;
  const time = changetype<Timeval>(value);
  return time.tv_sec * 1000 + (time.tv_usec + 999) / 1000;
}

/** A process and whose it is, unix(7). */
export class PeerCredentials {
  constructor(
    readonly pid: i32,
    readonly uid: u32,
    readonly gid: u32,
  ) {}
}

/**
 * Who connected or listened at the other end of a Unix socket, SO_PEERCRED of unix(7).
 *
 * @returns its credentials, pid 0 where there is no peer; null with EBADF…
 */
export function peerCredentials(fd: i32): PeerCredentials | null {
  if (read(fd, SOL.SOCKET, SO.PEERCRED, value, ucred.sizeof) < 0) return null;
  const peer = changetype<Ucred>(value);
  return new PeerCredentials(peer.pid, peer.uid, peer.gid);
}

/**
 * How a TCP connection is doing, TCP_INFO of tcp(7).
 *
 * @returns the struct as it is now, 0 in what this kernel does not tell; null with EBADF, ENOPROTOOPT…
 */
export function tcpInfo(fd: i32): TcpInfo | null {
  const info = new TcpInfo();
  const failed = read(fd, SOL.TCP, TCP.INFO, changetype<usize>(info), tcp_info.sizeof) < 0;
  return failed ? null : info;
}
