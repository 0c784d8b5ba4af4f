// The table on the terminal.

import type { Result } from "./measure.js";
import { columns, type Column, type Row } from "./rows.js";

const NOTHING = "–";
const NO_COMPILER = "no compiler";

/** A column of the table. */
interface Field {
  readonly title: string;
  readonly align: "left" | "right";
  /** What stands in it; `result` is undefined where the row failed. */
  readonly cell: (row: Row, result: Result | undefined) => string;
}

/** The fields of a table of some rows: a contender that none of them has is left out. */
function fieldsOf(rows: readonly Row[]): Field[] {
  const present = columns.filter((column) =>
    rows.some(({ contenders }) => contenders[column] !== undefined),
  );
  const others = present.filter((column) => column !== "ours");
  return [
    { title: "work", align: "left", cell: (row) => row.work },
    ...present.map((column): Field => ({ title: column, align: "right", cell: figure(column) })),
    ...others.map((column): Field => ({
      title: `ours / ${column}`,
      align: "right",
      cell: ratio(column),
    })),
    { title: "target", align: "left", cell: target },
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
    return spread === undefined ? NO_COMPILER : `${digits(spread.median)} ${row.unit.label}`;
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

function target({ target, unit }: Row): string {
  if (target === undefined) return NOTHING;
  const bound = unit.better === "less" ? "≤" : "≥";
  return `${bound} ${target.limit} ${target.of === undefined ? unit.label : `× ${target.of}`}`;
}

function verdict({ target, unit }: Row, result: Result | undefined): string {
  if (result === undefined) return "failed";
  if (target === undefined) return "";
  const { figures, ratios } = result;
  const reached = target.of === undefined ? figures.get("ours") : ratios.get(target.of);
  if (reached === undefined) return "not measured";
  const { median } = reached;
  const good = unit.better === "less" ? median <= target.limit : median >= target.limit;
  return good ? "ok" : "missed";
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
