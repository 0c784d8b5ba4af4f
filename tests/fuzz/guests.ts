// Runs fuzzed guests, one after another, and looks after each what it has left behind.

import { once } from "node:events";
import { readSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { waker } from "wasi-sockets";
import { ABIS } from "./abi.js";
import { Canaries } from "./canaries.js";
import { EPISODE, episode } from "./episode.js";
import type { Ending, GuestsJob, Job, Report } from "./job.js";
import { Machine } from "./machine.js";
import { allowOf, bytesOf, placesOf } from "./places.js";
import type { Step } from "./step.js";

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

/** The lists of steps that a job names. */
function* listsOf(guests: GuestsJob): Generator<[number: number, steps: readonly Step[]]> {
  if ("steps" in guests) {
    yield [0, guests.steps];
    return;
  }
  const { seed, from, calls } = guests;
  for (let done = 0, number = from; done < calls; done += EPISODE, number++) {
    yield [number, episode(ABIS, seed, number, Math.min(EPISODE, calls - done))];
  }
}

/** Runs the guests of a job: how often what was called, or what went wrong. */
export async function runGuests(
  { profile, address, forbidden6 }: Job,
  guests: GuestsJob,
  report: (line: Report) => void,
): Promise<Ending> {
  const places = placesOf(address, forbidden6);
  const entries = Object.entries(places);
  const wake = await waker();
  const counter = new Uint8Array(8);
  const watchdog = new Worker(WATCHDOG, {
    eval: true,
    workerData: { descriptor: wake.descriptor, wait: WAIT },
  });
  const online = once(watchdog, "online");
  const machine = new Machine({
    abis: ABIS,
    allow: allowOf(profile, places),
    file: fileURLToPath(import.meta.url),
    places: Object.fromEntries(entries.map(([name, place]) => [name, bytesOf(place)])),
    wake: {
      descriptor: wake.descriptor,
      wake: () => {
        wake.wake();
      },
      drain: () => {
        try {
          readSync(wake.descriptor, counter);
        } catch {
          // EAGAIN: there was nothing
        }
      },
    },
  });
  await machine.run([]); // so that whatever is opened once is open
  await online; // until then Node opens and closes files of its own
  const canaries = new Canaries();
  try {
    for (const [guest, steps] of listsOf(guests)) {
      report({ guest });
      const failure = await machine.run(steps, () => canaries.taken());
      if (failure !== undefined) return { failure };
      const changed = canaries.changed();
      if (changed !== undefined) return { failure: { what: `changed: ${changed}` } };
    }
    return { counts: Object.fromEntries(machine.counts) };
  } finally {
    await watchdog.terminate();
  }
}
