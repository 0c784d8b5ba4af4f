// Guests as native programs: wasm2c turns one into C, tests/host-c gives it its imports, and the C compiler makes a
// program of it.

import { execFile, execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import { compiler } from "./compiler.js";
import { complete } from "./system.js";

const execute = promisify(execFile);
const host = fileURLToPath(new URL("../host-c", import.meta.url));
/** What wasm2c's output is linked with, as Debian's wabt has it. */
const RUNTIME = "/usr/share/wabt/wasm2c";

/** Why there can be no native guests here: "" where there can. CI must have them. */
export const noNative: string = missing();

function missing(): string {
  try {
    execFileSync("wasm2c", ["--version"], { stdio: "ignore" });
    readdirSync(RUNTIME);
    return "missing" in compiler ? compiler.missing : "";
  } catch {
    if (complete) throw new Error("CI must have wasm2c: install wabt");
    return "no wasm2c: install wabt";
  }
}

/** A function of wasm2c's C, imported or exported. */
interface Prototype {
  readonly result: string;
  readonly symbol: string;
  readonly instance: string;
  readonly parameters: readonly string[];
}

/** The functions of a kind in wasm2c's header, by their names in WebAssembly. */
function prototypes(header: string, comment: RegExp): Map<string, Prototype> {
  const found = new Map<string, Prototype>();
  for (const [, at, result, symbol, parameters] of header.matchAll(comment)) {
    const [instance, ...rest] = parameters!.split(/,\s*/);
    found.set(at!, { result: result!, symbol: symbol!, instance: instance!, parameters: rest });
  }
  return found;
}

const IMPORT = /\/\* import: '(\w+' '[^']+)' \*\/\n(\w+) (\w+)\(([^)]*)\);/g;
const EXPORT = /\/\* export: '([^']+)' \*\/\n([\w*]+) (\w+)\(([^)]*)\);/g;

/** The C between wasm2c's names, which differ from version to version, and those of tests/host-c. */
function glueOf(header: string): string {
  const lines = ['#include "guest.h"'];
  for (const [at, { result, symbol, instance, parameters }] of prototypes(header, IMPORT)) {
    const target = at.replace("' '", "_").replaceAll(".", "_");
    const names = parameters.map((_, i) => `a${i}`);
    const declared = parameters.map((type, i) => `${type} a${i}`);
    lines.push(`${result} ${target}(${parameters.join(", ") || "void"});`);
    const give = result === "void" ? "" : "return ";
    const head = [`${instance.replace("*", "")} *unused`, ...declared].join(", ");
    lines.push(`${result} ${symbol}(${head}) { ${give}${target}(${names.join(", ")}); }`);
  }
  const [, setup, given] = /void (\w+instantiate)\((\w+)\*/.exec(header)!;
  const nulls = /instantiate\(([^)]*)\)/.exec(header)![1]!.split(",").slice(1);
  const begin = /void (\w+_init_module)\(void\)/.exec(header)?.[1];
  const exported = prototypes(header, EXPORT);
  lines.push(`static ${given!} guest;`, "static wasm_rt_memory_t *guest_begin(void) {");
  lines.push("  wasm_rt_init();", begin === undefined ? "" : `  ${begin}();`);
  lines.push(`  ${setup!}(${["&guest", ...nulls.map(() => "0")].join(", ")});`);
  lines.push(`  return ${exported.get("memory")!.symbol}(&guest);`, "}");
  const maker = exported.get("__new");
  const made = maker === undefined ? "0" : `${maker.symbol}(&guest, size, id)`;
  lines.push(`static u32 guest_new(u32 size, u32 id) { return ${made}; }`);
  lines.push("static u32 guest_call(const char *name, u32 *a) {");
  for (const [name, { result, symbol, parameters }] of exported) {
    if (result.endsWith("*") || parameters.some((type) => type !== "u32")) continue;
    const called = `${symbol}(${["&guest", ...parameters.map((_, i) => `a[${i}]`)].join(", ")})`;
    const body = result === "u32" ? `return ${called}` : `return (${called}, 0)`;
    lines.push(`  if (!strcmp(name, "${name}")) ${body};`);
  }
  lines.push('  fprintf(stderr, "no %s\\n", name);', "  exit(2);", "}", "");
  return lines.join("\n");
}

