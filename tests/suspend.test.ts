// Suspended guests on this Node: where it has not what they take, what it says then, and tests/suspended on those
// of `npm run nodes`, which have.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { instantiate } from "wasi-sockets";
import { expect, test } from "vitest";
import { NEWER, newerNode, suspends } from "./support/nodes.js";

const EMPTY = new Uint8Array(Buffer.from("0061736d01000000", "hex"));
const root = fileURLToPath(new URL("..", import.meta.url));
const vitest = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));

test("a wait that is neither is refused by its name", async () => {
  const wait = "sleep" as "suspend";
  await expect(instantiate(EMPTY, { wait })).rejects.toThrow(
    new TypeError('wait "sleep" is neither "block" nor "suspend"'),
  );
});

if (!suspends) {
  test("suspend is refused, and the error names what is missing and which Node has it", async () => {
    await expect(instantiate(EMPTY, { wait: "suspend" })).rejects.toThrow(
      `wait: "suspend" needs WebAssembly.Suspending, which Node ${process.versions.node} does not have; Node 24 has`,
    );
  });
}

for (const major of suspends ? [] : NEWER) {
  const title = `tests/suspended pass on Node ${major}`;
  const node = newerNode(major);
  if (node === undefined) test.skip(`${title} (npm run nodes brings it)`);
  else
    test.concurrent(title, { timeout: 300_000 }, async () => {
      const args = [vitest, "run", "--root", root, "tests/suspended/"];
      const { stdout } = await promisify(execFile)(node, args);
      // The last line of a run; and one that had found no tests would pass as well.
      const passed = /^(\d+) passed, 0 failed$/m.exec(stdout)?.[1];
      expect(Number(passed)).toBeGreaterThan(40);
    });
}
