// Where the figures come from.

import { availableParallelism, cpus, release, type } from "node:os";
import { version } from "node:process";
import { cpu } from "./processes.js";

/** One line: CPU, kernel, Node, and whether processes are pinned. */
export function machine(): string {
  const model = cpus()[0]?.model ?? "unknown CPU";
  const pinned = cpu === undefined ? "not pinned: no taskset" : `both ends pinned to CPU ${cpu}`;
  return `${availableParallelism()} × ${model}, ${type()} ${release()}, Node ${version}, ${pinned}`;
}
