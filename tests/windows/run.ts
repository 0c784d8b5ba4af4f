// npm run test:windows: the suite on Windows' Node, under Wine, with the modules that `npm run windows` brings. What is named
// is run alone: npm run test:windows tests/tcp.test.ts. The exit code is vitest's.
//
// build/windows is the project as Windows would have it: node_modules of its own, and a copy of all the rest. Links in place of
// the copy would not do: vite follows them, and finds the node_modules of Linux.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs"; // prettier-ignore
import { relative } from "node:path";
import { argv, env, exit } from "node:process";
import { fileURLToPath } from "node:url";
import { mingw, noWindows, project, windowsNode } from "../support/windows.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What of the project is not copied: what has a copy of its own, and what tests have made for this system. */
const OURS =
  /^(?:\.git|build\/(?!(?:host|bench|examples|tests)(?:\/|$)|[^/]+\.(?:wasm|js|d\.ts)$).*|(?:.*\/)?node_modules)$/;

/** Makes it the project as it is now: node_modules stay. */
function copyProject(): void {
  const kept = ["node_modules", "wine"];
  for (const name of readdirSync(project)) {
    if (!kept.includes(name)) rmSync(`${project}/${name}`, { recursive: true });
  }
  for (const name of readdirSync(root)) {
    // Each by itself: a folder cannot be copied into itself, and `build` is where the copy is.
    const names =
      name === "build" ? readdirSync(`${root}/build`).map((file) => `build/${file}`) : [name];
    for (const path of names.filter((path) => !OURS.test(path))) {
      cpSync(`${root}/${path}`, `${project}/${path}`, {
        recursive: true,
        filter: (from) => !OURS.test(relative(root, from)),
      });
    }
  }
  // What `npm run build:link` makes.
  mkdirSync(`${project}/build/modules`);
  symlinkSync(project, `${project}/build/modules/wasi-sockets`);
}

/** Compiles the library that Wine lacks to where Windows looks first: beside the module that asks for it. */
function compileLibrary(): void {
  const folder = `${project}/node_modules/@rolldown/binding-win32-x64-msvc`;
  const source = `${root}/tests/windows/bcryptprimitives.c`;
  const files = [source, "-o", `${folder}/bcryptprimitives.dll`, "-ladvapi32"];
  const options = ["-shared", "-O1", "-Wall", "-Werror"];
  const { status, error } = spawnSync(mingw, [...options, ...files], {
    stdio: "inherit",
  });
  if (status !== 0) throw error ?? new Error(`${mingw} failed`);
}

/** Of the environment, what is of use to Wine: Windows' Node is told nothing that was meant for this one. */
const wine = {
  PATH: env["PATH"],
  HOME: env["HOME"],
  npm_execpath: env["npm_execpath"], // a script, which any Node runs
  LANG: "C.UTF-8",
  NO_COLOR: "1",
  WINEPREFIX: `${project}/wine`,
  WINEDEBUG: "-all",
  NODE_SKIP_PLATFORM_CHECK: "1", // Wine calls itself an older Windows than Node asks for
};

/** The longest that a run may take, in ms: a test whose call blocks for ever has no other end. */
const LIMIT = 60 * 60_000;

/** Runs vitest: its exit code. */
function run(args: readonly string[]): number {
  // Node of Windows takes no pipe of Linux for its output.
  const file = `${project}/output`;
  const output = openSync(file, "w");
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...args];
  const { status, error } = spawnSync("wine", [windowsNode, ...vitest], {
    cwd: project,
    env: wine,
    stdio: ["ignore", output, output],
    timeout: LIMIT,
  });
  process.stdout.write(readFileSync(file));
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** Ends what Wine has left running for this prefix, and no other. */
function endWine(): void {
  spawnSync("wineserver", ["--kill"], { env: wine, stdio: "ignore" });
  spawnSync("wineserver", ["--wait"], { env: wine, stdio: "ignore" });
}

const lacks = noWindows();
if (lacks !== "") {
  console.error(lacks);
  exit(2);
}
copyProject();
compileLibrary();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => exit(1));
process.once("exit", endWine);
process.exitCode = run(argv.slice(2));
