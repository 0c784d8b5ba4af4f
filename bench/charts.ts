// The charts that README shows, from a run: which rows stand in which, and the SVG of each.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { element, svg, text } from "./svg.js";
import type { RecordedRow, Run } from "./record.js";
import type { Column } from "./row.js";

interface Chart {
  /** The name of its file, without ".svg". */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly string[];
  /** Where the axis ends, in times of C; longer bars are cut, and their labels say how long they are. */
  readonly end: number;
}

export const charts: readonly Chart[] = [
  {
    name: "round-trips",
    title: "Time, in times of C: less is better",
    rows: ["pingpong-1", "pingpong", "pingpong-1024", "pingpong-16384", "unix-pingpong", "udp"],
    end: 3,
  },
  {
    name: "streams",
    title: "Throughput, in times of C: more is better",
    rows: ["send", "send-1024k", "receive", "receive-1024k", "unix-send", "unix-receive"],
    end: 1.4,
  },
];

/** What is drawn, and its class in the style sheet. */
const drawn: readonly { column: Column; label: string; kind: string }[] = [
  { column: "ours", label: "wasi-sockets", kind: "ours" },
  { column: "C", label: "C", kind: "c" },
  { column: "node", label: "Node", kind: "node" },
  { column: "preview2-shim", label: "preview2-shim", kind: "shim" },
];

// Pixels.
const WIDTH = 840;
const LEFT = 300;
const RIGHT = 130;
const BAR = 14;
const GAP = 14;
const HEAD = 44;
const FOOT = 30;
const SCALE = WIDTH - LEFT - RIGHT;

/** Three digits that count. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A column in times of C, as the table has it: by the ratios of the rounds, whatever the machine did between them. */
function timesOfC({ ratios }: RecordedRow, column: Column): number {
  if (column === "C") return 1;
  return ratios.C!.median / (column === "ours" ? 1 : ratios[column]!.median);
}

/** A column's bar: its length in pixels and its label. */
function bar(row: RecordedRow, column: Column, chart: Chart, y: number, kind: string): string {
  const figure = row.figures[column]!.median;
  const times = timesOfC(row, column);
  const length = (Math.min(times, chart.end) / chart.end) * SCALE;
  const label = `${digits(figure)} ${row.unit} · ${times.toFixed(2)}${times > chart.end ? " →" : ""}`;
  return (
    element("rect", { class: kind, x: LEFT, y, width: length, height: BAR - 2 }) +
    text(label, { class: "figure", x: LEFT + length + 6, y: y + BAR - 4 })
  );
}

function legend(present: typeof drawn): string {
  return present
    .map(({ label, kind }, i) => {
      const x = LEFT + i * 124;
      return (
        element("rect", { class: kind, x, y: 26, width: 10, height: 10 }) +
        text(label, { class: "figure", x: x + 15, y: 35 })
      );
    })
    .join("");
}

/**
 * Draws a chart.
 *
 * @returns SVG; undefined where the run has none of its rows
 */
export function draw(chart: Chart, run: Run): string | undefined {
  const rows = chart.rows.flatMap((name) =>
    run.rows.filter((row) => row.name === name && row.figures.C !== undefined),
  );
  if (rows.length === 0) return undefined;
  const present = drawn.filter(({ column }) => rows.some((row) => row.figures[column]));
  let y = HEAD;
  let body = text(chart.title, { class: "title", x: 0, y: 16 }) + legend(present);
  for (const row of rows) {
    const bars = drawn.filter(({ column }) => row.figures[column]);
    const middle = y + (bars.length * BAR) / 2 + 4;
    body += text(row.work, { class: "work", x: LEFT - 10, y: middle });
    for (const { column, kind } of bars) {
      body += bar(row, column, chart, y, kind);
      y += BAR;
    }
    y += GAP;
  }
  const one = LEFT + SCALE / chart.end;
  body += element("line", { class: "one", x1: one, x2: one, y1: HEAD - 4, y2: y - GAP });
  const how = `${run.quick ? "a quick look, " : ""}medians of ${run.rounds} rounds`;
  const source = `${run.machine}, ${run.date.slice(0, 10)}, ${how}`;
  body += text(source, { class: "source", x: 0, y: y + 8 });
  return svg(WIDTH, y + FOOT - GAP, chart.title, body);
}

/** Draws all charts that a run has rows for, into a folder. */
export function drawAll(run: Run, folder: string): void {
  for (const chart of charts) {
    const drawing = draw(chart, run);
    if (drawing !== undefined) writeFileSync(join(folder, `${chart.name}.svg`), drawing);
  }
}
