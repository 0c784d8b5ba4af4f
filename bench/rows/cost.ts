// What is paid once, or for each: starting, memory, the heap.

import { execPath } from "node:process";
import { alone, component } from "../contenders.js";
import { all, messages, type Row } from "../row.js";
import { program, published, shim } from "../tools.js";
import { units } from "../units.js";

/** A young generation that a million calls do not fill. */
const ROOMY = ["--min-semi-space-size=256", "--max-semi-space-size=256"]; // MiB

/** How large a module is. */
function size(name: string): Row {
  return {
    name,
    work: `size of ${name}`,
    contenders: { ours: () => [execPath, program("size"), name] },
    amount: 1,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.kibibytes,
  };
}

export const costs: readonly Row[] = [
  {
    name: "open-cold",
    work: "open() and a socket, in a new process",
    contenders: {
      ours: () => [execPath, program("open"), published, "cold"],
      "preview2-shim": () => shim(2, "socket"),
    },
    amount: 1,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.milliseconds,
    target: { of: "preview2-shim", limit: 1 },
  },
  {
    name: "run-empty",
    work: "run() of a guest that makes a socket and ends, in a new process",
    contenders: {
      ...component("create"),
      ours: ({ empty }) => [execPath, program("empty"), published, empty],
    },
    amount: 1,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.milliseconds,
    target: { of: "preview2-shim", limit: 1 },
  },
  {
    name: "instance-memory",
    work: "memory of an instance: the module's pages and its host's objects",
    contenders: {
      ours: ({ empty }) => [execPath, "--expose-gc", program("instances"), empty],
    },
    amount: 1000,
    quick: 200,
    size: 0,
    moves: all,
    unit: units.kibibytes,
  },
  size("marshal.wasm"),
  size("sockets.wasm"),
  {
    name: "open-warm",
    work: "open() and a socket, once more",
    contenders: { ours: () => [execPath, program("open"), published, "warm"] },
    amount: 200,
    quick: 50,
    size: 0,
    moves: all,
    unit: units.milliseconds,
  },
  {
    name: "heap-kept",
    work: "heap that a net.send keeps",
    contenders: alone("heap", ["--expose-gc"], "kept"),
    amount: 1_000_000,
    quick: 1_000_000,
    size: 64,
    moves: messages,
    unit: units.bytes,
    target: { limit: 0.1 },
  },
  {
    name: "heap-made",
    work: "heap that a net.send takes until collected",
    contenders: alone("heap", ["--expose-gc", ...ROOMY], "made"),
    amount: 1_000_000,
    quick: 1_000_000,
    size: 64,
    moves: messages,
    unit: units.bytes,
    target: { limit: 1 },
  },
];
