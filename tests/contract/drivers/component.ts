// What the drivers of WASI's components share: addresses, error codes, and the numbers that a libc would give.

import {
  Failure,
  unable,
  type Allowed,
  type Driver,
  type Family,
  type Need,
  type Option,
  type Place,
  type Sockets,
} from "../driver.js";
import { addressBytes, addressText } from "./guest.js";

export const FAMILY = { inet: "ipv4", inet6: "ipv6" } as const;

type Ipv4 = readonly [number, number, number, number];
type Ipv6 = readonly [number, number, number, number, number, number, number, number];

/** wasi:sockets' `ip-address`, and its `ip-socket-address`. */
type IpAddress =
  { readonly tag: "ipv4"; readonly val: Ipv4 } | { readonly tag: "ipv6"; readonly val: Ipv6 };
type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: { readonly port: number; readonly address: Ipv4 } }
  | {
      readonly tag: "ipv6";
      readonly val: {
        readonly port: number;
        readonly flowInfo: number;
        readonly address: Ipv6;
        readonly scopeId: number;
      };
    };

/** An address as a component has it. */
export function ipSocketAddress({ family, address, port }: Place): IpSocketAddress {
  const raw = addressBytes(address);
  if (family === "inet") {
    return { tag: "ipv4", val: { port, address: [...raw] as unknown as Ipv4 } };
  }
  const words = Array.from({ length: 8 }, (_, i) => (raw[2 * i]! << 8) | raw[2 * i + 1]!);
  return {
    tag: "ipv6",
    val: { port, flowInfo: 0, address: words as unknown as Ipv6, scopeId: 0 },
  };
}

function textOf({ tag, val }: IpAddress): string {
  if (tag === "ipv4") return addressText(Uint8Array.from(val));
  return addressText(Uint8Array.from(val.flatMap((word) => [word >> 8, word & 0xff])));
}

/** The same of one that a component was given. */
export function placeOf({ tag, val }: IpSocketAddress): Place {
  const address = textOf({ tag, val: val.address } as IpAddress);
  return { family: tag === "ipv4" ? "inet" : "inet6", address, port: val.port };
}

/** The addresses of a family. */
export function addressesOf(family: Family, found: readonly IpAddress[]): string[] {
  return found.filter(({ tag }) => tag === FAMILY[family]).map(textOf);
}

/** The errors of POSIX that a code stands for, as the WIT of wasi:sockets has them beside it. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  "access-denied": ["EACCES", "EPERM"],
  "not-supported": ["EOPNOTSUPP"],
  "invalid-argument": ["EINVAL", "EAFNOSUPPORT", "EDESTADDRREQ"],
  "invalid-state": ["EINVAL", "EISCONN", "ENOTCONN"],
  "address-not-bindable": ["EADDRNOTAVAIL"],
  "address-in-use": ["EADDRINUSE"],
  "connection-refused": ["ECONNREFUSED"],
  "connection-reset": ["ECONNRESET"],
  "connection-broken": ["EPIPE"],
  "connection-aborted": ["ECONNABORTED", "EPIPE"],
  "datagram-too-large": ["EMSGSIZE"],
  "would-block": ["EAGAIN"],
};

/** The failure of a code; one that no behaviour has is its own name. */
export function failure(code: string): Failure {
  return new Failure(...(CODES[code] ?? [code]));
}

/** What a function has thrown for its result; anything else has ended the component. */
export function payloadOf(thrown: unknown): unknown {
  if (thrown instanceof Error && "payload" in thrown) return thrown.payload;
  throw thrown;
}

/** A component's sockets, by the numbers that a libc gives them. */
export class Numbers<Value> {
  readonly #values: (Value | undefined)[] = [];

  add(value: Value): number {
    return this.#values.push(value) - 1;
  }

  get(fd: number): Value {
    return this.#values[fd]!;
  }

  take(fd: number): Value {
    const value = this.get(fd);
    this.#values[fd] = undefined;
    return value;
  }
}

/** The listeners of loopback that a behaviour finds: an ABI that is given none opens them by itself. */
export async function listeners(s: Omit<Sockets, "listeners">): Promise<Sockets["listeners"]> {
  const found = [];
  for (const [family, address] of [
    ["inet", "127.0.0.1"],
    ["inet6", "::1"],
  ] as const) {
    const fd = await s.socket(family, "stream");
    await s.bind(fd, { family, address, port: 0 });
    await s.listen(fd, 8);
    found.push({ fd, address: await s.getsockname(fd) });
  }
  return found;
}

