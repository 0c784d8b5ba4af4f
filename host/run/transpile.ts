// Makes of a component what a thread of JavaScript can run.

import { Worker } from "node:worker_threads";
import type { Source } from "../source.js";
import { requireSuspension } from "../suspend.js";
import { readWasm } from "../wasm.js";
import { findHttp, findJco } from "./jco.js";
import type { ComponentCode } from "./setup.js";
import type { Task, Transpiled } from "./transpiler.js";

/** The interfaces of WASI 0.3, whose calls are suspended. */
const SUSPENDING = /^wasi:[^@]*@0\.3\./;

/** What preview2-shim is taken for. */
const HTTP = /^wasi:http\/[^@]*@0\.2\./;

/** The interfaces that a component imports. */
function importsOf(bytes: Uint8Array): readonly string[] {
  const file = readWasm(bytes);
  return file.kind === "component" ? file.imports : [];
}

/**
 * Has jco transpile a component.
 *
 * @param bytes of the component
 * @param source where they come from: jco is looked for beside it
 * @param traced whether each of its calls is to be seen
 * @param signal ends it
 * @throws MissingPackage; WasmError, WebAssembly.CompileError for what is no component; the signal's reason
 */
export async function transpile(
  bytes: Uint8Array,
  source: Source,
  traced: boolean,
  signal: AbortSignal,
): Promise<ComponentCode> {
  const imports = importsOf(bytes);
  const suspends = imports.some((name) => SUSPENDING.test(name));
  if (suspends) requireSuspension("a component of WASI 0.3");
  const jco = findJco(source);
  const http = imports.some((name) => HTTP.test(name)) ? findHttp(source, jco) : undefined;
  const task: Task = { bytes, jco, imports, lowered: !traced && !suspends };
  const worker = new Worker(new URL("transpiler.js", import.meta.url), {
    workerData: task,
    execArgv: [],
  });
  const abort = () => void worker.terminate();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const transpiled = await new Promise<Transpiled>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => {
        reject(new Error(`the thread of jco ended with exit code ${code}`));
      });
    });
    if (!("thrown" in transpiled)) return { kind: "component", ...transpiled, suspends, http };
    const [line] = transpiled.thrown.message.trim().split("\n");
    throw new WebAssembly.CompileError(`jco cannot transpile it: ${line!}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    await worker.terminate();
  }
}
