// Debian's programs as peers, and the tests that need them.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import { compiler } from "./c.js";
import { complete } from "./system.js";

let scratch: string | undefined;

afterAll(() => {
  if (scratch !== undefined) rmSync(scratch, { recursive: true });
});

/** A path in a directory that is deleted when the test file is done. */
export function scratchPath(name: string): string {
  scratch ??= mkdtempSync(join(tmpdir(), "ws-"));
  return join(scratch, name);
}

let programs = 0;

/** A program with its input and output in files: nobody empties a pipe while a call blocks this thread. */
export class Program {
  readonly #process: ChildProcess;
  readonly #output: string;
  readonly #exit: Promise<unknown>;

  constructor(command: string, args: string[], input: Uint8Array = new Uint8Array(0)) {
    const name = scratchPath(`program-${programs++}`);
    this.#output = `${name}.out`;
    writeFileSync(`${name}.in`, input);
    const files = [openSync(`${name}.in`, "r"), openSync(this.#output, "w")];
    this.#process = spawn(command, args, { stdio: [files[0], files[1], "pipe"], timeout: 20_000 });
    this.#exit = once(this.#process, "exit");
    files.forEach(closeSync);
  }

  /** The first group of a pattern, once the program has said it on its standard error. */
  said(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = "";
      const stderr = this.#process.stderr!;
      stderr.on("data", (chunk) => {
        text += String(chunk);
        const found = pattern.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      });
      stderr.on("end", () => {
        reject(new Error(`no ${String(pattern)} in ${JSON.stringify(text)}`));
      });
    });
  }

  /** Asks the program to end, by SIGTERM. */
  terminate(): void {
    this.#process.kill("SIGTERM");
  }

  /** What the program wrote, once it has ended by itself. */
  async output(): Promise<Buffer> {
    await this.#exit;
    return readFileSync(this.#output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exit;
  }
}

function unavailable(program: string): string | undefined {
  try {
    execFileSync("/bin/sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return undefined;
  } catch {
    if (complete) throw new Error(`CI must have ${program}`);
    return `no ${program} here`;
  }
}

type NamedTest = (name: string, body: () => Promise<void> | void) => void;

function unless(missing: string | undefined): NamedTest {
  if (missing === undefined) return test;
  return (name) => {
    test.skip(`${name} (${missing})`);
  };
}

/** A test that needs a program, and says so where it is skipped. In CI it must run. */
export function testWith(
  program: "socat" | "nc" | "ss" | "strace" | "openssl" | "curl" | "setpriv" | "bash",
): NamedTest {
  return unless(unavailable(program));
}

/** A test that needs a C compiler, as above. */
export const testWithC: NamedTest = unless("missing" in compiler ? compiler.missing : undefined);
