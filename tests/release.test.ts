// What a release is checked for, and that its workflow may do no more than it must.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { testWith } from "./support/programs.js";

const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What .ci/version says of a tag in a folder with such files. */
function check(tag: string, version: string, changelog: string): { status: number; said: string } {
  const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-release-"));
  try {
    writeFileSync(join(directory, "package.json"), JSON.stringify({ version }));
    writeFileSync(join(directory, "CHANGELOG.md"), changelog);
    const args = [file(".ci/version"), tag, directory];
    const { status, stderr } = spawnSync("bash", args, { encoding: "utf8" });
    return { status: status!, said: stderr.trim() };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const CHANGELOG = "# Changelog\n\n## 0.2.0\n\n- Something new.\n\n## 0.1.0\n\n- All of it.\n";

const testWithBash = testWith("bash");

testWithBash("a tag that is package.json's version and CHANGELOG's first may be released", () => {
  expect(check("v0.2.0", "0.2.0", CHANGELOG)).toEqual({ status: 0, said: "" });
  const candidate = CHANGELOG.replace("0.2.0", "0.2.0-rc.1");
  expect(check("v0.2.0-rc.1", "0.2.0-rc.1", candidate)).toEqual({ status: 0, said: "" });
});

const AMISS = [
  ["0.2.0", "0.2.0", CHANGELOG, "0.2.0 is no tag of a version, such as v0.2.0"],
  ["v0.2", "0.2", CHANGELOG, "v0.2 is no tag of a version, such as v0.2.0"],
  ["v0.2.0", "0.1.0", CHANGELOG, "package.json has version 0.1.0, and the tag is v0.2.0"],
  ["v0.1.0", "0.1.0", CHANGELOG, 'CHANGELOG.md starts with "## 0.2.0", not with "## 0.1.0"'],
  ["v0.2.0", "0.2.0", `# Changelog\n\n## Unreleased\n\n- More.\n${CHANGELOG.slice(12)}`, 'CHANGELOG.md starts with "## Unreleased", not with "## 0.2.0"'], // prettier-ignore
  [
    "v0.2.0",
    "0.2.0",
    "# Changelog\n\n## 0.2.0\n\n## 0.1.0\n\n- All.\n",
    "CHANGELOG.md says nothing of 0.2.0",
  ],
] as const;

for (const [tag, version, changelog, said] of AMISS) {
  testWithBash(`${tag} of version ${version} may not: ${said}`, () => {
    expect(check(tag, version, changelog)).toEqual({ status: 1, said });
  });
}

interface Workflow {
  readonly on: object;
  readonly permissions: object;
  readonly jobs: {
    readonly publish: {
      readonly permissions: object;
      readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
    };
  };
}

test("the workflow publishes tags alone, with provenance, what has been checked and tested before", () => {
  const text = readFileSync(file(".github/workflows/release.yml"), "utf8");
  const { on, permissions, jobs } = parse(text) as Workflow;
  expect(on).toEqual({ push: { tags: ["v*"] } });
  expect(permissions).toEqual({ contents: "read" });
  expect(jobs.publish.permissions).toEqual({ contents: "read", "id-token": "write" });
  const runs = jobs.publish.steps.flatMap(({ run }) => run ?? []);
  const order = [".ci/version", ".ci/run", "npm run package", "npm publish"].map((part) =>
    runs.findIndex((run) => run.includes(part)),
  );
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(runs.at(-1)).toBe("npm publish build/wasi-sockets.tgz --provenance --access public");
  expect(text).not.toContain("secrets.");
});

test("every system is given the whole suite, on each Node", () => {
  const text = readFileSync(file(".github/workflows/test.yml"), "utf8");
  const { jobs } = parse(text) as {
    jobs: Record<string, { strategy: { matrix: { node: number[] } }; steps: { run?: string }[] }>;
  };
  expect(Object.keys(jobs)).toEqual(["suite", "elsewhere", "alpine"]);
  for (const { strategy, steps } of Object.values(jobs)) {
    expect(strategy.matrix.node).toEqual([20, 24, 26]);
    const runs = steps.flatMap(({ run }) => run ?? []);
    expect(runs.some((run) => /bash \.ci\/run$|^npm ci && npm test$/.test(run))).toBe(true);
  }
});
