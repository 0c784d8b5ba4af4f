// C guests, compiled with Debian's clang, lld and wasi-libc.

import { execFile, execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "vitest";
import { scratchPath } from "./programs.js";
import { complete } from "./system.js";

const execute = promisify(execFile);
const root = new URL("../../", import.meta.url);

/** What a guest is compiled with: a program with a libc, or a module that exports its functions and has none. */
const FLAGS = {
  command: ["--target=wasm32-wasi", "-O2"],
  module: [
    "--target=wasm32-unknown-unknown",
    "-O2",
    "-mbulk-memory",
    "-nostdlib",
    "-Wl,--no-entry",
  ],
} as const;

/** The modules of a test file, by what they were compiled of. */
const compiled = new Map<string, Promise<string>>();

/**
 * Compiles a C guest, once in a test file.
 *
 * @param file from the root of the repository
 * @param kind a program, or a module without libc
 * @param flags more options of clang
 * @returns the path of the module, which is deleted when the test file is done
 */
export function compileWasi(
  file: string,
  kind: keyof typeof FLAGS,
  flags: readonly string[] = [],
): Promise<string> {
  const key = [file, kind, ...flags].join(" ");
  const module = compiled.get(key) ?? compile(file, kind, flags);
  compiled.set(key, module);
  return module;
}

async function compile(
  file: string,
  kind: keyof typeof FLAGS,
  flags: readonly string[],
): Promise<string> {
  const out = scratchPath(`guest-${compiled.size}.wasm`);
  const source = fileURLToPath(new URL(file, root));
  await execute("clang", [...FLAGS[kind], "-Wall", "-Werror", ...flags, source, "-o", out]);
  return out;
}

/** The same, as bytes. */
export async function wasiBytes(
  ...args: Parameters<typeof compileWasi>
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(await compileWasi(...args)));
}

/** Whether this machine compiles C guests, or why not. In CI it must. */
export const missing = ((): string | undefined => {
  try {
    execFileSync("clang", ["--target=wasm32-wasi", "-x", "c", "-", "-o", "/dev/null"], {
      input: '#include <stdio.h>\nint main(void) { return puts(""); }',
      stdio: ["pipe", "ignore", "ignore"],
    });
    return undefined;
  } catch {
    const packages = "clang lld wasi-libc libclang-rt-14-dev-wasm32";
    if (complete) throw new Error(`CI must compile C guests: apt-get install ${packages}`);
    return `no C compiler for WASI here: apt-get install ${packages}`;
  }
})();

/** A test with a C guest, which says so where it is skipped. */
export const testWithWasi: (name: string, body: () => Promise<void>) => void =
  missing === undefined
    ? test
    : (name) => {
        test.skip(`${name} (${missing})`);
      };
