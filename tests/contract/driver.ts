// What the contract suite asks of an ABI: BSD's calls, in whatever way its guests make them. A driver is a guest of
// one adapter and these few functions over its imports; each may give a promise.

/** A value, or the promise of one. */
export type Awaitable<Value> = Value | Promise<Value>;

export type Family = "inet" | "inet6";

/** An address as node:net has it. */
export interface Place {
  readonly family: Family;
  readonly address: string;
  readonly port: number;
}

/** What an ABI may be able to say, and a behaviour may need. */
export type Need =
  /** Opening, binding and connecting sockets. */
  | "open"
  /** Descriptors that are numbers: the lowest that is free, and some that are none. */
  | "numbers"
  /** Listeners that are opened for it. */
  | "given"
  /** Listening on a socket that it opened. */
  | "listen"
  /** Listening without an address. */
  | "listen unbound"
  /** Accepting where nobody listens. */
  | "accept anywhere"
  /** Receiving where there is no connection. */
  | "recv anywhere"
  /** Sending where there is no connection. */
  | "send anywhere"
  /** Sending when that direction has ended. */
  | "send ended"
  /** Shutting down where there is no connection. */
  | "shutdown anywhere"
  /** Calls that are another type's, on a socket. */
  | "any type"
  /** Connecting again where it has failed. */
  | "reconnect"
  /** Datagrams. */
  | "datagrams"
  /** Sending a datagram without an address of one's own. */
  | "send unbound"
  /** Sending a datagram to where its socket is connected to. */
  | "connected-datagrams"
  /** What address a socket and its peer have. */
  | "names"
  /** The address of a socket that has none. */
  | "names unbound"
  /** Calls that do not wait: their sockets can be made not to. */
  | "nonblocking"
  /** Sockets that do not wait from the moment that they are accepted. */
  | "accept-nonblocking"
  /** Looking at bytes without taking them. */
  | "peek"
  /** Waiting for all the bytes of a buffer. */
  | "waitall"
  /** Learning that a datagram was cut. */
  | "truncation"
  /** Several vectors in a call. */
  | "vectors"
  /** Several sockets in one wait. */
  | "poll"
  /** A clock in the same wait. */
  | "timeout"
  /** Names of hosts. */
  | "resolve"
  /** Sockets with reads and writes of files. */
  | "files"
  /** A descriptor's number given to another. */
  | "renumber"
  /** Pointers, so also bad ones. */
  | "pointers"
  /** Sizes of buffers as the kernel has them, twice what was asked for. */
  | "doubled sizes"
  | `option ${Option}`;

/** Options, by their names of socket(7), ip(7) and tcp(7). */
export type Option =
  | "reuseaddr"
  | "broadcast"
  | "keepalive"
  | "sndbuf"
  | "rcvbuf"
  | "type"
  | "error"
  | "acceptconn"
  | "nodelay"
  | "linger"
  | "rcvtimeo"
  | "ttl"
  | "keepidle"
  | "keepintvl"
  | "keepcnt";

/** A call failed. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** The errors of POSIX that the ABI's error may stand for, "ECONNREFUSED": one, where it has POSIX's. */
  readonly codes: readonly string[];

  constructor(...codes: string[]) {
    super(codes.join(" or "));
    this.codes = codes;
  }
}

export interface Polled {
  readonly fd: number;
  readonly events: "in" | "out";
}

/** The sockets of one guest. What fails throws a Failure. */
export interface Sockets {
  /** Sockets that it finds listening at loopback, one for each of inet and inet6. */
  readonly listeners: readonly { readonly fd: number; readonly address: Place }[];
  socket(family: Family, type: "stream" | "dgram"): Awaitable<number>;
  bind(fd: number, at: Place): Awaitable<void>;
  connect(fd: number, to: Place): Awaitable<void>;
  listen(fd: number, backlog: number): Awaitable<void>;
  /** @param nonBlocking whether the new socket does not wait */
  accept(fd: number, nonBlocking?: boolean): Awaitable<number>;
  /** How many bytes were taken. */
  send(fd: number, bytes: Uint8Array): Awaitable<number>;
  recv(fd: number, size: number, flag?: "peek" | "waitall"): Awaitable<Uint8Array>;
  sendto(fd: number, bytes: Uint8Array, to: Place): Awaitable<number>;
  recvfrom(
    fd: number,
    size: number,
  ): Awaitable<{ bytes: Uint8Array; from: Place; truncated: boolean }>;
  shutdown(fd: number, how: "read" | "write" | "both"): Awaitable<void>;
  close(fd: number): Awaitable<void>;
  getsockname(fd: number): Awaitable<Place>;
  getpeername(fd: number): Awaitable<Place>;
  setNonBlocking(fd: number, on: boolean): Awaitable<void>;
  /** Which of some are ready, before so many milliseconds have passed, -1 for any. */
  poll(wanted: readonly Polled[], timeout: number): Awaitable<readonly Polled[]>;
  getOption(fd: number, option: Option): Awaitable<number>;
  setOption(fd: number, option: Option, value: number): Awaitable<void>;
  resolve(host: string, family: Family): Awaitable<readonly string[]>;
  /** As send and recv, of several vectors. */
  sendVectors(fd: number, vectors: readonly Uint8Array[]): Awaitable<number>;
  recvVectors(fd: number, sizes: readonly number[]): Awaitable<readonly Uint8Array[]>;
  /** As send and recv, by the functions for files. */
  write(fd: number, bytes: Uint8Array): Awaitable<number>;
  read(fd: number, size: number): Awaitable<Uint8Array>;
  renumber(from: number, to: number): Awaitable<void>;
  /** recv into memory that is not there. */
  recvNowhere(fd: number, size: number): Awaitable<void>;
  /** accept to a place that is not there. */
  acceptNowhere(fd: number): Awaitable<void>;
  dispose(): Awaitable<void>;
}

/** What a guest may reach, as `allow` has it. */
export type Allowed =
  true | { readonly connect?: readonly string[] | true; readonly bind?: readonly string[] | true };

/** An adapter, and what its ABI can say. */
export interface Driver {
  readonly name: string;
  readonly can: ReadonlySet<Need>;
  /**
   * Starts a guest.
   *
   * @param allow what it may reach
   * @param wake a descriptor that ends its waits
   */
  start(allow: Allowed, wake: number): Promise<Sockets>;
}

/** Functions that a driver has not, because its ABI cannot say it. */
export function unable(): never {
  throw new Error("the ABI cannot say this: the behaviour lacks a need");
}

/** Every need that there is. */
// prettier-ignore
export const ALL: readonly Need[] = [
  "open", "numbers", "given", "listen", "listen unbound", "accept anywhere", "recv anywhere", "send anywhere", "send ended",
  "shutdown anywhere", "any type", "reconnect", "datagrams", "send unbound", "connected-datagrams", "names", "names unbound",
  "nonblocking", "accept-nonblocking", "peek", "waitall", "truncation", "vectors", "poll", "timeout", "resolve", "files",
  "renumber", "pointers", "doubled sizes", "option reuseaddr", "option broadcast", "option keepalive", "option sndbuf",
  "option rcvbuf", "option type", "option error", "option acceptconn", "option nodelay", "option linger", "option rcvtimeo",
  "option ttl", "option keepidle", "option keepintvl", "option keepcnt",
];

/** All needs but some. */
export function allBut(lacks: readonly Need[]): ReadonlySet<Need> {
  return new Set(ALL.filter((need) => !lacks.includes(need)));
}
