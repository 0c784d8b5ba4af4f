// What a guest may reach. Everything that is not named is refused, with EACCES and no system call.

import { decodeAddress, encodeAddress, type Address } from "../address.js";
import type { Descriptor } from "../descriptors.js";
import { Errno, marshal, marshalBytes } from "../marshal.js";
import { plain } from "./address.js";
import { Answers } from "./answers.js";
import { aside } from "./aside.js";
import {
  lowerCase,
  readNames,
  readRaw,
  readRules,
  type Allowed,
  type NamePattern,
  type Rules,
} from "./grammar.js";
import { isEscape } from "./option.js";
import { bytesOf, resolvePath } from "./path.js";
import {
  RAW,
  isInternet,
  protocolOf,
  useOf,
  type Action,
  type Kind,
  type Protocol,
  type Use,
} from "./protocol.js";
import { Verdict } from "./verdict.js";

export type { Allowed } from "./grammar.js";
export type { Protocol, Use } from "./protocol.js";

/**
 * What a guest is allowed; a use that is absent is refused.
 *
 * An Internet endpoint is `[transport:]host:port`. The transport is "tcp", "udp", "ping" or "raw"; without one
 * it is tcp and udp. The host is "127.0.0.1", "10.0.0.0/8", "[::1]", "[2001:db8::/32]", "*" for every address, or
 * a name, "example.com" or "*.example.com". The port is a number, a range "8000-8099" or "*". IPv4 within IPv6
 * (::ffff:127.0.0.1) is the IPv4 address; the scope of a link-local address is not looked at. A Unix endpoint is "unix:/run/app.sock", "unix:/run/app/*" (in the last
 * component, "*" stands for any characters but "/") or "unix:\0name" for the abstract namespace.
 */
export interface Allow {
  /**
   * Destinations of connect(2) and of every message that is sent. 0.0.0.0 and :: are loopback there. A host name
   * lets the guest look it up, and then reach the very addresses that it was told, for as long as they are held.
   */
  readonly connect?: Allowed;
  /** Local endpoints of bind(2), and so of listen(2); port 0 is the port 0 that the guest asks for. */
  readonly bind?: Allowed;
  /** Peers whose connections are accepted; where it is absent, all who reach what the guest may bind. */
  readonly accept?: Allowed;
  /**
   * Senders whose datagrams are received, beside those that the guest may send to. Where it is absent, those are
   * all on a socket whose port nobody named, and everybody on one that the guest bound as `bind` allows.
   */
  readonly receive?: Allowed;
  /** Host names for getaddrinfo(3); addresses in text need no permission. True allows getnameinfo(3) as well. */
  readonly resolve?: Allowed;
  /** Sockets beyond tcp, udp and unix: "ping", "raw", "packet", "netlink", "vsock". */
  readonly raw?: Allowed;
}

/**
 * Decides on each use, before its system call.
 *
 * @param use what is done
 * @param protocol of the socket, "any" for a look-up
 * @param address whom it concerns, IPv4 within IPv6 as IPv4; a host name for "resolve", the address for a
 *   getnameinfo(3); null for opening a socket of "raw"
 * @param syscall the call, "connect"
 * @returns true to allow it; anything else, an exception or a promise refuses
 */
export type AllowFunction = (
  use: Use,
  protocol: Protocol | "any",
  address: Address | string | null,
  syscall: string,
) => boolean;

/** A use that was refused. */
export interface Denied {
  /** What was tried; "option" for an option or control data that only a trusted guest may set. */
  readonly use: Use | "option";
  readonly protocol: Protocol | "any";
  /** As of an AllowFunction; null where it could not be read. */
  readonly address: Address | string | null;
  /** The call, "connect". */
  readonly syscall: string;
  /** What made it impossible to decide: what `allow` threw, or why the address could not be judged. */
  readonly error?: unknown;
}

/** What a policy is made of, beside `allow`. */
export interface PolicyOptions {
  /** Is told of each refusal, before the guest is. What it throws is lost. */
  readonly onDenied?: ((event: Denied) => void) | undefined;
  /** How many addresses of host names are held. */
  readonly answers: number;
}

const { AF, SOCK, addrinfo } = marshal;
const { EACCES, EBADF, EINTR } = Errno;

