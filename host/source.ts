// A guest's module, from wherever it comes.

import { readFile } from "node:fs/promises";
import { readWasm } from "./wasm.js";

/** A module: a path, a file URL, its bytes, or already compiled. */
export type Source = string | URL | BufferSource | WebAssembly.Module;

/** A guest's module, and the numbers of parameters that it imports functions of a module with, by their names. */
export interface Loaded {
  readonly module: WebAssembly.Module;
  /** Nothing where only the compiled module is known, which does not tell. */
  readonly parameters: (of: string) => Readonly<Record<string, number>>;
}

function bytesOf(source: BufferSource): Uint8Array {
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

/** Compiles a guest. */
export async function load(source: Source): Promise<Loaded> {
  if (source instanceof WebAssembly.Module) return { module: source, parameters: () => ({}) };
  const bytes =
    typeof source === "string" || source instanceof URL ? await readFile(source) : source;
  const module = await WebAssembly.compile(bytes);
  return { module, parameters: (of) => parametersIn(bytesOf(bytes), of) };
}
