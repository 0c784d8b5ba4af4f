// What a guest may reach. Everything that is not named is refused, with EACCES and no system call.

import { decodeAddress } from "../address.js";
import type { Descriptor } from "../descriptors.js";
import { Errno, marshal, marshalBytes } from "../marshal.js";
import { plain } from "./address.js";
import type { Allow, AllowFunction, Denied } from "./allow.js";
import { Answers } from "./answers.js";
import { Embedder } from "./embedder.js";
import { lowerCase } from "./grammar.js";
import { Lists } from "./lists.js";
import { isEscape } from "./option.js";
import { encodeUnspecified, placeOf, writePath, type Place } from "./place.js";
import { protocolOf, useOf, type Action, type Kind, type Protocol } from "./protocol.js";
import { isKept, Verdicts } from "./verdicts.js";

export type { Allow, AllowFunction, Denied } from "./allow.js";
export type { Allowed } from "./grammar.js";
export type { Protocol, Use } from "./protocol.js";

/** What a policy is made of, beside `allow`. */
export interface PolicyOptions {
  /** Is told of each refusal, before the guest is. What it throws is lost. */
  readonly onDenied?: ((event: Denied) => void) | undefined;
  /** How many addresses of host names are held. */
  readonly answers: number;
}

const { AF, SOCK, addrinfo } = marshal;
const { EACCES, EBADF, EINTR } = Errno;

/** The permissions of one guest. */
export class Policy {
  /** Whether everything is allowed: the guest is the embedder's own code. */
  readonly trusted: boolean;
  /** Whether the function that was called last closed the descriptor at hand, or moved the guest's memory. */
  disturbed = false;
  /** The memory that a call's native addresses point into: an embedder's function may let it grow. */
  memory: { readonly buffer: ArrayBufferLike | undefined } | undefined;

  readonly #embedder: Embedder;
  readonly #lists: Lists;
  readonly #answers: Answers;
  readonly #verdicts = new Verdicts();
  /** Whether whatever comes is received, on any socket, and on one that was bound. */
  readonly #hearsAll: boolean;
  readonly #hearsAllBound: boolean;

