// What the process has of the machine.

import { readdirSync } from "node:fs";
import { getActiveResourcesInfo, memoryUsage } from "node:process";
import { setTimeout as pause } from "node:timers/promises";

/** Descriptors, handles and requests of the event loop, bytes of resident memory. */
export interface Resources {
  readonly descriptors: number;
  readonly handles: number;
  readonly memory: number;
}

const SAMPLES = 9;
/** Between two samples, in milliseconds: what is closed is given back in turns of the event loop. */
const INTERVAL = 100;

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1]!;
}

/** The medians of some samples, each behind a full collection; nothing else goes on meanwhile. */
export async function sample(): Promise<Resources> {
  const samples: Resources[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    await pause(INTERVAL);
    global.gc!();
    samples.push({
      descriptors: readdirSync("/proc/self/fd").length,
      handles: getActiveResourcesInfo().length,
      memory: memoryUsage.rss(),
    });
  }
  const of = (name: keyof Resources) => median(samples.map((each) => each[name]));
  return { descriptors: of("descriptors"), handles: of("handles"), memory: of("memory") };
}
