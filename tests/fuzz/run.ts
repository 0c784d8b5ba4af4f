// npm run fuzz: what a guest may do to its host, found by chance. The exit code is 1 where something was found.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { exit, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileFile } from "../support/guest.js";
import { Calls, type CallsOutcome } from "./calls.js";
import { fuzzCodecs } from "./codecs.js";
import { EPISODE } from "./episode.js";
import type { Counts } from "./job.js";
import type { ProfileName } from "./step.js";

const USAGE = `npm run fuzz -- [options]

  --seed N        what decides every number: 20261122
  --only KIND     calls, codecs or modules alone
  --calls M       how many calls the guests make: 1000000; as many conversions, and a module for each 200
  --profile NAME  what the guests that call are allowed: listed, open or trusted; a tenth each of the last two
                  where it is absent
  --guest K       only that guest of the seed
  --no-strace     does not look at the system calls of a twentieth of the guests
  --help          this`;

const PROFILES = ["listed", "open", "trusted"] as const;
const KINDS = ["calls", "codecs", "modules"] as const;
/** Guests of tests/assembly whose bytes are changed, beside the modules of this package. */
const GUESTS = ["tcp", "datagram"];
const CALLS_PER_MODULE = 200;

function options() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "20261122" },
      calls: { type: "string", default: "1000000" },
      only: { type: "string" },
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
  const oneOf = <Name extends string>(
    name: string,
    text: string | undefined,
    names: readonly Name[],
  ): Name | undefined => {
    if (text === undefined || names.includes(text as Name)) return text as Name | undefined;
    throw new Error(`--${name} ${text} is none of ${names.join(", ")}`);
  };
  return {
    help: values.help,
    strace: !values["no-strace"],
    seed: number("seed", values.seed),
    calls: number("calls", values.calls),
    only: oneOf("only", values.only, KINDS),
    profile: oneOf("profile", values.profile, PROFILES),
    guest: values.guest === undefined ? undefined : number("guest", values.guest),
  };
}

type Options = ReturnType<typeof options>;

/** Shows how far it is, where somebody looks. */
function progress(text: string): void {
  if (stdout.isTTY) stdout.write(`\r${text}\x1b[K`);
}

/** Prints what became of a kind, and how long it took. */
function tell(what: string, start: number, found: string): void {
  progress("");
  console.log(`${what}: ${found}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** Prints a failure, and keeps what shows it. */
function fail(
  what: string,
  start: number,
  about: string,
  name: string,
  bytes: string | Uint8Array,
): void {
  process.exitCode = 1;
  const file = join(mkdtempSync(join(tmpdir(), "wasi-sockets-found-")), name);
  writeFileSync(file, bytes);
  tell(what, start, `FAILED: ${about}\n  what shows it: ${file}`);
}

/** How many there were in all, and how many of them succeeded. */
function sum(counts: Counts): { all: number; good: number } {
  const entries = Object.values(counts);
  return {
    all: entries.reduce((sum, { calls }) => sum + calls, 0),
    good: entries.reduce((sum, { successes }) => sum + successes, 0),
  };
}

function tellCalls(
  what: string,
  { failed, counts, addresses, skipped }: CallsOutcome,
  start: number,
): void {
  if (failed !== undefined) {
    const text = `${JSON.stringify(failed, undefined, 1)}\n`;
    fail(what, start, `${failed.about}, ${failed.steps.length} steps`, "found.json", text);
  } else if (skipped !== undefined) {
    tell(what, start, `skipped: ${skipped}`);
  } else {
    const { all, good } = sum(counts);
    const imports = Object.keys(counts).length;
    const traced = addresses === undefined ? "" : `, ${addresses} socket addresses traced`;
    tell(
      what,
      start,
      `${all} calls of ${imports} imports, ${good} of them succeeded${traced}, no failure`,
    );
  }
}

async function fuzzCalls(
  guests: Calls,
  { seed, calls, profile, guest, strace }: Options,
): Promise<void> {
  const run = async (
    what: string,
    profile: ProfileName,
    calls: number,
    from: number,
    strace = false,
  ) => {
    const start = performance.now();
    const end = from + Math.ceil(calls / EPISODE);
    const show = (number: number): void => {
      progress(`${what}: guest ${number} of ${end}`);
    };
    const outcome = await guests.run({ profile, seed, calls, from, strace, progress: show });
    tellCalls(what, outcome, start);
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

async function fuzzConversions({ seed, calls }: Options): Promise<void> {
  const start = performance.now();
  progress("codecs");
  const { counts, failed, skipped } = await fuzzCodecs(seed, calls);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (failed !== undefined) fail("codecs", start, failed.slice(0, 2000), "found.txt", failed);
  else if (skipped !== undefined) tell("codecs", start, `skipped: ${skipped}`);
  else
    tell(
      "codecs",
      start,
      `${all} conversions of ${Object.keys(counts).length} kinds beside C, no failure`,
    );
}

async function fuzzModules(guests: Calls, { seed, calls }: Options): Promise<void> {
  const start = performance.now();
  progress("modules");
  const root = import.meta.resolve("wasi-sockets/package.json");
  const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-modules-"));
  try {
    const sources = ["sockets", "marshal"].map((name) =>
      fileURLToPath(new URL(`build/${name}.wasm`, root)),
    );
    for (const name of GUESTS) {
      const file = join(directory, `${name}.wasm`);
      writeFileSync(file, await compileFile(name));
      sources.push(file);
    }
    const count = Math.ceil(calls / CALLS_PER_MODULE);
    const { counts, failed, bytes } = await guests.modules({ seed, from: 0, count, sources });
    if (failed !== undefined) {
      fail("modules", start, failed, "found.wasm", bytes ?? "");
      return;
    }
    const { ended, ...tried } = counts;
    const { all, good } = sum(tried);
    const cut = ended?.calls ?? 0;
    tell(
      "modules",
      start,
      `${all + cut} modules, ${good} of them ran to an end, ${cut} were ended, no failure`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function fuzz(chosen: Options): Promise<void> {
  await using guests = await Calls.open();
  const alone = chosen.guest === undefined && chosen.profile === undefined ? chosen.only : "calls";
  const wants = (kind: (typeof KINDS)[number]): boolean => alone === undefined || alone === kind;
  if (wants("calls")) await fuzzCalls(guests, chosen);
  if (wants("codecs")) await fuzzConversions(chosen);
  if (wants("modules")) await fuzzModules(guests, chosen);
}

try {
  const chosen = options();
  if (chosen.help) console.log(USAGE);
  else await fuzz(chosen);
} catch (error) {
  console.error(`fuzz: ${(error as Error).message}`);
  exit(2);
}
