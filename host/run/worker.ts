// The thread of a guest: it hosts the guest, runs it, and says how that went.

import { WASI } from "node:wasi";
import { parentPort, workerData } from "node:worker_threads";
import { assemblyScript } from "../adapters/assemblyscript.js";
import { bsdSockets } from "../adapters/bsd/index.js";
import { Exit, wasiPreview1 } from "../adapters/preview1.js";
import { Descriptor } from "../descriptors.js";
import { Guest } from "../guest.js";
import { GuestMemory } from "../memory.js";
import { Stdio } from "../stdio.js";
import { Blocking } from "../wait/blocking.js";
import { pack, type Outcome, type Setup } from "./setup.js";
import { Shared } from "./shared.js";

const WASI_MODULE = "wasi_snapshot_preview1";
const STDOUT = 1;
const STDERR = 2;

const setup = workerData as Setup;
const { module } = setup;
const shared = new Shared(setup.buffer);
const memory = new GuestMemory();
const stdio = new Stdio(setup.stdio, setup.wake, shared.descriptors);

function openGuest(): Guest {
  const guest = new Guest({ allow: setup.allow, descriptors: setup.limit }, shared);
  for (const { native, domain, type, protocol } of setup.given) {
    const descriptor = new Descriptor(native, domain, type, protocol);
    descriptor.bound = true;
    guest.descriptors.add(descriptor);
  }
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

function imports(): WebAssembly.Imports {
  const wait = new Blocking(guest.descriptors, setup.wake);
  // A trace goes in here, around what is gated: it must not make a guest that ends wait.
  return {
    env: shared.gate(assemblyScript(memory, printer()) as never),
    bsd_sockets_v1: shared.gate(bsdSockets(guest, memory, wait) as never),
    ...(wasi && {
      [WASI_MODULE]: shared.gateCounted(wasiPreview1(stdio, memory, wasi.wasiImport as never)),
    }),
  };
}

/** Runs a guest: its exit code. */
function start({ exports }: WebAssembly.Instance): number {
  if (exports["memory"] instanceof WebAssembly.Memory) memory.attach(exports["memory"]);
  const { _start, main } = exports as Record<string, (() => unknown) | undefined>;
  if (typeof _start === "function") {
    if (wasi === undefined) _start();
    else wasi.start({ exports });
    return 0;
  }
  if (typeof main !== "function") {
    throw new TypeError("the guest exports neither a function _start nor a function main");
  }
  wasi?.initialize({ exports });
  return Number(main());
}

function run(): Outcome {
  try {
    return { code: start(new WebAssembly.Instance(module, imports())) };
  } catch (error) {
    return error instanceof Exit ? { code: error.code } : { thrown: pack(error) };
  }
}

const guest = openGuest();
parentPort!.postMessage(run());
