// What is paid once, or for each: starting, memory, the heap.

import { alone } from "../contenders.js";
import { all, messages, type Row } from "../row.js";
import { units } from "../units.js";

/** A young generation that a million calls do not fill. */
const ROOMY = ["--min-semi-space-size=256", "--max-semi-space-size=256"]; // MiB

export const costs: readonly Row[] = [
  {
    name: "open-cold",
    work: "open() and a socket, in a new process",
    contenders: alone("open", [], "cold"),
    amount: 1,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.milliseconds,
  },
  {
    name: "open-warm",
    work: "open() and a socket, once more",
    contenders: alone("open", [], "warm"),
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
