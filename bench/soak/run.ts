// npm run soak: starts ./soak.js on a Node that suspends guests where there is one, with memory that tells something.
// What the allocators keep for later is no leak, but hides one: the young generation stays small, and malloc(3) gives
// back what was freed.

import { spawn } from "node:child_process";
import { argv, env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { suspending } from "../tools.js";

const FLAGS = ["--expose-gc", "--max-semi-space-size=2"]; // MiB
const MALLOC = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "65536",
};

function node(): string {
  try {
    return suspending();
  } catch {
    return execPath; // without suspended guests
  }
}

const program = fileURLToPath(new URL("soak.js", import.meta.url));
const child = spawn(node(), [...FLAGS, program, ...argv.slice(2)], {
  stdio: "inherit",
  env: { ...env, ...MALLOC },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => (process.exitCode = code ?? 1));
