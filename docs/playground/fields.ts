// What the fields of C's structs mean: their types, and how their bytes are read. A field is known by its name, and where
// it lies is known to marshal.wasm and to assembly/platform alone.

import type { SystemName } from "wasi-sockets/marshal";
import type { Machine, SetName } from "./machine.js";
import { big, little, signed } from "./numbers.js";

/** A field of a struct as it lies in bytes. */
export interface Field {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  /** The set of its number, where its name does not tell. */
  readonly of?: SetName;
}

/** Says what a field's bytes mean. */
type Reading = (bytes: Uint8Array, machine: Machine, system: SystemName) => string;

interface Meaning {
  /** Its type in C, which some systems have of their own. */
  readonly type: string | (Partial<Record<SystemName, string>> & { readonly other: string });
  readonly reads: Reading;
}

/** Bytes that a type of C's has; one that is missing here fills its field. */
const SIZES: Readonly<Record<string, number>> = {
  int: 4,
  socklen_t: 4,
  size_t: 8,
  ULONG: 4,
  DWORD: 4,
  INT: 4,
  suseconds_t: 8,
  __darwin_suseconds_t: 4,
};

const unsigned: Reading = (bytes) => String(little(bytes));
const number: Reading = (bytes) => String(signed(bytes));
const seconds: Reading = (bytes) => `${signed(bytes)} s`;
const network: Reading = (bytes) => String(big(bytes));
const pointer: Reading = (bytes) =>
  little(bytes) === 0n ? "NULL" : `0x${little(bytes).toString(16)}`;
const zeros: Reading = (bytes) => (bytes.every((byte) => byte === 0) ? "zeros" : "not zero");

/** A number that has a name: "AF_INET6 (30)". */
function named(set: SetName): Reading {
  return (bytes, machine, system) => {
    const value = Number(signed(bytes.length < 4 ? Uint8Array.of(...bytes, 0) : bytes));
    const name = machine.nameOf(system, set, value);
    return name === undefined ? String(value) : `${set}_${name} (${value})`;
  };
}

/** Flags that have names, and those that have none: "AI_PASSIVE | 0x8000". */
function flagged(set: SetName, prefix = `${set}_`): Reading {
  return (bytes, machine, system) => {
    const { NumberSet } = machine.codecs;
    const value = Number(BigInt.asIntN(32, little(bytes)));
    const found: string[] = [];
    let left = value;
    for (const [name, own] of Object.entries(machine.names(set))) {
      if (own === 0) continue;
      const theirs = machine.codecs.flagsToSystem(machine.system(system), NumberSet[set], own);
      if (theirs === machine.codecs.ABSENT || theirs === 0 || (left & theirs) !== theirs) continue;
      found.push(prefix + name);
      left &= ~theirs;
    }
    if (left !== 0) found.push(`0x${(left >>> 0).toString(16)}`);
    return found.length === 0 ? "0" : found.join(" | ");
  };
}

function internet(family: "INET" | "INET6"): Reading {
  return (bytes, machine) => {
    const { AF, inet_ntop } = machine.codecs;
    const text = machine.through(bytes, (from, to) => inet_ntop(AF[family], from, to));
    return new TextDecoder().decode(text);
  };
}

const path: Reading = (bytes) => {
  const end = bytes.indexOf(0, 1);
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  return JSON.stringify(text).replace("\\u0000", "\\0");
};

const ints: Reading = (bytes) => {
  const found: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    found.push(String(signed(bytes.subarray(at, at + 4))));
  }
  return found.join(", ");
};

const family: Meaning = {
  type: { other: "sa_family_t", win32: "ADDRESS_FAMILY" },
  reads: named("AF"),
};
const length: Meaning = { type: "uint8_t", reads: unsigned };
const port: Meaning = { type: "in_port_t", reads: network };
const address: Meaning = { type: "struct in_addr", reads: internet("INET") };
const address6: Meaning = { type: "struct in6_addr", reads: internet("INET6") };
const interfaceIndex: Meaning = {
  type: { other: "uint32_t", win32: "ULONG" },
  reads: unsigned,
};

