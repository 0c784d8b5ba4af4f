// The names that C has for numbers. The enums of assembly/abi carry C's prefixes, so a name is the prefix
// and the member: AF.INET6 is AF_INET6.

import { marshal } from "../marshal.js";

/** A number as strace prints one that has no name. */
export function hex(number: number): string {
  return `0x${(number >>> 0).toString(16)}`;
}

/** The names of one set of numbers. */
export class Names {
  readonly #names = new Map<number, string>();

  /** @param sets prefixes, each with its members; of two names for one number, the first is printed */
  constructor(...sets: (readonly [prefix: string, members: object])[]) {
    for (const [prefix, members] of sets) {
      for (const [member, number] of Object.entries(members) as [string, number][]) {
        if (!this.#names.has(number)) this.#names.set(number, prefix + member);
      }
    }
  }

  /** The name of a number, or the number. */
  one(number: number): string {
    return this.#names.get(number) ?? String(number);
  }

  /** The names of the bits that are set, or the name of 0; bits without a name as one number. */
  flags(bits: number): string {
    const names: string[] = [];
    let rest = bits;
    for (const [number, name] of this.#names) {
      if (number === 0 || (rest & number) !== number) continue;
      names.push(name);
      rest &= ~number;
    }
    if (rest !== 0) names.push(hex(rest));
    return names.join("|") || this.one(0);
  }
}

const { AF, AI, EPOLL, EPOLL_CTL, F, FD, IPPROTO, MSG, NI, O, POLL, SHUT, SOCK, SOL } = marshal;
const { ICMP6, IP, IPV6, MCAST, SCM, SO, TCP, UDP } = marshal;
const { CLOEXEC, NONBLOCK } = SOCK;
const { EXCLUSIVE, WAKEUP, ONESHOT, ET } = EPOLL;

export const families = new Names(["AF_", AF]);
export const socketTypes = new Names(["SOCK_", SOCK]);
export const socketFlags = new Names(["SOCK_", { CLOEXEC, NONBLOCK }]);
export const protocols = new Names(["IPPROTO_", IPPROTO]);
export const messageFlags = new Names(["MSG_", MSG]);
export const addressInfoFlags = new Names(["AI_", AI]);
export const nameInfoFlags = new Names(["NI_", NI]);
export const directions = new Names(["SHUT_", SHUT]);
export const fcntlCommands = new Names(["F_", F]);
export const descriptorFlags = new Names(["FD_", FD]);
export const statusFlags = new Names(["O_", O]);
export const pollEvents = new Names(["POLL", POLL]);
export const epollOperations = new Names(["EPOLL_CTL_", EPOLL_CTL]);
export const epollFlags = new Names(["EPOLL_", { CLOEXEC: EPOLL.CLOEXEC }]);
export const epollEvents = new Names(
  ["EPOLL", POLL],
  ["EPOLL", { EXCLUSIVE, WAKEUP, ONESHOT, ET }],
);
export const levels = new Names(["SOL_", SOL]);

const NONE = new Names();

const OPTIONS: Readonly<Record<number, Names>> = {
  [SOL.SOCKET]: new Names(["SO_", SO]),
  [SOL.IP]: new Names(["IP_", IP], ["MCAST_", MCAST]),
  [SOL.IPV6]: new Names(["IPV6_", IPV6], ["MCAST_", MCAST]),
  [SOL.TCP]: new Names(["TCP_", TCP]),
  [SOL.UDP]: new Names(["UDP_", UDP]),
  [SOL.ICMPV6]: new Names(["ICMP6_", ICMP6]),
};

/** The options of a level. */
export function optionsOf(level: number): Names {
  return OPTIONS[level] ?? NONE;
}

const SOCKET_CONTROLS = new Names(["SCM_", SCM]);

/** The types of control messages of a level: IP's and UDP's are named after their options. */
export function controlsOf(level: number): Names {
  return level === SOL.SOCKET ? SOCKET_CONTROLS : optionsOf(level);
}

/** A socket type with its modifiers: "SOCK_STREAM|SOCK_CLOEXEC". */
export function socketType(type: number): string {
  const flags = type & (CLOEXEC | NONBLOCK);
  const name = socketTypes.one(type & ~flags);
  return flags === 0 ? name : `${name}|${socketFlags.flags(flags)}`;
}

/** A protocol, which has a name where the family is an Internet one. */
export function protocol(domain: number, number: number): string {
  return domain === AF.INET || domain === AF.INET6 ? protocols.one(number) : String(number);
}
