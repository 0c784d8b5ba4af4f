// Libraries, their functions, and the addresses of memory, by koffi.
//
// Addresses are Numbers: koffi passes them fastest. An address keeps nothing alive, so it may only
// point into a WebAssembly memory that somebody holds, or to what a library itself returned.

import { createRequire } from "node:module";
import koffi, { type TypeObject } from "koffi";

type Numbers<List extends string> = List extends ""
  ? []
  : List extends `${string},${infer Rest}`
    ? [number, ...Numbers<Rest>]
    : [number];

/** The parameters of a C prototype: as many numbers as it declares. */
type Parameters<Prototype> = Prototype extends `${string}(${infer List})` ? Numbers<List> : never;

/** The functions of a table of prototypes. */
export type Functions<Table, Result> = {
  readonly [Name in keyof Table]: (...args: Parameters<Table[Name]>) => Result;
};

/** A function of a library. */
export type Native = (...args: unknown[]) => number;

/** A library that is loaded for as long as the process lives. */
export class Library {
  readonly #library: ReturnType<typeof koffi.load>;

  /**
   * @param name as the system's loader finds it; null for the process's own symbols
   * @throws Error where there is no such library
   */
  constructor(name: string | null) {
    this.#library = koffi.load(name);
  }

  /**
   * A function by its prototype in C, or by its name, the type of its result and those of its parameters.
   *
   * @throws Error where the library has none of that name
   */
  function(...declaration: [string] | [string, string, (string | TypeObject)[]]): Native {
    return this.#library.func(...(declaration as [string])) as Native;
  }

  /**
   * The functions of a table of prototypes, under the names of the table.
   *
   * @param wrap what is put around each, which is given how many parameters it has
   */
  bind<Table extends Record<string, string>, Result = number>(
    table: Table,
    wrap: (native: Native, arity: number) => unknown = (native) => native,
  ): Functions<Table, Result> {
    const functions: Record<string, unknown> = {};
    for (const [name, prototype] of Object.entries(table)) {
      functions[name] = wrap(this.function(prototype), prototype.split(",").length);
    }
    return functions as Functions<Table, Result>;
  }

  /**
   * A function by its prototype in C, to be called in a thread of Node's.
   *
   * @returns takes who is told of the result, and the arguments
   */
  aside(prototype: string): (done: (result: number) => void, ...args: unknown[]) => void {
    const call = (this.function(prototype) as unknown as { async: Native }).async;
    return (done, ...args) => {
      call(...args, (_error: unknown, result: number) => {
        done(result);
      });
    };
  }

  /** Whether it has a function. */
  has(name: string): boolean {
    try {
      return this.#library.symbol(name) !== null;
    } catch {
      return false;
    }
  }

  /** The native address of a function. */
  address(name: string): number {
    return Number(koffi.address(this.#library.symbol(name)));
  }
}

/**
 * The type of a function, by its prototype in C without a name: those that have one are all copies' of this package that
 * share a koffi, and no two may be alike.
 */
export function functionType(prototype: string): TypeObject {
  return koffi.proto(prototype);
}

/** Calls a function that stands at a native address, by its prototype in C without a name. */
export function callAt(address: number, prototype: string): Native {
  const type = functionType(prototype);
  return (...args) => koffi.call(address, type, ...args) as number;
}

/** The error number that the last function left, errno(3). */
export function lastErrno(): number {
  return koffi.errno();
}

/**
 * The native address of bytes.
 *
 * @param view bytes in a WebAssembly memory, which the caller keeps alive; not empty
 */
export function addressOf(view: Uint8Array): number {
  return Number(koffi.address(view));
}

/** Where koffi's addon lies, which is loaded as one library more. */
export function addonPath(): string {
  const addon = Object.keys(createRequire(import.meta.url).cache).find((path) =>
    path.endsWith("koffi.node"),
  );
  if (addon === undefined) throw new Error("the addon of koffi is not where Node keeps it");
  return addon;
}
