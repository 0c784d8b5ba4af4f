// `wasi-sockets run` as a shell starts it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const { PATH, NODE_SKIP_PLATFORM_CHECK } = process.env;
const cli = fileURLToPath(new URL("../../build/host/cli.js", import.meta.url));

/** Starts it; it is killed where it outlives the test. */
export function start(...args: string[]) {
  const child = spawn(process.execPath, [cli, "run", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, NODE_SKIP_PLATFORM_CHECK }, // the latter is for Wine
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

/** Runs it to its end: its exit code, and what it wrote. */
export async function command(...args: string[]) {
  const child = start(...args);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}