let directory: string | undefined;
let programs = 0;

afterAll(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
});

/**
 * Makes a program of a guest, which is deleted when the test file is done.
 *
 * @param wasm the guest, which imports nothing but sockets and what AssemblyScript's runtime does
 * @returns its path
 */
export async function nativeProgram(wasm: Uint8Array): Promise<string> {
  directory ??= mkdtempSync(join(tmpdir(), "wasi-sockets-native-"));
  const place = mkdtempSync(join(directory, `${programs++}-`));
  const at = (name: string) => join(place, name);
  writeFileSync(at("guest.wasm"), wasm);
  await execute("wasm2c", [at("guest.wasm"), "-n", "guest", "-o", at("guest.c")]);
  writeFileSync(at("guest-glue.h"), glueOf(readFileSync(at("guest.h"), "utf8")));
  if ("missing" in compiler) throw new Error(compiler.missing);
  const runtime = readdirSync(RUNTIME).filter((name) => /^wasm-rt-(mem-)?impl\.c$/.test(name));
  await execute(compiler.command, [
    ...["-std=gnu11", "-O1", "-I", place, "-I", host, "-I", RUNTIME, "-o", at("guest")],
    ...[at("guest.c"), join(host, "host.c"), join(host, "main.c")],
    ...runtime.map((name) => join(RUNTIME, name)),
    "-lm",
  ]);
  return at("guest");
}

const hexOf = (text: string) => `=${Buffer.from(text, "utf16le").toString("hex")}`;

/** A guest that runs as a native program. Whoever is done with it ends it. */
export class NativeGuest {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  readonly #exit: Promise<unknown>;
  #interrupting: NodeJS.Timeout | undefined;
  /** What it wrote to its standard error so far: what the guest printed, each line in hexadecimal. */
  errors = "";

  /**
   * @param program of nativeProgram
   * @param args such as --allow-all
   */
  constructor(program: string, args: readonly string[] = []) {
    this.#process = spawn(program, args, { timeout: 25_000 });
    this.#exit = once(this.#process, "exit");
    this.#process.stdin.on("error", () => undefined); // it ended, which the missing answer tells
    this.#process.stderr.on("data", (chunk) => (this.errors += String(chunk)));
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  async #ask(line: string): Promise<string> {
    this.#process.stdin.write(`${line}\n`);
    const { done, value } = (await this.#answers.next()) as IteratorResult<string, undefined>;
    clearInterval(this.#interrupting);
    this.#interrupting = undefined;
    if (done) throw new Error(`the guest ended in ${JSON.stringify(line)}: ${this.errors}`);
    return value;
  }

  /** Interrupts the call that is under way, which then fails with EINTR; between two, the signal says nothing. */
  interrupt(): void {
    this.#process.kill("SIGINT");
    this.#interrupting ??= setInterval(() => this.#process.kill("SIGINT"), 10);
  }

  /** Calls an export that gives a number. */
  async number(name: string, ...args: (number | string)[]): Promise<number> {
    return Number(await this.#ask([name, ...args.map(argumentOf)].join(" ")));
  }

  /** Calls an export that gives a string. */
  async text(name: string, ...args: (number | string)[]): Promise<string> {
    const hex = await this.#ask(["text", name, ...args.map(argumentOf)].join(" "));
    return Buffer.from(hex, "hex").toString("utf16le");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#interrupting);
    this.#process.kill("SIGKILL");
    await this.#exit;
  }
}

function argumentOf(value: number | string): string {
  return typeof value === "string" ? hexOf(value) : String(value);
}
