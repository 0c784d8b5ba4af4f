// build/sockets.wasm: the BSD calls of assembly/bsd.ts, the codecs, and an allocator, in one instance. The numbers and
// layouts are those of build/marshal.wasm.

import type { Sockets } from "../codecs.js";
import { compile, instantiate } from "../loader.js";
import { marshal } from "../marshal.js";

export type { Sockets };

/** What is the same in every instance: its scratch areas are its own. */
const constants = Object.fromEntries(
  Object.entries(marshal).filter(([name, value]) =>
    typeof value === "number" ? name === name.toUpperCase() : typeof value === "object",
  ),
);

let compiled: WebAssembly.Module | undefined;

/**
 * Makes an instance, with a memory of its own.
 *
 * @param imports its `bsd_sockets_v1`
 */
export function instantiateSockets(imports: WebAssembly.ModuleImports): Sockets {
  compiled ??= compile("sockets");
  return { ...constants, ...instantiate(compiled, { bsd_sockets_v1: imports }) };
}
