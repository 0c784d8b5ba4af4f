// Sources, texts and the manifest, without what only whoever changes them needs.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesOf, manifestOf, rewrite, withoutComments } from "./files.js";

/** What the manifest has for this repository alone. */
const OURS = ["scripts", "devDependencies", "files", "imports"];

/** A block of code, which has no links. */
const CODE = /^(```[^]*?^```)$/m;

/** Tables without what aligns them in the source. */
function narrow(text: string): string {
  return text.replace(/^\|.*$/gm, (row) => row.replace(/ {2,}/g, " ").replace(/-{4,}/g, "---"));
}

/** A text whose links to files that the package has not are their words, and without such pictures. */
function linked(text: string, folder: string): string {
  const isMissing = (path: string) => !/^https?:/.test(path) && !existsSync(join(folder, path));
  const replace = (part: string) =>
    part
      .replace(/^!\[.*?\]\((.*?)\)\n\n/gm, (all, path: string) => (isMissing(path) ? "" : all))
      .replace(/\[([^\]]*)\]\(([^)#]*).*?\)/g, (all, words: string, path: string) =>
        isMissing(path) ? words : all,
      );
  return text
    .split(CODE)
    .map((part) => (CODE.test(part) ? part : replace(part)))
    .join("");
}

/** Makes a package's texts smaller. */
export function trim(folder: string): void {
  // The guest's library: what its author reads are the functions and the constants.
  const abi = filesOf(join(folder, "assembly/abi"), ".ts");
  const codec = filesOf(join(folder, "assembly/codec"), ".ts");
  for (const file of [join(folder, "assembly/bsd.ts"), ...abi, ...codec])
    if (!file.endsWith("constants.ts")) rewrite(file, withoutComments);

  for (const file of filesOf(folder, ".md")) rewrite(file, (text) => linked(narrow(text), folder));

  const manifest = Object.entries(manifestOf(folder)).filter(([name]) => !OURS.includes(name));
  const text = JSON.stringify(Object.fromEntries(manifest), null, 2);
  writeFileSync(join(folder, "package.json"), `${text}\n`);
}
