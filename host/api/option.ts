// The values of socket options as TypeScript has them.

import { encodeAddress, type Address } from "../address.js";
import type { Caller } from "./caller.js";
import { marshal, readText } from "../marshal.js";
import {
  credentials,
  integer,
  readInternet,
  writeInternet,
  type Members,
  type Place,
} from "./place.js";
import { levels, optionsOf, type One } from "./symbols.js";

/** SO_LINGER, socket(7). */
export interface Linger {
  readonly on: boolean;
  readonly seconds: number;
}

/** A timeout, SO_RCVTIMEO and SO_SNDTIMEO of socket(7); zero is none. */
export interface Timeval {
  readonly seconds: number;
  readonly microseconds: number;
}

/** SO_PEERCRED, unix(7). */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The membership in a multicast group, ip(7) and ipv6(7). */
export interface Membership {
  /** The group's address in text; with the options "mcast-…" a socket address. */
  readonly group: string | Address;
  /** The only sender to be received, for the options that have one, in the same form. */
  readonly source?: string | Address;
  /** The interface, by its index or its name; 0, where it is absent, lets the kernel choose. */
  readonly interface?: number | string;
  /** The interface by its own address, IPv4 only. */
  readonly address?: string;
}

/** The interface of outgoing multicast, IP_MULTICAST_IF of ip(7). */
export interface MulticastInterface {
  readonly interface: number | string;
}

/** TCP_INFO, tcp(7), by the names of linux/tcp.h without their prefix: `rtt`, `snd_cwnd`… */
export type TcpInfo = Readonly<Record<string, number>>;

/** The value of an option. A number that sets a timeout counts milliseconds. */
export type OptionValue =
  | number
  | boolean
  | string
  | Linger
  | Timeval
  | PeerCredentials
  | Membership
  | MulticastInterface
  | TcpInfo
  | Uint8Array;

/** How a kind of value is written and read. */
interface Codec {
  /** What it takes, in words. */
  readonly takes: string;
  /** Writes a value: its length in bytes, or undefined where the value is not of this kind. */
  write(place: Place, value: OptionValue, interfaceIndex: InterfaceIndex): number | undefined;
  read(place: Place, length: number): OptionValue;
}

/** The index of an interface that is given by number, by name or not at all. */
type InterfaceIndex = (value: unknown) => number;

const encoder = new TextEncoder();

/** JavaScript passes what the types do not let it: null, say. */
function members(value: OptionValue, ...names: string[]): Members | undefined {
  if (typeof value !== "object" || (value as unknown) === null) return undefined;
  return names.every((name) => name in value) ? (value as unknown as Members) : undefined;
}

/** Bytes as they are: what a kind that is only read, or not known, gives. */
function slice({ bytes, at }: Place, length: number): Uint8Array {
  return bytes.slice(at, at + length);
}

const { AF, Kind } = marshal;

/** A kind that is made of two numbers at most, which AssemblyScript lays out. */
function numeric(
  kind: number,
  takes: string,
  toNumbers: (value: OptionValue) => readonly [unknown, unknown] | undefined,
  fromNumbers: (first: number, second: number) => OptionValue,
): Codec {
  return {
    takes,
    write({ codecs, at }, value) {
      const pair = toNumbers(value);
      return pair && codecs.encodeOption(kind, at, integer(pair[0]), integer(pair[1]));
    },
    read(place, length) {
      const { codecs, at } = place;
      if (length < codecs.INT_SIZE) return slice(place, length);
      return fromNumbers(codecs.optionFirst(kind, at), codecs.optionSecond(kind, at));
    },
  };
}

function number(value: OptionValue): readonly [unknown, unknown] | undefined {
  return typeof value === "number" || typeof value === "boolean" ? [Number(value), 0] : undefined;
}

/** A membership in a group of one family by its address. */
function membership(
  takes: string,
  write: (place: Place, value: Members, interfaceIndex: InterfaceIndex) => number,
): Codec {
  return {
    takes,
    write(place, value, interfaceIndex) {
      const given = members(value, "group");
      return given && write(place, given, interfaceIndex);
    },
    read: slice,
  };
}

/** Writes a socket address that is part of a larger value. */
function writeSocketAddress(place: Place, address: unknown, at: number): void {
  const { codecs, bytes } = place;
  const none = () => 0;
  const length = encodeAddress(codecs, bytes, address as Address, none);
  bytes.copyWithin(at, codecs.address, codecs.address + length);
}

