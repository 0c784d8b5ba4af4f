// A thread that ends what a test waits for in vain. A file's tests have one between them, that ends with their process:
// koffi aborts the process where a thread is terminated while it loads koffi.

import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Seconds that a call may wait. */
export const PATIENCE = 5;

/** The module of the system's calls: a descriptor of Windows is none of Node's. */
const LIBC = new URL("build/host/libc.js", import.meta.resolve("wasi-sockets/package.json")).href;

const PROGRAM = `
  const { parentPort } = require("node:worker_threads");
  import(${JSON.stringify(LIBC)}).then(({ libc }) => {
    const waited = new Map();
    parentPort.on("message", ({ descriptor, watched }) => {
      if (watched) waited.set(descriptor, 0);
      else waited.delete(descriptor);
    });
    setInterval(() => {
      for (const [descriptor, seconds] of waited) {
        waited.set(descriptor, seconds + 1);
        if (seconds >= ${PATIENCE}) libc.eventfd_write(descriptor, 1);
      }
    }, 1000);
    parentPort.postMessage("ready");
  });
`;

let started: Promise<Worker> | undefined;

async function start(): Promise<Worker> {
  const worker = new Worker(PROGRAM, { eval: true });
  await once(worker, "message");
  worker.unref();
  return worker;
}

/**
 * Has calls that wait for too long end with EINTR.
 *
 * @param descriptor of the waker that ends them
 * @returns what ends this
 */
export async function watch(descriptor: number): Promise<() => void> {
  const worker = await (started ??= start());
  worker.postMessage({ descriptor, watched: true });
  return () => {
    worker.postMessage({ descriptor, watched: false });
  };
}
