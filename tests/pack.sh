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

# Types that a user can reach; comments stay where they are the user's.
node --input-type=module <<'EOF'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
const reached = new Set();
const visit = (file) => {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"([^"]+)"/g)) {
    if (name.startsWith(".")) visit(join(dirname(file), name).replace(/\.js$/, ".d.ts"));
    if (name === "#marshal" || name === "#sockets") visit(`build/${name.slice(1)}.d.ts`);
  }
};
const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
for (const { types } of Object.values(exports)) if (types) visit(join(types));
const internal = /^build\/(\w+|host\/(wait\/.*|\w*(closing|descriptors|guest|lookups|pending|pollset|reactor|registration|suspend)|policy\/(index|verdict|grammar|protocol)|platform\/.*|api\/(buffers|caller|calls|sockets)))\.d\.ts$/;
for (const entry of readdirSync("build", { recursive: true })) {
  const file = join("build", entry);
  if (!file.endsWith(".d.ts")) continue;
  if (!reached.has(file)) rmSync(file);
  else if (internal.test(file)) {
    writeFileSync(file, readFileSync(file, "utf8").replace(/^\s*\/\*\*[^]*?\*\/\n/gm, ""));
  }
}
EOF

cd ..
npm pack ./package --ignore-scripts --silent >/dev/null
mv wasi-sockets-*.tgz wasi-sockets.tgz
