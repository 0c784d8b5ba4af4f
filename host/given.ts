// Sockets that an embedder opens for a guest.

import { decodeAddress, encodeAddress, type Address } from "./address.js";
import { SocketError } from "./error.js";
import { libc } from "./libc.js";
import { Errno, marshal, marshalBytes } from "./marshal.js";
import { scratch, scratchLength, setScratchLength, setWord } from "./scratch.js";

const { AF, INT_SIZE, SO, SOCK, SOCKADDR_MAX, SOL } = marshal;
const { EINPROGRESS } = Errno;

/** A descriptor that a guest finds open. */
export interface Given {
  readonly native: number;
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
}

/** A socket, and its own address. */
export interface Opened extends Given {
  readonly address: Address;
}

/** How many connections may wait to be accepted, as Node has it. */
const BACKLOG = 511;

/**
 * "127.0.0.1:8080", "[::1]:0" or "unix:/path" as an address.
 *
 * @param option in whose list it stands
 * @throws TypeError for what is no such text
 */
export function parseEndpoint(option: "listen" | "connect", entry: unknown): Address {
  const parts =
    typeof entry === "string"
      ? /^(?:unix:([^]+)|(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5}))$/.exec(entry)
      : null;
  if (parts === null) {
    throw new TypeError(
      `${option} entry ${JSON.stringify(entry)} is not like "127.0.0.1:8080", "[::1]:0" or "unix:/path"`,
    );
  }
  const [, path, inet6, inet, port] = parts;
  if (path !== undefined) return { family: "unix", path };
  if (inet6 !== undefined) return { family: "inet6", address: inet6, port: Number(port) };
  return { family: "inet", address: inet!, port: Number(port) };
}

function allow(native: number, option: number): number {
  setWord(marshal.value, 1);
  return libc.setsockopt(native, SOL.SOCKET, option, scratch.value, INT_SIZE);
}

/** A step of opening a socket: the call, and its result. */
type Step = readonly [call: string, run: (native: number, length: number) => number];

/** Opens a socket of a stream for an address, by some steps of which one that fails closes it. */
function open(address: Address, stepsOf: (domain: number) => readonly Step[]): Opened {
  const length = encodeAddress(marshal, marshalBytes, address, () => 0);
  const domain = marshal.familyOf(marshal.address, length);
  const type = SOCK.STREAM;
  const native = libc.socket(domain, type | SOCK.NONBLOCK | SOCK.CLOEXEC, 0);
  if (native < 0) throw new SocketError("socket", -native, { address });
  for (const [call, run] of stepsOf(domain)) {
    const result = run(native, length);
    if (result >= 0) continue;
    libc.close(native);
    throw new SocketError(call, -result, { address });
  }
  setScratchLength(SOCKADDR_MAX);
  libc.getsockname(native, scratch.address, scratch.length);
  const own = decodeAddress(marshal, marshalBytes, marshal.address, scratchLength());
  return { native, domain, type, protocol: 0, address: own ?? address };
}

/**
 * Opens a socket that listens, with SO_REUSEADDR.
 *
 * @param address where
 * @param reuseport whether others may listen there too, SO_REUSEPORT
 * @throws SocketError EADDRINUSE, EACCES, EMFILE…; TypeError, RangeError for an address that is none
 */
export function openListener(address: Address, reuseport: boolean): Opened {
  return open(address, (domain) => [
    ["setsockopt", (native) => (domain === AF.UNIX ? 0 : allow(native, SO.REUSEADDR))],
    ["setsockopt", (native) => (reuseport ? allow(native, SO.REUSEPORT) : 0)],
    ["bind", (native, length) => libc.bind(native, scratch.address, length)],
    ["listen", (native) => libc.listen(native, BACKLOG)],
  ]);
}

/**
 * Opens a socket that is connected, or about to be: what it fails of then is found by whoever uses it.
 *
 * @param address where to
 * @throws SocketError ECONNREFUSED, ENOENT, EMFILE…; TypeError, RangeError for an address that is none
 */
export function openConnection(address: Address): Opened {
  const connect = (native: number, length: number): number => {
    const result = libc.connect(native, scratch.address, length);
    return result === -EINPROGRESS ? 0 : result;
  };
  return open(address, () => [["connect", connect]]);
}
