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

# Programs: each entry, and what they share in chunks beside them, without what only a reader needs.
node --input-type=module <<'EOF'
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const entries = Object.values(exports).flatMap((target) => target.default?.slice("./build/host/".length) ?? []);
const options = {
  absWorkingDir: process.cwd() + "/build/host",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  packages: "external",
  minify: true,
  metafile: true,
  outdir: "bundle",
  logLevel: "warning",
};
const { metafile } = await build({ ...options, entryPoints: entries, write: false });

// WASI's interfaces are one program: each of their entries names what is its own.
const interfaces = entries.filter((entry) => entry.includes("/"));
const named = interfaces.map((entry) => {
  const names = metafile.outputs[`bundle/${entry}`].exports;
  const prefix = entry.replace(/\W/g, "_");
  return { entry, names, prefixed: (name) => `${prefix}_${name}` };
});
writeFileSync(
  "build/host/components.js",
  named
    .map(({ entry, names, prefixed }) =>
      `export {${names.map((name) => `${name} as ${prefixed(name)}`)}} from "./${entry}";`)
    .join("\n"),
);
// Workers are found beside whoever starts them, and all of these are in one folder then.
const workers = readdirSync("build/host", { recursive: true })
  .filter((file) => file.endsWith(".js"))
  .flatMap((file) => {
    const urls = readFileSync(`build/host/${file}`, "utf8").matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g);
    return Array.from(urls, ([, url]) => {
      if (file.includes("/") && url.includes("/")) throw new Error(`${url} of ${file} would not be found`);
      return url.endsWith(".js") ? [{ in: join(dirname(file), url), out: url.slice(0, -3) }] : [];
    }).flat();
  });
const programs = [...entries.filter((entry) => !interfaces.includes(entry)), "components.js", "cli.js"];
const entryPoints = [...programs.map((file) => ({ in: file, out: file.slice(0, -3) })), ...workers];
await build({ ...options, entryPoints });
for (const entry of readdirSync("build/host", { recursive: true })) {
  if (entry.endsWith(".js") && !entry.startsWith("bundle/")) rmSync(`build/host/${entry}`);
}
for (const file of readdirSync("build/host/bundle")) renameSync(`build/host/bundle/${file}`, `build/host/${file}`);
rmSync("build/host/bundle", { recursive: true });
for (const { entry, names, prefixed } of named) {
  const from = "../".repeat(entry.split("/").length - 1);
  writeFileSync(
    `build/host/${entry}`,
    `export{${names.map((name) => `${prefixed(name)} as ${name}`)}}from"${from}components.js";\n`,
  );
}
EOF

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
  rewrite(file, (text) => text.replace(/^ *export enum [^}]*}/gm, (all) => all.replace(/\s+/g, " ").replace(/, /g, ",")));

// The guest's library: what its author reads are the functions and the constants.
for (const file of ["assembly/bsd.ts", ...files("assembly/abi", ".ts"), ...files("assembly/codec", ".ts")])
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
