// Loads the package's own modules. The only file that knows @assemblyscript/loader, which serves
// trusted code: it builds objects from a module's export names, so no guest ever goes through it.

import { readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";
import type { Numbered } from "./codecs.js";

/**
 * Compiles one of the modules that `npm run build` leaves in build/.
 *
 * @param name "marshal" or "sockets"
 */
export function compile(name: "marshal" | "sockets"): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`../${name}.wasm`, import.meta.url)));
}

/** What the loader has put around a function: it counts arguments, which none of ours may leave out. */
interface Counted {
  readonly original?: unknown;
}

function numbered(value: unknown): unknown {
  if (value instanceof WebAssembly.Global) return value.value as unknown;
  if (typeof value === "function") return (value as Counted).original ?? value;
  if (value === null || typeof value !== "object" || value instanceof WebAssembly.Memory)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, numbered(member)]),
  );
}

/**
 * Instantiates a module of this package.
 *
 * @param module what `compile` gave
 * @param imports its imports
 * @returns its exports; an enum is an object of numbers
 */
export function instantiate<Exports>(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports = {},
): Numbered<Exports> {
  return numbered(instantiateSync(module, imports).exports) as Numbered<Exports>;
}