/** An address that is judged: what an embedder is shown, and what the rules know. */
interface Place {
  readonly address: Address;
  /** The path of a Unix address in bytes, resolved. */
  readonly path: string | undefined;
}

const USES = ["connect", "bind", "accept", "receive", "resolve", "raw"] as const;
const NOTHING: Rules = { endpoints: [], paths: [] };

function checkAllow(allow: unknown): asserts allow is Allow {
  if (typeof allow !== "object" || allow === null || Array.isArray(allow)) {
    throw new TypeError(`allow ${String(allow)} is neither true, an object nor a function`);
  }
  for (const name of Object.keys(allow)) {
    if (USES.includes(name as (typeof USES)[number])) continue;
    throw new TypeError(`allow.${name} is none of ${USES.join(", ")}`);
  }
}

/** Nobody hears of a promise that an embedder's function gives, so its failure must not end the process. */
function settle(result: unknown): void {
  if (result instanceof Promise) result.catch(() => undefined);
}

/** The permissions of one guest. */
export class Policy {
  /** Whether everything is allowed: the guest is the embedder's own code. */
  readonly trusted: boolean;
  /** Whether the function that was called last closed the descriptor at hand, or moved the guest's memory. */
  disturbed = false;
  /** The memory that a call's native addresses point into: an embedder's function may let it grow. */
  memory: { readonly buffer: ArrayBufferLike | undefined } | undefined;

  readonly #function: AllowFunction | undefined;
  readonly #onDenied: ((event: Denied) => void) | undefined;
  readonly #connect: Rules | true;
  readonly #bind: Rules | true;
  readonly #accept: Rules | true | undefined;
  readonly #receive: Rules | true | undefined;
  readonly #names: readonly NamePattern[] | true;
  readonly #raw: readonly Protocol[];
  readonly #answers: Answers;

  /**
   * @param allow what is allowed; true allows everything, raw sockets and unknown options included
   * @throws TypeError for what cannot be read
   */
  constructor(allow: Allow | AllowFunction | true = {}, options: PolicyOptions) {
    const { onDenied, answers } = options;
    if (onDenied !== undefined && typeof (onDenied as unknown) !== "function") {
      throw new TypeError("onDenied is not a function");
    }
    this.trusted = allow === true;
    this.#onDenied = onDenied;
    this.#answers = new Answers(answers);
    this.#function = typeof allow === "function" ? allow : undefined;
    const lists = allow === true || typeof allow === "function" ? {} : allow;
    checkAllow(lists);
    const { connect = [], bind = [], accept, receive, resolve = [], raw = [] } = lists;
    this.#connect = readRules("connect", connect, true);
    this.#bind = readRules("bind", bind, false);
    this.#accept = accept === undefined ? undefined : readRules("accept", accept, false);
    this.#receive = receive === undefined ? undefined : readRules("receive", receive, false);
    this.#raw = readRaw(raw);
    const names = readNames(resolve);
    this.#names = names === true ? true : [...names, ...this.#connectNames()];
  }

