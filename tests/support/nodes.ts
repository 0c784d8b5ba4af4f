// The Nodes that the tests run on: this one, and those that `npm run nodes` brings.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { complete, published } from "./system.js";

/** Whether this Node can suspend guests. */
export const suspends = "Suspending" in WebAssembly;

/** What `npm run nodes` brings, by its major version. */
export const NEWER = [24, 26] as const;

/** The program of a newer Node; undefined where it has not been brought. In CI it must be there. */
export function newerNode(major: (typeof NEWER)[number]): string | undefined {
  const path = new URL(`../nodes/node_modules/node${major}/bin/node`, import.meta.url);
  if (existsSync(path)) return fileURLToPath(path);
  if (complete && published) throw new Error(`CI must have Node ${major}: npm run nodes`);
  return undefined;
}
