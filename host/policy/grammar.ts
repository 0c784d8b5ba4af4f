// The grammar of `allow`: entries of text become rules, once, when the guest is made.

import { BlockList } from "node:net";
import { decodeAddress, encodeAddress, type Address } from "../address.js";
import { marshal, marshalBytes } from "../marshal.js";
import { plain } from "./address.js";
import { RAW, type Protocol } from "./protocol.js";
import { bytesOf, resolvePath } from "./path.js";

/** Everything of a use, or a list of entries. */
export type Allowed = true | readonly string[];

/** Whether a name is one of those that an entry stands for. */
export type NamePattern = (name: string) => boolean;

/** Addresses with a prefix in common. */
export interface Hosts {
  readonly family: "inet" | "inet6";
  readonly list: BlockList;
}

/** Internet endpoints. */
export interface EndpointRule {
  readonly protocols: readonly Protocol[];
  /** The addresses; undefined for every one, or for those of `name`. */
  readonly hosts: Hosts | undefined;
  /** The names whose addresses they are. */
  readonly name: NamePattern | undefined;
  /** The ports, both ends included. */
  readonly low: number;
  readonly high: number;
}

/** What a list of entries stands for. */
export interface Rules {
  readonly endpoints: readonly EndpointRule[];
  /** Unix addresses, a character for each byte. */
  readonly paths: readonly RegExp[];
}

const PORT_MAX = 0xffff;

const TRANSPORTS = ["tcp", "udp", "ping", "raw", "unix"];
const ENTRY =
  /^(?:(tcp|udp|ping|raw):)?(?:\[([^\]]*)\]|([^:[\]]+)):(?:(\*)|(\d{1,5})(?:-(\d{1,5}))?)$/;

/** A host name as DNS has it; "_" is for services. */
const NAME =
  /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
/** What ends in a number is an address, or a mistake in one, and never a name. */
const NUMERIC = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

function complaint(entry: unknown): string {
  return (
    `allow entry ${JSON.stringify(entry)} is not like "tcp:127.0.0.1:8080", "udp:10.0.0.0/8:53", ` +
    `"[::1]:8000-8099", "*.example.com:443" or "unix:/run/app/*"`
  );
}

const FIRST_CAPITAL = "A".charCodeAt(0);
const LAST_CAPITAL = "Z".charCodeAt(0);

/** Lower case as DNS knows it, RFC 4343: of ASCII alone. */
export function lowerCase(name: string): string {
  // Nearly every name is: no look-up need wait for a regular expression to find nothing in it.
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code >= FIRST_CAPITAL && code <= LAST_CAPITAL) {
      return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    }
  }
  return name;
}

/** Reads a host name, or undefined where it is none. */
function namePattern(text: string): NamePattern | undefined {
  const name = lowerCase(text);
  if (!NAME.test(name) || NUMERIC.test(name)) return undefined;
  if (!name.startsWith("*.")) return (asked) => asked === name;
  const suffix = name.slice(1);
  return (asked) => asked.length > suffix.length && asked.endsWith(suffix);
}

/** Reads an address with or without the length of a prefix, or undefined where it is none. */
function readHosts(family: "inet" | "inet6", text: string): Hosts | undefined {
  const parts = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text);
  if (parts === null) return undefined;
  let address: Address | null;
  try {
    const length = encodeAddress(
      marshal,
      marshalBytes,
      { family, address: parts[1]!, port: 0 },
      () => 0,
    );
    address = plain(decodeAddress(marshal, marshalBytes, marshal.address, length));
  } catch {
    return undefined;
  }
  if (address?.family !== "inet" && address?.family !== "inet6") return undefined;
  const full = address.family === "inet" ? 32 : 128;
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const mapped = family === "inet6" && full === 32 ? 96 : 0;
  const prefix = parts[2] === undefined ? full : Number(parts[2]) - mapped;
  if (prefix < 0 || prefix > full) return undefined;
  const list = new BlockList();
  list.addSubnet(address.address, prefix, full === 32 ? "ipv4" : "ipv6");
  return { family: address.family, list };
}

