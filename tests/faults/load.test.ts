// The load of `npm run load`, less of it: every connection is answered, whatever the slow ones do, and what a
// connection takes is bounded.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { compileGuest } from "../support/guest.js";
import { scratchPath } from "../support/programs.js";

const HELD = 1000;
const SHORT = 5000;
const SLOW = 8;

const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test(`a guest serves ${HELD} connections at once, ${SHORT} in a row, and others beside ${SLOW} that do not read`, async () => {
  const file = scratchPath("load.wasm");
  const must = source("bench/assembly/must.ts").replace(/^import .*$/m, "");
  const guest = source("bench/assembly/load.ts").replace(/^import .* from "\.\/must";$/m, "");
  writeFileSync(file, await compileGuest(guest + must));
  const run = fileURLToPath(new URL("../../build/bench/load/run.js", import.meta.url));
  const amounts = ["--held", `${HELD}`, "--short", `${SHORT}`, "--slow", `${SLOW}`];
  const node = [run, file, ...amounts, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, node, { timeout: 25_000 });
  const { held, short, slow } = JSON.parse(stdout) as Record<string, Record<string, number>>;
  expect(held).toMatchObject({
    connected: HELD,
    accepted: HELD,
    most: HELD,
    answered: HELD,
    errors: 0,
  });
  expect(short).toMatchObject({ accepted: SHORT, answered: SHORT, errors: 0 });
  const beside = SLOW * 10;
  expect(slow).toMatchObject({
    held: SLOW,
    whole: SLOW,
    answered: beside,
    accepted: SLOW + beside,
    errors: 0,
  });
  expect(slow!["stalls"]).toBeGreaterThanOrEqual(SLOW);
  // A slow reader has a page of the guest's memory, whatever it asks for.
  expect(slow!["memory"]).toBeLessThanOrEqual(1 << 20);
});
