// The soak, for some seconds: npm run soak is the same for minutes, and looks at the memory as well.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../build/bench/soak/run.js", import.meta.url));

test("connects, aborts, ports, guests and ended threads at random leave no descriptor and no handle", async () => {
  const args = [program, "--seconds", "8", "--settle", "3"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe("");
  expect(Number(/^(\d+) bytes came back as they were sent$/m.exec(stdout)?.[1])).toBeGreaterThan(0);
  for (const name of ["descriptors", "handles"]) {
    const line = new RegExp(`^${name}: (\\d+) after 3 s, (\\d+) in the end$`, "m").exec(stdout);
    expect(Number(line?.[1])).toBeGreaterThan(0);
  }
});
