// The guest that checks its host, under ours and under the one in C.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { instantiate } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { NativeGuest, nativeProgram, noNative } from "./support/native.js";

const path = fileURLToPath(import.meta.resolve("wasi-sockets/conformance.wasm"));
const wasm = new Uint8Array(readFileSync(path));

interface Conformance {
  readonly memory: WebAssembly.Memory;
  readonly checks: () => number;
  readonly name: (check: number) => number;
  readonly run: (check: number) => number;
  readonly got: () => number;
  readonly wanted: () => number;
}

/** What a host that passes a check gives for it. */
const passed = { step: 0, got: 0, wanted: 0 };

async function start(allow: true | object) {
  return instantiate<Conformance & WebAssembly.Exports>(wasm, { allow });
}

const names = await (async () => {
  using guest = await start({});
  const { memory, checks, name } = guest.exports;
  return Array.from({ length: checks() }, (_, i) => {
    const bytes = new Uint8Array(memory.buffer, name(i));
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  });
})();

test("it imports bsd_sockets_v1 and nothing else", () => {
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm));
  expect(new Set(imports.map(({ module }) => module))).toEqual(new Set(["bsd_sockets_v1"]));
  expect(names.length).toBeGreaterThan(20);
});

describe("our host", () => {
  test.each(names.map((name, i) => [name, i] as const))("%s", async (_, i) => {
    using guest = await start(true);
    const { run, got, wanted } = guest.exports;
    const step = run(i);
    expect({ step, got: got(), wanted: wanted() }).toEqual(passed);
  });

  test("all of them, one after the other", async () => {
    using guest = await start(true);
    expect(names.filter((_, i) => guest.exports.run(i) !== 0)).toEqual([]);
  });

  test("a guest that may do nothing is refused what a policy judges, and nothing else", async () => {
    using guest = await start({});
    const failed = names.filter((_, i) => guest.exports.run(i) !== 0);
    expect(failed).toEqual([
      "an unknown family is EAFNOSUPPORT", // EACCES, as of raw sockets
      "lengths of addresses are checked, cut and told",
      "a stream over loopback: connect, accept, names, bytes, its end",
      "a connection that nobody takes is ECONNREFUSED",
      "datagrams over loopback, and their senders",
      "getaddrinfo of an address in text", // and of a name that is none
    ]);
  });
});

describe.skipIf(noNative !== "")(`the host in C${noNative && ` (${noNative})`}`, async () => {
  const program = noNative === "" ? await nativeProgram(wasm) : "";

  test.each(names.map((name, i) => [name, i] as const))("%s", async (_, i) => {
    await using guest = new NativeGuest(program, ["--allow-all"]);
    const step = await guest.number("run", i);
    const [got, wanted] = [await guest.number("got"), await guest.number("wanted")];
    expect({ step, got, wanted }).toEqual(passed);
  });
});
