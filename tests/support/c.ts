// Compiles C programs for the tests: the reference for numbers, layouts and behaviour.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import { compiler } from "./compiler.js";

export { compiler } from "./compiler.js";

const execute = promisify(execFile);

let directory: string | undefined;

afterAll(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
});

/**
 * Compiles a program, which is deleted when the test file is done.
 *
 * @param name of the program
 * @param source C
 * @returns its path
 */
export async function compileC(name: string, source: string): Promise<string> {
  if ("missing" in compiler) throw new Error(compiler.missing);
  directory ??= mkdtempSync(join(tmpdir(), "wasi-sockets-c-"));
  const program = join(directory, name);
  writeFileSync(`${program}.c`, source);
  await execute(compiler.command, [
    "-std=gnu11",
    "-O1",
    "-Wall",
    "-Werror",
    "-Wno-unused",
    `${program}.c`,
    "-o",
    program,
  ]);
  return program;
}

/**
 * Runs a program to its end.
 *
 * @param program path
 * @param args its arguments
 * @param input its standard input
 * @returns its standard output
 */
export async function runC(program: string, args: string[] = [], input = ""): Promise<string> {
  const running = execute(program, args, { maxBuffer: 1 << 26 });
  // A program that is done before it has read anything breaks the pipe, and that is all right.
  running.child.stdin?.on("error", () => undefined).end(input);
  return (await running).stdout;
}
