// Connections that are made and closed, names that are looked up, and tables of many descriptors.

import { execPath } from "node:process";
import { everyone } from "../contenders.js";
import { all, type Row } from "../row.js";
import { filesLimit, manyFiles, program } from "../tools.js";
import { units } from "../units.js";

/** What a process has open beside its sockets. */
const BESIDE = 200;

/** A receive with so many descriptors in the guest's table, beside one with ten. */
function table(size: number, words: string): Row {
  const guest =
    (work: string): Row["contenders"]["ours"] =>
    ({ wasm }) => [...manyFiles, execPath, program("guest"), "block", wasm, work];
  return {
    name: `descriptors-${size}`,
    work: `send + recv with ${words} descriptors in the table (itself: 10)`,
    contenders: { ours: guest("amongMany")!, itself: guest("amongFew")! },
    amount: 200_000,
    quick: 40_000,
    size,
    moves: (amount) => amount * 64,
    unit: units.microseconds,
    target: { of: "itself", limit: 1.05 },
    lacks: () => (filesLimit < size + BESIDE ? `want of open files (${filesLimit})` : undefined),
  };
}

export const connections: readonly Row[] = [
  {
    name: "connect",
    work: "connect + close, a second",
    contenders: everyone("connects"),
    peer: "echo",
    amount: 7000, // and as many to warm up: connect(2) has 14,000 local ports that it tries first
    quick: 2000,
    size: 0,
    moves: all,
    unit: units.thousandsPerSecond,
    target: [
      { of: "C", limit: 0.8 },
      { of: "node", limit: 2 },
    ],
  },
  {
    name: "accept",
    work: "accept + close, a second",
    contenders: everyone("accepts"),
    peer: "dial",
    amount: 7000, // as above, for the peer
    quick: 4000,
    size: 0,
    moves: all,
    unit: units.thousandsPerSecond,
    target: [
      { of: "C", limit: 0.8 },
      { of: "node", limit: 2 },
    ],
  },
  {
    name: "getaddrinfo",
    work: "getaddrinfo of localhost",
    contenders: everyone("lookups"),
    amount: 100_000,
    quick: 20_000,
    size: 0,
    moves: all,
    unit: units.microseconds,
    target: [
      { of: "C", limit: 1.2 },
      { of: "node", limit: 1 },
    ],
  },
  table(1000, "1,000"),
  table(10_000, "10,000"),
  table(100_000, "100,000"),
];
