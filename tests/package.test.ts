// What `npm pack` puts into the package: all that a user's program and a user's guest need.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { npm } from "./support/npm.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
  bin: Record<string, string>;
};
const output = execFileSync(npm[0], [...npm.slice(1), "pack", "--dry-run", "--json"], {
  cwd: root,
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
});
const [{ files }] = JSON.parse(output) as [{ files: { path: string; size: number }[] }];
const paths = files.map(({ path }) => path);

test.each(Object.entries(manifest.exports))("%s is in the package", (_, target) => {
  const targets = typeof target === "string" ? [target] : Object.values(target);
  for (const path of targets) expect(paths).toContain(path.replace("./", ""));
});

test("so is the command", () => {
  expect(Object.keys(manifest.bin)).toEqual(["wasi-sockets"]);
  for (const path of Object.values(manifest.bin)) {
    expect(paths).toContain(path.replace("./", ""));
    expect(readFileSync(root + path, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});

test("so are the sources of the guest library and the types of the modules", () => {
  expect(paths).toContain("assembly/codec/sockaddr.ts");
  expect(paths).toContain("build/marshal.d.ts");
});

test("tests, examples, the bench and what only they need are not", () => {
  const strays = /^(tests|bench|examples|host)\/|^build\/(bench|examples|modules|readme)|\.map$/;
  expect(paths.filter((path) => strays.test(path))).toEqual([]);
});