/** Nanoseconds of a second. */
const SECOND = 1_000_000_000n;

/** How a socket's option is read and written. */
export interface SocketOption<Socket> {
  readonly get: (socket: Socket) => number;
  readonly set: (socket: Socket, value: number) => void;
}

/** What sets options, by names that 0.2 and 0.3 have alike. */
interface Settable {
  setKeepAliveEnabled(value: boolean): void;
  setKeepAliveIdleTime(value: bigint): void;
  setKeepAliveInterval(value: bigint): void;
  setKeepAliveCount(value: number): void;
  setHopLimit(value: number): void;
  setSendBufferSize(value: bigint): void;
  setReceiveBufferSize(value: bigint): void;
}

/** What reads them. */
interface Readers<Socket> {
  readonly keepAliveEnabled: (socket: Socket) => boolean;
  readonly keepAliveIdleTime: (socket: Socket) => bigint;
  readonly keepAliveInterval: (socket: Socket) => bigint;
  readonly keepAliveCount: (socket: Socket) => number;
  readonly hopLimit: (socket: Socket) => number;
  readonly sendBufferSize: (socket: Socket) => bigint;
  readonly receiveBufferSize: (socket: Socket) => bigint;
  readonly isListening: (socket: Socket) => boolean;
}

/** Options, by the methods that they are in a component. */
export function optionsBy<Socket extends Settable>(
  read: Readers<Socket>,
): Partial<Record<Option, SocketOption<Socket>>> {
  return {
    keepalive: {
      get: (socket) => Number(read.keepAliveEnabled(socket)),
      set: (socket, value) => {
        socket.setKeepAliveEnabled(value !== 0);
      },
    },
    keepidle: {
      get: (socket) => Number(read.keepAliveIdleTime(socket) / SECOND),
      set: (socket, value) => {
        socket.setKeepAliveIdleTime(BigInt(value) * SECOND);
      },
    },
    keepintvl: {
      get: (socket) => Number(read.keepAliveInterval(socket) / SECOND),
      set: (socket, value) => {
        socket.setKeepAliveInterval(BigInt(value) * SECOND);
      },
    },
    keepcnt: {
      get: read.keepAliveCount,
      set: (socket, value) => {
        socket.setKeepAliveCount(value);
      },
    },
    ttl: {
      get: read.hopLimit,
      set: (socket, value) => {
        socket.setHopLimit(value);
      },
    },
    sndbuf: {
      get: (socket) => Number(read.sendBufferSize(socket)),
      set: (socket, value) => {
        socket.setSendBufferSize(BigInt(value));
      },
    },
    rcvbuf: {
      get: (socket) => Number(read.receiveBufferSize(socket)),
      set: (socket, value) => {
        socket.setReceiveBufferSize(BigInt(value));
      },
    },
    acceptconn: { get: (socket) => Number(read.isListening(socket)), set: unable },
  };
}

/** What no component can say. */
export const NONE = {
  sendVectors: unable,
  recvVectors: unable,
  write: unable,
  read: unable,
  renumber: unable,
  recvNowhere: unable,
  acceptNowhere: unable,
};

/** The same as needs: handles are no numbers, bytes are lists, and options are those that WASI has. */
export const LACKS: readonly Need[] = [
  "numbers",
  "given",
  "send anywhere",
  "any type",
  "reconnect",
  "names unbound",
  "accept-nonblocking",
  "peek",
  "waitall",
  "truncation",
  "vectors",
  "files",
  "renumber",
  "pointers",
  "doubled sizes",
  "option reuseaddr",
  "option broadcast",
  "option type",
  "option error",
  "option nodelay",
  "option linger",
  "option rcvtimeo",
];

/** A driver of components: they find listeners where they may have them. */
export function componentDriver(
  name: string,
  can: Driver["can"],
  start: (allow: Allowed, wake: number) => Omit<Sockets, "listeners">,
): Driver {
  return {
    name,
    can,
    async start(allow, wake) {
      const s = start(allow, wake);
      return { ...s, listeners: allow === true ? await listeners(s) : [] };
    },
  };
}
