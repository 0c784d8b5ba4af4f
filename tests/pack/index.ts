// Makes the package as it is published, of what `npm run build` has left: build/package, and build/wasi-sockets.tgz of it.

import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { npm } from "../support/npm.js";
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
  return join(to, execFileSync(npm[0], [...npm.slice(1), ...args], { encoding: "utf8" }).trim());
}

for (const old of [folder, tarball]) rmSync(old, { recursive: true, force: true });
mkdirSync(folder);
const whole = pack(root, build);
// By names alone: to GNU's tar a path with a drive's letter is another machine's.
execFileSync("tar", ["xzf", basename(whole), "-C", basename(folder), "--strip-components=1"], {
  cwd: build,
});
rmSync(whole);

await bundleTypes(root, folder, await bundlePrograms(folder));
trim(folder);

renameSync(pack(folder, build), tarball);
