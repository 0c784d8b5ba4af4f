// A guest of run(), and what it says.

import { readFileSync, readdirSync } from "node:fs";
import { Writable } from "node:stream";
import { compileGuest } from "./guest.js";

/** The guest of tests/assembly/run.ts. */
export function compileCommand(): Promise<Uint8Array<ArrayBuffer>> {
  const source = new URL("../assembly/run.ts", import.meta.url);
  return compileGuest(readFileSync(source, "utf8"));
}

/** A Writable that keeps what it is given. */
export class Sink extends Writable {
  readonly #chunks: Buffer[] = [];
  #waiting: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    for (const wake of this.#waiting.splice(0)) wake();
    setImmediate(done); // it takes its time
  }

  /** All of it. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** All of it, as text. */
  get text(): string {
    return this.bytes.toString();
  }

  /** Comes back once it has been given some text. */
  async said(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** The descriptors of this process. */
export { descriptors } from "./system.js";

/** Whether a thread of this process is in poll(2), or ppoll(2) where there is no other. */
export function polling(): boolean {
  const poll = process.arch === "x64" ? /^7 / : /^73 /;
  return readdirSync("/proc/self/task").some((task) => {
    try {
      return poll.test(readFileSync(`/proc/self/task/${task}/syscall`, "utf8"));
    } catch {
      return false; // it has ended meanwhile
    }
  });
}
