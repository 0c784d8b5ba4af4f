// node build/examples/plugins.js DIRECTORY: runs every guest of a directory, NAME.wasm, by its own policy, NAME.json, until
// Ctrl+C. One that changes, or whose policy does, is ended and started again; the others go on. A policy is like
//
//     { "allow": { "connect": ["tcp:127.0.0.1:8080"] }, "listen": ["127.0.0.1:0"], "descriptors": 64 }
//
// and a guest without one may reach nothing.

import { createHash } from "node:crypto";
import { watch } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { run, type RunOptions } from "wasi-sockets";
import { usage } from "./guest.js";

const GUEST = ".wasm";

/** What a policy may say: options of run(), of which `allow` and the limits are checked there. */
const TERMS = ["allow", "listen", "descriptors", "lookups", "sndbuf", "rcvbuf"] as const;
type Policy = Pick<RunOptions, (typeof TERMS)[number]>;

/** A guest's file and its policy, as they were read. */
interface Version {
  readonly digest: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly policy: Policy;
}

/** A guest that runs. */
interface Running {
  readonly digest: string;
  readonly controller: AbortController;
  /** When it has ended, and all of its sockets are closed. */
  readonly ended: Promise<void>;
}

function readPolicy(text: string): Policy {
  const policy: unknown = JSON.parse(text);
  if (typeof policy !== "object" || policy === null || Array.isArray(policy)) {
    throw new TypeError("a policy is an object");
  }
  const unknown = Object.keys(policy).find((term) => !(TERMS as readonly string[]).includes(term));
  if (unknown === undefined) return policy;
  throw new TypeError(`a policy has no "${unknown}": it has ${TERMS.join(", ")}`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Text of a file, "{}" where there is none. */
async function textOr(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return "{}";
    throw error;
  });
}

class Plugins {
  readonly #directory: string;
  readonly #running = new Map<string, Running>();
  /** What could not be started, by its digest: it is told once. */
  readonly #refused = new Map<string, string>();
  #scanning: Promise<void> | undefined;
  #again = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  #say(name: string, text: string): void {
    console.log(`[${name}] ${text}`);
  }

  /** Makes what runs be what is in the directory; one look at a time, and another where it changed meanwhile. */
  scan(): void {
    this.#again = true;
    this.#scanning ??= this.#look().finally(() => {
      this.#scanning = undefined;
    });
  }

  async #look(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const files = await readdir(this.#directory);
      const names = files.filter((file) => file.endsWith(GUEST)).map((file) => file.slice(0, -GUEST.length)); // prettier-ignore
      const gone = [...this.#running.keys()].filter((name) => !names.includes(name));
      for (const name of gone) await this.#stop(name);
      for (const name of names) await this.#update(name);
    }
  }

  async #read(name: string): Promise<Version | undefined> {
    const path = join(this.#directory, name);
    let digest = "";
    try {
      const bytes = new Uint8Array(await readFile(path + GUEST));
      const text = await textOr(`${path}.json`);
      digest = createHash("sha256").update(bytes).update("\0").update(text).digest("hex");
      if (digest === this.#running.get(name)?.digest || digest === this.#refused.get(name)) return;
      await WebAssembly.compile(bytes);
      return { digest, bytes, policy: readPolicy(text) };
    } catch (error) {
      if (isMissing(error)) return undefined; // it is gone again
      // It may be half written: what runs goes on, and the next change is looked at.
      this.#refused.set(name, digest);
      this.#say(name, `is left as it is: ${String(error)}`);
      return undefined;
    }
  }

  async #update(name: string): Promise<void> {
    const version = await this.#read(name);
    if (version === undefined) return;
    if (this.#running.has(name)) await this.#stop(name);
    this.#start(name, version);
  }

  #start(name: string, { digest, bytes, policy }: Version): void {
    const controller = new AbortController();
    const output = new PassThrough();
    createInterface(output).on("line", (line) => {
      this.#say(name, line);
    });
    const { signal } = controller;
    const options = { ...policy, args: [name], env: {}, stdin: null, stdout: output, signal };
    const ended = run(bytes, options).then(
      (code) => {
        this.#say(name, `ended with ${code}`);
      },
      (error: unknown) => {
        if (!signal.aborted) this.#say(name, `failed: ${String(error)}`);
      },
    );
    this.#running.set(name, { digest, controller, ended });
  }

  async #stop(name: string): Promise<void> {
    const { controller, ended } = this.#running.get(name)!;
    controller.abort();
    await ended;
    this.#running.delete(name);
    this.#say(name, "stopped");
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#again = false;
    await this.#scanning;
    for (const name of [...this.#running.keys()]) await this.#stop(name);
  }
}

const [directory] = process.argv.slice(2);
if (directory === undefined) usage("plugins.js DIRECTORY");

const plugins = new Plugins(directory);
const watcher = watch(directory, () => {
  plugins.scan();
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    watcher.close();
    void plugins.close();
  });
}
plugins.scan();
