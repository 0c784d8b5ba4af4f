// What a run came to, as JSON: the charts are drawn from it, and nothing else.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "./measure.js";
import { targetsOf, type Column, type Row, type Target } from "./row.js";
import type { Spread } from "./statistics.js";

/** A row that was measured. */
export interface RecordedRow {
  readonly name: string;
  readonly work: string;
  /** What figures are in: "µs", "GB/s"… */
  readonly unit: string;
  /** Which figure is the better one. */
  readonly better: "less" | "more";
  /** The figures of each contender. */
  readonly figures: Readonly<Partial<Record<Column, Spread>>>;
  /** Our figure divided by each other's, round by round. */
  readonly ratios: Readonly<Partial<Record<Column, Spread>>>;
  readonly targets: readonly Target[];
}

export interface Run {
  /** When it ended, ISO 8601. */
  readonly date: string;
  readonly machine: string;
  readonly rounds: number;
  /** Whether it was a look only, with --quick. */
  readonly quick: boolean;
  readonly rows: readonly RecordedRow[];
}

const FILE = "results.json";

function recordRow(row: Row, { figures, ratios }: Result): RecordedRow {
  const { name, work, unit } = row;
  return {
    name,
    work,
    unit: unit.label,
    better: unit.better,
    figures: Object.fromEntries(figures),
    ratios: Object.fromEntries([...ratios].filter(([column]) => column !== "ours")),
    targets: targetsOf(row),
  };
}

/** A run as it is written down: rows that failed are not in it. */
export function record(
  results: ReadonlyMap<Row, Result | undefined>,
  machine: string,
  rounds: number,
  quick: boolean,
): Run {
  const rows = [...results].flatMap(([row, result]) => (result ? [recordRow(row, result)] : []));
  return { date: new Date().toISOString(), machine, rounds, quick, rows };
}

/** Writes a run into a folder, which is made where there is none. */
export function writeRun(run: Run, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILE), `${JSON.stringify(run, undefined, 1)}\n`);
}

/**
 * Reads the run of a folder.
 *
 * @throws Error where there is none
 */
export function readRun(folder: string): Run {
  return JSON.parse(readFileSync(join(folder, FILE), "utf8")) as Run;
}
