// Tries modules in threads that can be ended: what a module does is not known, nor whether it ends.

import { Worker } from "node:worker_threads";
import { waker } from "wasi-sockets";
import type { Ending, ModulesJob } from "./job.js";
import type { Failure } from "./step.js";
import type { Tried, WorkerSetup } from "./modules-worker.js";

/** How long a module may run, and how often that is looked at, in milliseconds. */
const LIMIT = 300;
const LOOK = 20;

/** Tries the modules of a job. */
export async function tryModules(job: ModulesJob): Promise<Ending> {
  const counts: Record<string, { calls: number; successes: number }> = {};
  const count = (name: string, succeeds: boolean): void => {
    const entry = (counts[name] ??= { calls: 0, successes: 0 });
    entry.calls++;
    if (succeeds) entry.successes++;
  };
  using wake = await waker();
  const end = job.from + job.count;
  for (let next = job.from; next < end;) {
    // Before the first, until the thread has it: a thread that is ended while it loads koffi takes the process with it.
    const current = new Int32Array(new SharedArrayBuffer(4)).fill(next - 1);
    const setup: WorkerSetup = {
      ...job,
      from: next,
      count: end - next,
      current,
      wake: wake.descriptor,
    };
    const worker = new Worker(new URL("modules-worker.js", import.meta.url), { workerData: setup });
    const ended = await new Promise<number | Failure>((resolve, reject) => {
      let [last, since] = [next - 1, 0];
      const stop =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          clearInterval(timer);
          settle(value);
        };
      const timer = setInterval(() => {
        wake.wake(); // nothing waits for long
        const number = Atomics.load(current, 0);
        if (number !== last) [last, since] = [number, performance.now()];
        else if (number >= next && performance.now() - since > LIMIT) stop(resolve)(number);
      }, LOOK);
      worker.on("message", ({ how, runs, failure }: Tried) => {
        count(how, runs);
        if (failure !== undefined) stop(resolve)({ what: failure });
      });
      worker.on("error", stop(reject));
      worker.on("exit", () => {
        stop(resolve)(end);
      });
    }).finally(() => worker.terminate());
    if (typeof ended !== "number") return { failure: ended };
    if (ended < end) count("ended", true);
    next = ended + 1;
  }
  return { counts };
}
