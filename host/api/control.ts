// Control messages as TypeScript objects, cmsg(3).

import { decodeAddress, type Address } from "../address.js";
import { marshal, type Codecs } from "../marshal.js";
import {
  credentials,
  integer,
  readInternet,
  writeInternet,
  type Members,
  type PayloadCodec,
  type Place,
} from "./place.js";
import { levels, SymbolSet, type Level } from "./symbols.js";

/** Descriptors that travel over a Unix socket, unix(7). */
export interface Rights {
  readonly level: "socket";
  readonly type: "rights";
  readonly fds: readonly number[];
}

/** Who sent a message over a Unix socket, unix(7); received where "passcred" is set. */
export interface Credentials {
  readonly level: "socket";
  readonly type: "credentials";
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** When a message arrived: in microseconds with "timestamp", in nanoseconds with "timestampns", socket(7). */
export interface Timestamp {
  readonly level: "socket";
  readonly type: "timestamp" | "timestampns";
  readonly seconds: number;
  /** The part of a second, in the unit of its type. */
  readonly fraction: number;
}

/** Where a datagram arrived, or is to be sent from, IP_PKTINFO of ip(7) and IPV6_PKTINFO of ipv6(7). */
export interface PacketInfo {
  readonly level: "ip" | "ipv6";
  readonly type: "pktinfo";
  /** The index of the interface, 0 for any. */
  readonly interface: number;
  /** Where it was sent to; with IPv6 also the source of what is sent. */
  readonly address: string;
  /** IPv4's local address, and the source of what is sent. */
  readonly local?: string;
}

/** A number: time to live, hop limit, type of service, traffic class, segment size. */
export interface Value {
  readonly level: "ip" | "ipv6" | "udp";
  readonly type: "ttl" | "tos" | "hoplimit" | "tclass" | "segment" | "gro";
  readonly value: number;
}

/** An error report of the network, IP_RECVERR of ip(7). */
export interface ErrorReport {
  readonly level: "ip" | "ipv6";
  readonly type: "recverr";
  readonly errno: number;
  /** SO_EE_ORIGIN: 1 local, 2 ICMP, 3 ICMPv6, 5 zero copy. */
  readonly origin: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly info: number;
  readonly data: number;
  /** Who reported it. */
  readonly offender: Address | null;
}

/** Any other control message, by its numbers or symbols and its very bytes. */
export interface OtherControl {
  readonly level: Level | number;
  readonly type: string | number;
  readonly bytes: Uint8Array;
}

/** A control message, cmsg(3). */
export type Control =
  Rights | Credentials | Timestamp | PacketInfo | Value | ErrorReport | OtherControl;

/** A payload that is one integer of so many bytes. */
function number(size: 1 | 2 | 4): PayloadCodec {
  return {
    write({ view, at }, { value }) {
      const checked = integer(value);
      if (size < 4 && (checked < 0 || checked >= 2 ** (8 * size))) {
        throw new TypeError(`${checked} is not an integer from 0 to ${2 ** (8 * size) - 1}`);
      }
      if (size === 1) view.setUint8(at, checked);
      else if (size === 2) view.setUint16(at, checked, true);
      else view.setInt32(at, checked, true);
      return size;
    },
    // The kernel gives some of them in another size than it takes.
    read({ view, at }, length) {
      if (length >= 4) return { value: view.getInt32(at, true) };
      return { value: length >= 2 ? view.getUint16(at, true) : view.getUint8(at) };
    },
  };
}

/** A payload that is a second and a part of it. */
const time: PayloadCodec = {
  write({ codecs, view, at }, { seconds, fraction }) {
    const { timeval } = codecs;
    view.setBigInt64(at + timeval.tv_sec, BigInt(integer(seconds)), true);
    view.setBigInt64(at + timeval.tv_usec, BigInt(integer(fraction)), true);
    return timeval.sizeof;
  },
  read({ codecs, view, at }) {
    const { timeval } = codecs;
    return {
      seconds: Number(view.getBigInt64(at + timeval.tv_sec, true)),
      fraction: Number(view.getBigInt64(at + timeval.tv_usec, true)),
    };
  },
};

const { Payload, AF } = marshal;

const payloads: Readonly<Record<number, PayloadCodec>> = {
  [Payload.INT]: number(4),
  [Payload.SHORT]: number(2),
  [Payload.BYTE]: number(1),
  [Payload.TIMEVAL]: time,
  [Payload.TIMESPEC]: time,

  [Payload.RIGHTS]: {
    write({ view, at, codecs }, { fds }) {
      const list = fds as readonly number[];
      list.forEach((fd, i) => {
        view.setInt32(at + i * codecs.INT_SIZE, integer(fd), true);
      });
      return list.length * codecs.INT_SIZE;
    },
    read({ view, at, codecs }, length) {
      const count = Math.floor(length / codecs.INT_SIZE);
      return {
        fds: Array.from({ length: count }, (_, i) => view.getInt32(at + i * codecs.INT_SIZE, true)),
      };
    },
  },

  [Payload.CREDENTIALS]: credentials,

  [Payload.IN_PKTINFO]: {
    write(place, { interface: index, address = "0.0.0.0", local = "0.0.0.0" }) {
      const { ipi_ifindex, ipi_spec_dst, ipi_addr, sizeof } = place.codecs.in_pktinfo;
      place.view.setInt32(place.at + ipi_ifindex, integer(index), true);
      writeInternet(place, AF.INET, local, place.at + ipi_spec_dst);
      writeInternet(place, AF.INET, address, place.at + ipi_addr);
      return sizeof;
    },
    read(place) {
      const { ipi_ifindex, ipi_spec_dst, ipi_addr } = place.codecs.in_pktinfo;
      return {
        interface: place.view.getInt32(place.at + ipi_ifindex, true),
        address: readInternet(place, AF.INET, place.at + ipi_addr),
        local: readInternet(place, AF.INET, place.at + ipi_spec_dst),
      };
    },
  },

  [Payload.IN6_PKTINFO]: {
    write(place, { interface: index, address = "::" }) {
      const { ipi6_addr, ipi6_ifindex, sizeof } = place.codecs.in6_pktinfo;
      writeInternet(place, AF.INET6, address, place.at + ipi6_addr);
      place.view.setUint32(place.at + ipi6_ifindex, integer(index), true);
      return sizeof;
    },
    read(place) {
      const { ipi6_addr, ipi6_ifindex } = place.codecs.in6_pktinfo;
      return {
        interface: place.view.getUint32(place.at + ipi6_ifindex, true),
        address: readInternet(place, AF.INET6, place.at + ipi6_addr),
      };
    },
  },

  [Payload.ERROR]: {
    write() {
      throw new TypeError("an error report is received, not sent");
    },
    read({ codecs, bytes, view, at }, length) {
      const { sock_extended_err: error } = codecs;
      const offender = at + error.sizeof;
      return {
        errno: view.getUint32(at + error.ee_errno, true),
        origin: view.getUint8(at + error.ee_origin),
        icmpType: view.getUint8(at + error.ee_type),
        icmpCode: view.getUint8(at + error.ee_code),
        info: view.getUint32(at + error.ee_info, true),
        data: view.getUint32(at + error.ee_data, true),
        offender: decodeAddress(codecs, bytes, offender, Math.max(0, length - error.sizeof)),
      };
    },
  },
};

const types = new Map<number, SymbolSet>();

/** The control messages of a level, by its number. */
function typesOf(level: number): SymbolSet {
  let set = types.get(level);
  if (set === undefined) {
    const what = `control message of level ${String(levels.decode(level))}`;
    set = new SymbolSet(what, marshal.SymbolSet.CONTROL + level);
    types.set(level, set);
  }
  return set;
}

/** Bytes rounded up to where the next header stands. */
function aligned(codecs: Codecs, length: number): number {
  return Math.ceil(length / codecs.INT_SIZE) * codecs.INT_SIZE;
}

/** How many bytes the payload of a control message takes at most. */
function payloadSize(codecs: Codecs, control: Control): number {
  if ("bytes" in control) return control.bytes.length;
  return "fds" in control ? control.fds.length * codecs.INT_SIZE : codecs.in6_pktinfo.sizeof;
}

/** Writes the payload of a control message: its length. */
function writePayload(place: Place, payload: PayloadCodec | undefined, control: Control): number {
  if (!("bytes" in control)) {
    if (payload !== undefined) return payload.write(place, control as unknown as Members);
  } else if ((control.bytes as unknown) instanceof Uint8Array) {
    // JavaScript passes what the types do not let it: a string, say.
    place.bytes.set(control.bytes, place.at);
    return control.bytes.length;
  }
  const type = JSON.stringify(control.type);
  throw new TypeError(`control message ${type} takes bytes, which must be a Uint8Array`);
}

/**
 * Writes control messages.
 *
 * @param at where in the instance's memory
 * @param room how many bytes they may take
 * @returns how many they take
 * @throws TypeError for a symbol or a member that is none; RangeError where they do not fit
 */
export function encodeControls(
  codecs: Codecs,
  bytes: Uint8Array,
  controls: readonly Control[],
  at: number,
  room: number,
): number {
  const { cmsghdr } = codecs;
  const view = new DataView(bytes.buffer);
  let size = 0;
  for (const control of controls) {
    const level = levels.encode(control.level);
    const type = typesOf(level).encode(control.type);
    const place = { codecs, bytes, view, at: at + size + cmsghdr.sizeof };
    const payload = payloads[marshal.controlPayload(level, type)];
    if (size + cmsghdr.sizeof + payloadSize(codecs, control) > room) {
      throw new RangeError(`control data is too long: at most ${room} bytes fit`);
    }
    const length = writePayload(place, payload, control);
    const header = at + size;
    view.setUint32(header + cmsghdr.cmsg_len, cmsghdr.sizeof + length, true);
    view.setInt32(header + cmsghdr.cmsg_level, level, true);
    view.setInt32(header + cmsghdr.cmsg_type, type, true);
    size += aligned(codecs, cmsghdr.sizeof + length);
  }
  return size;
}

/** Reads the control messages that stand at a place of an instance's memory. */
export function decodeControls(
  codecs: Codecs,
  bytes: Uint8Array,
  at: number,
  length: number,
): Control[] {
  const { cmsghdr } = codecs;
  const view = new DataView(bytes.buffer);
  const controls: Control[] = [];
  for (let from = 0; from + cmsghdr.sizeof <= length;) {
    const header = at + from;
    const size = view.getUint32(header + cmsghdr.cmsg_len, true);
    const level = view.getInt32(header + cmsghdr.cmsg_level, true);
    const type = view.getInt32(header + cmsghdr.cmsg_type, true);
    const start = header + cmsghdr.sizeof;
    const payload = payloads[marshal.controlPayload(level, type)];
    const members = payload?.read({ codecs, bytes, view, at: start }, size - cmsghdr.sizeof) ?? {
      bytes: bytes.slice(start, header + size),
    };
    controls.push({
      level: levels.decode(level),
      type: typesOf(level).decode(type),
      ...members,
    } as Control);
    from += aligned(codecs, size);
  }
  return controls;
}
