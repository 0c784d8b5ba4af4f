// Some of the suite on Windows' Node, under Wine, which `npm run windows` brings; npm run test:windows runs all that Windows can.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { complete, published } from "./support/system.js";
import { noWindows } from "./support/windows.js";

const runner = fileURLToPath(new URL("../build/tests/windows/run.js", import.meta.url));
const files = [
  "conformance",
  "control",
  "datagram",
  "errors",
  "message",
  "promises",
  "resolve",
  "stream",
];

const reason = noWindows();
if (reason !== "" && complete && published) throw new Error(`CI must run Windows' Node: ${reason}`);
const skipped = reason === "" ? "" : ` (skipped: ${reason})`;

test.skipIf(reason !== "")(
  `files pass on Windows: ${files.join(", ")}${skipped}`,
  { timeout: 300_000 },
  async () => {
    const paths = files.map((name) => `tests/${name}.test.ts`);
    const { stdout } = await promisify(execFile)(process.execPath, [runner, ...paths]).catch(
      (error: unknown) => error as { stdout: string }, // of a run that failed
    );
    // The last line of a run; and one that had found no tests would pass as well.
    const passed = /^(\d+) passed, 0 failed/m.exec(stdout)?.[1];
    expect(passed, stdout).toBeDefined();
    expect(Number(passed)).toBeGreaterThan(180);
  },
);
