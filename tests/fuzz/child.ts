// The process that fuzzed guests run in, and may crash: node child.js, with a Job on standard input.

import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { runGuests } from "./guests.js";
import type { Job, Report } from "./job.js";
import { tryModules } from "./modules-run.js";

function report(line: Report): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

// What guests print is nothing that the watcher should read.
for (const method of ["log", "debug", "info", "warn", "error"] as const)
  console[method] = () => undefined;

const job = JSON.parse(await text(process.stdin)) as Job;
const { guests } = job;
report(
  "modules" in guests ? await tryModules(guests.modules) : await runGuests(job, guests, report),
);
