// npm run build:examples: compiles every guest in examples/assembly to where its runner looks for it.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";

const asc = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));

for (const file of readdirSync("examples/assembly")) {
  if (!file.endsWith(".ts")) continue;
  const wasm = `build/examples/${file.replace(/\.ts$/, ".wasm")}`;
  const options = ["--target", "guest", "--outFile", wasm];
  execFileSync(execPath, [asc, `examples/assembly/${file}`, ...options], { stdio: "inherit" });
}
