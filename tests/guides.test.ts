// The guides of the site, followed to the letter.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeComponent, missing as noJco } from "./support/components.js";
import { Reader, stepsOf } from "./support/guide.js";
import { complete } from "./support/system.js";

const folder = fileURLToPath(new URL("../docs/guides", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

/** Why C cannot be compiled for WASI here. In CI it must. */
function noClang(): string | undefined {
  try {
    const args = ["--target=wasm32-wasi", "-print-libgcc-file-name"];
    const library = execFileSync("/usr/bin/clang", args, { encoding: "utf8" }).trim();
    if (existsSync(library)) return undefined;
  } catch {
    // There is none.
  }
  if (complete) throw new Error("CI must have clang for wasm32-wasi");
  return "no clang for wasm32-wasi here";
}

/** What guides need, and why that is not here. */
const needs: Readonly<Record<string, string | undefined>> = {
  "component.md": noJco,
  "porting-c.md": noClang(),
};

const names = readdirSync(folder).filter((name) => name.endsWith(".md"));

test("the guides are found", () => {
  expect(names.sort()).toEqual([
    ...["component.md", "first-guest.md", "porting-c.md", "sandbox.md", "trace.md"],
    "typescript.md",
  ]);
});

test.each(names)("what %s installs is what this package has or is tested with", (name) => {
  const steps = stepsOf(readFileSync(join(folder, name), "utf8"));
  const installs = steps.flatMap(
    (step) =>
    "command" in step && step.command.startsWith("npm install ") ? step.command.split(" ").slice(2) : [], // prettier-ignore
  );
  const manifests = ["package.json", "tests/components/package.json"].map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  for (const installed of installs) {
    expect(
      manifests.some((text) => text.includes(`"${installed}"`)),
      installed,
    ).toBe(true);
  }
});

for (const name of names) {
  const why = needs[name];
  const title = `every file and command of ${name} does what stands there`;
  if (why !== undefined) test.skip(`${title} (${why})`);
  else
    test(title, { timeout: 120_000 }, async () => {
      await using reader = await Reader.open();
      if (name === "component.md") {
        await makeComponent(reader.path); // guest.wasm
      }
      const steps = stepsOf(readFileSync(join(folder, name), "utf8"));
      expect(steps.length).toBeGreaterThan(3);
      for (const step of steps) {
        if ("command" in step && step.command.startsWith("npm install ")) continue;
        const { printed, shown } = await reader.follow(step);
        expect(printed, "command" in step ? step.command : step.file).toBe(shown);
      }
    });
}