  /**
   * @param allow what is allowed; true allows everything, raw sockets and unknown options included
   * @throws TypeError for what cannot be read
   */
  constructor(allow: Allow | AllowFunction | true = {}, options: PolicyOptions) {
    this.trusted = allow === true;
    this.#embedder = new Embedder(allow, options.onDenied);
    this.#answers = new Answers(options.answers);
    this.#lists = new Lists(
      allow === true || typeof allow === "function" ? {} : allow,
      this.#answers,
    );
    this.#hearsAll = this.trusted || this.#lists.receivesAll;
    this.#hearsAllBound = this.#hearsAll || !(this.#embedder.decides || this.#lists.judgesSenders);
  }

  /** Whether a socket may be opened at all: raw and packet sockets would see other programs' traffic. */
  allowsSocket(kind: Kind, syscall: string): boolean {
    if (this.trusted) return true;
    const protocol = protocolOf(kind);
    if (protocol === "tcp" || protocol === "udp" || protocol === "unix") return true;
    if (protocol === undefined) return this.#embedder.refuse("raw", "any", null, syscall);
    if (this.#embedder.decides) return this.#embedder.ask("raw", protocol, null, syscall);
    return (
      this.#lists.raw.includes(protocol) || this.#embedder.refuse("raw", protocol, null, syscall)
    );
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
    if (isKept(action)) {
      const { generation } = this.#answers;
      if (this.#verdicts.has(action, descriptor, generation, at, length)) return length;
    }
    return this.#judgeAnew(action, descriptor, length, syscall, at);
  }

  /** Judges listen(2) on a socket whose local address is in the scratch area; 0 where it is not bound. */
  judgeListen(descriptor: Descriptor, length: number): number {
    if (this.trusted) return 0;
    if (!this.#embedder.decides && descriptor.bound) return 0;
    if (length > 0) return Math.min(this.judge("listen", descriptor, length, "listen"), 0);
    // listen(2) binds to the unspecified address and a port that the kernel chooses.
    const unspecified = encodeUnspecified(descriptor.domain);
    const bound = this.judge("bind", descriptor, unspecified, "listen");
    return Math.min(bound < 0 ? bound : this.judge("listen", descriptor, unspecified, "listen"), 0);
  }

  /** Whether listen(2) is judged by the local address. */
  get judgesLocal(): boolean {
    return this.#embedder.decides;
  }

  /** Whether the peers of accepted connections are judged. */
  get judgesPeers(): boolean {
    return this.#embedder.decides || this.#lists.judgesPeers;
  }

  /** Whether the senders of what a socket receives are judged. */
  judgesSenders({ domain, type, bound }: Descriptor): boolean {
    // A stream's peer was judged when it was connected or accepted.
    if (type !== SOCK.DGRAM && type !== SOCK.RAW) return false;
    if (bound ? this.#hearsAllBound : this.#hearsAll) return false;
    // Of the others, that they may be opened at all is all that can be said.
    return domain === AF.INET || domain === AF.INET6 || domain === AF.UNIX;
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
    return this.#embedder.refuse("option", protocolOf(kind) ?? "any", null, syscall);
  }

  /** Whether a name may be looked up. */
  allowsName(name: string): boolean {
    if (this.trusted) return true;
    if (this.#embedder.decides) return this.#embedder.ask("resolve", "any", name, "getaddrinfo");
    return (
      this.#lists.allowsName(lowerCase(name)) ||
      this.#embedder.refuse("resolve", "any", name, "getaddrinfo")
    );
  }

  /** Whether the name of the address in the scratch area may be looked up. */
  allowsNameOf(length: number): boolean {
    if (this.trusted || this.#lists.allowsAnyName) return true;
    const address = plain(decodeAddress(marshal, marshalBytes, marshal.address, length));
    if (this.#embedder.decides) return this.#embedder.ask("resolve", "any", address, "getnameinfo");
    return this.#embedder.refuse("resolve", "any", address, "getnameinfo");
  }

  /**
   * Holds what a name resolved to: the list of wasm32 struct addrinfo in the `block` scratch area.
   *
   * @param name as the guest gave it, of no use where everything is allowed
   * @param size of the list in bytes
   * @param target where it will stand in the guest's memory, which its pointers point into
   */
  hold(name: string, size: number, target: number): void {
    if (this.trusted) return;
    const asked = lowerCase(name);
    if (!this.#lists.holds(asked)) return;
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
      if (addresses.size > 0) this.#answers.hold(asked, family, [...addresses]);
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
    const changed =
      action === "connect" &&
      marshal.decodableFamily(at, length) !== -1 &&
      marshal.nameLoopback(at);
    const resolves = this.#embedder.decides || this.#lists.judgesPaths(action);
    const protocol = protocolOf(descriptor);
    const place = placeOf(action, protocol, length, at, resolves);
    const allowed = this.#decide(action, descriptor, protocol, place, syscall);
    this.disturbed = descriptor.closed || this.memory?.buffer !== buffer;
    if (!allowed) return -EACCES;
    if (this.disturbed) return descriptor.closed ? -EBADF : -EINTR;
    if (place.path !== undefined) return writePath(at, length, place.path);
    if (isKept(action) && !this.#embedder.decides && !changed) {
      this.#verdicts.keep(action, descriptor, this.#answers.generation, at, length);
    }
    return length;
  }

  /** Decides, and reports what is refused. */
  #decide(
    action: Action,
    descriptor: Descriptor,
    protocol: Protocol | undefined,
    { address, path, error }: Place,
    syscall: string,
  ): boolean {
    if (protocol === undefined) return this.#embedder.refuse("raw", "any", address, syscall, error);
    const use = useOf(protocol, action);
    if (address === null || error !== undefined) {
      return this.#embedder.refuse(use, protocol, address, syscall, error);
    }
    if (this.#embedder.decides) return this.#embedder.ask(use, protocol, address, syscall);
    return (
      this.#lists.permits(action, descriptor, protocol, { address, path }) ||
      this.#embedder.refuse(use, protocol, address, syscall)
    );
  }
}
