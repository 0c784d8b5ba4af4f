// Makes the package as it is published, of what `npm run build` has left: build/package, and build/wasi-sockets.tgz of it.

import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "./programs.js";
import { trim } from "./texts.js";
import { bundleTypes } from "./types.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const build = join(root, "build");
const folder = join(build, "package");
const tarball = join(build, "wasi-sockets.tgz");

/** Packs a folder: the path of the tarball, which is in another one then. */
function pack(from: string, to: string): string {
  const args = ["pack", from, "--ignore-scripts", "--silent", "--pack-destination", to];
  return join(to, execFileSync("npm", args, { encoding: "utf8" }).trim());
}

for (const old of [folder, tarball]) rmSync(old, { recursive: true, force: true });
mkdirSync(folder);
const whole = pack(root, build);
execFileSync("tar", ["xzf", whole, "-C", folder, "--strip-components=1"]);
rmSync(whole);

await bundleTypes(root, folder, await bundlePrograms(folder));
trim(folder);

renameSync(pack(folder, build), tarball);
