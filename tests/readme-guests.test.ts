// The table of docs/guests.md: each guest is compiled and run by the commands that stand there. Only the port is another.

import { execFile, execFileSync, spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { complete } from "./support/system.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const directory = mkdtempSync(join(root, "build/readme-guests-"));
const execute = promisify(execFile);
const cli = join(root, "build/host/cli.js");
/** Debian's compilers first: others may lack the target. */
const PATH = `/usr/bin:${join(root, "node_modules/.bin")}:${process.env["PATH"]}`;
const PORT = "7000";
/** What a test may take, in milliseconds: Go compiles its library first. */
const PATIENCE = 120_000;

interface Row {
  readonly guest: string;
  readonly compile: string;
  readonly run: string;
}

const rows = Array.from(
  readFileSync(join(root, "docs/guests.md"), "utf8").matchAll(
    /^\| (.+?) +\| `((?:clang|rustc|GOOS=wasip1 GOARCH=wasm go|asc) [^`]+)` +\| `(wasi-sockets run [^`]+)` +\|$/gm,
  ),
  ([, guest, compile, run]): Row => ({ guest: guest!, compile: compile!, run: run! }),
);

let server: Server;

beforeAll(async () => {
  server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  cpSync(join(root, "examples/guests"), directory, { recursive: true });
  cpSync(join(root, "examples/guests/assembly"), directory, { recursive: true });
  for (const name of readdirSync(directory).filter((name) => /\.(c|rs|go|ts)$/.test(name))) {
    const file = join(directory, name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(PORT, String(port)));
  }
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(root, join(directory, "node_modules/wasi-sockets"));
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** The program of a command, its arguments and what it sets in the environment; it has no quotes. */
function commandOf(line: string): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const words = line.split(" ");
  const start = words.findIndex((word) => !word.includes("="));
  const variables = words.slice(0, start).map((word) => word.split("=") as [string, string]);
  const env = { ...process.env, PATH, ...Object.fromEntries(variables) };
  return { program: words[start]!, args: words.slice(start + 1), env };
}

test("all seven are found", () => {
  expect(rows.map(({ compile }) => commandOf(compile).program)).toEqual([
    "clang",
    "clang",
    "rustc",
    "rustc",
    "go",
    "go",
    "asc",
  ]);
});

/** What each compiler says of its target: a library, or the folder of some. */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  clang: ["--target=wasm32-wasi", "-print-libgcc-file-name"],
  rustc: ["--target", "wasm32-wasi", "--print", "target-libdir"],
  go: ["list", "-f", "{{.Dir}}", "runtime"],
};

/** Why a compiler cannot be run here. In CI it must, but Go's, which Debian 12 itself has not. */
function missing({ compile }: Row): string | undefined {
  const { program, env } = commandOf(compile);
  if (program === "asc") return undefined;
  try {
    const stdio: StdioOptions = ["ignore", "pipe", "ignore"];
    const path = execFileSync(program, PROBES[program]!, { env, encoding: "utf8", stdio }).trim();
    readFileSync(path.endsWith(".a") ? path : join(path, readdirSync(path)[0]!));
    return undefined;
  } catch {
    if (complete && program !== "go") throw new Error(`CI must have ${program} for WASI`);
    return `no ${program} for WASI here`;
  }
}

/** The port at which a process listens, once it does: what /proc/net/tcp has of its sockets, proc(5). */
async function listeningPort(pid: number): Promise<number> {
  for (;;) {
    const own = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]];
      } catch {
        return []; // it was closed meanwhile
      }
    });
    const LISTEN = "0A";
    for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTEN && own.includes(inode)) return parseInt(local!.split(":")[1]!, 16);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function compile({ compile }: Row): Promise<void> {
  const { program, args, env } = commandOf(compile);
  await execute(program, args, { cwd: directory, env });
}

for (const row of rows) {
  const why = missing(row);
  const serves = row.run.includes("--listen");
  const title = `${row.guest}: ${serves ? "serves" : "is served"}`;
  if (why !== undefined) test.skip(`${title} (${why})`);
  else if (serves)
    test(title, { timeout: PATIENCE }, async () => {
      await compile(row);
      const { args } = commandOf(row.run.replace(PORT, "0"));
      const guest = spawn(process.execPath, [cli, ...args], { cwd: directory, timeout: 20_000 });
      const output = text(guest.stdout);
      const exit = once(guest, "exit");
      const socket = connect(await listeningPort(guest.pid!), "127.0.0.1");
      socket.end("a question");
      expect((await buffer(socket)).toString()).toBe("a question");
      expect(await output).toBe("served\n");
      expect(await exit).toEqual([0, null]);
    });
  else
    test(title, { timeout: PATIENCE }, async () => {
      await compile(row);
      const { port } = server.address() as AddressInfo;
      const { args } = commandOf(row.run.replace(PORT, String(port)));
      const { stdout } = await execute(process.execPath, [cli, ...args], {
        cwd: directory,
        timeout: 20_000,
      });
      expect(stdout).toBe("hello\n");
      // And nothing of it without its flag.
      const bare = args.filter((arg) => !/^--allow-connect$|^tcp:/.test(arg));
      const refused = execute(process.execPath, [cli, ...bare], { cwd: directory });
      await expect(refused).rejects.toMatchObject({
        code: row.guest === "AssemblyScript" ? 13 : 1,
      });
    });
}
