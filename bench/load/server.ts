// The process of the guest: server.js WASM DESCRIPTORS. It writes its port, serves until its input ends, and writes
// what the guest counted.

import { argv, stdin, stdout } from "node:process";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { instantiate, waker } from "wasi-sockets";
import { readFile } from "node:fs/promises";

interface Exports {
  start(): number;
  serve(): void;
  countAccepted(): number;
  countMost(): number;
  countStalls(): number;
  countErrors(): number;
}

/** What the guest counted. */
export interface Counts {
  /** Connections that it accepted. */
  readonly accepted: number;
  /** Connections that were open at once. */
  readonly most: number;
  /** How often a peer did not take what was sent to it. */
  readonly stalls: number;
  /** Calls that failed. */
  readonly errors: number;
  /** Bytes of its memory in the end. */
  readonly memory: number;
}

/** Serves in this thread. */
async function serve(post: (message: unknown) => void, wake: number): Promise<void> {
  const guest = await instantiate<Exports & { memory: WebAssembly.Memory }>(
    await readFile(argv[2]!),
    { allow: { bind: ["tcp:127.0.0.1:0"] }, descriptors: Number(argv[3]), wake },
  );
  const { exports } = guest;
  post(exports.start());
  exports.serve();
  const counts: Counts = {
    accepted: exports.countAccepted(),
    most: exports.countMost(),
    stalls: exports.countStalls(),
    errors: exports.countErrors(),
    memory: exports.memory.buffer.byteLength,
  };
  guest.dispose();
  post(counts);
}

if (isMainThread) {
  const interrupt = await waker();
  const worker = new Worker(new URL(import.meta.url), {
    argv: argv.slice(2),
    workerData: interrupt.descriptor,
  });
  worker.on("message", (message) => stdout.write(`${JSON.stringify(message)}\n`));
  stdin.resume().once("end", () => {
    interrupt.wake();
  });
} else {
  await serve((message) => {
    parentPort!.postMessage(message);
  }, workerData as number);
}
