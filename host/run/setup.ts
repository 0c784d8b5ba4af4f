// What the thread of a guest is given, and what it says.

import type { Given } from "../given.js";
import type { Limits } from "../limits.js";
import type { Allow, Denied } from "../policy/index.js";

/** The module of WASI's functions. */
export const WASI_MODULE = "wasi_snapshot_preview1";

/** A core module. */
export interface ModuleCode {
  readonly kind: "module";
  readonly module: WebAssembly.Module;
  /** How many parameters its functions of WASI have, by their names, as far as that is known. */
  readonly parameters: Readonly<Record<string, number>>;
}

/** A component, as jco has transpiled it. */
export interface ComponentCode {
  readonly kind: "component";
  /** JavaScript that exports `instantiate`. */
  readonly code: string;
  /** The core modules, by the names that it asks for. */
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  /** The interfaces that it imports: "wasi:io/poll@0.2.0". */
  readonly imports: readonly string[];
  /** Whether it is suspended while it waits, as components of WASI 0.3 are. */
  readonly suspends: boolean;
  /** The URL of preview2-shim's wasi:http, where it imports that. */
  readonly http: string | undefined;
}

/** What the thread is given. */
export interface Setup {
  readonly code: ModuleCode | ComponentCode;
  readonly allow: Allow | true | undefined;
  readonly limits: Limits;
  /** Whether the other thread wants to know what was refused, and what was called. */
  readonly tells: { readonly denied: boolean; readonly traces: boolean };
  /** How it waits: a component has no choice. */
  readonly wait: "block" | "suspend";
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Real descriptors of the standard streams. */
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number];
  /** What the guest finds from 3 up. */
  readonly given: readonly Given[];
  /** Whether other threads listen at the same ports. */
  readonly sharesPorts: boolean;
  /** An eventfd(2) that ends what it waits for. */
  readonly wake: number;
  /** The memory of a Shared. */
  readonly buffer: SharedArrayBuffer;
}

/** An error on its way to another thread: not all of its kinds can be cloned. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What the thread says last. */
export type Outcome = { readonly code: number } | { readonly thrown: Thrown };

/** What it says before. */
export type Told = { readonly denied: Denied } | { readonly line: string };

/** The kinds of error that a guest ends with, where they are not Error itself. */
const kinds: Readonly<Record<string, new (message: string) => Error>> = {
  RuntimeError: WebAssembly.RuntimeError,
  LinkError: WebAssembly.LinkError,
  CompileError: WebAssembly.CompileError,
  RangeError,
  TypeError,
};

/** Makes an error ready for its way. */
export function pack(error: unknown): Thrown {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
  const { name, message, stack } = error;
  return { name, message, stack };
}

/** The error that arrived. */
export function unpack({ name, message, stack }: Thrown): Error {
  const error = new (kinds[name] ?? Error)(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
