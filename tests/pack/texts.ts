// Sources, texts and the manifest, without what only whoever changes them needs.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { filesOf, manifestOf, rewrite, withoutComments, type Manifest } from "./files.js";

/** What the manifest has for this repository alone. */
const OURS = ["scripts", "devDependencies", "files", "imports"];

/** A block of code, which has no links. */
const CODE = /^(```[^]*?^```)$/m;

/** Tables without what aligns them in the source. */
function narrow(text: string): string {
  return text.replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, " ").replace(/-{4,}/g, "---"));
}

/** Where the repository's files are read at a package's version, undefined where its manifest does not say. */
function webOf({ repository, version }: Pick<Manifest, "repository" | "version">) {
  const url = repository && /https:.*(?=\.git$)/.exec(repository.url)?.[0];
  return url && ((kind: "blob" | "raw", path: string) => `${url}/${kind}/v${version}/${path}`);
}

/**
 * A text whose links to files that the package has not lead to the repository; they are their words where nobody knows
 * where that is, and pictures are nothing.
 *
 * @param text in Markdown
 * @param folder the package
 * @param manifest its version and its repository
 */
export function linked(
  text: string,
  folder: string,
  manifest: Pick<Manifest, "repository" | "version">,
): string {
  const web = webOf(manifest);
  const isThere = (path: string) =>
    /^(https?:|#)/.test(path) || existsSync(join(folder, path.split("#")[0]!));
  const replace = (part: string) =>
    part
      .replace(/^!\[(.*?)\]\((.*?)\)\n\n/gm, (all, words: string, path: string) => {
        if (isThere(path)) return all;
        return web ? `![${words}](${web("raw", path)})\n\n` : "";
      })
      .replace(/\[([^\]]*)\]\((.*?)\)/g, (all, words: string, path: string) => {
        if (isThere(path)) return all;
        return web ? `[${words}](${web("blob", path)})` : words;
      });
  return text
    .split(CODE)
    .map((part) => (CODE.test(part) ? part : replace(part)))
    .join("");
}

/** A source and those that it exports something of, and they in turn. */
function exportersOf(file: string): string[] {
  const sources = readFileSync(file, "utf8").matchAll(/^export .* from "(.*)";$/gm);
  return [
    file,
    ...Array.from(sources, ([, name]) => exportersOf(join(dirname(file), `${name}.ts`))).flat(),
  ];
}

/** A source that a compiler alone reads: without what lays it out, which would be text within a template. */
function bare(source: string): string {
  const text = withoutComments(source);
  if (text.includes("`")) throw new Error("a template's lines are not to be changed");
  return text.replace(/^ +/gm, "").replace(/\n{2,}/g, "\n");
}

/** Makes a package's texts smaller. */
export function trim(folder: string): void {
  // The guest's library: its author reads what it exports, with its comments.
  const assembly = join(folder, "assembly");
  const read = exportersOf(join(assembly, "index.ts"));
  for (const file of filesOf(assembly, ".ts")) if (!read.includes(file)) rewrite(file, bare);

  const manifest = manifestOf(folder);
  for (const file of filesOf(folder, ".md"))
    rewrite(file, (text) => linked(narrow(text), folder, manifest));

  const entries = Object.entries(manifest).filter(([name]) => !OURS.includes(name));
  const text = JSON.stringify(Object.fromEntries(entries), null, 1);
  writeFileSync(join(folder, "package.json"), `${text}\n`);
}