const codecs: Readonly<Record<number, Codec>> = {
  [Kind.INT]: numeric(Kind.INT, "a 32-bit integer or a boolean", number, (first) => first),
  [Kind.FLAG]: numeric(Kind.FLAG, "a boolean or an integer", number, (first) => first !== 0),
  [Kind.LINGER]: numeric(
    Kind.LINGER,
    "{on, seconds}",
    (value) => {
      const given = members(value, "on", "seconds");
      return given && [Number(given["on"]), given["seconds"]];
    },
    (on, seconds) => ({ on: on !== 0, seconds }),
  ),
  [Kind.TIMEVAL]: numeric(
    Kind.TIMEVAL,
    "{seconds, microseconds} or milliseconds",
    (value) => {
      if (typeof value === "number") {
        return [Math.floor(value / 1000), Math.floor((value % 1000) * 1000)];
      }
      const given = members(value, "seconds", "microseconds");
      return given && [given["seconds"], given["microseconds"]];
    },
    (seconds, microseconds) => ({ seconds, microseconds }),
  ),

  [Kind.STRING]: {
    takes: "a string",
    write({ bytes, at }, value) {
      if (typeof value !== "string") return undefined;
      const text = encoder.encode(value);
      bytes.set(text, at);
      return text.length;
    },
    read({ bytes, at }, length) {
      const end = bytes.subarray(at, at + length).indexOf(0);
      return readText(bytes, at, end < 0 ? length : end);
    },
  },

  [Kind.IN_ADDR]: {
    takes: "an IPv4 address in text or {interface}",
    write(place, value, interfaceIndex) {
      const { ip_mreqn } = place.codecs;
      if (typeof value === "string") {
        writeInternet(place, AF.INET, value, place.at);
        return place.codecs.sockaddr_in.sin_zero - place.codecs.sockaddr_in.sin_addr;
      }
      const given = members(value, "interface");
      if (given === undefined) return undefined;
      place.bytes.fill(0, place.at, place.at + ip_mreqn.sizeof);
      const index = interfaceIndex(given["interface"]);
      place.view.setInt32(place.at + ip_mreqn.imr_ifindex, index, true);
      return ip_mreqn.sizeof;
    },
    read: (place) => readInternet(place, AF.INET, place.at),
  },

  [Kind.MREQ]: membership("{group, interface or address}", (place, value, interfaceIndex) => {
    const { imr_multiaddr, imr_address, imr_ifindex, sizeof } = place.codecs.ip_mreqn;
    writeInternet(place, AF.INET, value["group"], place.at + imr_multiaddr);
    writeInternet(place, AF.INET, value["address"] ?? "0.0.0.0", place.at + imr_address);
    place.view.setInt32(place.at + imr_ifindex, interfaceIndex(value["interface"]), true);
    return sizeof;
  }),

  [Kind.MREQ_SOURCE]: membership("{group, source, address}", (place, value) => {
    const { imr_multiaddr, imr_interface, imr_sourceaddr, sizeof } = place.codecs.ip_mreq_source;
    writeInternet(place, AF.INET, value["group"], place.at + imr_multiaddr);
    writeInternet(place, AF.INET, value["address"] ?? "0.0.0.0", place.at + imr_interface);
    writeInternet(place, AF.INET, value["source"], place.at + imr_sourceaddr);
    return sizeof;
  }),

  [Kind.IPV6_MREQ]: membership("{group, interface}", (place, value, interfaceIndex) => {
    const { ipv6mr_multiaddr, ipv6mr_interface, sizeof } = place.codecs.ipv6_mreq;
    writeInternet(place, AF.INET6, value["group"], place.at + ipv6mr_multiaddr);
    const index = interfaceIndex(value["interface"]);
    place.view.setUint32(place.at + ipv6mr_interface, index, true);
    return sizeof;
  }),

  [Kind.GROUP]: membership("{group: address, interface}", (place, value, interfaceIndex) => {
    const { gr_interface, gr_group, sizeof } = place.codecs.group_req;
    place.bytes.fill(0, place.at, place.at + sizeof);
    const index = interfaceIndex(value["interface"]);
    place.view.setUint32(place.at + gr_interface, index, true);
    writeSocketAddress(place, value["group"], place.at + gr_group);
    return sizeof;
  }),

  [Kind.GROUP_SOURCE]: membership(
    "{group: address, source: address, interface}",
    (place, value, interfaceIndex) => {
      const { gsr_interface, gsr_group, gsr_source, sizeof } = place.codecs.group_source_req;
      place.bytes.fill(0, place.at, place.at + sizeof);
      const index = interfaceIndex(value["interface"]);
      place.view.setUint32(place.at + gsr_interface, index, true);
      writeSocketAddress(place, value["group"], place.at + gsr_group);
      writeSocketAddress(place, value["source"], place.at + gsr_source);
      return sizeof;
    },
  ),

  [Kind.CREDENTIALS]: {
    takes: "a Uint8Array",
    write: () => undefined,
    read: (place, length) => credentials.read(place, length) as unknown as PeerCredentials,
  },

  [Kind.TCP_INFO]: { takes: "a Uint8Array", write: () => undefined, read: readTcpInfo },
};

