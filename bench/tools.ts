// The programs that take part, compiled when the bench starts.

import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeComponents, type Components } from "./components.js";
import type { Command } from "./processes.js";

const execute = promisify(execFile);

/** A path in the source tree: this file runs in build/bench. */
export function source(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The package as it is published, made by `npm run package`. */
export const published = source("build/package/build/host/index.js");

/** A program of ./programs. */
export function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
}

/**
 * A host of WASI on Node, doing a work through its JavaScript functions, as a component that jco made would;
 * undefined where `npm run shims` did not bring it.
 */
export function shim(version: 2 | 3, work: string): Command | undefined {
  const folder = `bench/shims/node_modules/@bytecodealliance/preview${version}-shim`;
  const entry = source(`${folder}/dist/nodejs/index.js`);
  if (!existsSync(entry)) return undefined;
  const node = version === 3 ? suspending() : execPath;
  return [node, program(`preview${version}`), entry, work];
}

/**
 * A Node that can suspend guests: this one, or the one that `npm run nodes` brings.
 *
 * @throws Error where there is none
 */
export function suspending(): string {
  if ("Suspending" in WebAssembly) return execPath;
  const brought = source("tests/nodes/node_modules/node24/bin/node");
  if (existsSync(brought)) return brought;
  throw new Error("no Node with WebAssembly.Suspending: npm run nodes brings one");
}

/** What goes before a program that opens as many files as it may, getrlimit(2). */
export const manyFiles: Command = ["/bin/sh", "-c", 'ulimit -n "$(ulimit -Hn)" && exec "$@"', "sh"];

/** Whether a program is there, by what it says of its version. */
export function has(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** How many files a process may have open at most, getrlimit(2). */
export const filesLimit = Number(
  execFileSync("/bin/sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).replace(
    "unlimited",
    "Infinity",
  ),
);

/** What was compiled. */
export interface Tools {
  /** The AssemblyScript guest. */
  readonly wasm: string;
  /** The one of which there are many: it exports no more than they need. */
  readonly crowd: string;
  /** The one that makes a socket and ends. */
  readonly empty: string;
  /** The one that `run --workers` runs. */
  readonly worker: string;
  /** The C program that does the same works; undefined where there is no compiler. */
  readonly c: string | undefined;
  /** Components of WASI 0.2 and 0.3, transpiled for us and for jco's hosts; undefined where there is no jco. */
  readonly components: Components | undefined;
  /** A C guest of each ABI; undefined where there is no clang that compiles one. */
  readonly cGuests: { readonly bsd: string; readonly wasmedge: string } | undefined;
  /** The other end of the stream works; give it "echo", "sink", "source" or "dial". */
  readonly peer: Command;
  /** The C program that serves HTTP; undefined where there is no compiler. */
  readonly http: string | undefined;
}

const C_COMPILERS = ["cc", "gcc", "clang"];
const C_WORKS = [
  "main",
  "must",
  "tcp",
  "unix",
  "stream",
  "udp",
  "message",
  "connection",
  "lookup",
  "sockaddr",
  "codec",
];

async function findCompiler(): Promise<string | undefined> {
  for (const compiler of C_COMPILERS) {
    const found = await execute(compiler, ["--version"]).catch(() => undefined);
    if (found !== undefined) return compiler;
  }
  return undefined;
}

async function compileC(compiler: string, sources: string[], out: string): Promise<string> {
  const files = sources.map((name) => source(`bench/c/${name}.c`));
  await execute(compiler, ["-std=gnu11", "-O2", ...files, "-o", out]);
  return out;
}

async function compileGuest(entry: string, out: string): Promise<string> {
  const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
  const speed = ["--optimizeLevel", "3", "--converge", "--noAssert"];
  const options = ["--outFile", out, "--path", source("build/modules"), ...speed];
  await execute(execPath, [asc, `${entry}.ts`, ...options], { cwd: source("bench/assembly") });
  return out;
}

/** Compiles the C guest of bench/c/wasm for an ABI, as Debian's clang and lld do it. */
async function compileCGuest(abi: string, out: string): Promise<string> {
  const flags = [
    "--target=wasm32-unknown-unknown",
    "-O2",
    "-mbulk-memory",
    "-nostdlib",
    "-Wl,--no-entry",
  ];
  const sources = [`-DABI="${abi}.h"`, source("bench/c/wasm/tcp.c")];
  await execute("clang", [...flags, ...sources, "-o", out]);
  return out;
}

async function compileCGuests(directory: string): Promise<Tools["cGuests"]> {
  try {
    const bsd = await compileCGuest("bsd", join(directory, "bsd.wasm"));
    const wasmedge = await compileCGuest("wasmedge", join(directory, "wasmedge.wasm"));
    return { bsd, wasmedge };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || message.includes("unable to execute command")) return undefined; // no clang, or no lld
    throw error;
  }
}

/** A temporary directory, which is removed when the process ends. */
function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-bench-"));
  process.on("exit", () => {
    rmSync(directory, { recursive: true });
  });
  return directory;
}

/**
 * Compiles the AssemblyScript guest alone: its file.
 *
 * @throws Error with the compiler's complaint
 */
export function prepareGuest(): Promise<string> {
  return compileGuest("index", join(temporary(), "guest.wasm"));
}

/**
 * Compiles everything into a temporary directory.
 *
 * @throws Error with the compiler's complaint
 */
export async function prepareTools(): Promise<Tools> {
  const directory = temporary();
  const wasm = await compileGuest("index", join(directory, "guest.wasm"));
  const crowd = await compileGuest("crowd", join(directory, "crowd.wasm"));
  const empty = await compileGuest("empty", join(directory, "empty.wasm"));
  const worker = await compileGuest("worker", join(directory, "worker.wasm"));
  const cGuests = await compileCGuests(directory);
  const components = await makeComponents();
  const guests = { wasm, crowd, empty, worker, cGuests, components };
  const compiler = await findCompiler();
  if (compiler === undefined) {
    return { ...guests, c: undefined, http: undefined, peer: [execPath, program("peer")] };
  }
  const c = await compileC(compiler, C_WORKS, join(directory, "main"));
  const http = await compileC(compiler, ["http", "must"], join(directory, "http"));
  const peer = await compileC(compiler, ["peer"], join(directory, "peer"));
  return { ...guests, c, http, peer: [peer] };
}
