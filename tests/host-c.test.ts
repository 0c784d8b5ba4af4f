// A second host, of bsd_sockets_v1 in C: guests that wasm2c and the C compiler have made native programs pass the
// tests that they pass under ours.

import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { guestSuite } from "./support/guest-suite.js";
import { NativeGuest, nativeProgram, noNative } from "./support/native.js";

/** Programs by the modules that they were made of. */
const made = new WeakMap<Uint8Array, Promise<string>>();

function programOf(wasm: Uint8Array): Promise<string> {
  let program = made.get(wasm);
  if (program === undefined) made.set(wasm, (program = nativeProgram(wasm)));
  return program;
}

describe.skipIf(noNative !== "")(`the host in C${noNative && ` (${noNative})`}`, () => {
  guestSuite(async (wasm, allow) => {
    const nothing = allow !== true && Object.keys(allow).length === 0;
    return new NativeGuest(await programOf(wasm), nothing ? [] : ["--allow-all"]);
  });
});

test("it has 400 lines at most", () => {
  const source = readFileSync(new URL("host-c/host.c", import.meta.url), "utf8");
  expect(source.split("\n").length - 1).toBeLessThanOrEqual(400);
});
