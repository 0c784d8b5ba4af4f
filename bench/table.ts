// The table on the terminal.

import type { Result } from "./measure.js";
import { columns, contestants, targetsOf, type Column, type Row, type Target } from "./row.js";

const NOTHING = "–";

/** A column of the table. */
interface Field {
  readonly title: string;
  readonly align: "left" | "right";
  /** What stands in it; `result` is undefined where the row failed. */
  readonly cell: (row: Row, result: Result | undefined) => string;
}

/** The fields of a table of some rows: no column that none of them has. */
function fieldsOf(rows: readonly Row[]): readonly Field[] {
  const present = columns.filter((column) => rows.some((row) => row.contenders[column]));
  const others = present.filter((column) => column !== "ours");
  return [
    { title: "work", align: "left", cell: (row) => row.work },
    ...present.map((column): Field => ({ title: column, align: "right", cell: figure(column) })),
    ...others.map((column): Field => ({
      title: `ours / ${column}`,
      align: "right",
      cell: ratio(column),
    })),
    { title: "target", align: "left", cell: targets },
    { title: "", align: "left", cell: verdict },
  ];
}

/** Three digits that count, but none beyond the third after the point. */
function digits(value: number): string {
  const magnitude = Math.floor(Math.log10(Math.max(Math.abs(value), 0.1)));
  return value.toFixed(Math.max(0, 2 - magnitude));
}

function figure(column: Column): Field["cell"] {
  return (row, result) => {
    if (result === undefined || row.contenders[column] === undefined) return NOTHING;
    const spread = result.figures.get(column);
    return spread === undefined
      ? contestants[column].missing
      : `${digits(spread.median)} ${row.unit.label}`;
  };
}

function ratio(column: Column): Field["cell"] {
  return (_row, result) => {
    const spread = result?.ratios.get(column);
    if (spread === undefined) return NOTHING;
    const { low, median, high } = spread;
    return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  };
}

function targets(row: Row): string {
  const { unit } = row;
  const bound = unit.better === "less" ? "≤" : "≥";
  const words = targetsOf(row).map(
    ({ of, limit }) => `${digits(limit)} ${of === undefined ? unit.label : `× ${of}`}`,
  );
  return words.length === 0 ? NOTHING : `${bound} ${words.join(", ")}`;
}

function isWithin({ unit }: Row, figure: number, limit: number): boolean {
  return unit.better === "less" ? figure <= limit : figure >= limit;
}

/** Whether a target was reached; undefined where it was not measured. */
function reached(row: Row, { figures, ratios }: Result, { of, limit }: Target) {
  const spread = of === undefined ? figures.get("ours") : ratios.get(of);
  return spread === undefined ? undefined : isWithin(row, spread.median, limit);
}

/** Who missed a target, and how far C itself is from it where that misses it as well. */
function missedBy(row: Row, { figures }: Result, { of, limit }: Target): string {
  if (of === undefined) return "ours";
  const [native, other] = [figures.get("C"), figures.get(of)];
  if (of === "C" || native === undefined || other === undefined) return of;
  const ratio = native.median / other.median;
  return isWithin(row, ratio, limit) ? of : `${of} (C itself: ${ratio.toFixed(2)})`;
}

function verdict(row: Row, result: Result | undefined): string {
  if (result === undefined) return "failed";
  const verdicts = targetsOf(row).map((target) => ({ target, good: reached(row, result, target) }));
  if (verdicts.length === 0) return "";
  if (verdicts.every(({ good }) => good === undefined)) return "not measured";
  const missed = verdicts.filter(({ good }) => good === false);
  if (missed.length === 0) return "ok";
  return `missed: ${missed.map(({ target }) => missedBy(row, result, target)).join(", ")}`;
}

/**
 * Lays out the table.
 *
 * @param results what each row came to, undefined where it failed
 * @returns lines without a newline at the end
 */
export function table(results: ReadonlyMap<Row, Result | undefined>): string {
  const fields = fieldsOf([...results.keys()]);
  const lines = [...results].map(([row, result]) => fields.map(({ cell }) => cell(row, result)));
  const titles = fields.map(({ title }) => title);
  const widths = fields.map((_, i) =>
    Math.max(...[titles, ...lines].map((line) => line[i]!.length)),
  );
  const rule = widths.map((width) => "─".repeat(width));
  return [titles, rule, ...lines]
    .map((line) => line.map((cell, i) => pad(cell, widths[i]!, fields[i]!.align)))
    .map((line) => line.join("  ").trimEnd())
    .join("\n");
}

function pad(cell: string, width: number, align: Field["align"]): string {
  return align === "left" ? cell.padEnd(width) : cell.padStart(width);
}
