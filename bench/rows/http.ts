// An HTTP server that says hello, asked by `wrk`: the CPU time of a request.

import { execPath } from "node:process";
import { cpu } from "../processes.js";
import { allCpus } from "../programs/cpus.js";
import type { Contender, Row } from "../row.js";
import { has, manyFiles, program } from "../tools.js";
import { units } from "../units.js";

const NO_WRK = "want of wrk (Debian's package of that name)";

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
      return has("wrk") ? undefined : NO_WRK;
    },
  };
}

/** The command of a server with so many workers. */
function workers(count: number): Contender {
  return ({ worker }) => [execPath, program("workers"), String(count), worker];
}

/** Requests that cost the server some work, answered by two workers on two CPUs; itself: one. */
const scale: Row = {
  name: "workers",
  work: "HTTP requests with work, run --workers 2 (itself: 1)",
  contenders: { ours: workers(2), itself: workers(1) },
  amount: 3, // seconds
  quick: 1,
  size: 64, // connections
  moves: (seconds) => seconds * 100,
  atLeast: true,
  unit: units.thousandsPerSecond,
  target: { of: "itself", limit: 1.8 },
  lacks: () => {
    if (allCpus().length < 2) return "want of a second CPU";
    return has("wrk") ? undefined : NO_WRK;
  },
};

export const http: readonly Row[] = [hello(64, "64"), hello(1000, "1,000"), scale];
