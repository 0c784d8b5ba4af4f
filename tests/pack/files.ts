// What the steps of packing have alike.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a package's manifest says of an entry: its program and its types, or a file as it is. */
type Target = string | { readonly types: string; readonly default: string };

/** The manifest of a package, as far as packing asks. */
export type Manifest = Readonly<Record<string, unknown>> & {
  readonly version: string;
  readonly exports: Readonly<Record<string, Target>>;
  /** Which the release workflow sets. */
  readonly repository?: { readonly url: string };
};

/** Reads the manifest of the package in a folder. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The programs that a package exports, as paths within `build/host`, without their ending. */
export function entriesOf(folder: string): string[] {
  return Object.values(manifestOf(folder).exports).flatMap((target) =>
    typeof target === "string" ? [] : target.default.slice("./build/host/".length, -".js".length),
  );
}

/** The files of a folder and of those within it, by their paths. */
export function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((entry) => join(folder, entry))
    .filter((file) => file.endsWith(ending));
}

/** Changes a text file. */
export function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

/** A text of TypeScript without the comments that have lines of their own. */
export function withoutComments(text: string): string {
  return text
    .replace(/^ *(\/\*\*[^]*?\*\/|\/\/.*)\n/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trimStart();
}
