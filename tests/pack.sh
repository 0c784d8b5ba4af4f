#!/usr/bin/env bash
# Makes the package as it is published, of what `npm run build` has left: build/package, and build/wasi-sockets.tgz of it.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build/package build/wasi-sockets.tgz
mkdir -p build/package
npm pack --ignore-scripts --silent --pack-destination build/package >/dev/null
tar xzf build/package/*.tgz -C build/package --strip-components=1
rm build/package/*.tgz
cd build/package

# Programs, without what only a reader needs.
find build/host -name '*.js' -print0 | xargs -0 ../../node_modules/.bin/esbuild \
  --minify --format=esm --outdir=build/host --outbase=build/host --allow-overwrite --log-level=warning

# Types that a user can reach, texts and the manifest, without what only whoever changes them needs.
node --input-type=module <<'EOF'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const rewrite = (file, change) => writeFileSync(file, change(readFileSync(file, "utf8")));
const files = (folder, ending) =>
  readdirSync(folder, { recursive: true })
    .map((entry) => join(folder, entry))
    .filter((file) => file.endsWith(ending));
const withoutComments = (text) => text.replace(/^ *(\/\*\*[^]*?\*\/|\/\/.*)\n/gm, "");

const { scripts, devDependencies, ...manifest } = JSON.parse(readFileSync("package.json", "utf8"));
const reached = new Set();
const visit = (file) => {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"([^"]+)"/g)) {
    if (name.startsWith(".")) visit(join(dirname(file), name).replace(/\.js$/, ".d.ts"));
    if (name === "#marshal" || name === "#sockets") visit(`build/${name.slice(1)}.d.ts`);
  }
};
for (const { types } of Object.values(manifest.exports)) if (types) visit(join(types));

// Comments stay where they are the user's; four spaces of an indentation are one.
const internal = /^build\/(\w+|host\/((adapters|component|wait)\/.*|\w*(closing|descriptors|guest|lookups|pending|pollset|reactor|registration|suspend)|policy\/(index|verdict|grammar|protocol)|platform\/.*|api\/(buffers|caller|calls|sockets)))\.d\.ts$/;
const indented = (text) => text.replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 4));
for (const file of files("build", ".d.ts")) {
  if (!reached.has(file)) rmSync(file);
  else rewrite(file, (text) => indented(internal.test(file) ? withoutComments(text) : text));
}
// The enums of the modules, each in a line.
for (const file of ["build/marshal.d.ts", "build/sockets.d.ts"])
  rewrite(file, (text) => text.replace(/^ *export enum [^}]*}/gm, (all) => all.replace(/\s+/g, " ")));

// The guest's library: what its author reads are the functions and the constants.
for (const file of [...files("assembly/abi", ".ts"), ...files("assembly/codec", ".ts")])
  if (!file.endsWith("constants.ts")) rewrite(file, withoutComments);

// Tables without what aligns them in the source.
const row = (text) => text.replace(/ {2,}/g, " ").replace(/-{4,}/g, "---");
for (const file of ["README.md", "CHANGELOG.md"])
  rewrite(file, (text) => text.replace(/^\|.*$/gm, row));

writeFileSync("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
EOF

cd ..
npm pack ./package --ignore-scripts --silent >/dev/null
mv wasi-sockets-*.tgz wasi-sockets.tgz
