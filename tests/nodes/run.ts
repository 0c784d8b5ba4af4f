// npm run test:versions: the whole suite under Node 20, 24 and 26, those of `npm run nodes` and the one at hand. Each run
// ends with the tests that it has skipped, and why. What is named is run alone: npm run test:versions tests/waiting.test.ts

import { spawnSync } from "node:child_process";
import { argv, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { NEWER } from "../support/nodes.js";

const root = new URL("../../../", import.meta.url);
const path = (file: string): string => fileURLToPath(new URL(file, root));

const nodes = [
  execPath,
  ...NEWER.map((major) => path(`tests/nodes/node_modules/node${major}/bin/node`)),
];
const vitest = path("node_modules/vitest/vitest.mjs");

/** What a Node calls itself. */
function versionOf(node: string): string {
  const { stdout, error } = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (error !== undefined) throw error;
  return stdout.trim();
}

const versions = nodes.map(versionOf);
console.log(`Nodes: ${versions.join(", ")}`);
const failed = versions.filter((version, i) => {
  console.log(`\n== Node ${version}\n`);
  const { status } = spawnSync(nodes[i]!, [vitest, "run", ...argv.slice(2)], {
    cwd: fileURLToPath(root),
    stdio: "inherit",
  });
  return status !== 0;
});
for (const version of failed) console.error(`failed on Node ${version}`);
if (failed.length > 0) process.exitCode = 1;
