// A guide of docs/guides as a reader follows it: its files are written, its commands are typed, and what they print is
// what stands there. Only the port is another.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./peers.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PORT = "7000";

/** A file of a guide, or a command and what it prints. */
export type Step =
  | { readonly file: string; readonly content: string }
  | { readonly command: string; readonly output: string };

/** The steps of a guide, in their order. */
export function stepsOf(markdown: string): Step[] {
  return Array.from(
    markdown.matchAll(/^```(\w+)(?: title="([^"]+)")?\n([^]*?)^```$/gm),
    ([, language, file, content]): Step[] => {
      if (file !== undefined) return [{ file, content: content! }];
      if (language === "sh") return content!.trimEnd().split("\n").map((command) => ({ command, output: "" })); // prettier-ignore
      if (language !== "console") throw new Error(`a snippet of ${language!} has no title`);
      return content!
        .split(/^\$ /m)
        .slice(1)
        .map((session) => {
          const end = session.indexOf("\n");
          return { command: session.slice(0, end), output: session.slice(end + 1) };
        });
    },
  ).flat();
}

/** Comes back once somebody listens at a port, proc(5). */
async function listening(port: string): Promise<void> {
  const [address, LISTEN] = [Number(port).toString(16).toUpperCase().padStart(4, "0"), "0A"];
  const line = new RegExp(`:${address} 0+:0+ ${LISTEN} `);
  while (!line.test(readFileSync("/proc/net/tcp", "utf8"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A folder in which a guide is followed, inside the package, where the names of packages resolve. */
export class Reader implements AsyncDisposable {
  readonly path = mkdtempSync(join(root, "build/guide-"));
  readonly #background: ChildProcess[] = [];
  readonly #port: string;

  private constructor(port: string) {
    this.#port = port;
    const modules = join(this.path, "node_modules");
    mkdirSync(join(modules, ".bin"), { recursive: true });
    symlinkSync(root, join(modules, "wasi-sockets"));
    // What npm makes of an entry of "bin".
    const cli = `#!/bin/sh\nexec node ${join(root, "build/host/cli.js")} "$@"\n`;
    writeFileSync(join(modules, ".bin/wasi-sockets"), cli, { mode: 0o755 });
    for (const name of ["asc", "tsc"]) {
      symlinkSync(join(root, "node_modules/.bin", name), join(modules, ".bin", name));
    }
    const jco = join(root, "tests/components/node_modules/.bin/jco");
    symlinkSync(jco, join(modules, ".bin/jco"));
    writeFileSync(join(this.path, "package.json"), '{ "type": "module", "private": true }\n');
  }

  static async open(): Promise<Reader> {
    return new Reader(String(await freePort()));
  }

  /** Does a step: what it printed, and what it should have. */
  async follow(step: Step): Promise<{ printed: string; shown: string }> {
    if ("file" in step) {
      writeFileSync(join(this.path, step.file), step.content.replaceAll(PORT, this.#port));
      return { printed: "", shown: "" };
    }
    const command = step.command.replaceAll(PORT, this.#port);
    // Debian's compilers first: others may lack the target.
    const env = { ...process.env, PATH: `/usr/bin:${process.env["PATH"]!}` };
    if (command.endsWith(" &")) {
      const args = ["-c", `exec ${command.slice(0, -2).replace(/^npx /, "node_modules/.bin/")}`];
      this.#background.push(spawn("bash", args, { cwd: this.path, stdio: "ignore", env }));
      await listening(this.#port);
      return { printed: "", shown: step.output };
    }
    const run = { cwd: this.path, encoding: "utf8", timeout: 60_000, env } as const;
    const { stdout } = spawnSync("bash", ["-c", `{ ${command}\n} 2>&1`], run);
    const timeless = (text: string) => text.replace(/<\d+ µs>/g, "<N µs>");
    return {
      printed: timeless(stdout).replaceAll(this.#port, PORT),
      shown: timeless(step.output).replace(/\n+$/, "\n"),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#background) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    rmSync(this.path, { recursive: true });
  }
}