/** By its name. */
const meanings: Readonly<Record<string, Meaning>> = {
  sin_len: length,
  sin_family: family,
  sin_port: port,
  sin_addr: address,
  sin_zero: { type: "char[8]", reads: zeros },
  sin6_len: length,
  sin6_family: family,
  sin6_port: port,
  sin6_flowinfo: { type: "uint32_t", reads: network },
  sin6_addr: address6,
  sin6_scope_id: interfaceIndex,
  sun_len: length,
  sun_family: family,
  sun_path: { type: "char[]", reads: path },
  l_onoff: { type: { other: "int", win32: "u_short" }, reads: (bytes) => (little(bytes) === 0n ? "off" : `on (${little(bytes)})`) }, // prettier-ignore
  l_linger: { type: { other: "int", win32: "u_short" }, reads: seconds },
  tv_sec: { type: "time_t", reads: seconds },
  tv_usec: {
    type: { other: "suseconds_t", darwin: "__darwin_suseconds_t" },
    reads: (bytes) => `${signed(bytes)} µs`,
  },
  milliseconds: { type: "DWORD", reads: (bytes) => `${little(bytes)} ms` },
  int: { type: "int", reads: number },
  msg_flags: { type: { other: "int", win32: "DWORD" }, reads: flagged("MSG") },
  ni_flags: { type: "int", reads: flagged("NI") },
  events: { type: "short", reads: flagged("POLL", "POLL") },
  ai_flags: { type: "int", reads: flagged("AI") },
  ai_family: { type: "int", reads: named("AF") },
  ai_socktype: { type: "int", reads: named("SOCK") },
  ai_protocol: {
    type: "int",
    reads: (bytes, machine) => {
      const value = Number(signed(bytes));
      const name = Object.entries(machine.names("IPPROTO")).find(([, own]) => own === value)?.[0];
      return value === 0 || name === undefined ? String(value) : `IPPROTO_${name} (${value})`;
    },
  },
  ai_addrlen: { type: { other: "socklen_t", win32: "size_t" }, reads: unsigned },
  ai_canonname: { type: "char *", reads: pointer },
  ai_addr: { type: "struct sockaddr *", reads: pointer },
  ai_next: { type: "struct addrinfo *", reads: pointer },
  type: {
    type: "int",
    reads: (bytes, machine, system) => {
      const { NONBLOCK, CLOEXEC } = machine.codecs.SOCK;
      const value = Number(signed(bytes));
      const modifiers = Object.entries({ NONBLOCK, CLOEXEC }).flatMap(([name, own]) => {
        const theirs = machine.toSystem(system, "SOCK", own);
        return theirs !== null && (value & theirs) !== 0 ? [{ name, theirs }] : [];
      });
      const plain = modifiers.reduce((left, { theirs }) => left & ~theirs, value);
      const name = machine.nameOf(system, "SOCK", plain);
      return [name ?? String(plain), ...modifiers.map(({ name }) => name)]
        .map((name) => (/^\d|^-/.test(name) ? name : `SOCK_${name}`))
        .join(" | ");
    },
  },
  msg_name: { type: { other: "void *", win32: "LPSOCKADDR" }, reads: pointer },
  msg_namelen: { type: { other: "socklen_t", win32: "INT" }, reads: unsigned },
  msg_iov: { type: { other: "struct iovec *", win32: "LPWSABUF" }, reads: pointer },
  msg_iovlen: { type: { other: "int", linux: "size_t", win32: "ULONG" }, reads: unsigned },
  msg_control: { type: { other: "void *", win32: "CHAR *" }, reads: pointer },
  msg_controllen: { type: { other: "socklen_t", linux: "size_t", win32: "ULONG" }, reads: unsigned }, // prettier-ignore
  iov_base: { type: { other: "void *", win32: "CHAR *" }, reads: pointer },
  iov_len: { type: { other: "size_t", win32: "ULONG" }, reads: unsigned },
  cmsg_len: { type: { other: "socklen_t", linux: "size_t", win32: "SIZE_T" }, reads: unsigned },
  cmsg_level: { type: { other: "int", win32: "INT" }, reads: named("SOL") },
  cmsg_type: { type: { other: "int", win32: "INT" }, reads: number },
  ipi_ifindex: { type: { other: "int", win32: "ULONG" }, reads: unsigned },
  ipi_spec_dst: address,
  ipi_addr: address,
  ipi6_addr: address6,
  ipi6_ifindex: { type: { other: "unsigned int", win32: "ULONG" }, reads: unsigned },
  number: { type: "", reads: unsigned },
  descriptors: { type: "int[]", reads: ints },
};

/** What a field is of in C. */
export function typeOf(name: string, system: SystemName): string {
  const type = meanings[name]?.type ?? "";
  return typeof type === "string" ? type : (type[system] ?? type.other);
}

/** What a field's bytes say; whether they are zeros, where nothing is known of it. */
export function valueOf(
  { name, of }: Pick<Field, "name" | "of">,
  bytes: Uint8Array,
  machine: Machine,
  system: SystemName,
): string {
  if (of !== undefined) return named(of)(bytes, machine, system);
  return meanings[name]?.reads(bytes, machine, system) ?? zeros(bytes, machine, system);
}

/** Where the data of a cmsghdr starts, and how it is aligned. */
const NO_FIELDS = new Set(["data", "alignment"]);

/** A struct's fields in so many bytes, the gaps between them included: "padding" is theirs. */
export function fieldsOf(
  machine: Machine,
  system: SystemName,
  struct: string,
  length: number,
): Field[] {
  const { sizeof, ...offsets } = machine.layout(system, struct);
  const starts = Object.entries(offsets)
    .filter(([name]) => !NO_FIELDS.has(name))
    .sort(([, a], [, b]) => a - b);
  const found = starts.flatMap(([name, at], i): Field[] => {
    const room = Math.min(length, starts[i + 1]?.[1] ?? sizeof!) - at;
    const size = Math.min(room, SIZES[typeOf(name, system)] ?? room);
    if (size <= 0) return [];
    const padding = { name: "padding", at: at + size, size: room - size };
    return padding.size > 0 ? [{ name, at, size }, padding] : [{ name, at, size }];
  });
  const end = Math.max(0, ...found.map(({ at, size }) => at + size));
  return end < length ? [...found, { name: "beyond", at: end, size: length - end }] : found;
}