/** What is read of a kind that has no codec: its bytes. */
const raw: Codec = { takes: "a Uint8Array", write: () => undefined, read: slice };

/** Reads as many members of struct tcp_info as the kernel gave. */
function readTcpInfo({ codecs: { tcp_info }, view, at }: Place, length: number): TcpInfo {
  const { sizeof, ...offsets } = tcp_info;
  const fields = Object.entries(offsets) as [string, number][];
  const values: Record<string, number> = {};
  fields.forEach(([name, offset], i) => {
    const size = (fields[i + 1]?.[1] ?? sizeof) - offset;
    if (offset + size > length) return;
    const place = at + offset;
    values[name.replace("tcpi_", "")] =
      size === 8
        ? Number(view.getBigUint64(place, true))
        : size === 4
          ? view.getUint32(place, true)
          : view.getUint8(place);
  });
  return values;
}

/** An option's level, number and kind. */
function find(caller: Caller, level: One<string>, optname: One<string>) {
  const number = levels.encode(level);
  const option = optionsOf(number).encode(optname);
  const kind = marshal.optionKind(number, option);
  return { number, option, kind };
}

function placeOf({ wasm, pool }: Caller): Place {
  const { bytes } = pool;
  return { codecs: wasm, bytes, view: new DataView(bytes.buffer), at: wasm.block };
}

/** setsockopt(2): see Net.setsockopt. */
export function setOption(
  caller: Caller,
  fd: number,
  level: One<string>,
  optname: One<string>,
  optval: OptionValue,
  optlen: number | undefined,
): void {
  const { wasm } = caller;
  const { number, option, kind } = find(caller, level, optname);
  const length = encode(caller, kind, optname, optval);
  if (optlen !== undefined && !(Number.isInteger(optlen) && optlen >= 0 && optlen <= length)) {
    throw new RangeError(`optlen ${optlen} is not an integer from 0 to ${length}`);
  }
  caller.expect("setsockopt", wasm.setsockopt(fd, number, option, wasm.block, optlen ?? length));
}

/** Writes a value into the `block` scratch area: its length. */
function encode(caller: Caller, kind: number, optname: unknown, value: OptionValue): number {
  const { block, BLOCK_SIZE } = caller.wasm;
  if (value instanceof Uint8Array || typeof value === "string") {
    if (value.length > BLOCK_SIZE) {
      throw new RangeError(
        `a value of ${value.length} bytes is too long: at most ${BLOCK_SIZE} fit`,
      );
    }
  }
  if (value instanceof Uint8Array) {
    caller.pool.bytes.set(value, block);
    return value.length;
  }
  // An option that only the kernel may know takes an int, as most do.
  const codec = codecs[kind === Kind.NONE ? Kind.INT : kind] ?? raw;
  const complaint = () =>
    `option ${JSON.stringify(optname)} takes ${codec.takes}, not ${JSON.stringify(value)}`;
  const interfaceIndex = (given: unknown) =>
    typeof given === "string" ? caller.interfaceIndex(given) : integer(given ?? 0);
  try {
    const length = codec.write(placeOf(caller), value, interfaceIndex);
    if (length !== undefined) return length;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new TypeError(`${complaint()}: ${cause.message}`, { cause });
  }
  throw new TypeError(complaint());
}

/** getsockopt(2): see Net.getsockopt. */
export function getOption(
  caller: Caller,
  fd: number,
  level: One<string>,
  optname: One<string>,
): OptionValue {
  const { wasm, pool } = caller;
  const { number, option, kind } = find(caller, level, optname);
  pool.setWord(wasm.length, wasm.BLOCK_SIZE);
  caller.expect("getsockopt", wasm.getsockopt(fd, number, option, wasm.block, wasm.length));
  return (codecs[kind] ?? raw).read(placeOf(caller), pool.word(wasm.length));
}
