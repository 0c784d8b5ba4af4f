// A component as a guest of a thread: JavaScript, which jco has made of it, over our interfaces.

import { command as command2 } from "../adapters/p2/command.js";
import { Host } from "../adapters/p2/host.js";
import * as p2 from "../adapters/p2/index.js";
import { command as command3 } from "../adapters/p3/command.js";
import * as p3 from "../adapters/p3/index.js";
import { ComponentTracer } from "../trace/component.js";
import { http } from "./http.js";
import type { ComponentCode } from "./setup.js";
import { guest, onDenied, setup, shared, stdio, traceLine } from "./thread.js";

type ComponentImports = p2.ComponentImports;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What jco's code exports. */
interface Transpiled {
  readonly instantiate: (
    core: (name: string) => WebAssembly.Module,
    imports: ComponentImports,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

/** The interfaces of WASI, whose names end with a version. */
const VERSION = /^(wasi:[a-z-]+\/[a-z-]+)@(0\.[23])\.\d+$/;
/** Whose functions are traced. */
const TRACED = /^wasi:(sockets|io)\//;
/** What a command exports. */
const RUN = /^wasi:cli\/run@0\.[23]\.\d+$/;

/** Puts something around the functions of an object, or the methods of a prototype, where they stand. */
function surround(object: object, around: (call: Method, key: string) => Method): void {
  for (const key of Reflect.ownKeys(object)) {
    const { value } = Object.getOwnPropertyDescriptor(object, key)! as { value?: unknown };
    if (typeof value !== "function" || key === "constructor") continue;
    if (value.prototype !== undefined) continue; // a class
    const name = key === Symbol.dispose ? "drop" : key;
    if (typeof name === "symbol") continue;
    Object.defineProperty(object, key, { value: around(value as Method, name), writable: true });
  }
}

guest.sharesPorts = setup.sharesPorts;
const host = new Host(guest, setup.wake);
const drain = shared.gateMethod(() => {
  host.poller.drain();
});

/** What a component may import, by names without versions, by version. */
function hosted(): Readonly<Record<string, ComponentImports>> {
  const { args, env } = setup;
  const command = { args, env, stdio };
  return {
    "0.2": { ...p2.named(p2.interfaces(() => host)), ...command2(host, command) },
    "0.3": { ...p3.named(p3.interfaces(() => guest)), ...command3(command) },
  };
}

const tracer = setup.tells.traces ? new ComponentTracer(traceLine) : undefined;

/** Has a call let go of a component that is to end, and be traced where somebody reads that. */
function around(shown: ComponentTracer | undefined, resource?: string) {
  return (call: Method, key: string): Method => {
    const gated = shared.gateMethod(call);
    return shown === undefined ? gated : shown.wrap(resource, key, gated);
  };
}

/** Does so with the calls of interfaces. */
function gate(imports: ComponentImports): void {
  for (const [name, interface_] of Object.entries(imports)) {
    const wrapped = around(TRACED.test(name) ? tracer : undefined);
    surround(interface_, wrapped);
    // A class may have functions of its own, which make its instances.
    for (const [key, value] of Object.entries(interface_)) {
      if (typeof value !== "function") continue;
      surround(value, (call, make) =>
        wrapped(call, `${key[0]!.toLowerCase()}${key.slice(1)}.${make}`),
      );
    }
  }
}

/** The same with the methods of resources. */
function gateResources(resources: typeof p2.resources): void {
  for (const [name, { prototype }] of resources) surround(prototype, around(tracer, name));
}

/** What this component imports, by the names that it has for that. */
async function imported({ imports, http: url }: ComponentCode): Promise<ComponentImports> {
  const all = hosted();
  for (const version of Object.values(all)) gate(version);
  if (url !== undefined)
    Object.assign(all["0.2"]!, await http(url, setup.allow === true, onDenied));
  gateResources(p2.resources);
  gateResources(p3.resources);
  const entries = imports.map((name) => {
    const [, plain = "", version = ""] = VERSION.exec(name) ?? [];
    const found = all[version];
    if (found !== undefined && Object.hasOwn(found, plain)) return [name, found[plain]!] as const;
    throw new WebAssembly.LinkError(`the component imports ${name}, which nobody gives`);
  });
  return Object.fromEntries(entries);
}

/** The function `run` of what a component exports. */
function commandOf(exports: Readonly<Record<string, unknown>>): () => unknown {
  // One of WASI 0.3 has that of 0.2 as well, by its language's start file, which nobody is to call.
  const [name] = Object.keys(exports)
    .filter((name) => RUN.test(name))
    .sort()
    .reverse();
  if (name === undefined) throw new TypeError("the component does not export wasi:cli/run");
  return (exports[name] as { run: () => unknown }).run;
}

/** Runs a component: its exit code. */
export async function runComponent(component: ComponentCode): Promise<number> {
  const { code, modules } = component;
  // Its name in a stack would be all of it.
  const named = `${code}\n//# sourceURL=component.js\n`;
  const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(named)}`;
  const { instantiate } = (await import(url)) as Transpiled;
  const imports = await imported(component);
  const run = commandOf(await instantiate((name) => modules[name]!, imports));
  try {
    await run();
    return 0;
  } catch (error) {
    // An error of jco's own stands for the result that the component has given.
    if (error instanceof Error && error.constructor.name === "ComponentError") return 1;
    throw error;
  } finally {
    // What the kernel has taken goes out after the end of a process, and so does what it had no room for.
    drain();
  }
}
