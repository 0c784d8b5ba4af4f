// What the harness knows of an ABI: the functions of a module that guests import, how their arguments are
// made, and what each may do. A new ABI is a file like bsd.ts and a line in ABIS.

import type { Allow } from "wasi-sockets";
import type { Generator } from "./generator.js";
import type { GuestView } from "./view.js";
import { assemblyScript } from "./assemblyscript.js";
import { bsdSockets } from "./bsd.js";
import { wasi } from "./preview1.js";

/** The types of WebAssembly that the ABIs use. */
export type ValueType = "i32" | "i64" | "f32" | "f64";

/** Bytes of a guest's memory that a call may write. */
export type Range = readonly [at: number, size: number];

/** One function of an ABI. */
export interface Import {
  readonly parameters: readonly ValueType[];
  /** Its result, where it has one. */
  readonly result?: ValueType;
  /** How often it is called, as against the others: 1. */
  readonly weight?: number;
  /** Makes its arguments, and the bytes that they point to. */
  arguments(generator: Generator): readonly number[];
  /** Bytes that it may write, by its arguments and the memory as it is before the call. */
  readonly writes?: (view: GuestView, args: readonly number[]) => readonly Range[];
}

/** The functions of a module for one guest, where `instantiate` does not give them by itself. */
export interface Hosted {
  readonly imports: WebAssembly.ModuleImports;
  /** Gives it the guest's memory. */
  attach(memory: WebAssembly.Memory): void;
  /** Lets go of what the guest had. */
  close(): void;
}

/** What guests are hosted with. */
export interface Setting {
  readonly allow: Allow | true;
  readonly wake: { readonly descriptor: number };
}

/** A module that guests import. */
export interface Abi {
  /** Its name, "bsd_sockets_v1". */
  readonly module: string;
  readonly imports: Readonly<Record<string, Import>>;
  /** Makes its functions for one guest, which may reach what it is allowed, and whose waits a descriptor ends. */
  readonly host?: (setting: Setting) => Promise<Hosted>;
  /** Makes what a guest begins with, so that its calls find something to work on. */
  readonly open?: (generator: Generator) => void;
  /** The errors that it throws into a guest on purpose. */
  readonly throws?: RegExp;
  /** Whether a function may give a result. */
  gives(name: string, args: readonly number[], result: number | undefined): boolean;
  /** Which of the bytes that a call might write it may have written, by its result. */
  written(name: string, result: number | undefined, ranges: readonly Range[]): readonly Range[];
}

/** Every ABI that there is. */
export const ABIS: readonly Abi[] = [bsdSockets, assemblyScript, wasi];
