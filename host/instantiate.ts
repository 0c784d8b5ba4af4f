// Hosting a guest: other people's WebAssembly, which may reach only what it is allowed.

import { readFile } from "node:fs/promises";
import { assemblyScript } from "./adapters/assemblyscript.js";
import { bsdSockets } from "./adapters/bsd/index.js";
import { Guest, type GuestOptions } from "./guest.js";
import { GuestMemory } from "./memory.js";
import { Blocking } from "./wait/blocking.js";
import type { Waker } from "./waker.js";

/** A module: a path, a file URL, its bytes, or already compiled. */
export type Source = string | URL | BufferSource | WebAssembly.Module;

/** What a guest is given. */
export interface InstantiateOptions extends GuestOptions {
  /** What else it imports. `bsd_sockets_v1` is always this package's own. */
  readonly imports?: WebAssembly.Imports | undefined;
  /** The descriptor of a Waker that ends its blocked calls. */
  readonly wake?: Waker["descriptor"] | undefined;
}

/** A guest that runs. */
export interface Instance<Exports = WebAssembly.Exports> {
  readonly exports: Exports;
  /** Closes every socket that the guest left open. */
  dispose(): void;
  [Symbol.dispose](): void;
}

async function compile(source: Source): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  const bytes =
    typeof source === "string" || source instanceof URL ? await readFile(source) : source;
  return WebAssembly.compile(bytes);
}

/** The memory that a module imports, where it does. */
function importedMemory(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Memory | undefined {
  const entry = WebAssembly.Module.imports(module).find(({ kind }) => kind === "memory");
  const value = entry && imports[entry.module]?.[entry.name];
  return value instanceof WebAssembly.Memory ? value : undefined;
}

/** What `instantiate` of the package does, on a machine that can. */
export async function host<Exports>(
  source: Source,
  options: InstantiateOptions,
): Promise<Instance<Exports>> {
  const { imports = {}, wake } = options;
  const guest = new Guest(options);
  try {
    const module = await compile(source);
    const memory = new GuestMemory(importedMemory(module, imports));
    const instance = await WebAssembly.instantiate(module, {
      ...imports,
      env: { ...assemblyScript(memory), ...imports["env"] },
      bsd_sockets_v1: bsdSockets(guest, memory, new Blocking(guest.descriptors, wake)),
    });
    if (instance.exports["memory"] instanceof WebAssembly.Memory)
      memory.attach(instance.exports["memory"]);
    const dispose = () => {
      guest.dispose();
    };
    return { exports: instance.exports as Exports, dispose, [Symbol.dispose]: dispose };
  } catch (error) {
    guest.dispose();
    throw error;
  }
}
