// A core module as a guest of a thread.

import type { WASI } from "node:wasi";
import { assemblyScript } from "../adapters/assemblyscript.js";
import { WAITING, bsdSockets, type BsdSockets } from "../adapters/bsd/index.js";
import { WAITING as WASI_WAITING, choose, wasiPreview1 } from "../adapters/preview1/index.js";
import { STDERR, STDOUT } from "../stdio.js";
import { promisingExports, suspendingImports } from "../suspend.js";
import { BSD_CALLS } from "../trace/calls.js";
import { PREVIEW1_CALLS } from "../trace/preview1.js";
import { Blocking } from "../wait/blocking.js";
import type { Wait } from "../wait/index.js";
import { Suspending } from "../wait/suspending.js";
import { WASI_MODULE, type ModuleCode } from "./setup.js";
import { guest, memory, setup, shared, stdio, tracer } from "./thread.js";
import { openWasi } from "./wasi.js";

const suspends = setup.wait === "suspend";

/** A guest's lines, on its own standard output and error, as AssemblyScript's runtime does it. */
function printer() {
  const to = (fd: number) => (text: string) => {
    stdio.print(fd, text);
  };
  const [out, error] = [to(STDOUT), to(STDERR)];
  return { log: out, debug: out, info: out, warn: error, error };
}

/** The functions of node:wasi and of its extensions, as this guest means them. */
function wasiImports(
  wait: Wait,
  { wasiImport }: WASI,
  parameters: ModuleCode["parameters"],
): WebAssembly.ModuleImports {
  const host = { guest, memory, stdio, wait, base: wasiImport as never };
  const { own, passed } = wasiPreview1(host);
  const gated = shared.gate(own as never) as never;
  const shown = tracer === undefined ? gated : tracer.wrap(gated, PREVIEW1_CALLS);
  const chosen = choose(shown, (name) => parameters[name]);
  return {
    ...shared.gateCounted(passed as never),
    ...(suspends ? suspendingImports(chosen as never, WASI_WAITING) : chosen),
  };
}

function imports(wasi: WASI | undefined, { parameters }: ModuleCode): WebAssembly.Imports {
  const { descriptors } = guest;
  const wait = suspends ? new Suspending(descriptors) : new Blocking(descriptors, setup.wake);
  const calls = shared.gate(bsdSockets(guest, memory, wait) as never) as BsdSockets;
  // Around what is gated: a guest that is to end does not wait for its trace.
  const shown = tracer === undefined ? calls : tracer.wrap(calls, BSD_CALLS);
  return {
    env: shared.gate(assemblyScript(memory, printer()) as never),
    bsd_sockets_v1: suspends ? suspendingImports(shown, WAITING) : shown,
    ...(wasi && { [WASI_MODULE]: wasiImports(wait, wasi, parameters) }),
  };
}

/** Runs what an instance exports: its exit code. */
async function start(instance: WebAssembly.Instance, wasi: WASI | undefined): Promise<number> {
  const exports = suspends
    ? promisingExports<WebAssembly.Exports>(instance.exports)
    : instance.exports;
  if (exports["memory"] instanceof WebAssembly.Memory) memory.attach(exports["memory"]);
  const { _start, main } = exports as Record<string, (() => unknown) | undefined>;
  if (typeof _start === "function") {
    // node:wasi looks for the memory here, and calls what it finds: _start itself is called below.
    wasi?.initialize({ exports: { memory: instance.exports["memory"] } });
    await _start();
    return 0;
  }
  if (typeof main !== "function") {
    throw new TypeError("the guest exports neither a function _start nor a function main");
  }
  wasi?.initialize({ exports: instance.exports });
  return Number(await main());
}

/** Runs a module: its exit code. */
export function runModule(code: ModuleCode): Promise<number> {
  const { module } = code;
  const imported = WebAssembly.Module.imports(module);
  // node:wasi says that it is experimental as soon as it is made: only for a guest that needs it.
  const wasi = imported.some(({ module }) => module === WASI_MODULE) ? openWasi(setup) : undefined;
  return start(new WebAssembly.Instance(module, imports(wasi, code)), wasi);
}
