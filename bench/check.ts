// Holds a run against the lines of limits.json.

import { readFileSync } from "node:fs";
import type { RecordedRow, Run } from "./record.js";
import type { Column } from "./row.js";
import { source } from "./tools.js";

/** For each row, the worst that our ratio to a column may be. */
export type Limits = Readonly<Record<string, Readonly<Partial<Record<Column, number>>>>>;

/** The lines of bench/limits.json. */
export function readLimits(): Limits {
  return JSON.parse(readFileSync(source("bench/limits.json"), "utf8")) as Limits;
}

function judge(row: RecordedRow, column: Column, limit: number): string | undefined {
  const ratio = row.ratios[column];
  if (ratio === undefined) return undefined; // who did not take part is no failure of ours
  const { low, median, high } = ratio;
  const beyond = row.better === "less" ? median - limit : limit - median;
  if (beyond <= high - low) return undefined;
  const words = row.better === "less" ? "above" : "under";
  const spread = `${low.toFixed(2)}–${high.toFixed(2)}`;
  return `${row.name}: ${median.toFixed(2)} × ${column} (${spread}) is ${words} its line, ${limit}`;
}

/**
 * Which ratios are worse than their line by more than the rounds differ among themselves, a line for each.
 *
 * @param limits rows that the run does not have are passed over
 */
export function beyondLimits(run: Run, limits: Limits): string[] {
  return run.rows.flatMap((row) =>
    Object.entries(limits[row.name] ?? {}).flatMap(
      ([column, limit]) => judge(row, column as Column, limit) ?? [],
    ),
  );
}
