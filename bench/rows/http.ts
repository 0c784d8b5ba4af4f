// An HTTP server that says hello, asked by `wrk`: the CPU time of a request.

import { execPath } from "node:process";
import { cpu } from "../processes.js";
import type { Row } from "../row.js";
import { has, manyFiles, program } from "../tools.js";
import { units } from "../units.js";

function hello(connections: number, words: string): Row {
  const driver = [...manyFiles, execPath, program("http")] as const;
  const server = [execPath, program("http-server")] as const;
  return {
    name: `http-${connections}`,
    work: `HTTP hello, ${words} connections, CPU time a request`,
    contenders: {
      ours: ({ wasm }) => [...driver, ...server, "guest", wasm],
      C: ({ http }) => (http === undefined ? undefined : [...driver, http]),
      node: () => [...driver, ...server, "node"],
    },
    amount: 3, // seconds
    quick: 1,
    size: connections,
    moves: (seconds) => seconds * 1000,
    atLeast: true,
    unit: units.microseconds,
    target: [
      { of: "C", limit: 1.12 },
      { of: "node", limit: 1 / 2.7 },
    ],
    lacks: () => {
      if (cpu === undefined) return "want of taskset";
      return has("wrk") ? undefined : "want of wrk (Debian's package of that name)";
    },
  };
}

export const http: readonly Row[] = [hello(64, "64"), hello(1000, "1,000")];
