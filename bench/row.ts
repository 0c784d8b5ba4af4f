// What a row of the table is, and who is compared in it.

import type { Command } from "./processes.js";
import type { Tools } from "./tools.js";
import type { Unit } from "./units.js";

/** Who is compared, in the order of the table. */
export const columns = [
  "ours",
  "C",
  "node",
  "preview2-shim",
  "preview3-shim",
  "bsd",
  "itself",
] as const;
export type Column = (typeof columns)[number];

/** Who the others are, as the table has them. */
interface Contestant {
  /** Why one that a row has may not take part. */
  readonly missing: string;
  /** The share of a row's amount that it does, for one that takes much longer. */
  readonly share: number;
}

export const contestants: Readonly<Record<Column, Contestant>> = {
  ours: { missing: "not here", share: 1 },
  C: { missing: "no compiler", share: 1 },
  node: { missing: "not here", share: 1 },
  "preview2-shim": { missing: "not installed", share: 1 / 20 },
  "preview3-shim": { missing: "not installed", share: 1 / 20 },
  /** The same C guest through `bsd_sockets_v1`. */
  bsd: { missing: "no clang", share: 1 },
  /** We ourselves, in the smaller case that the row names. */
  itself: { missing: "not here", share: 1 },
};

/**
 * A contender's program, which takes PORT AMOUNT SIZE and prints "QUANTITY MOVED"; undefined where it
 * cannot run.
 */
export type Contender = (tools: Tools) => Command | undefined;

/** What our figure should reach: a ratio to a column's, or a figure where no column is named. */
export interface Target {
  readonly of?: Exclude<Column, "ours">;
  readonly limit: number;
}

export interface Row {
  /** For --only. */
  readonly name: string;
  /** What is done, in words. */
  readonly work: string;
  readonly contenders: Readonly<Partial<Record<Column, Contender>>>;
  /** The other end, where there is one: what its program is told to be. */
  readonly peer?: string;
  /** How much is done in a round: bytes, messages, calls. */
  readonly amount: number;
  /** The same with --quick. */
  readonly quick: number;
  /** Bytes of a buffer or message. */
  readonly size: number;
  /** How much a contender must report for an amount, no more and no less. */
  readonly moves: (amount: number, size: number) => number;
  /** `moves` is the least of it, and the figure is of what was moved: for works that last a time. */
  readonly atLeast?: true;
  readonly unit: Unit;
  readonly target?: Target | readonly Target[];
  /** Why the row cannot be measured here; undefined where it can. */
  readonly lacks?: (tools: Tools) => string | undefined;
}

/** What a row should reach. */
export function targetsOf({ target }: Row): readonly Target[] {
  return target === undefined ? [] : [target].flat();
}

/** What most rows move: messages of their size, or just the amount. */
export const messages = (amount: number, size: number): number => amount * size;
export const all = (amount: number): number => amount;

export const KIB = 1024;
export const MIB = KIB ** 2;
export const GIB = KIB ** 3;
