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

test("open() fails with one line on a system that it knows nothing of", () => {
  expect(runOn("aix", "ppc64", "open()")).toBe(
    "wasi-sockets runs on Linux, macOS, FreeBSD, Windows (x64, arm64); this is aix (ppc64)\n",
  );
});

test("so it does on an architecture that is not supported", () => {
  expect(runOn("linux", "mips", "open()")).toBe(
    "wasi-sockets runs on Linux, macOS, FreeBSD, Windows (x64, arm64); this is linux (mips)\n",
  );
});
