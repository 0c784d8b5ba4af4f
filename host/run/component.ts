// A component as a guest of a thread: JavaScript, which jco has made of it, over our interfaces.

import { command } from "../adapters/p2/command.js";
import { Host } from "../adapters/p2/host.js";
import { interfaces, named, resources, type ComponentImports } from "../adapters/p2/index.js";
import { ComponentTracer } from "../trace/component.js";
import type { ComponentCode } from "./setup.js";
import { guest, setup, shared, stdio, traceLine } from "./thread.js";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What jco's code exports. */
interface Transpiled {
  readonly instantiate: (
    core: (name: string) => WebAssembly.Module,
    imports: ComponentImports,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

/** The interfaces of WASI 0.2, whose names end with a version. */
const VERSION = /^(wasi:[a-z-]+\/[a-z-]+)@0\.2\.\d+$/;
/** Whose functions are traced. */
const TRACED = /^wasi:(sockets|io)\//;
/** What a command exports. */
const RUN = /^wasi:cli\/run@0\.2\.\d+$/;

/** Puts something around the functions of an object, or the methods of a prototype, where they stand. */
function surround(object: object, around: (call: Method, key: string) => Method): void {
  for (const key of Reflect.ownKeys(object)) {
    const { value } = Object.getOwnPropertyDescriptor(object, key)! as { value?: unknown };
    if (typeof value !== "function" || key === "constructor") continue;
    if (value.prototype !== undefined) continue; // a class
    const name = key === Symbol.dispose ? "drop" : String(key);
    Object.defineProperty(object, key, { value: around(value as Method, name), writable: true });
  }
}

/** What the component may import, by names without versions; its calls let go of it once it is to end. */
function hosted(): ComponentImports {
  const host = new Host(guest, setup.wake);
  const { args, env } = setup;
  const imports: ComponentImports = {
    ...named(interfaces(() => host)),
    ...command(host, { args, env, stdio }),
  };
  const tracer = setup.tells.traces ? new ComponentTracer(traceLine) : undefined;
  for (const [name, functions] of Object.entries(imports)) {
    const shown = TRACED.test(name) ? tracer : undefined;
    surround(functions, (call, key) => {
      const gated = shared.gateMethod(call);
      return shown === undefined ? gated : shown.wrap(undefined, key, gated);
    });
  }
  for (const [name, { prototype }] of resources) {
    surround(prototype, (call, key) => {
      const gated = shared.gateMethod(call);
      return tracer === undefined ? gated : tracer.wrap(name, key, gated);
    });
  }
  return imports;
}

/** The same by the names that this component has for them. */
function imported({ imports }: ComponentCode): ComponentImports {
  const all = hosted();
  const entries = imports.map((name) => {
    const plain = VERSION.exec(name)?.[1] ?? "";
    if (Object.hasOwn(all, plain)) return [name, all[plain]!] as const;
    throw new WebAssembly.LinkError(`the component imports ${name}, which nobody gives`);
  });
  return Object.fromEntries(entries);
}

/** The function `run` of what a component exports. */
function commandOf(exports: Readonly<Record<string, unknown>>): () => unknown {
  const [name] = Object.keys(exports).filter((name) => RUN.test(name));
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
  const run = commandOf(await instantiate((name) => modules[name]!, imported(component)));
  try {
    await run();
    return 0;
  } catch (error) {
    // An error of jco's own stands for the result that the component has given.
    if (error instanceof Error && error.constructor.name === "ComponentError") return 1;
    throw error;
  }
}
