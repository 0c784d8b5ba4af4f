// Many suspended guests in one thread: the bench's program with a tenth of its guests.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { scratchPath } from "../support/programs.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
const GUESTS = 1000;
const SIZE = 64;

test("a thousand guests, each with a connection of its own, get every byte back", async () => {
  const run = promisify(execFile);
  const wasm = scratchPath("crowd.wasm");
  const options = ["--outFile", wasm, "--path", join(root, "build/modules"), "-O"];
  await run(process.execPath, [asc, "crowd.ts", ...options], { cwd: join(root, "bench/assembly") });
  const program = join(root, "build/bench/programs/crowd.js");
  const args = ["--expose-gc", program, wasm, "0", String(GUESTS), String(SIZE)];
  const { stdout } = await run(process.execPath, args);
  const [bytes, moved] = stdout.trim().split(" ").map(Number);
  expect(moved).toBe(GUESTS * SIZE);
  expect(bytes).toBeGreaterThan(0);
});
