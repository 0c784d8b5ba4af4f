// Runs a guest in a worker: its calls block that thread, and no other.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { instantiate, type Allow } from "wasi-sockets";

interface Task {
  readonly name: string;
  readonly allow: Allow;
  /** The exports to call, one after the other. */
  readonly calls: readonly (readonly [name: string, ...args: number[]])[];
}

type Message = { readonly line: string } | { readonly result: number };

/** A guest at work. */
export interface RunningGuest {
  /** What it printed. */
  readonly lines: string[];
  /** The result of its next call. */
  result(): Promise<number>;
  /** When it has ended. */
  readonly ended: Promise<unknown>;
}

/**
 * Starts a guest.
 *
 * @param name of its .wasm beside this file
 * @param allow what it may reach
 * @param calls its exports and their arguments, called one after the other
 */
export function startGuest(name: string, allow: Allow, calls: Task["calls"]): RunningGuest {
  const task: Task = { name, allow, calls };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const lines: string[] = [];
  const results: number[] = [];
  worker.on("message", (message: Message) => {
    if ("line" in message) lines.push(message.line);
    else results.push(message.result);
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

if (!isMainThread) {
  const { name, allow, calls } = workerData as Task;
  const post = (message: Message) => {
    parentPort!.postMessage(message);
  };
  console.log = (line: string) => {
    post({ line });
  };
  const source = fileURLToPath(new URL(`${name}.wasm`, import.meta.url));
  const guest = await instantiate<Record<string, (...args: number[]) => number>>(source, { allow });
  for (const [call, ...args] of calls) post({ result: guest.exports[call]!(...args) });
  guest.dispose();
}
