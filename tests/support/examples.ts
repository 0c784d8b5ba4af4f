// Compiles the examples' guests, and runs the examples as a user would: each in a process of its own.

import { execFile, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));

/** Compiles an example's guest to where its runner looks for it. */
export async function compileExample(name: string): Promise<void> {
  const options = ["--target", "guest", "--exportRuntime"];
  const files = [`examples/assembly/${name}.ts`, "--outFile", `build/examples/${name}.wasm`];
  await promisify(execFile)(process.execPath, [asc, ...files, ...options], { cwd: root });
}

/** A program that runs. Whoever is done with it ends it. */
export class Running {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: Promise<string>;
  readonly #exit: Promise<unknown>;

  /** @param command its program and arguments */
  constructor(command: readonly string[]) {
    this.#process = spawn(command[0]!, command.slice(1), { cwd: root, timeout: 25_000 });
    this.#exit = once(this.#process, "exit");
    this.#errors = text(this.#process.stderr);
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Its next line, which must be as the pattern says: the pattern's first group. */
  async line(pattern: RegExp): Promise<string> {
    const { value } = (await this.#lines.next()) as { value?: string };
    expect(value).toMatch(pattern);
    return pattern.exec(value!)![1] ?? "";
  }

  /** All that it says from now on, once it has ended by itself and well. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      lines.push(next.value);
    }
    expect(await this.#ending()).toEqual({ errors: "", code: 0 });
    return lines;
  }

  /** What it complains of, once it has ended by itself and failed. */
  async complaint(): Promise<string> {
    const { errors, code } = await this.#ending();
    expect(code).toBe(1);
    return errors;
  }

  async #ending(): Promise<{ errors: string; code: number | null }> {
    await this.#exit;
    return { errors: await this.#errors, code: this.#process.exitCode };
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Ends its input, as Ctrl+D does. */
  endInput(): void {
    this.#process.stdin.end();
  }

  /** Interrupts it, as Ctrl+C does. */
  interrupt(): void {
    this.#process.kill("SIGINT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exit;
  }
}

/** An example that runs. */
export class Example extends Running {
  /**
   * @param name of the runner
   * @param args its arguments
   * @param prefix what goes before the command, such as a host's
   */
  constructor(name: string, args: readonly string[] = [], prefix: readonly string[] = []) {
    super([...prefix, process.execPath, `build/examples/${name}.js`, ...args]);
  }
}
