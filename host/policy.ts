// What a guest may reach. Everything that is not named is refused, with EACCES and no system call.

import { decodeAddress, encodeAddress, type Address } from "./address.js";
import { marshal, marshalBytes } from "./marshal.js";

/** All of a use, or the exact endpoints that are allowed. */
export type Allowed = true | readonly string[];

/** What a guest is allowed; a use that is absent is refused. */
export interface Allow {
  /** Destinations of connect and sendto: "tcp:127.0.0.1:8080", "udp:[::1]:53", "unix:/run/app.sock". */
  readonly connect?: Allowed;
  /** Local endpoints of bind, in the same form; port 0 is the port 0 that the guest asks for. */
  readonly bind?: Allowed;
  /** Host names for getaddrinfo; addresses in text need no permission. */
  readonly resolve?: Allowed;
}

/** The uses of an address that a policy judges. */
export type Use = "connect" | "bind";

const { AF, IP, IPPROTO, IPV6, SOCK, SOL } = marshal;

/** The transports that a guest under a policy may open, by socket type and protocol. */
const TRANSPORTS: readonly (readonly [type: number, protocol: number, name: string])[] = [
  [SOCK.STREAM, IPPROTO.IP, "tcp"],
  [SOCK.STREAM, IPPROTO.TCP, "tcp"],
  [SOCK.STREAM, IPPROTO.MPTCP, "tcp"],
  [SOCK.DGRAM, IPPROTO.IP, "udp"],
  [SOCK.DGRAM, IPPROTO.UDP, "udp"],
  [SOCK.DGRAM, IPPROTO.UDPLITE, "udp"],
];

/** The options, by their level, that put a route or other headers into a packet. */
const ROUTING: Readonly<Record<number, readonly number[]>> = {
  [SOL.IP]: [IP.OPTIONS],
  [SOL.IPV6]: [IPV6.HOPOPTS, IPV6.RTHDRDSTOPTS, IPV6.RTHDR, IPV6.DSTOPTS],
};

function transportOf(domain: number, type: number, protocol: number): string | undefined {
  if (domain === AF.UNIX) return "unix";
  if (domain !== AF.INET && domain !== AF.INET6) return undefined;
  return TRANSPORTS.find(([t, p]) => t === type && p === protocol)?.[2];
}

/** The text that stands for an endpoint in a list, "tcp:127.0.0.1:8080"; undefined where none can. */
function endpoint(transport: string, address: Address | null): string | undefined {
  switch (address?.family) {
    case "inet":
      return `${transport}:${address.address}:${address.port}`;
    case "inet6":
      return `${transport}:[${address.address}]:${address.port}`;
    case "unix":
      return `unix:${address.path}`;
    default:
      return undefined;
  }
}

/** Reads an entry of a list and writes it as `endpoint` does, so that "[0::1]" finds "[::1]". */
function canonical(entry: string): string {
  // JavaScript passes what the types do not let it.
  if (typeof (entry as unknown) !== "string") throw new TypeError(complaint(entry));
  const parts = /^(?:(tcp|udp):(?:\[([^\]]*)\]|([^:]*)):(\d+)|unix:([^]+))$/.exec(entry);
  if (parts === null) throw new TypeError(complaint(entry));
  const [, transport, inet6, inet, port, path] = parts;
  if (path !== undefined) return entry;
  const address: Address =
    inet6 === undefined
      ? { family: "inet", address: inet!, port: Number(port) }
      : { family: "inet6", address: inet6, port: Number(port) };
  try {
    const length = encodeAddress(marshal, marshalBytes, address, () => 0);
    return endpoint(transport!, decodeAddress(marshal, marshalBytes, marshal.address, length))!;
  } catch (cause) {
    throw new TypeError(complaint(entry), { cause });
  }
}

function hostName(entry: string): string {
  if (typeof (entry as unknown) === "string" && entry !== "") return entry.toLowerCase();
  throw new TypeError(`allow entry ${JSON.stringify(entry)} is not a host name like "example.com"`);
}

function complaint(entry: string): string {
  return `allow entry ${JSON.stringify(entry)} is not like "tcp:127.0.0.1:8080", "udp:[::1]:53" or "unix:/path"`;
}

function readAllowed(
  name: string,
  allowed: Allowed | undefined,
  read: (entry: string) => string,
): true | Set<string> {
  if (allowed === true) return true;
  if (allowed === undefined) return new Set();
  if (!Array.isArray(allowed))
    throw new TypeError(`allow.${name} must be true or a list of strings`);
  return new Set((allowed as readonly string[]).map(read));
}

/** The permissions of one guest. */
export class Policy {
  readonly #connect: true | Set<string>;
  readonly #bind: true | Set<string>;
  readonly #resolve: true | Set<string>;

  /**
   * @param allow what is allowed; true allows everything, raw sockets and unknown options included
   * @throws TypeError for an entry that cannot be read
   */
  constructor(readonly allow: Allow | true = {}) {
    const { connect, bind, resolve }: Allow =
      allow === true ? { connect: true, bind: true, resolve: true } : allow;
    this.#connect = readAllowed("connect", connect, canonical);
    this.#bind = readAllowed("bind", bind, canonical);
    this.#resolve = readAllowed("resolve", resolve, hostName);
  }

  /** Whether everything is allowed: the guest is the embedder's own code. */
  get trusted(): boolean {
    return this.allow === true;
  }

  /** Whether a socket may be opened at all: raw and packet sockets would see other programs' traffic. */
  allowsSocket(domain: number, type: number, protocol: number): boolean {
    return this.trusted || transportOf(domain, type, protocol) !== undefined;
  }

  /**
   * Judges an address in the host's own memory.
   *
   * @param use what it is for
   * @param socket the socket that would use it
   * @param length of the address in bytes
   * @param at where it stands, the `address` scratch area where nothing is said
   */
  allowsAddress(
    use: Use,
    socket: { domain: number; type: number; protocol: number },
    length: number,
    at = marshal.address,
  ): boolean {
    if (this.trusted) return true;
    const allowed = use === "connect" ? this.#connect : this.#bind;
    const address = decodeAddress(marshal, marshalBytes, at, length);
    const transport = transportOf(socket.domain, socket.type, socket.protocol);
    // Linux takes AF_UNSPEC for AF_INET in bind and sendto, so an address of no known family is judged
    // unknown, and refused, whatever is allowed.
    const text = transport === undefined ? undefined : endpoint(transport, address);
    return text !== undefined && (allowed === true || allowed.has(text));
  }

  /** Whether an option may be set: one that routes packets past the address that was judged may not. */
  allowsOption(level: number, option: number): boolean {
    return this.trusted || !(ROUTING[level]?.includes(option) ?? false);
  }

  /** Whether any local endpoint may be bound. */
  get allowsAnyBind(): boolean {
    return this.#bind === true;
  }

  /** Whether any name may be looked up. */
  get allowsAnyName(): boolean {
    return this.#resolve === true;
  }

  /** Whether a name may be looked up. */
  allowsName(name: string): boolean {
    return this.#resolve === true || this.#resolve.has(name.toLowerCase());
  }
}
