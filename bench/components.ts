// The component of tests/assembly/component.ts, transpiled by the jco that `npm run components` brings.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
// This file runs in build/bench.
const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = join(root, "tests/components/node_modules/@bytecodealliance");
const jco = join(installed, "jco/dist/jco.js");

/** Whose implementations of wasi:io and wasi:sockets a component is transpiled for. */
export type Whose = "ours" | "shim";

/** Where each form of it is. */
export type Components = Readonly<Record<Whose, string>>;

const modules: Components = {
  ours: "wasi-sockets/p2",
  shim: join(installed, "preview2-shim/dist/nodejs"),
};

/** Makes the component, and transpiles it for either: undefined where there is no jco. */
export async function makeComponents(): Promise<Components | undefined> {
  if (!existsSync(jco)) return undefined;
  const run = (...args: string[]) => execute(execPath, args, { cwd: root });
  const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
  // Inside the package, where its own name resolves.
  const directory = mkdtempSync(join(root, "build/components-"));
  process.on("exit", () => {
    rmSync(directory, { recursive: true });
  });
  const file = (name: string) => join(directory, name);
  const options = ["-O3", "--runtime", "stub", "--use", "abort=", "--outFile", file("core.wasm")];
  await run(asc, "tests/assembly/component.ts", ...options);
  const wit = join(root, "tests/components/wit");
  await run(jco, "embed", file("core.wasm"), "--wit", wit, "-o", file("embedded.wasm"));
  await run(jco, "new", file("embedded.wasm"), "-o", file("guest.wasm"));
  const transpile = async (whose: Whose): Promise<string> => {
    const extension = whose === "shim" ? ".js" : "";
    const maps = ["sockets", "io"].flatMap((name) => [
      "--map",
      `wasi:${name}/*=${modules[whose]}/${name}${extension}#*`,
    ]);
    const flags = ["-q", "--import-bindings", "hybrid", ...maps];
    await run(jco, "transpile", file("guest.wasm"), "-o", file(whose), ...flags);
    return join(file(whose), "guest.js");
  };
  return { ours: await transpile("ours"), shim: await transpile("shim") };
}
