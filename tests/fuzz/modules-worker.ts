// The thread that instantiates modules one after another: one that does not end is ended with it.

import { readFileSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "wasi-sockets";
import { DESCRIPTORS } from "./generator.js";
import type { ModulesJob, Report } from "./job.js";
import { makeModule, type Made } from "./modules.js";
import { Random } from "./random.js";

/** What the thread is given. */
export interface WorkerSetup extends ModulesJob {
  /** Where it writes the number of its module. */
  readonly current: Int32Array;
  readonly wake: number;
}

type Exported = (...args: number[]) => unknown;

/** What it tells of a module. */
export interface Tried {
  readonly how: Made["how"];
  /** Whether the module could be instantiated. */
  readonly runs: boolean;
  /** An error that is none of a guest's. */
  readonly failure?: string;
}

/** How many functions of a module are called, and each with how many numbers at most. */
const FUNCTIONS = 6;
const ARGUMENTS = 8;

const setup = workerData as WorkerSetup;
const { seed, from, count, sources, current, wake } = setup;
const originals = sources.map((path) => readFileSync(path));

// What guests print is nothing that the watcher should read.
for (const method of ["log", "debug", "info", "warn", "error"] as const)
  console[method] = () => undefined;

/** Whether an error is WebAssembly's own, a guest's, or what `instantiate` is to throw. */
function isExpected(error: unknown): boolean {
  // Guests that throw exceptions of their own, which TypeScript's library does not know yet.
  const { Exception } = WebAssembly as unknown as { Exception: new () => object };
  const kinds = [WebAssembly.CompileError, WebAssembly.LinkError, WebAssembly.RuntimeError];
  if ([...kinds, TypeError, RangeError, Exception].some((kind) => error instanceof kind))
    return true;
  return error instanceof Error && error.message.startsWith("guest aborted: ");
}

/** Tries a module: whether it runs; throws what is not expected. */
async function run(bytes: Uint8Array<ArrayBuffer>, random: Random): Promise<boolean> {
  let runs = false;
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 16 });
    using instance = await instantiate(bytes, {
      descriptors: DESCRIPTORS.limit,
      wake,
      ...(random.once(3) && { imports: { env: { memory } } }),
    });
    runs = true;
    const functions = Object.values(instance.exports).filter(
      (value): value is Exported => typeof value === "function",
    );
    for (let i = 0; i < FUNCTIONS && functions.length > 0; i++) {
      const args = Array.from({ length: ARGUMENTS }, () =>
        random.once(2) ? random.integer() : random.below(70000),
      );
      try {
        random.oneOf(functions)(...args);
      } catch (error) {
        if (!isExpected(error)) throw error;
      }
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
  return runs;
}

for (let number = from; number < from + count; number++) {
  Atomics.store(current, 0, number);
  writeSync(1, `${JSON.stringify({ guest: number } satisfies Report)}\n`); // before it can crash
  const { how, bytes } = makeModule(setup, number, originals);
  const tried: Tried = { how, runs: false };
  try {
    const runs = await run(bytes, new Random(seed, number, 1));
    parentPort!.postMessage({ ...tried, runs } satisfies Tried);
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort!.postMessage({ ...tried, failure } satisfies Tried);
  }
}
