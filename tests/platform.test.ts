import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** Runs a program that believes to be on another machine, and gives what it prints. */
function runOn(platform: string, arch: string, call: string): string {
  const program = `
    for (const [key, value] of Object.entries({ platform: "${platform}", arch: "${arch}" }))
      Object.defineProperty(process, key, { value });
    const { open, instantiate, waker } = await import("wasi-sockets");
    await ${call}.then(() => console.log("worked"), (error) => console.log(error.message));
  `;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
}

test.each([
  ["open()", "darwin", "arm64", "macOS"],
  ['instantiate("guest.wasm")', "win32", "x64", "Windows"],
  ["waker()", "freebsd", "x64", "FreeBSD"],
])(
  "%s fails with one line on %s (%s), whose calls nobody makes yet",
  (call, system, arch, name) => {
    const message = `wasi-sockets runs on Linux (x64, arm64); this is ${system} (${arch}): of ${name} it has the codecs, wasi-sockets/marshal\n`;
    expect(runOn(system, arch, call)).toBe(message);
  },
);

test("so it does on a system that it knows nothing of", () => {
  expect(runOn("aix", "ppc64", "open()")).toBe(
    "wasi-sockets runs on Linux (x64, arm64); this is aix (ppc64)\n",
  );
});

test("so it does on an architecture that is not supported", () => {
  expect(runOn("linux", "mips", "open()")).toBe(
    "wasi-sockets runs on Linux (x64, arm64); this is linux (mips)\n",
  );
});
