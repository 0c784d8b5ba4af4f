// Runs guests: in this thread, or in a worker, whose calls then block that thread and no other.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { instantiate, type Allow, type InstantiateOptions } from "wasi-sockets";
import { marshal } from "wasi-sockets/marshal";

/** An argument of an export. */
export type Argument = number | string;

/** A call of an export. */
export type Call = readonly [name: string, ...args: Argument[]];

/** A guest that is ready to be called. */
export interface LoadedGuest {
  /** Calls an export. */
  call(name: string, ...args: Argument[]): number;
  /** Closes what it left open. */
  dispose(): void;
}

/** How a guest is run in a worker. */
export interface StartOptions {
  /** Takes each line that it prints, when it prints it. */
  readonly print?: (line: string) => void;
  /** The descriptor of a waker that ends its blocked calls. */
  readonly wake?: InstantiateOptions["wake"];
}

/** A guest at work. */
export interface RunningGuest {
  /** What it printed. */
  readonly lines: string[];
  /** The result of its next call. */
  result(): Promise<number>;
  /** When it has ended. */
  readonly ended: Promise<unknown>;
}

interface Task {
  readonly name: string;
  readonly options: InstantiateOptions;
  readonly calls: readonly Call[];
}

type Message = { readonly line: string } | { readonly result: number };

/** What asc's `--exportRuntime` adds to a guest, for arguments that are text. */
interface Runtime {
  readonly memory: WebAssembly.Memory;
  __new(size: number, classId: number): number;
  __pin(pointer: number): number;
  __unpin(pointer: number): void;
}

/** The numbers of errors by their names: a guest's are Linux's on every system, and Node's are not. */
const { Errno } = (await marshal()).codecs;

/** The class of AssemblyScript's strings. */
const STRING_ID = 2;

/**
 * Loads a guest into this thread.
 *
 * @param name of its .wasm beside this file
 * @param options `allow`, and `wake`
 */
export async function loadGuest(name: string, options: InstantiateOptions): Promise<LoadedGuest> {
  const source = fileURLToPath(new URL(`${name}.wasm`, import.meta.url));
  const guest = await instantiate(source, options);
  const runtime = guest.exports as unknown as Runtime;
  const functions = guest.exports as Record<string, (...args: number[]) => number>;
  return {
    call(name, ...args) {
      const strings: number[] = [];
      const values = args.map((arg) => {
        if (typeof arg === "number") return arg;
        const pointer = runtime.__pin(runtime.__new(arg.length * 2, STRING_ID));
        Buffer.from(runtime.memory.buffer).write(arg, pointer, "utf16le");
        strings.push(pointer);
        return pointer;
      });
      const result = functions[name]!(...values);
      for (const pointer of strings) runtime.__unpin(pointer);
      return result;
    },
    dispose() {
      guest.dispose();
    },
  };
}

/**
 * Starts a guest in a worker.
 *
 * @param name of its .wasm beside this file
 * @param allow what it may reach
 * @param calls its exports and their arguments, called one after the other until one fails
 */
export function startGuest(
  name: string,
  allow: Allow | true,
  calls: readonly Call[],
  { print, wake }: StartOptions = {},
): RunningGuest {
  const task: Task = { name, options: { allow, wake }, calls };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const lines: string[] = [];
  const results: number[] = [];
  worker.on("message", (message: Message) => {
    if ("result" in message) {
      results.push(message.result);
    } else {
      lines.push(message.line);
      print?.(message.line);
    }
  });
  return {
    lines,
    ended: once(worker, "exit"),
    async result() {
      while (results.length === 0) await once(worker, "message");
      return results.shift()!;
    },
  };
}

/**
 * Checks what a guest's call returned.
 *
 * @param result zero or more, or -errno
 * @param what was called, for the error message
 * @throws Error with the name of the errno
 */
export function check(result: number, what: string): number {
  if (result >= 0) return result;
  const name = Object.entries(Errno).find(([, number]) => number === -result)?.[0];
  throw new Error(`${what}: ${name ?? result}`);
}

/** Ends this program with a line that says how to call it. */
export function usage(line: string): never {
  console.error(`usage: node build/examples/${line}`);
  process.exit(2);
}

if (!isMainThread) {
  const { name, options, calls } = workerData as Task;
  const post = (message: Message) => {
    parentPort!.postMessage(message);
  };
  console.log = (line: string) => {
    post({ line });
  };
  const guest = await loadGuest(name, options);
  for (const [call, ...args] of calls) {
    const result = guest.call(call, ...args);
    post({ result });
    if (result < 0) break; // the next might wait for what the failed one should have made
  }
  guest.dispose();
}
