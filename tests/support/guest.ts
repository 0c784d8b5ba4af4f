// Compiles AssemblyScript guests for the tests, and reads what they give.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
// This file runs as it is and from build/tests.
const root = import.meta.resolve("wasi-sockets/package.json");
const modules = fileURLToPath(new URL("build/modules", root));
const execute = promisify(execFile);

/**
 * Compiles a guest that imports from "wasi-sockets/assembly".
 *
 * @param source AssemblyScript
 * @param flags more options of asc
 * @returns the bytes of the module
 */
export async function compileGuest(
  source: string,
  flags: string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-guest-"));
  try {
    await writeFile(join(directory, "guest.ts"), source);
    const options = ["--outFile", "guest.wasm", "--path", modules, "-O", ...flags];
    await execute(process.execPath, [asc, "guest.ts", ...options], { cwd: directory });
    return new Uint8Array(await readFile(join(directory, "guest.wasm")));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Compiles a guest of tests/assembly, by the name of its file; options as of compileGuest. */
export async function compileFile(
  name: string,
  flags: string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new URL(`tests/assembly/${name}.ts`, root);
  return compileGuest(await readFile(file, "utf8"), flags);
}

/** A string that a guest gave: UTF-16, its length in bytes in the word before it. */
export function textOf(memory: WebAssembly.Memory, pointer: number): string {
  const length = new DataView(memory.buffer).getUint32(pointer - 4, true);
  return Buffer.from(memory.buffer, pointer, length).toString("utf16le");
}
