// The socket options that wasi:sockets has, the same in 0.2 and 0.3. A number that is negative is -errno.

import type { Descriptor } from "../descriptors.js";
import type { Guest } from "../guest.js";
import { marshal } from "../marshal.js";
import { setWord, word } from "../scratch.js";
import { getsockopt, setsockopt } from "../syscalls/option.js";
import type { IpAddressFamily } from "./address.js";

const { INT_SIZE, IP, IPV6, SO, SOL, TCP, block } = marshal;

/** An option: its level and its name, by the socket's family. */
type Option = Readonly<Record<IpAddressFamily, readonly [level: number, name: number]>>;

function everywhere(level: number, name: number): Option {
  return { ipv4: [level, name], ipv6: [level, name] };
}

export const REUSE_ADDRESS = everywhere(SOL.SOCKET, SO.REUSEADDR);
export const REUSE_PORT = everywhere(SOL.SOCKET, SO.REUSEPORT);
export const ERROR = everywhere(SOL.SOCKET, SO.ERROR);
export const IPV6_ONLY = everywhere(SOL.IPV6, IPV6.V6ONLY);
export const KEEP_ALIVE = everywhere(SOL.SOCKET, SO.KEEPALIVE);
export const KEEP_ALIVE_IDLE_TIME = everywhere(SOL.TCP, TCP.KEEPIDLE);
export const KEEP_ALIVE_INTERVAL = everywhere(SOL.TCP, TCP.KEEPINTVL);
export const KEEP_ALIVE_COUNT = everywhere(SOL.TCP, TCP.KEEPCNT);
export const RECEIVE_BUFFER_SIZE = everywhere(SOL.SOCKET, SO.RCVBUF);
export const SEND_BUFFER_SIZE = everywhere(SOL.SOCKET, SO.SNDBUF);
export const HOP_LIMIT: Option = {
  ipv4: [SOL.IP, IP.TTL],
  ipv6: [SOL.IPV6, IPV6.UNICAST_HOPS],
};

/** A socket, as far as its options go. */
export interface Optioned {
  readonly guest: Guest;
  readonly descriptor: Descriptor;
  readonly family: IpAddressFamily;
}

/** The value of an option. */
export function getOption({ guest, descriptor, family }: Optioned, option: Option): number {
  const [level, name] = option[family];
  const length = getsockopt(guest, descriptor, level, name, INT_SIZE);
  return length < 0 ? length : word(block);
}

/** Sets an option. */
export function setOption(
  { guest, descriptor, family }: Optioned,
  option: Option,
  value: number,
): number {
  const [level, name] = option[family];
  setWord(block, value);
  return setsockopt(guest, descriptor, level, name, INT_SIZE);
}

const SECOND = 1_000_000_000n;

/** The longest time of tcp(7), in seconds. */
const LONGEST = 32767n;
/** The most keep-alive probes of tcp(7). */
const MOST_PROBES = 127;
/** The largest size of a buffer that an int says. */
const LARGEST = 0x7fffffffn;

/** The whole seconds of a duration in nanoseconds: at least one, at most as many as tcp(7) has. */
export function secondsOf(duration: bigint): number {
  const seconds = (duration + SECOND - 1n) / SECOND;
  return Number(seconds < LONGEST ? seconds : LONGEST);
}

/** The nanoseconds of so many seconds. */
export function durationOf(seconds: number): bigint {
  return BigInt(seconds) * SECOND;
}

/** How many keep-alive probes tcp(7) takes for so many. */
export function probesOf(count: number): number {
  return Math.min(count, MOST_PROBES);
}

/** The size of a buffer, as an int. */
export function sizeOf(size: bigint): number {
  return Number(size < LARGEST ? size : LARGEST);
}

/** The size that was asked for: Linux doubles it for its own use, and says so, socket(7). */
export function askedSizeOf(size: number): bigint {
  return BigInt(size >>> 1);
}
