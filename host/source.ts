// A guest's module, from wherever it comes.

import { readFile } from "node:fs/promises";
import { readWasm } from "./wasm.js";

/** A guest: a path, a file URL, its bytes, or a module that is already compiled. */
export type Source = string | URL | BufferSource | WebAssembly.Module;

/** A guest's module, and the numbers of parameters that it imports functions of a module with, by their names. */
export interface Loaded {
  readonly module: WebAssembly.Module;
  /** Nothing where only the compiled module is known, which does not tell. */
  readonly parameters: (of: string) => Readonly<Record<string, number>>;
}

function bytesOf(source: BufferSource): Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

function parametersIn(bytes: Uint8Array, of: string): Readonly<Record<string, number>> {
  const file = readWasm(bytes);
  if (file.kind !== "module") return {};
  return Object.fromEntries(
    file.imports.flatMap(({ module, name, parameters }) =>
      module === of && parameters !== undefined ? [[name, parameters] as const] : [],
    ),
  );
}

/** Reads a guest: its bytes, where it is not compiled already. */
export async function read(source: Source): Promise<Uint8Array<ArrayBuffer> | WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  return typeof source === "string" || source instanceof URL ? readFile(source) : bytesOf(source);
}

/** Compiles a guest. */
export async function load(source: Source): Promise<Loaded> {
  const bytes = await read(source);
  if (bytes instanceof WebAssembly.Module) return { module: bytes, parameters: () => ({}) };
  const module = await WebAssembly.compile(bytes);
  return { module, parameters: (of) => parametersIn(bytes, of) };
}
