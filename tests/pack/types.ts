// The types that a user can name or is given, a file for each entry and for what several of them share. Their comments
// stay; what is marked `@internal` goes, and with it all types that nothing else needs.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { filesOf, rewrite, withoutComments } from "./files.js";
import type { Exports } from "./programs.js";

/** What rollup-plugin-dts has to say of types that are public by what they are the types of, and have no name. */
const UNNAMED = "still references private shared type exports";

/**
 * asc's types of a module, of which a number says nothing that its name does not; each enum and each number in a line.
 * What stands in a namespace that is declared is exported.
 */
function compact(text: string): string {
  return withoutComments(text)
    .replace(/^ *export enum [^}]*}/gm, (all) =>
      all.replace(/\s+/g, " ").replace(/, /g, ",").replace(",}", "}"),
    )
    .replace(/\{\s*(get value\(\): \w+)\s*\}/g, "{ $1 }")
    .replace(/^ +export /gm, " ");
}

/** Four spaces of an indentation as one. */
function indented(text: string): string {
  return text.replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 4));
}

/**
 * The exports of an entry as its source has them: values are what its program exports, and a class that it does not
 * is a type. rollup-plugin-dts has a value of each class.
 */
function exportsOf(text: string, values: readonly string[]): string {
  return text.replace(/^export \{ (.*) \}/gm, (all, list: string) => {
    const [types, others] = [[] as string[], [] as string[]];
    for (const name of list.split(", "))
      (values.includes(name.split(" ").at(-1)!) ? others : types).push(name);
    if (types.length === 0) return all;
    const typed = `export type { ${types.join(", ")} }`;
    return others.length === 0 ? typed : `export { ${others.join(", ")} };\n${typed}`;
  });
}

/**
 * Writes the types of a package.
 *
 * @param root the repository, whose sources have them
 * @param folder the package, whose types so far are removed
 * @param exported what its programs export
 */
export async function bundleTypes(root: string, folder: string, exported: Exports): Promise<void> {
  const host = join(folder, "build/host");
  const modules = new Map(
    ["marshal", "sockets"].map((name) => [`#${name}`, join(folder, `build/${name}.d.ts`)]),
  );
  for (const file of modules.values()) rewrite(file, compact);
  const bundle = await rollup({
    input: Object.fromEntries(
      [...exported.keys()].map((entry) => [entry, join(root, "host", `${entry}.ts`)]),
    ),
    external: /^node:/,
    plugins: [
      { name: "modules", resolveId: (name) => modules.get(name) },
      dts({ tsconfig: join(root, "tsconfig.json"), compilerOptions: { stripInternal: true } }),
    ],
    onLog: (_level, { message }) => {
      if (!message.includes(UNNAMED)) throw new Error(message);
    },
  });
  for (const file of filesOf(join(folder, "build"), ".d.ts")) rmSync(file);
  await bundle.write({
    dir: host,
    entryFileNames: "[name].d.ts",
    chunkFileNames: "[name].d.ts",
    minifyInternalExports: false,
  });
  for (const [entry, values] of exported)
    rewrite(join(host, `${entry}.d.ts`), (text) => exportsOf(text, values));
  for (const file of filesOf(host, ".d.ts")) rewrite(file, indented);
}
