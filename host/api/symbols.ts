// The API's symbols. Their numbers come from assembly/codec/flags; only their names stand here again,
// for the type checker, and tests/symbols.test.ts holds the two lists together.

import { marshal, marshalBytes, readText } from "../marshal.js";

/** Address families, socket(2). */
export type Domain =
  "unspecified" | "unspec" | "unix" | "local" | "inet" | "inet6" | "netlink" | "packet" | "vsock";

/** Socket types, socket(2), and the modifiers that stand beside one in a list. */
export type Type =
  "stream" | "datagram" | "dgram" | "raw" | "rdm" | "seqpacket" | "dccp" | "packet" | TypeFlag;

/** Modifiers of a socket type. */
export type TypeFlag = "close-on-exec" | "cloexec" | "non-blocking" | "nonblock";

/** IP protocols, protocols(5). "gcp" is an old spelling of "tcp". */
export type Protocol =
  | "ipv4"
  | "ip"
  | "icmp"
  | "igmp"
  | "ipip"
  | "tcp"
  | "gcp"
  | "egp"
  | "pup"
  | "udp"
  | "idp"
  | "tp"
  | "dccp"
  | "ipv6"
  | "rsvp"
  | "gre"
  | "esp"
  | "ah"
  | "icmpv6"
  | "mtp"
  | "beetph"
  | "encap"
  | "pim"
  | "comp"
  | "sctp"
  | "udplite"
  | "mpls"
  | "raw"
  | "mptcp";

/** Message flags, send(2) and recv(2). */
export type MessageFlag =
  | "oob"
  | "peek"
  | "dontroute"
  | "tryhard"
  | "ctrunc"
  | "proxy"
  | "trunc"
  | "dontwait"
  | "eor"
  | "waitall"
  | "fin"
  | "syn"
  | "confirm"
  | "rst"
  | "errqueue"
  | "nosignal"
  | "more"
  | "waitforone"
  | "batch"
  | "zerocopy"
  | "fastopen"
  | "cmsg-cloexec";

/** Flags of getaddrinfo(3). */
export type AddressInfoFlag =
  | "passive"
  | "canonname"
  | "numerichost"
  | "v4mapped"
  | "all"
  | "addrconfig"
  | "idn"
  | "canonidn"
  | "idn-allow-unassigned"
  | "idn-use-std3-ascii-rules"
  | "numericserv";

/** Descriptor flags, F_GETFD of fcntl(2). */
export type DescriptorFlag = "close-on-exec" | "cloexec";

/** File status flags, F_GETFL of fcntl(2). */
export type StatusFlag = "non-blocking" | "nonblock" | "append" | "async";

/** Levels of getsockopt(2). */
export type Level = "socket" | "ip" | "ipv6" | "tcp" | "udp" | "icmpv6";

/** Directions of shutdown(2). */
export type How = "read" | "write" | "both";

/** Events of poll(2). */
export type PollEvent = "in" | "pri" | "out" | "err" | "hup" | "nval" | "rdhup";

/** Events of epoll_ctl(2), and how they are told. */
export type EpollEvent =
  "in" | "pri" | "out" | "err" | "hup" | "rdhup" | "exclusive" | "oneshot" | "et";

/** Flags of getnameinfo(3). */
export type NameInfoFlag = "numerichost" | "numericserv" | "nofqdn" | "namereqd" | "dgram" | "idn";

/** A symbol, the number it stands for, or null for 0. */
export type One<Symbol extends string> = Symbol | number | null | undefined;

/** One symbol, a list of them, a number, or null for none. */
export type Flags<Symbol extends string> = One<Symbol> | readonly (Symbol | number)[];

/** A set of symbols and the numbers they stand for. */
export class SymbolSet {
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();

  /**
   * Reads a set from its table.
   *
   * @param what the set in words, for error messages: "socket type"
   * @param set its number, as assembly/codec/flags has it
   */
  constructor(
    readonly what: string,
    set: number,
  ) {
    for (let index = 0; index < marshal.symbolCount(set); index++) {
      const length = marshal.symbolText(set, index, marshal.text);
      const name = readText(marshalBytes, marshal.text, length);
      const number = marshal.symbolNumber(set, index);
      this.#numbers.set(name, number);
      if (!this.#names.has(number)) this.#names.set(number, name);
    }
  }

  /** Every symbol of the set, in the order of its table. */
  get symbols(): string[] {
    return [...this.#numbers.keys()];
  }

  /**
   * The number of one symbol.
   *
   * @param symbol a symbol, a number, which is passed through, or null, which is 0
   * @throws TypeError that lists the valid symbols
   */
  encode(symbol: One<string>): number {
    if (typeof symbol === "number") return symbol;
    if (symbol === null || symbol === undefined) return 0;
    const number = this.#numbers.get(symbol);
    if (number !== undefined) return number;
    throw new TypeError(
      `${this.what} ${JSON.stringify(symbol)} is unknown; valid are ${this.symbols.join(", ")}, or a number`,
    );
  }

  /**
   * The numbers of some symbols, ored.
   *
   * @param flags one symbol, a list of them, a number, or null for none
   * @throws TypeError that lists the valid symbols
   */
  encodeFlags(flags: Flags<string>): number {
    if (!Array.isArray(flags)) return this.encode(flags as One<string>);
    let bits = 0;
    for (const flag of flags as readonly (string | number)[]) bits |= this.encode(flag);
    return bits;
  }

  /** The symbol of a number, or the number itself where none stands for it. */
  decode(number: number): string | number {
    return this.#names.get(number) ?? number;
  }

  /** The symbols of the bits that are set; a bit without one is left out. */
  decodeFlags(bits: number): string[] {
    const symbols: string[] = [];
    for (const [number, name] of this.#names)
      if ((bits & number) === number && number !== 0) symbols.push(name);
    return symbols;
  }
}

const { SymbolSet: Sets } = marshal;

export const domains = new SymbolSet("domain", Sets.DOMAIN);
export const types = new SymbolSet("socket type", Sets.TYPE);
export const protocols = new SymbolSet("protocol", Sets.PROTOCOL);
export const messageFlags = new SymbolSet("message flag", Sets.MESSAGE);
export const addressInfoFlags = new SymbolSet("address-info flag", Sets.ADDRINFO);
export const fcntlCommands = new SymbolSet("fcntl command", Sets.FCNTL);
export const descriptorFlags = new SymbolSet("descriptor flag", Sets.DESCRIPTOR);
export const statusFlags = new SymbolSet("file status flag", Sets.STATUS);
export const levels = new SymbolSet("level", Sets.LEVEL);
export const pollEvents = new SymbolSet("poll event", Sets.POLL);
export const epollEvents = new SymbolSet("epoll event", Sets.EPOLL);
export const nameInfoFlags = new SymbolSet("name-info flag", Sets.NAMEINFO);
export const directions = new SymbolSet("direction", Sets.HOW);

const options = new Map<number, SymbolSet>();

/** The options of a level, by its number; an empty set where the level is unknown. */
export function optionsOf(level: number): SymbolSet {
  let set = options.get(level);
  if (set === undefined) {
    set = new SymbolSet(`option of level ${String(levels.decode(level))}`, Sets.OPTION + level);
    options.set(level, set);
  }
  return set;
}