  #connectNames(): NamePattern[] {
    const { endpoints } = this.#connect === true ? NOTHING : this.#connect;
    return endpoints.flatMap(({ name }) => name ?? []);
  }

  /** Whether a socket may be opened at all: raw and packet sockets would see other programs' traffic. */
  allowsSocket(kind: Kind, syscall: string): boolean {
    if (this.trusted) return true;
    const protocol = protocolOf(kind);
    if (protocol === "tcp" || protocol === "udp" || protocol === "unix") return true;
    if (protocol === undefined) return this.#refuse("raw", "any", null, syscall);
    if (this.#function !== undefined) return this.#ask("raw", protocol, null, syscall);
    return this.#raw.includes(protocol) || this.#refuse("raw", protocol, null, syscall);
  }

  /**
   * Judges an address in the trusted memory, which then stands there as it was judged: without links in a Unix
   * path, and with loopback in the place of an unspecified destination.
   *
   * @param action what it is for
   * @param descriptor the socket that would use it
   * @param length of the address in bytes
   * @param syscall the call
   * @param at where it stands, the `address` scratch area where nothing is said
   * @returns the length of the address that is allowed, -EACCES where none is; -EBADF or -EINTR where an
   *   embedder's function closed the descriptor or moved the guest's memory
   */
  judge(
    action: Action,
    descriptor: Descriptor,
    length: number,
    syscall: string,
    at: number = marshal.address,
  ): number {
    if (this.trusted) return length;
    const { generation } = this.#answers;
    if (action === "connect" && descriptor.destination?.isOn(at, length, generation) === true) {
      return length;
    }
    if (action === "receive" && descriptor.sender?.isOn(at, length, generation) === true) {
      return length;
    }
    return this.#judgeAnew(action, descriptor, length, syscall, at);
  }

  /** Judges listen(2) on a socket whose local address is in the scratch area; 0 where it is not bound. */
  judgeListen(descriptor: Descriptor, length: number): number {
    if (this.trusted) return 0;
    if (this.#function === undefined && descriptor.bound) return 0;
    if (length > 0) return Math.min(this.judge("listen", descriptor, length, "listen"), 0);
    // listen(2) binds to the unspecified address and a port that the kernel chooses.
    const unspecified = encodeUnspecified(descriptor.domain);
    const bound = this.judge("bind", descriptor, unspecified, "listen");
    return Math.min(bound < 0 ? bound : this.judge("listen", descriptor, unspecified, "listen"), 0);
  }

  /** Whether listen(2) is judged by the local address. */
  get judgesLocal(): boolean {
    return this.#function !== undefined;
  }

  /** Whether the peers of accepted connections are judged. */
  get judgesPeers(): boolean {
    return this.#function !== undefined || (this.#accept !== undefined && this.#accept !== true);
  }

  /** Whether the senders of what a socket receives are judged. */
  judgesSenders({ domain, type, bound }: Descriptor): boolean {
    if (this.trusted || this.#receive === true) return false;
    if (type !== SOCK.DGRAM && type !== SOCK.RAW) return false;
    // Of the others, that they may be opened at all is all that can be said.
    if (domain !== AF.INET && domain !== AF.INET6 && domain !== AF.UNIX) return false;
    return !bound || this.#function !== undefined || this.#receive !== undefined;
  }

  /**
   * Whether an option may be set.
   *
   * @param value its number, where it has one
   */
  allowsOption(kind: Kind, level: number, option: number, value: number): boolean {
    return this.trusted || !isEscape(level, option, value) || this.refuseOption(kind, "setsockopt");
  }

  /** Reports an option, or control data, that is not allowed: false. */
  refuseOption(kind: Kind, syscall: string): false {
    return this.#refuse("option", protocolOf(kind) ?? "any", null, syscall);
  }

  /** Whether a name may be looked up. */
  allowsName(name: string): boolean {
    if (this.trusted) return true;
    if (this.#function !== undefined) return this.#ask("resolve", "any", name, "getaddrinfo");
    if (this.#names === true) return true;
    const asked = lowerCase(name);
    return (
      this.#names.some((matches) => matches(asked)) ||
      this.#refuse("resolve", "any", name, "getaddrinfo")
    );
  }

  /** Whether the name of the address in the scratch area may be looked up. */
  allowsNameOf(length: number): boolean {
    if (this.trusted || this.#names === true) return true;
    const address = plain(decodeAddress(marshal, marshalBytes, marshal.address, length));
    if (this.#function !== undefined) return this.#ask("resolve", "any", address, "getnameinfo");
    return this.#refuse("resolve", "any", address, "getnameinfo");
  }

  /**
   * Holds what a name resolved to: the list of wasm32 struct addrinfo in the `block` scratch area.
   *
   * @param name as the guest gave it
   * @param size of the list in bytes
   * @param target where it will stand in the guest's memory, which its pointers point into
   */
  hold(name: string, size: number, target: number): void {
    if (this.trusted || this.#connect === true || this.#connectNames().length === 0) return;
    const found: Record<"inet" | "inet6", Set<string>> = { inet: new Set(), inet6: new Set() };
    const view = new DataView(marshal.memory.buffer, marshal.block);
    for (let at = 0, next = target; next !== 0 && at < size;) {
      const pointer = view.getUint32(at + addrinfo.ai_addr, true) - (target >>> 0);
      const length = view.getUint32(at + addrinfo.ai_addrlen, true);
      const address = plain(decodeAddress(marshal, marshalBytes, marshal.block + pointer, length));
      if (address?.family === "inet" || address?.family === "inet6") {
        found[address.family].add(address.address);
      }
      next = view.getUint32(at + addrinfo.ai_next, true);
      at = next - (target >>> 0);
    }
    for (const [family, addresses] of Object.entries(found)) {
      if (addresses.size > 0) this.#answers.hold(lowerCase(name), family, [...addresses]);
    }
  }

  #judgeAnew(
    action: Action,
    descriptor: Descriptor,
    length: number,
    syscall: string,
    at: number,
  ): number {
    const buffer = this.memory?.buffer;
    const protocol = protocolOf(descriptor);
    const changed =
      action === "connect" &&
      marshal.decodableFamily(at, length) !== -1 &&
      marshal.nameLoopback(at);
    const place = this.#placeOf(action, protocol, length, at);
    const use = protocol === undefined ? "raw" : useOf(protocol, action);
    const name = protocol ?? "any";
    let allowed: boolean;
    if (place instanceof Error || protocol === undefined) {
      const error = place instanceof Error ? place : undefined;
      const address = plain(decodeAddress(marshal, marshalBytes, at, length));
      allowed = this.#refuse(use, name, address, syscall, error);
    } else if (this.#function !== undefined) {
      allowed = this.#ask(use, protocol, place.address, syscall);
    } else {
      allowed =
        this.#permits(action, descriptor, protocol, place) ||
        this.#refuse(use, protocol, place.address, syscall);
    }
    this.disturbed = descriptor.closed || this.memory?.buffer !== buffer;
    if (!allowed) return -EACCES;
    if (this.disturbed) return descriptor.closed ? -EBADF : -EINTR;
    if (place instanceof Error) return -EACCES;
    if (place.path !== undefined) return writePath(at, length, place.path);
    if (this.#function === undefined && !changed) this.#keep(action, descriptor, at, length);
    return length;
  }

  #keep(action: Action, descriptor: Descriptor, at: number, length: number): void {
    const { generation } = this.#answers;
    if (action === "connect") {
      (descriptor.destination ??= new Verdict()).keep(at, length, generation);
    } else if (action === "receive") {
      (descriptor.sender ??= new Verdict()).keep(at, length, generation);
    }
  }

  /** What is judged of an address, or an Error that says why it cannot be. */
  #placeOf(
    action: Action,
    protocol: Protocol | undefined,
    length: number,
    at: number,
  ): Place | Error {
    const address = plain(decodeAddress(marshal, marshalBytes, at, length));
    const family = address?.family;
    // Linux takes AF_UNSPEC for AF_INET in bind and sendto, so an address of no known family is refused,
    // whatever is allowed.
    const fits =
      protocol !== undefined && isInternet(protocol)
        ? family === "inet" || family === "inet6"
        : family === protocol;
    if (address === null || !fits)
      return new TypeError("the address is not of the socket's family");
    if (address.family !== "unix") return { address, path: undefined };
    const path = marshal.pathOf(at);
    const bytes = bytesOf(marshalBytes.subarray(path, path + marshal.pathLengthOf(at, length)));
    // The other side's name is what it gave to bind(2), wherever it was then.
    const given = action === "accept" || action === "receive" || action === "listen";
    if (given || bytes === "" || bytes.startsWith("\0") || !this.#judgesPaths(action)) {
      return { address, path: undefined };
    }
    const resolved = resolvePath(bytes, action === "connect");
    const { sizeof, sun_path } = marshal.sockaddr_un;
    if (resolved.length > sizeof - sun_path) {
      return new RangeError(`the path leads to one of ${resolved.length} bytes, which do not fit`);
    }
    const text = Buffer.from(resolved, "latin1").toString();
    return { address: { family: "unix", path: text }, path: resolved };
  }

  /** Whether it matters where a path leads. */
  #judgesPaths(action: Action): boolean {
    if (this.#function !== undefined) return true;
    const rules = action === "bind" ? this.#bind : this.#connect;
    return rules !== true && rules.paths.length > 0;
  }

  #permits(action: Action, descriptor: Descriptor, protocol: Protocol, place: Place): boolean {
    // One that another program passed may be of a kind that the guest cannot open.
    if (RAW.includes(protocol) && !this.#raw.includes(protocol)) return false;
    switch (action) {
      case "bind":
      case "listen":
        return this.#matches(this.#bind, protocol, place);
      case "connect":
        return this.#matches(this.#connect, protocol, place);
      case "accept":
        return this.#matches(this.#accept ?? true, protocol, place);
      case "receive":
        return (
          this.#matches(this.#connect, protocol, place) ||
          this.#matches(this.#receive ?? NOTHING, protocol, place) ||
          this.#bindsFreely(descriptor, protocol)
        );
    }
  }

  /** Whether the port that a socket got of the kernel is one that the guest might have bound. */
  #bindsFreely(descriptor: Descriptor, protocol: Protocol): boolean {
    if (this.#receive !== undefined) return false;
    const address: Address =
      descriptor.domain === AF.INET
        ? { family: "inet", address: "0.0.0.0", port: 0 }
        : { family: "inet6", address: "::", port: 0 };
    descriptor.bound = this.#matches(this.#bind, protocol, { address, path: undefined });
    return descriptor.bound;
  }

  #matches(rules: Rules | true, protocol: Protocol, { address, path }: Place): boolean {
    if (rules === true) return true;
    if (address.family === "unix") {
      const text = path ?? bytesOf(Buffer.from(address.path));
      return rules.paths.some((pattern) => pattern.test(text));
    }
    // The family of the socket was named, and that is all that can be.
    if (address.family !== "inet" && address.family !== "inet6") return true;
    const { address: text, port } = address;
    const version = address.family === "inet" ? "ipv4" : "ipv6";
    return rules.endpoints.some(({ protocols, hosts, name, low, high }) => {
      if (!protocols.includes(protocol) || port < low || port > high) return false;
      if (name !== undefined) return this.#answers.allow(text, name);
      if (hosts === undefined) return true;
      // To a BlockList, ::/0 holds the IPv4 addresses too.
      return hosts.family === address.family && hosts.list.check(text, version);
    });
  }

  /** Asks the embedder's function. */
  #ask(
    use: Use,
    protocol: Protocol | "any",
    address: Address | string | null,
    syscall: string,
  ): boolean {
    let error: unknown;
    try {
      const result: unknown = aside(() => this.#function!(use, protocol, address, syscall));
      if (result === true) return true;
      settle(result);
      if (result !== false) error = new TypeError(`allow gave ${String(result)}, no boolean`);
    } catch (thrown) {
      error = thrown ?? new Error("allow threw nothing");
    }
    return this.#refuse(use, protocol, address, syscall, error);
  }

  /** Tells the embedder of a refusal: false. */
  #refuse(
    use: Denied["use"],
    protocol: Protocol | "any",
    address: Address | string | null,
    syscall: string,
    error?: unknown,
  ): false {
    const onDenied = this.#onDenied;
    if (onDenied === undefined) return false;
    const event = { use, protocol, address, syscall };
    try {
      const listen: (event: Denied) => unknown = onDenied;
      settle(aside(() => listen(error === undefined ? event : { ...event, error })));
    } catch {
      // The guest's call goes on as if nobody had listened.
    }
    return false;
  }
}

/** Writes the unspecified address of a family, and port 0, into the scratch area: its length. */
function encodeUnspecified(domain: number): number {
  const address: Address =
    domain === AF.UNIX
      ? { family: "unix", path: "" }
      : domain === AF.INET6
        ? { family: "inet6", address: "::", port: 0 }
        : { family: "inet", address: "0.0.0.0", port: 0 };
  return encodeAddress(marshal, marshalBytes, address, () => 0);
}

/** Writes a path that fits in the place of another: the length of the address. */
function writePath(at: number, length: number, path: string): number {
  const start = marshal.pathOf(at);
  const given = bytesOf(marshalBytes.subarray(start, start + marshal.pathLengthOf(at, length)));
  if (given === path) return length;
  marshalBytes.set(Buffer.from(path, "latin1"), marshal.text);
  return marshal.encodeUnix(at, marshal.text, path.length);
}
