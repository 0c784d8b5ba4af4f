// The marshaller alone, `wasi-sockets/marshal`: no host, no libc, nothing of Node's but to read its own file. It runs
// in browsers, Deno, Bun, and wherever else there is WebAssembly.

import { decodeAddress, encodeAddress, type Address } from "./address.js";
import type { MarshalExports as Codecs } from "./codecs.js";

export type { Address, Inet6Address, InetAddress, OtherAddress, UnixAddress } from "./address.js";
export type { LinkAddress, NetlinkAddress, PacketAddress, VsockAddress } from "./link.js";
export type { MarshalExports as Codecs } from "./codecs.js";

/** The systems whose numbers and layouts are known, by the names of `process.platform`. */
export type SystemName = "linux" | "darwin" | "freebsd" | "win32";

/** Where `marshal.wasm` comes from: bytes, a module, a response, or where to fetch it. */
export type MarshalSource =
  BufferSource | WebAssembly.Module | Response | PromiseLike<Response> | URL | string;

/** An instance of `marshal.wasm`. */
export interface Marshal {
  /** All that it exports: numbers, layouts, functions on its memory. docs/marshal.md lists them. */
  readonly codecs: Codecs;
  /**
   * The bytes of a socket address.
   *
   * @param address family, address and port, or a path; the scope of an IPv6 address by its index
   * @param system whose sockaddr it is to be, Linux's where none is named
   * @returns a struct sockaddr, of as many bytes as it has
   * @throws TypeError or RangeError that names the value, and what would be valid
   */
  readonly encode: (address: Address, system?: SystemName) => Uint8Array;
  /**
   * What the bytes of a socket address say.
   *
   * @param bytes a struct sockaddr
   * @param system whose it is, Linux's where none is named
   * @returns the address, null where there is none or the family is unknown
   * @throws RangeError for more bytes than a sockaddr has
   */
  readonly decode: (bytes: Uint8Array, system?: SystemName) => Address | null;
}

/** Reads the package's own file: what fetch() cannot do for `file:` in Node. */
async function ownFile(url: URL): Promise<BufferSource | Response> {
  if (url.protocol !== "file:") return fetch(url);
  const { readFile } = await import("node:fs/promises");
  return new Uint8Array(await readFile(url));
}

async function compile(source: MarshalSource): Promise<WebAssembly.Module> {
  const given =
    typeof source === "string" || source instanceof URL
      ? await ownFile(new URL(source, import.meta.url))
      : await source;
  if (given instanceof Response) return WebAssembly.compile(await given.arrayBuffer());
  return given instanceof WebAssembly.Module ? given : WebAssembly.compile(given);
}

/** A module's exports: numbers for its globals, and an object of them for each enum, whose names have a dot. */
function numbered(exports: WebAssembly.Exports): Codecs {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exports)) {
    const plain: unknown = value instanceof WebAssembly.Global ? value.value : value;
    const [group, member] = name.split(".") as [string, string?];
    if (member === undefined) found[group] = plain;
    else ((found[group] ??= {}) as Record<string, unknown>)[member] = plain;
  }
  return found as unknown as Codecs;
}

function noInterface(name: string): never {
  throw new TypeError(`interface ${JSON.stringify(name)} has no index here: give its number`);
}

/**
 * Instantiates `marshal.wasm`.
 *
 * @param source where it comes from, the file of this package where it is absent
 * @returns its functions, and addresses as objects
 * @throws WebAssembly.CompileError where the source is no module; what fetch or reading the file throws
 */
export async function marshal(
  source: MarshalSource = new URL("../marshal.wasm", import.meta.url),
): Promise<Marshal> {
  const { exports } = await WebAssembly.instantiate(await compile(source));
  const codecs = numbered(exports);
  const bytes = new Uint8Array(codecs.memory.buffer);
  const { System, Errno, SOCKADDR_MAX, address: at, block: other } = codecs;
  const numbers: Readonly<Record<SystemName, number>> = {
    linux: System.LINUX,
    darwin: System.DARWIN,
    freebsd: System.FREEBSD,
    win32: System.WINDOWS,
  };

  function numberOf(system: SystemName): number {
    if (Object.hasOwn(numbers, system)) return numbers[system];
    throw new TypeError(`system "${system}" is none of ${Object.keys(numbers).join(", ")}`);
  }

  return {
    codecs,
    encode(address, system = "linux") {
      const number = numberOf(system);
      const length = encodeAddress(codecs, bytes, address, noInterface);
      const size = codecs.sockaddrToSystem(number, at, length, other);
      if (size >= 0) return bytes.slice(other, other + size);
      const code = Object.entries(Errno).find(([, errno]) => errno === -size)![0];
      throw new RangeError(`${JSON.stringify(address)} is no address on ${system}: ${code}`);
    },
    decode(sockaddr, system = "linux") {
      const number = numberOf(system);
      if (sockaddr.length > SOCKADDR_MAX) {
        throw new RangeError(
          `a sockaddr has at most ${SOCKADDR_MAX} bytes, not ${sockaddr.length}`,
        );
      }
      bytes.set(sockaddr, other);
      const length = codecs.sockaddrFromSystem(number, other, sockaddr.length, at);
      return decodeAddress(codecs, bytes, at, length);
    },
  };
}
