import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { leftOut } from "./tests/support/needs.js";
import { suspends } from "./tests/support/nodes.js";
import { wine } from "./tests/support/system.js";

const build = (path: string) => fileURLToPath(new URL(`build/${path}`, import.meta.url));

/** Wine takes seconds to start a program, such as a compiler of guests. */
const patience = wine ? 3 : 1;

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Where no guest can be suspended, tests/suspend.test.ts runs these on Nodes that can.
    exclude: [
      ...configDefaults.exclude,
      ...(suspends ? [] : ["tests/suspended/**"]),
      ...[...leftOut.values()].flat(),
    ],
    setupFiles: ["tests/support/setup.ts"],
    // Sockets and descriptors belong to a process: one file at a time in each, and real threads in none.
    pool: "forks",
    // Two even on a small machine: a file mostly waits, for a peer or a compiler. (Wine is busy with one.)
    maxWorkers: Math.max(wine ? 1 : 2, availableParallelism() - 1),
    reporters: ["default", "tests/support/reporter.ts"],
    testTimeout: 60_000 * patience,
    hookTimeout: 120_000 * patience,
    // The tests run what is built, as a user would; and build/windows is all of the project (tests/windows).
    server: { deps: { external: [/\/build\/(?!windows\/)/] } },
  },
  resolve: {
    alias: [
      { find: /^wasi-sockets\/promises$/, replacement: build("host/promises.js") },
      { find: /^wasi-sockets\/preview1$/, replacement: build("host/preview1.js") },
      { find: /^wasi-sockets\/(p2|p3)$/, replacement: build("host/$1/index.js") },
      { find: /^wasi-sockets\/(p2|p3)\/(.*)$/, replacement: build("host/$1/$2.js") },
      { find: /^wasi-sockets$/, replacement: build("host/index.js") },
      { find: /^#host\/(.*)$/, replacement: build("host/$1.js") },
    ],
  },
});
