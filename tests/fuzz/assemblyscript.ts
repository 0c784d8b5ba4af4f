// Module `env`: what AssemblyScript's own runtime imports, host/adapters/assemblyscript.ts.

import type { Abi, Import } from "./abi.js";
import type { Generator } from "./generator.js";

/** A pointer to a string: UTF-16, its length in bytes in the word before it. */
function string(generator: Generator): number {
  const { random } = generator;
  const size = random.once(3) ? generator.integer() : random.below(64);
  const at = generator.pointer(size);
  generator.struct([size], at - 4);
  generator.write(at, random.bytes(random.below(64)));
  return at;
}

const clock: Import = { parameters: [], result: "f64", arguments: () => [] };
const print: Import = { parameters: ["i32"], arguments: (generator) => [string(generator)] };

const imports: Readonly<Record<string, Import>> = {
  abort: {
    parameters: ["i32", "i32", "i32", "i32"],
    arguments: (generator) => [
      string(generator),
      string(generator),
      generator.integer(),
      generator.integer(),
    ],
  },
  seed: clock,
  "performance.now": clock,
  "Date.now": clock,
  "console.log": print,
  "console.debug": print,
  "console.info": print,
  "console.warn": print,
  "console.error": print,
};

/** Module `env`. */
export const assemblyScript: Abi = {
  module: "env",
  imports,
  throws: /^guest aborted: /,
  gives: (name, _, result) =>
    imports[name]?.result === undefined ? result === undefined : Number.isFinite(result),
  written: () => [],
};
