// The thread in which jco transpiles a component: whatever the component does to jco, the thread can be ended.

import { parentPort, workerData } from "node:worker_threads";
import { pack, type Thrown } from "./setup.js";

/** What the thread is given. */
export interface Task {
  readonly bytes: Uint8Array;
  /** The URL of jco. */
  readonly jco: string;
  /** The interfaces that the component imports, by their full names, under which it is to be given them. */
  readonly imports: readonly string[];
  /**
   * Whether calls are functions of linear memory where there are such: they are not seen as calls of methods then.
   * Of WASI 0.3 jco has no such functions.
   */
  readonly lowered: boolean;
}

/** What it says. */
export type Transpiled =
  | {
      /** The JavaScript, which exports `instantiate`. */
      readonly code: string;
      /** The core modules, by the names that it asks for. */
      readonly modules: Readonly<Record<string, WebAssembly.Module>>;
      /** What it imports, by those names. */
      readonly imports: readonly string[];
    }
  | { readonly thrown: Thrown };

/** What is used of jco. */
interface Jco {
  readonly transpile: (
    component: Uint8Array,
    options: object,
  ) => Promise<{ files: Record<string, Uint8Array<ArrayBuffer>>; imports: string[] }>;
}

const NAME = "component";

async function transpile({ bytes, jco, imports, lowered }: Task): Promise<Transpiled> {
  const { transpile } = (await import(jco)) as Jco;
  const transpiled = await transpile(bytes, {
    name: NAME,
    instantiation: "async",
    importBindings: lowered ? "hybrid" : "js",
    map: Object.fromEntries(imports.map((name) => [name, name])),
    noTypescript: true,
  });
  const files = Object.entries(transpiled.files);
  const compiled = files
    .filter(([name]) => name.endsWith(".wasm"))
    .map(async ([name, core]) => [name, await WebAssembly.compile(core)] as const);
  return {
    code: new TextDecoder().decode(transpiled.files[`${NAME}.js`]),
    modules: Object.fromEntries(await Promise.all(compiled)),
    imports: transpiled.imports,
  };
}

async function outcome(): Promise<Transpiled> {
  try {
    return await transpile(workerData as Task);
  } catch (error) {
    return { thrown: pack(error) };
  }
}

parentPort!.postMessage(await outcome());
