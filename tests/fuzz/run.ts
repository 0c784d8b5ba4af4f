// npm run fuzz: what a guest may do to its host, found by chance. The exit code is 1 where something was found.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { exit, stdout } from "node:process";
import { parseArgs } from "node:util";
import { Calls, type CallsOutcome } from "./calls.js";
import { EPISODE } from "./episode.js";
import type { ProfileName } from "./step.js";

const USAGE = `npm run fuzz -- [options]

  --seed N        what decides every number, 20261122
  --calls M       how many calls the guests make in all, 1000000
  --profile NAME  what they are allowed: listed, open or trusted; a tenth each of the last two where it is absent
  --guest K       only that guest of the seed
  --no-strace     does not look at the system calls of a twentieth of the guests
  --help          this`;

const PROFILES: readonly ProfileName[] = ["listed", "open", "trusted"];

function options() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "20261122" },
      calls: { type: "string", default: "1000000" },
      profile: { type: "string" },
      guest: { type: "string" },
      "no-strace": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const number = (name: string, text: string): number => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new Error(`--${name} ${text} is not a number from 0 to 999999999`);
  };
  const { profile } = values;
  if (profile !== undefined && !PROFILES.includes(profile as ProfileName)) {
    throw new Error(`--profile ${profile} is none of ${PROFILES.join(", ")}`);
  }
  return {
    help: values.help,
    strace: !values["no-strace"],
    seed: number("seed", values.seed),
    calls: number("calls", values.calls),
    profile: profile as ProfileName | undefined,
    guest: values.guest === undefined ? undefined : number("guest", values.guest),
  };
}

/** Prints what a run found. */
function tell(
  what: string,
  { failed, counts, addresses, skipped }: CallsOutcome,
  start: number,
): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (skipped !== undefined) {
    console.log(`${what}: skipped: ${skipped}`);
    return;
  }
  const all = Object.values(counts);
  const calls = all.reduce((sum, { calls }) => sum + calls, 0);
  const successes = all.reduce((sum, { successes }) => sum + successes, 0);
  const traced = addresses === undefined ? "" : `, ${addresses} socket addresses traced`;
  if (failed === undefined) {
    console.log(
      `${what}: ${calls} calls of ${all.length} imports, ${successes} of them succeeded${traced}, ${seconds} s, no failure`,
    );
    return;
  }
  process.exitCode = 1;
  const file = join(tmpdir(), `wasi-sockets-fuzz-${process.pid}.json`);
  writeFileSync(file, `${JSON.stringify(failed, undefined, 1)}\n`);
  console.log(
    `${what}: FAILED after ${seconds} s: ${failed.about}\n  its steps, ${failed.steps.length}: ${file}`,
  );
}

async function fuzzCalls({
  seed,
  calls,
  profile,
  guest,
  strace,
}: ReturnType<typeof options>): Promise<void> {
  await using guests = await Calls.open();
  const run = async (
    what: string,
    profile: ProfileName,
    calls: number,
    from: number,
    strace = false,
  ) => {
    const start = performance.now();
    const progress = (number: number): void => {
      if (stdout.isTTY)
        stdout.write(`\r${what}: guest ${number} of ${from + Math.ceil(calls / EPISODE)}`);
    };
    const outcome = await guests.run({ profile, seed, calls, from, strace, progress });
    if (stdout.isTTY) stdout.write("\r\x1b[K");
    tell(what, outcome, start);
  };
  if (guest !== undefined) {
    await run(`guest ${guest}`, profile ?? "listed", EPISODE, guest);
    return;
  }
  if (profile !== undefined) {
    await run(profile, profile, calls, 0);
    return;
  }
  await run("listed", "listed", calls, 0);
  await run("open", "open", Math.ceil(calls / 10), 0);
  await run("trusted", "trusted", Math.ceil(calls / 10), 0);
  if (strace) await run("listed, under strace", "listed", Math.ceil(calls / 20), 0, true);
}

try {
  const chosen = options();
  if (chosen.help) console.log(USAGE);
  else await fuzzCalls(chosen);
} catch (error) {
  console.error(`fuzz: ${(error as Error).message}`);
  exit(2);
}
