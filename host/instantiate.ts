// Hosting a guest: other people's WebAssembly, which may reach only what it is allowed.

import { assemblyScript } from "./adapters/assemblyscript.js";
import { WAITING, bsdSockets } from "./adapters/bsd/index.js";
import { Guest, type GuestOptions } from "./guest.js";
import { GuestMemory } from "./memory.js";
import type { Platform } from "./platform/index.js";
import type { Denied } from "./policy/index.js";
import { load, type Source } from "./source.js";
import { promisingExports, requireSuspension, startError, suspendingImports } from "./suspend.js";
import { BSD_CALLS } from "./trace/calls.js";
import { Tracer } from "./trace.js";
import { Blocking } from "./wait/blocking.js";
import { Suspending } from "./wait/suspending.js";
import type { Waker } from "./waker.js";

/** What a guest is given. */
export interface InstantiateOptions extends GuestOptions {
  /** What else it imports. `bsd_sockets_v1` is always this package's own. */
  readonly imports?: WebAssembly.Imports | undefined;
  /**
   * What happens where one of its calls has to wait. "block" blocks this thread, as in C. "suspend" parks the
   * guest on the event loop: every function that it exports then returns a promise, and calls that are made
   * while another is under way wait for their turn. It takes WebAssembly.Suspending, which Node 24 has.
   */
  readonly wait?: "block" | "suspend" | undefined;
  /** The descriptor of a Waker that ends its blocked calls. */
  readonly wake?: Waker["descriptor"] | undefined;
  /** Takes a line for each of its calls, as strace(1) writes them, without the line's end. */
  readonly trace?: ((line: string) => void) | undefined;
}

/** A guest that runs. */
export interface Instance<Exports = WebAssembly.Exports> {
  readonly exports: Exports;
  /** Closes every socket that the guest left open. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The memory that a module imports, where it does. */
function importedMemory(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Memory | undefined {
  const entry = WebAssembly.Module.imports(module).find(({ kind }) => kind === "memory");
  const value = entry && imports[entry.module]?.[entry.name];
  return value instanceof WebAssembly.Memory ? value : undefined;
}

/**
 * What `instantiate` of the package does, on a machine that can.
 *
 * @param platform the machine, this one where it is absent
 */
export async function host<Exports>(
  source: Source,
  options: InstantiateOptions,
  platform?: Platform,
): Promise<Instance<Exports>> {
  const { imports = {}, trace, wait = "block", wake } = options;
  const suspends = wait === "suspend";
  if (suspends) requireSuspension();
  else if ((wait as string) !== "block") {
    throw new TypeError(`wait ${JSON.stringify(wait)} is neither "block" nor "suspend"`);
  }
  const { module } = await load(source);
  const memory = new GuestMemory(importedMemory(module, imports));
  const tracer = trace && new Tracer(memory, trace);
  const onDenied = (event: Denied) => {
    tracer?.denied(event);
    options.onDenied?.(event);
  };
  const guest = new Guest({ ...options, onDenied }, platform);
  try {
    const waiting = suspends
      ? new Suspending(guest.descriptors)
      : new Blocking(guest.descriptors, wake);
    const calls = bsdSockets(guest, memory, waiting);
    const shown = tracer ? tracer.wrap(calls, BSD_CALLS) : calls;
    const instance = await WebAssembly.instantiate(module, {
      ...imports,
      env: { ...assemblyScript(memory), ...imports["env"] },
      bsd_sockets_v1: suspends ? suspendingImports(shown, WAITING) : shown,
    });
    if (instance.exports["memory"] instanceof WebAssembly.Memory)
      memory.attach(instance.exports["memory"]);
    const dispose = () => {
      guest.dispose();
    };
    const exports = suspends ? promisingExports<Exports>(instance.exports) : instance.exports;
    return { exports: exports as Exports, dispose, [Symbol.dispose]: dispose };
  } catch (error) {
    guest.dispose();
    throw startError(error);
  }
}
