// Where jco is, which transpiles components: no part of this package, but of the project that has the component.

import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Source } from "../source.js";

const JCO = "@bytecodealliance/jco";

/** A package is missing that only some guests take. */
export class MissingPackage extends Error {
  override readonly name = "MissingPackage";

  constructor(wanted: string, name: string) {
    super(`${wanted} takes the package ${name}: npm install ${name}`);
  }
}

/** Where a package is looked for: in the working directory, beside the guest, and here. */
function places(source: Source): string[] {
  const beside =
    source instanceof URL
      ? [fileURLToPath(source)]
      : typeof source === "string"
        ? [resolve(source)]
        : [];
  return [process.cwd(), ...beside.map(dirname), import.meta.dirname];
}

/**
 * Finds jco.
 *
 * @param source of the component
 * @returns the URL of its main file
 * @throws MissingPackage
 */
export function findJco(source: Source): string {
  for (const folder of places(source)) {
    try {
      return pathToFileURL(createRequire(join(folder, "package.json")).resolve(JCO)).href;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new MissingPackage("a component", JCO);
}
