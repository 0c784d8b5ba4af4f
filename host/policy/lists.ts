// The lists of `allow`: whether they permit what a guest is about to do.

import type { Descriptor } from "../descriptors.js";
import type { Allow } from "./allow.js";
import type { Answers } from "./answers.js";
import { readNames, readRaw, readRules, type NamePattern, type Rules } from "./grammar.js";
import type { Address } from "../address.js";
import { unspecified } from "./place.js";
import { RAW, type Action, type Protocol } from "./protocol.js";

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

/** A place that could be read. */
interface Known {
  readonly address: Address;
  /** The path of a Unix address, a character for each byte. */
  readonly path?: string | undefined;
}

/** The lists of one guest. */
export class Lists {
  /** What is no tcp, udp or unix socket, and may be opened. */
  readonly raw: readonly Protocol[];
  readonly #connect: Rules | true;
  readonly #bind: Rules | true;
  readonly #accept: Rules | true | undefined;
  readonly #receive: Rules | true | undefined;
  readonly #names: readonly NamePattern[] | true;
  /** The names of `connect`. */
  readonly #destinations: readonly NamePattern[];
  readonly #answers: Answers;

  /**
   * @param answers what names resolved to
   * @throws TypeError for what cannot be read
   */
  constructor(allow: Allow, answers: Answers) {
    checkAllow(allow);
    const { connect = [], bind = [], accept, receive, resolve = [], raw = [] } = allow;
    this.#answers = answers;
    this.#connect = readRules("connect", connect, true);
    this.#bind = readRules("bind", bind, false);
    this.#accept = accept === undefined ? undefined : readRules("accept", accept, false);
    this.#receive = receive === undefined ? undefined : readRules("receive", receive, false);
    this.raw = readRaw(raw);
    const { endpoints } = this.#connect === true ? NOTHING : this.#connect;
    this.#destinations = endpoints.flatMap(({ name }) => name ?? []);
    const names = readNames(resolve);
    this.#names = names === true ? true : [...names, ...this.#destinations];
  }

  /** Whether it matters who connects. */
  get judgesPeers(): boolean {
    return this.#accept !== undefined && this.#accept !== true;
  }

  /** Whether it matters who sends, to a port that was bound as well. */
  get judgesSenders(): boolean {
    return this.#receive !== undefined;
  }

  /** Whether whatever comes is received. */
  get receivesAll(): boolean {
    return this.#receive === true;
  }

  /** Whether any name, and the name of any address, may be looked up. */
  get allowsAnyName(): boolean {
    return this.#names === true;
  }

  /** Whether a name, in lower case, may be looked up. */
  allowsName(name: string): boolean {
    return this.#names === true || this.#names.some((matches) => matches(name));
  }

  /** Whether what a name resolves to may be reached. */
  holds(name: string): boolean {
    return this.#destinations.some((matches) => matches(name));
  }

  /** Whether it matters where a path leads. */
  judgesPaths(action: Action): boolean {
    const rules = action === "bind" ? this.#bind : this.#connect;
    return rules !== true && rules.paths.length > 0;
  }

  /** Whether a socket may do something with a place. */
  permits(action: Action, descriptor: Descriptor, protocol: Protocol, place: Known): boolean {
    // One that another program passed may be of a kind that the guest cannot open.
    if (RAW.includes(protocol) && !this.raw.includes(protocol)) return false;
    switch (action) {
      case "bind":
      case "listen":
        return this.#match(this.#bind, protocol, place);
      case "connect":
        return this.#match(this.#connect, protocol, place);
      case "accept":
        return this.#match(this.#accept ?? true, protocol, place);
      case "receive":
        return (
          this.#match(this.#connect, protocol, place) ||
          this.#match(this.#receive ?? NOTHING, protocol, place) ||
          this.#bindsFreely(descriptor, protocol)
        );
    }
  }

  /** Whether the port that a socket got of the kernel is one that the guest might have bound. */
  #bindsFreely(descriptor: Descriptor, protocol: Protocol): boolean {
    if (this.#receive !== undefined) return false;
    const address = unspecified(descriptor.domain);
    const path = address.family === "unix" ? address.path : undefined;
    descriptor.bound = this.#match(this.#bind, protocol, { address, path });
    return descriptor.bound;
  }

  #match(rules: Rules | true, protocol: Protocol, { address, path }: Known): boolean {
    if (rules === true) return true;
    if (path !== undefined) return rules.paths.some((pattern) => pattern.test(path));
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
}
