// build/sockets.wasm: the BSD calls of assembly/bsd.ts, the codecs, and an allocator, in one instance.

import type { instantiate as instantiateModule } from "#sockets";
import type { Numbered } from "../codecs.js";
import { compile, instantiate } from "../loader.js";

/** What build/sockets.wasm exports. */
export type Sockets = Numbered<Awaited<ReturnType<typeof instantiateModule>>>;

let compiled: WebAssembly.Module | undefined;

/**
 * Makes an instance, with a memory of its own.
 *
 * @param imports its `bsd_sockets_v1`
 */
export function instantiateSockets(imports: WebAssembly.ModuleImports): Sockets {
  compiled ??= compile("sockets");
  return instantiate(compiled, { bsd_sockets_v1: imports });
}
