// The bytes of a socket address, field by field, as build/marshal.wasm lays them out: a module that
// imports nothing, loaded here with nothing but `WebAssembly`.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The part of the marshaller that this example calls. */
interface Marshaller {
  readonly memory: WebAssembly.Memory;
  readonly text: WebAssembly.Global<"i32">;
  readonly address: WebAssembly.Global<"i32">;
  encodeInet(out: number, text: number, textLength: number, port: number): number;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/**
 * Encodes an IPv4 socket address and describes its bytes.
 *
 * @param address dotted decimal
 * @param port host byte order
 * @returns a line for each field of struct sockaddr_in: offset, bytes, name
 */
export async function dumpInet(address: string, port: number): Promise<string[]> {
  const path = fileURLToPath(import.meta.resolve("wasi-sockets/marshal.wasm"));
  const { instance } = await WebAssembly.instantiate(await readFile(path));
  const exports = instance.exports as unknown as Marshaller & Record<string, WebAssembly.Global>;
  const bytes = new Uint8Array(exports.memory.buffer);

  const text = new TextEncoder().encode(address);
  bytes.set(text, exports.text.value);
  const at = exports.address.value;
  const size = exports.encodeInet(at, exports.text.value, text.length, port);

  // Every layout is exported: "sockaddr_in.sin_port" is the offset of that field.
  const prefix = "sockaddr_in.";
  const fields = Object.entries(exports)
    .filter(([name]) => name.startsWith(prefix) && name !== `${prefix}sizeof`)
    .map(([name, offset]) => ({ name: name.slice(prefix.length), offset: offset.value as number }))
    .sort((a, b) => a.offset - b.offset);
  return fields.map(({ name, offset }, i) => {
    const end = fields[i + 1]?.offset ?? size;
    const dump = hex(bytes.subarray(at + offset, at + end));
    return `${offset.toString().padStart(4)}  ${dump.padEnd(24)} ${name}`;
  });
}
