// `wasi-sockets run`: a guest, or several, to their end.

import { constants } from "node:os";
import type { Allow, Allowed } from "../policy/index.js";
import { readWasm } from "../wasm.js";
import { UsageError, look } from "./file.js";

/** The options of the command, as they were checked. */
export interface RunCommandOptions {
  readonly allowConnect?: Allowed;
  readonly allowBind?: Allowed;
  readonly allowResolve?: Allowed;
  readonly allowAll?: true;
  readonly listen?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly wait: "block" | "suspend";
  readonly workers: number;
  readonly trace?: true;
}

/** What timeout(1) exits with where time was up. */
const TIMED_OUT = 124;
/** What a shell says of a program that a signal ended, less the signal. */
const SIGNALLED = 128;
/** signal(7); Windows has another number. */
const SIGABRT = 6;
const ENDING = ["SIGINT", "SIGTERM"] as const;

function allowOf(options: RunCommandOptions): Allow | true {
  if (options.allowAll) return true;
  const { allowConnect: connect, allowBind: bind, allowResolve: resolve } = options;
  return {
    ...(connect && { connect }),
    ...(bind && { bind }),
    ...(resolve && { resolve }),
  };
}

function checkListeners({ listen = [], workers }: RunCommandOptions): void {
  const open = listen.find((address) => address.endsWith(":0"));
  if (workers === 1 || open === undefined) return;
  throw new UsageError(
    `--listen ${open} gives each of ${workers} workers a port of its own: name the port that they share`,
  );
}

/** The exit code for a guest that did not end by itself. */
function exitCodeOf(path: string, error: unknown): number {
  // A TypeError where an import or the function to run is missing.
  const { CompileError, LinkError } = WebAssembly;
  if (
    error instanceof Error &&
    (error.name === "MissingPackage" ||
      [CompileError, LinkError, TypeError].some((kind) => error instanceof kind))
  ) {
    throw new UsageError(`${path}: ${error.message}`);
  }
  if (error instanceof WebAssembly.RuntimeError) {
    console.error(`wasi-sockets: ${path}: ${error.message}`);
    return SIGNALLED + SIGABRT;
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    console.error(`wasi-sockets: ${path}: its time is up`);
    return TIMED_OUT;
  }
  throw error;
}

/**
 * Runs a file.
 *
 * @param path of a module
 * @param args the guest's
 * @returns the exit code: the guest's own; of several, the first that is not 0
 * @throws UsageError where the file or the options cannot be run
 */
export async function runCommand(
  path: string,
  args: readonly string[],
  options: RunCommandOptions,
): Promise<number> {
  checkListeners(options);
  const source = await look(path, (bytes) => {
    readWasm(bytes);
    return bytes;
  });
  const { prepare, run } = await import("../run/index.js");

  const controller = new AbortController();
  let ended: number | undefined;
  let failure: { error: unknown } | undefined;
  const end = (signal: (typeof ENDING)[number]): void => {
    ended ??= SIGNALLED + constants.signals[signal];
    controller.abort();
  };
  // The first signal ends the guests; a second one finds no handler, and so ends the process.
  for (const signal of ENDING) process.once(signal, end);
  try {
    const argv = [path, ...args];
    const { env, listen, timeout, trace, wait, workers } = options;
    const allow = allowOf(options);
    const { signal } = controller;
    const reuseport = workers > 1;
    const given = { allow, args: argv, env, listen, reuseport, signal, timeout, trace, wait };
    const limits = timeout === undefined ? [signal] : [signal, AbortSignal.timeout(timeout)];
    const prepared = prepare(source, given, AbortSignal.any(limits), path);
    const guests = Array.from({ length: workers }, async () => {
      try {
        return await run(await prepared, given);
      } catch (error) {
        failure ??= { error };
        controller.abort(); // one that fails takes the others with it
        return 0;
      }
    });
    const codes = await Promise.all(guests);
    if (ended !== undefined) return ended;
    if (failure !== undefined) return exitCodeOf(path, failure.error);
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    for (const signal of ENDING) process.off(signal, end);
  }
}