function readEndpoint(entry: string, takesNames: boolean): EndpointRule {
  const parts = ENTRY.exec(entry);
  if (parts === null) throw new TypeError(complaint(entry));
  const [, transport, inet6, host, all, first, last] = parts;
  const low = all === undefined ? Number(first) : 0;
  const high = all === undefined ? Number(last ?? first) : PORT_MAX;
  if (low > high || high > PORT_MAX) throw new TypeError(complaint(entry));
  const protocols: Protocol[] = transport === undefined ? ["tcp", "udp"] : [transport as Protocol];
  const rule = { protocols, low, high };
  if (host === "*") return { ...rule, hosts: undefined, name: undefined };
  const hosts = inet6 === undefined ? readHosts("inet", host!) : readHosts("inet6", inet6);
  if (hosts !== undefined) {
    if (takesNames && /^[0:.]+$/.test(inet6 ?? host!)) {
      throw new TypeError(
        `allow entry ${JSON.stringify(entry)} is no destination: write the loopback address, or "*" for every one`,
      );
    }
    return { ...rule, hosts, name: undefined };
  }
  // "tcp:8080" has forgotten its host.
  const named = host !== undefined && !TRANSPORTS.includes(host);
  const name = named ? namePattern(host) : undefined;
  if (name === undefined) throw new TypeError(complaint(entry));
  if (takesNames) return { ...rule, hosts: undefined, name };
  throw new TypeError(
    `allow entry ${JSON.stringify(entry)} is a host name, which only connect and resolve take`,
  );
}

/** Reads the path of an entry: its last component, or an abstract name, may hold "*" for any characters. */
function readPath(entry: string, path: string): RegExp {
  const abstract = path.startsWith("\0");
  const cut = path.lastIndexOf("/");
  if (path === "" || (!abstract && path.slice(0, Math.max(0, cut)).includes("*"))) {
    throw new TypeError(complaint(entry));
  }
  const bytes = bytesOf(Buffer.from(path));
  const resolved = abstract ? bytes : resolvePath(bytes, true);
  const any = abstract ? "[^]*" : "[^/]*";
  return new RegExp(
    `^${resolved.replace(/[\\^$.*+?()[\]{}|]/g, (c) => (c === "*" ? any : `\\${c}`))}$`,
  );
}

/**
 * Reads a list of endpoints.
 *
 * @param use the name of the list
 * @param takesNames whether host names are endpoints as well
 * @throws TypeError that names what cannot be read and what could
 */
export function readRules(use: string, allowed: Allowed, takesNames: boolean): Rules | true {
  if (allowed === true) return true;
  const endpoints: EndpointRule[] = [];
  const paths: RegExp[] = [];
  for (const entry of readList(use, allowed)) {
    if (typeof entry !== "string") throw new TypeError(complaint(entry));
    if (entry.startsWith("unix:")) paths.push(readPath(entry, entry.slice("unix:".length)));
    else endpoints.push(readEndpoint(entry, takesNames));
  }
  return { endpoints, paths };
}

/** Reads a list of host names. */
export function readNames(allowed: Allowed): readonly NamePattern[] | true {
  if (allowed === true) return true;
  return readList("resolve", allowed).map((entry) => {
    const name = typeof entry === "string" ? namePattern(entry) : undefined;
    if (name !== undefined) return name;
    throw new TypeError(
      `allow entry ${JSON.stringify(entry)} is not a host name like "example.com" or "*.example.com"`,
    );
  });
}

/** Reads the list of protocols that reach beyond the sockets of a program. */
export function readRaw(allowed: Allowed): readonly Protocol[] {
  if (allowed === true) return RAW;
  return readList("raw", allowed).map((entry) => {
    if (RAW.includes(entry as Protocol)) return entry as Protocol;
    const valid = RAW.map((name) => `"${name}"`).join(", ");
    throw new TypeError(`allow entry ${JSON.stringify(entry)} is none of ${valid}`);
  });
}

// JavaScript passes what the types do not let it.
function readList(use: string, allowed: unknown): readonly unknown[] {
  if (Array.isArray(allowed)) return allowed;
  throw new TypeError(`allow.${use} must be true or a list of strings`);
}
