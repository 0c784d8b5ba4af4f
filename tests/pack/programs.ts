// Programs: each entry, and what they share in chunks beside them, without what only a reader needs.

import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { entriesOf, filesOf, rewrite } from "./files.js";

/** What the programs of a package export, by their paths within `build/host`, without their ending. */
export type Exports = ReadonlyMap<string, readonly string[]>;

/** The workers that programs start, which they find beside themselves: all of these are in one folder then. */
function workersOf(host: string): { in: string; out: string }[] {
  return filesOf(host, ".js").flatMap((path) => {
    const file = relative(host, path);
    const urls = readFileSync(path, "utf8").matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g);
    return Array.from(urls, ([, url]) => url!).flatMap((url) => {
      if (file.includes("/") && url.includes("/"))
        throw new Error(`${url} of ${file} would not be found`);
      return url.endsWith(".js") ? [{ in: join(dirname(file), url), out: url.slice(0, -3) }] : [];
    });
  });
}

/** C's prototypes, which koffi reads without the names of parameters as well: "int listen(int fd, int backlog)". */
const prototypes: Plugin = {
  name: "prototypes",
  setup: (bundler) => {
    const unnamed = (list: string) =>
      list.split(",").map((parameter) =>
        parameter
          .trim()
          .replace(/(?<=[ *])\w+$/, "")
          .trimEnd(),
      );
    bundler.onLoad({ filter: /[\\/](native|compat)[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /"(\w[\w *]* \*?\w+)\(([\w *.,]+)\)"/g,
        (_all, name: string, list: string) => `"${name}(${unnamed(list).join(",")})"`,
      ),
    }));
  },
};

/** A list of exports by other names. */
function renamed(pairs: readonly (readonly [from: string, to: string])[]): string {
  return `export{${pairs.map(([from, to]) => `${from} as ${to}`).join(",")}}`;
}

/** Imports of which nothing is used: esbuild has them for effects, and no file of host is imported for its alone. */
const UNUSED = /import"\.\/[\w-]+\.js";/g;

/** The name that esbuild gives a chunk, by what is in it. */
const CHUNK = /\b[A-Z0-9]{8}\.js\b/g;

/** Gives the chunks of a folder numbers for names, which are shorter wherever they are imported. */
function numberChunks(folder: string): void {
  const chunks = readdirSync(folder).filter((name) => name.replace(CHUNK, "") === "");
  const names = new Map(chunks.sort().map((name, i) => [name, `${i}.js`]));
  const rename = (text: string) => text.replace(CHUNK, (name) => names.get(name) ?? name);
  for (const file of filesOf(folder, ".js")) rewrite(file, rename);
  for (const [from, to] of names) renameSync(join(folder, from), join(folder, to));
}

/**
 * Bundles the programs of a package, in their place.
 *
 * @param folder the package
 * @returns what they export
 */
export async function bundlePrograms(folder: string): Promise<Exports> {
  const host = join(folder, "build/host");
  const entries = entriesOf(folder);
  const options = {
    absWorkingDir: host,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    minify: true,
    plugins: [prototypes],
    chunkNames: "[hash]",
    outdir: "bundle",
    logLevel: "warning",
  } satisfies BuildOptions;

  const entryPoints = entries.map((entry) => `${entry}.js`);
  const { metafile } = await build({ ...options, entryPoints, metafile: true, write: false });
  const exported = new Map(
    entries.map((entry) => [entry, metafile.outputs[`bundle/${entry}.js`]!.exports]),
  );

  // WASI's interfaces are one program: each of their entries names what is its own.
  const interfaces = [...exported].filter(([entry]) => entry.includes("/"));
  const prefixed = (entry: string, name: string) => `${entry.replace(/\W/g, "_")}_${name}`;
  const lines = interfaces.map(([entry, names]) => {
    const list = renamed(names.map((name) => [name, prefixed(entry, name)]));
    return `${list}from"./${entry}.js";\n`;
  });
  writeFileSync(join(host, "components.js"), lines.join(""));

  const programs = [...entries.filter((entry) => !entry.includes("/")), "components", "cli"].map(
    (name) => ({ in: `${name}.js`, out: name }),
  );
  await build({ ...options, entryPoints: [...programs, ...workersOf(host)] });
  const bundle = join(host, "bundle");
  for (const file of filesOf(bundle, ".js")) rewrite(file, (text) => text.replace(UNUSED, ""));
  numberChunks(bundle);
  for (const file of filesOf(host, ".js")) if (!file.startsWith(bundle)) rmSync(file);
  for (const file of readdirSync(bundle)) renameSync(join(bundle, file), join(host, file));
  rmSync(bundle, { recursive: true });
  for (const [entry, names] of interfaces) {
    const from = `${"../".repeat(entry.split("/").length - 1)}components.js`;
    const list = renamed(names.map((name) => [prefixed(entry, name), name]));
    writeFileSync(join(host, `${entry}.js`), `${list}from"${from}";\n`);
  }
  return exported;
}
