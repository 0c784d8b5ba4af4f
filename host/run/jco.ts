// Where jco is, which transpiles components, and its implementation of wasi:http: no parts of this package, but of the
// project that has the component.

import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Source } from "../source.js";

const JCO = "@bytecodealliance/jco";
const SHIM = "@bytecodealliance/preview2-shim";

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

/** Finds a module of a package, from one of several folders: its URL. */
function find(wanted: string, name: string, module: string, folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      return pathToFileURL(createRequire(join(folder, "package.json")).resolve(module)).href;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new MissingPackage(wanted, name);
}

/**
 * Finds jco.
 *
 * @param source of the component
 * @returns the URL of its main file
 * @throws MissingPackage
 */
export function findJco(source: Source): string {
  return find("a component", JCO, JCO, places(source));
}

/**
 * Finds the implementation of wasi:http 0.2: in the project, or where jco has it.
 *
 * @param source of the component
 * @param jco from `findJco`
 * @throws MissingPackage
 */
export function findHttp(source: Source, jco: string): string {
  const folders = [...places(source), dirname(fileURLToPath(jco))];
  return find("wasi:http", SHIM, `${SHIM}/http`, folders);
}
