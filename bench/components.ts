// The components of tests/assembly, of WASI 0.2 and of 0.3, transpiled by the jco that `npm run components` brings.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
// This file runs in build/bench.
const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = join(root, "tests/components/node_modules/@bytecodealliance");
const jco = join(installed, "jco/dist/jco.js");

/** Whose implementations of WASI's interfaces a component is transpiled for. */
export type Whose = "ours" | "shim";

/** The version of WASI that a component is of. */
export type Version = "p2" | "p3";

/** Where each form of each is. */
export type Components = Readonly<Record<Version, Readonly<Record<Whose, string>>>>;

/** How a component is made. */
interface Recipe {
  /** Its files in tests/assembly and in tests/components. */
  readonly source: string;
  readonly wit: string;
  /** Functions that are lifted as async ones, and are named so. */
  readonly lifted: readonly string[];
  /** What jco is told. */
  readonly flags: Readonly<Record<Whose, readonly string[]>>;
}

/** jco's maps of interfaces to the modules that have them. */
function maps(of: Readonly<Record<string, string>>): string[] {
  return Object.entries(of).flatMap(([from, to]) => ["--map", `${from}=${to}#*`]);
}

const shims = {
  p2: join(installed, "preview2-shim/dist/nodejs"),
  p3: join(installed, "preview3-shim/dist/nodejs"),
};

const recipes: Readonly<Record<Version, Recipe>> = {
  p2: {
    source: "component.ts",
    wit: "wit",
    lifted: [],
    flags: {
      ours: [
        "--import-bindings",
        "hybrid",
        ...maps({ "wasi:sockets/*": "wasi-sockets/p2/sockets", "wasi:io/*": "wasi-sockets/p2/io" }),
      ],
      shim: [
        "--import-bindings",
        "hybrid",
        ...maps({ "wasi:sockets/*": `${shims.p2}/sockets.js`, "wasi:io/*": `${shims.p2}/io.js` }),
      ],
    },
  },
  p3: {
    source: "component-p3.ts",
    wit: "p3",
    lifted: ["pingpong", "pour", "drain"],
    flags: {
      ours: maps({ "wasi:sockets/*@0.3.0": "wasi-sockets/p3/sockets" }),
      shim: maps({ "wasi:sockets/*@0.3.0": `${shims.p3}/sockets.js` }),
    },
  },
};

async function run(...args: string[]): Promise<void> {
  await execute(execPath, args, { cwd: root });
}

/** Names the functions that are lifted as async ones, each with what is called back, which AssemblyScript cannot. */
async function lift(file: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const text = `${file}.wat`;
  await run(jco, "print", file, "-o", text);
  const callback = /\(export "callback" (\(func \d+\))\)/.exec(readFileSync(text, "utf8"))![1]!;
  const lifted = names.reduce(
    (module, name) =>
      module.replace(
        `(export "${name}"`,
        `(export "[callback][async-lift]${name}" ${callback})\n(export "[async-lift]${name}"`,
      ),
    readFileSync(text, "utf8"),
  );
  writeFileSync(text, lifted);
  await run(jco, "parse", text, "-o", file);
}

/** Makes a component, and transpiles it for either. */
async function make(
  { source, wit, lifted, flags }: Recipe,
  directory: string,
): Promise<Record<Whose, string>> {
  const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
  const file = (name: string) => join(directory, name);
  const options = ["-O3", "--runtime", "stub", "--use", "abort=", "--outFile", file("core.wasm")];
  await run(asc, `tests/assembly/${source}`, ...options);
  await lift(file("core.wasm"), lifted);
  const folder = join(root, "tests/components", wit);
  await run(jco, "embed", file("core.wasm"), "--wit", folder, "-o", file("embedded.wasm"));
  await run(jco, "new", file("embedded.wasm"), "-o", file("guest.wasm"));
  const transpile = async (whose: Whose): Promise<string> => {
    await run(jco, "transpile", file("guest.wasm"), "-o", file(whose), "-q", ...flags[whose]);
    return join(file(whose), "guest.js");
  };
  return { ours: await transpile("ours"), shim: await transpile("shim") };
}

/** Makes the components: undefined where there is no jco. */
export async function makeComponents(): Promise<Components | undefined> {
  if (!existsSync(jco)) return undefined;
  // Inside the package, where its own name resolves.
  const folder = (version: Version) => {
    const directory = mkdtempSync(join(root, `build/components-${version}-`));
    process.on("exit", () => {
      rmSync(directory, { recursive: true });
    });
    return directory;
  };
  return { p2: await make(recipes.p2, folder("p2")), p3: await make(recipes.p3, folder("p3")) };
}
