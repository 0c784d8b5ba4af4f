// What the thread of a guest has, whatever the guest is.

import { parentPort, workerData } from "node:worker_threads";
import { Guest } from "../guest.js";
import { GuestMemory } from "../memory.js";
import type { Denied } from "../policy/index.js";
import { Stdio } from "../stdio.js";
import { Tracer } from "../trace.js";
import { pack, type Setup, type Told } from "./setup.js";
import { Shared } from "./shared.js";

export const setup = workerData as Setup;
export const shared = new Shared(setup.buffer, setup.limits);
export const memory = new GuestMemory();
export const stdio = new Stdio(setup.stdio, setup.wake, shared.descriptors);

function tell(told: Told): void {
  parentPort!.postMessage(told);
}

/** Writes a line of the trace. */
export function traceLine(line: string): void {
  tell({ line });
}

/** Prints the calls of a guest, where somebody reads that. */
export const tracer = setup.tells.traces ? new Tracer(memory, traceLine) : undefined;

/** Tells what was refused. */
export function onDenied({ error, ...event }: Denied): void {
  tracer?.denied(event);
  // Not every error can be cloned.
  const plain = error === undefined ? event : { ...event, error: pack(error) };
  if (setup.tells.denied) tell({ denied: plain });
}

function openGuest(): Guest {
  const guest = new Guest({ allow: setup.allow, onDenied, ...setup.limits }, undefined, shared);
  for (const given of setup.given) guest.give(given);
  return guest;
}

export const guest = openGuest();

/** Has the thread end where it is told to, which it has to do from within: koffi may be about to call it. */
export function endFromWithin(): void {
  parentPort!.once("message", () => {
    process.exit();
  });
  parentPort!.unref(); // a guest that is done needs no telling
}
