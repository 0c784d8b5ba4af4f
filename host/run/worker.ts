// The thread of a guest: it hosts the guest, runs it, and says how that went.

import { WASI } from "node:wasi";
import { parentPort, workerData } from "node:worker_threads";
import { assemblyScript } from "../adapters/assemblyscript.js";
import { WAITING, bsdSockets, type BsdSockets } from "../adapters/bsd/index.js";
import { Exit, WAITING as WASI_WAITING, choose, wasiPreview1 } from "../adapters/preview1/index.js";
import { Guest } from "../guest.js";
import { GuestMemory } from "../memory.js";
import type { Denied } from "../policy/index.js";
import { Stdio } from "../stdio.js";
import { promisingExports, suspendingImports } from "../suspend.js";
import { BSD_CALLS } from "../trace/calls.js";
import { PREVIEW1_CALLS } from "../trace/preview1.js";
import { Tracer } from "../trace.js";
import { Blocking } from "../wait/blocking.js";
import type { Wait } from "../wait/index.js";
import { Suspending } from "../wait/suspending.js";
import { WASI_MODULE, pack, type Outcome, type Setup, type Told } from "./setup.js";
import { Shared } from "./shared.js";

const STDOUT = 1;
const STDERR = 2;

const setup = workerData as Setup;
const { module } = setup;
const suspends = setup.wait === "suspend";
const shared = new Shared(setup.buffer, setup.limits);
const memory = new GuestMemory();
const stdio = new Stdio(setup.stdio, setup.wake, shared.descriptors);

function tell(told: Told): void {
  parentPort!.postMessage(told);
}

const tracer = setup.tells.traces
  ? new Tracer(memory, (line) => {
      tell({ line });
    })
  : undefined;

function onDenied({ error, ...event }: Denied): void {
  tracer?.denied(event);
  // Not every error can be cloned.
  const plain = error === undefined ? event : { ...event, error: pack(error) };
  if (setup.tells.denied) tell({ denied: plain });
}

function openGuest(): Guest {
  const guest = new Guest({ allow: setup.allow, onDenied, ...setup.limits }, undefined, shared);
  for (const given of setup.given) guest.give(given);
  return guest;
}

/** A guest's lines, on its own standard output and error, as AssemblyScript's runtime does it. */
function printer() {
  const to = (fd: number) => (text: string) => {
    stdio.print(fd, text);
  };
  const [out, error] = [to(STDOUT), to(STDERR)];
  return { log: out, debug: out, info: out, warn: error, error };
}

function openWasi(): WASI {
  const [stdin, stdout, stderr] = setup.stdio;
  const { args, env } = setup;
  return new WASI({ version: "preview1", args: [...args], env: { ...env }, stdin, stdout, stderr });
}

/** node:wasi says that it is experimental as soon as it is made: only for a guest that needs it. */
const wasi = WebAssembly.Module.imports(module).some(({ module }) => module === WASI_MODULE)
  ? openWasi()
  : undefined;

/** The functions of node:wasi and of its extensions, as this guest means them. */
function wasiImports(wait: Wait, { wasiImport }: WASI): WebAssembly.ModuleImports {
  const host = { guest, memory, stdio, wait, base: wasiImport as never };
  const { own, passed } = wasiPreview1(host);
  const gated = shared.gate(own as never) as never;
  const shown = tracer === undefined ? gated : tracer.wrap(gated, PREVIEW1_CALLS);
  const chosen = choose(shown, (name) => setup.parameters[name]);
  return {
    ...shared.gateCounted(passed as never),
    ...(suspends ? suspendingImports(chosen as never, WASI_WAITING) : chosen),
  };
}

function imports(): WebAssembly.Imports {
  const { descriptors } = guest;
  const wait = suspends ? new Suspending(descriptors) : new Blocking(descriptors, setup.wake);
  const calls = shared.gate(bsdSockets(guest, memory, wait) as never) as BsdSockets;
  // Around what is gated: a guest that is to end does not wait for its trace.
  const shown = tracer === undefined ? calls : tracer.wrap(calls, BSD_CALLS);
  return {
    env: shared.gate(assemblyScript(memory, printer()) as never),
    bsd_sockets_v1: suspends ? suspendingImports(shown, WAITING) : shown,
    ...(wasi && { [WASI_MODULE]: wasiImports(wait, wasi) }),
  };
}

/** Runs a guest: its exit code. */
async function start(instance: WebAssembly.Instance): Promise<number> {
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

async function run(): Promise<Outcome> {
  try {
    return { code: await start(new WebAssembly.Instance(module, imports())) };
  } catch (error) {
    return error instanceof Exit ? { code: error.code } : { thrown: pack(error) };
  }
}

if (suspends) {
  parentPort!.once("message", () => {
    process.exit();
  });
  parentPort!.unref(); // a guest that is done needs no telling
}

const guest = openGuest();
parentPort!.postMessage(await run());
