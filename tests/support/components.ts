// Components for the tests, made and transpiled by jco, which `npm run components` brings.

import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compileWasi } from "./wasi.js";
import { complete } from "./system.js";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "tests/components");
const jco = join(folder, "node_modules/@bytecodealliance/jco/dist/jco.js");
const asc = join(root, "node_modules/assemblyscript/bin/asc.js");

const readme = readFileSync(join(root, "README.md"), "utf8");
const guests = readFileSync(join(root, "docs/guests.md"), "utf8");

/** Why there is no jco; undefined where there is. In CI it must be there. */
export const missing = existsSync(jco) ? undefined : "no jco: npm run components";
if (missing !== undefined && complete) throw new Error(`CI must have jco: ${missing}`);

/** A folder for what the tests make, inside the package, where its own name resolves. */
export async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(root, "build/components-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function run(...args: string[]): Promise<void> {
  await execute(process.execPath, args, { cwd: root, timeout: 60_000 });
}

/** Where a component is: its files in tests/assembly and tests/components, and what it lifts as async functions. */
interface Source {
  readonly module: string;
  readonly wit: string;
  readonly lifted: readonly string[];
}

export const P2: Source = { module: "component.ts", wit: "wit", lifted: [] };
export const P3: Source = {
  module: "component-p3.ts",
  wit: "p3",
  lifted: ["pingpong", "pour", "drain"],
};

/** Names the functions that are lifted as async ones, each with what is called back, which AssemblyScript cannot. */
async function lift(core: string, names: readonly string[]): Promise<void> {
  const text = `${core}.wat`;
  await run(jco, "print", core, "-o", text);
  let module = readFileSync(text, "utf8");
  const callback = /\(export "callback" (\(func \d+\))\)/.exec(module)![1]!;
  for (const name of names) {
    const both = `(export "[callback][async-lift]${name}" ${callback})\n(export "[async-lift]${name}"`;
    module = module.replace(`(export "${name}"`, both);
  }
  writeFileSync(text, module);
  await run(jco, "parse", text, "-o", core);
}

/** Makes a component: its path. */
export async function makeComponent(
  directory: string,
  { module, wit, lifted }: Source = P2,
): Promise<string> {
  const [core, embedded, component] = ["core.wasm", "embedded.wasm", "guest.wasm"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const options = ["-O3", "--runtime", "stub", "--use", "abort=", "--outFile", core];
  await run(asc, `tests/assembly/${module}`, ...options);
  if (lifted.length > 0) await lift(core, lifted);
  await run(jco, "embed", core, "--wit", join(folder, wit), "-o", embedded);
  await run(jco, "new", embedded, "-o", component);
  return component;
}

/** The commands in C, and how each is made. */
const COMMANDS = {
  "0.2": {
    source: "tests/c/command.c",
    kind: "command",
    wit: "command",
    flags: ["--wasi-command"],
  },
  "0.3": { source: "tests/c/command3.c", kind: "module", wit: "command3", flags: [] },
} as const;

/** Makes a command of a version of WASI, with jco beside it: its path. */
export async function makeCommand(
  version: keyof typeof COMMANDS,
  directory: string,
): Promise<string> {
  const { source, kind, wit, flags } = COMMANDS[version];
  const [embedded, component] = ["embedded.wasm", "command.wasm"].map((name) =>
    join(directory, name),
  ) as [string, string];
  const core = await compileWasi(source, kind);
  await run(jco, "embed", core, "--wit", join(folder, wit), "-o", embedded);
  await run(jco, "new", embedded, ...flags, "-o", component);
  await linkJco(directory);
  return component;
}

/** The row of a guest in JavaScript of docs/guests.md: what jco is told, and what wasi-sockets. */
export const client = ((): { readonly made: string[]; readonly run: string[] } => {
  const [, made, run] = /^\| JavaScript.*?\| `jco ([^`]+)` +\| `wasi-sockets ([^`]+)` +\|$/m.exec(
    guests,
  )!;
  return { made: made!.split(" "), run: run!.split(" ") };
})();

/** Makes the component of tests/components/javascript/client.js, as docs/guests.md says, in a folder. */
export async function makeClient(directory: string): Promise<void> {
  await cp(join(folder, "javascript"), directory, { recursive: true, dereference: true });
  await execute(process.execPath, [jco, ...client.made], { cwd: directory, timeout: 60_000 });
}

/** Lets what is in a folder find jco. */
export async function linkJco(directory: string): Promise<void> {
  const modules = join(directory, "node_modules");
  await mkdir(modules);
  await symlink(join(folder, "node_modules/@bytecodealliance"), join(modules, "@bytecodealliance"));
}

/** What the component of tests/assembly/component.ts exports. */
export interface Guest {
  pingpong(port: number, rounds: number): number;
  pour(port: number, amount: bigint): bigint;
  create(): number;
  drain(port: number, wanted: bigint): bigint;
  fail(port: number): number;
}

/** What that of tests/assembly/component-p3.ts exports. */
export interface AsyncGuest {
  pingpong(port: number, rounds: number): Promise<number>;
  pour(port: number, amount: bigint): Promise<bigint>;
  drain(port: number, wanted: bigint): Promise<bigint>;
}

/** What the README tells jco: its maps, and what spares jco's own code. */
export const maps = Array.from(
  readme.matchAll(/--map '(wasi:[a-z]+\/\*=wasi-sockets\/p2[^']*)'/g),
  ([, map]) => map!,
);
export const asyncMap = /--map '(wasi:sockets\/\*@0\.3\.0=[^']+)'/.exec(readme)![1]!;
export const spares = /npx jco transpile guest\.wasm -o guest (--[a-z-]+ [a-z]+) /
  .exec(readme)![1]!
  .split(" ");

/** Transpiles a component, by flags of jco. */
export async function transpile(
  component: string,
  directory: string,
  flags: readonly string[],
): Promise<void> {
  await run(jco, "transpile", component, "-o", directory, "-q", ...flags);
}

/**
 * Transpiles a component, as the README says, and loads it.
 *
 * @param flags more options of jco
 */
export async function load(
  component: string,
  directory: string,
  flags: readonly string[],
): Promise<Guest> {
  return (await transpiled(component, directory, maps, flags)) as Guest;
}

/** The same of one of WASI 0.3. */
export async function loadAsync(component: string, directory: string): Promise<AsyncGuest> {
  return (await transpiled(component, directory, [asyncMap], [])) as AsyncGuest;
}

async function transpiled(
  component: string,
  directory: string,
  maps: readonly string[],
  flags: readonly string[],
): Promise<unknown> {
  const mapped = maps.flatMap((map) => ["--map", map]);
  await transpile(component, directory, [...mapped, ...flags]);
  return import(join(directory, "guest.js"));
}
