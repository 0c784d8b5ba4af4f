// Listening sockets that an embedder opens for a guest.

import { encodeAddress, type Address } from "../address.js";
import { SocketError } from "../error.js";
import { libc } from "../libc.js";
import { marshal, marshalBytes } from "../marshal.js";
import { scratch, setWord } from "../scratch.js";
import type { Given } from "./setup.js";

const { AF, INT_SIZE, SO, SOCK, SOL } = marshal;

/** How many connections may wait to be accepted, as Node has it. */
const BACKLOG = 511;

/** "127.0.0.1:8080", "[::1]:0" or "unix:/path" as an address. */
export function parseEndpoint(entry: unknown): Address {
  const parts =
    typeof entry === "string"
      ? /^(?:unix:([^]+)|(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5}))$/.exec(entry)
      : null;
  if (parts === null) {
    throw new TypeError(
      `listen entry ${JSON.stringify(entry)} is not like "127.0.0.1:8080", "[::1]:0" or "unix:/path"`,
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

/**
 * Opens a socket that listens, with SO_REUSEADDR.
 *
 * @param address where
 * @param reuseport whether others may listen there too, SO_REUSEPORT
 * @throws SocketError EADDRINUSE, EACCES, EMFILE…; TypeError, RangeError for an address that is none
 */
export function openListener(address: Address, reuseport: boolean): Given {
  const length = encodeAddress(marshal, marshalBytes, address, () => 0);
  const domain = marshal.familyOf(marshal.address, length);
  const type = SOCK.STREAM;
  const native = libc.socket(domain, type | SOCK.NONBLOCK | SOCK.CLOEXEC, 0);
  if (native < 0) throw new SocketError("socket", -native, { address });
  const steps: [call: string, run: () => number][] = [
    ["setsockopt", () => (domain === AF.UNIX ? 0 : allow(native, SO.REUSEADDR))],
    ["setsockopt", () => (reuseport ? allow(native, SO.REUSEPORT) : 0)],
    ["bind", () => libc.bind(native, scratch.address, length)],
    ["listen", () => libc.listen(native, BACKLOG)],
  ];
  for (const [call, run] of steps) {
    const result = run();
    if (result >= 0) continue;
    libc.close(native);
    throw new SocketError(call, -result, { address });
  }
  return { native, domain, type, protocol: 0 };
}
