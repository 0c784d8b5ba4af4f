// Sources, texts and the manifest, without what only whoever changes them needs.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesOf, manifestOf, rewrite, withoutComments } from "./files.js";

/** What the manifest has for this repository alone. */
const OURS = ["scripts", "devDependencies", "files", "imports"];

/** Makes a package's texts smaller. */
export function trim(folder: string): void {
  // The guest's library: what its author reads are the functions and the constants.
  const abi = filesOf(join(folder, "assembly/abi"), ".ts");
  const codec = filesOf(join(folder, "assembly/codec"), ".ts");
  for (const file of [join(folder, "assembly/bsd.ts"), ...abi, ...codec])
    if (!file.endsWith("constants.ts")) rewrite(file, withoutComments);

  // Tables without what aligns them in the source.
  const row = (text: string) => text.replace(/ {2,}/g, " ").replace(/-{4,}/g, "---");
  for (const file of filesOf(folder, ".md")) rewrite(file, (text) => text.replace(/^\|.*$/gm, row));

  const manifest = Object.entries(manifestOf(folder)).filter(([name]) => !OURS.includes(name));
  const text = JSON.stringify(Object.fromEntries(manifest), null, 2);
  writeFileSync(join(folder, "package.json"), `${text}\n`);
}
