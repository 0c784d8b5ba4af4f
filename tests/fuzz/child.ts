// The process that runs fuzzed guests, and may crash of them: node child.js, with a Job on standard input.

import { once } from "node:events";
import { readSync, writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { waker } from "wasi-sockets";
import { ABIS } from "./abi.js";
import { Canaries } from "./canaries.js";
import { EPISODE, episode } from "./episode.js";
import type { Job, Report } from "./job.js";
import { Machine } from "./machine.js";
import { allowOf, bytesOf, placesOf } from "./places.js";
import type { Failure, Step } from "./step.js";

/** How long a call that may wait does, in milliseconds. */
const WAIT = 4;

const WATCHDOG = `
  const { writeSync } = require("node:fs");
  const { workerData: { descriptor, wait } } = require("node:worker_threads");
  const one = new BigUint64Array([1n]);
  setInterval(() => {
    try { writeSync(descriptor, one); } catch { /* EAGAIN: it is written already */ }
  }, wait);
`;

const counter = new Uint8Array(8);

/** Takes back what would end the next wait. */
function drain(): void {
  try {
    readSync(wake.descriptor, counter);
  } catch {
    // EAGAIN: there was nothing
  }
}

function report(line: Report): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

// What guests print is nothing that the watcher should read.
for (const method of ["log", "debug", "info", "warn", "error"] as const)
  console[method] = () => undefined;

const job = JSON.parse(await text(process.stdin)) as Job;
const places = placesOf(job.address, job.forbidden6);
const wake = await waker();
const watchdog = new Worker(WATCHDOG, {
  eval: true,
  workerData: { descriptor: wake.descriptor, wait: WAIT },
});

let canaries: Canaries | undefined;
const online = once(watchdog, "online");
const machine = new Machine({
  abis: ABIS,
  allow: allowOf(job.profile, places),
  file: fileURLToPath(import.meta.url),
  inspect: () => canaries?.taken(),
  places: Object.fromEntries(Object.entries(places).map(([name, place]) => [name, bytesOf(place)])),
  wake: {
    descriptor: wake.descriptor,
    wake: () => {
      wake.wake();
    },
    drain,
  },
});

/** The lists of steps that the job names. */
function* guests({ guests }: Job): Generator<[number: number, steps: Step[]]> {
  if ("steps" in guests) {
    yield [0, [...guests.steps]];
    return;
  }
  const { seed, from, calls } = guests;
  for (let done = 0, number = from; done < calls; done += EPISODE, number++) {
    yield [number, episode(ABIS, seed, number, Math.min(EPISODE, calls - done))];
  }
}

async function run(): Promise<Failure | undefined> {
  await machine.run([]); // so that whatever is opened once is open
  await online; // until then Node opens and closes files of its own
  canaries = new Canaries();
  for (const [number, steps] of guests(job)) {
    report({ guest: number });
    const failure = await machine.run(steps);
    if (failure !== undefined) return failure;
    const changed = canaries.changed();
    if (changed !== undefined) return { what: `changed: ${changed}` };
  }
  return undefined;
}

const failure = await run();
report(failure === undefined ? { counts: Object.fromEntries(machine.counts) } : { failure });
await watchdog.terminate();
