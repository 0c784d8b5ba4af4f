// The bench itself: what it prints is what was measured, and its lines and charts are those of its rows.

import { readFileSync } from "node:fs";
import { execPath } from "node:process";
import { expect, test } from "vitest";
import { charts, draw } from "../bench/charts.js";
import { beyondLimits, type Limits } from "../bench/check.js";
import { measure } from "../bench/measure.js";
import type { RecordedRow, Run } from "../bench/record.js";
import { all, type Contender, type Row } from "../bench/row.js";
import { rows } from "../bench/rows.js";
import { table } from "../bench/table.js";
import type { Tools } from "../bench/tools.js";
import { units } from "../bench/units.js";

const limits = JSON.parse(
  readFileSync(new URL("../bench/limits.json", import.meta.url), "utf8"),
) as Limits;

const tools: Tools = {
  wasm: "",
  crowd: "",
  empty: "",
  worker: "",
  c: undefined,
  cGuests: undefined,
  components: undefined,
  http: undefined,
  peer: [execPath],
};
const plan = { rounds: 2, quick: false, progress: () => undefined };

/** A row of ten bytes, whose contender is a program of Node. */
function rowOf(source: string): Row {
  return {
    name: "row",
    work: "a work",
    contenders: { ours: () => [execPath, "--eval", source] },
    amount: 10,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.bytes,
  };
}

test("a row's figure is what its program measured for an amount", async () => {
  const { figures } = await measure(rowOf("console.log('25 10')"), tools, plan);
  expect(figures.get("ours")).toEqual({ low: 2.5, median: 2.5, high: 2.5 });
});

test.each([
  [
    "moved fewer bytes than it should",
    "console.log('25 9')",
    "ours, round 1: moved 9 instead of 10",
  ],
  ["moved more", "console.log('25 11')", "ours, round 1: moved 11 instead of 10"],
  ["says nothing", "", "ours, round 1: moved undefined instead of 10"],
  ["failed", "throw new Error('no luck')", "ours, round 1: Error: no luck"],
])("a row whose program %s has no figure", async (_, source, reason) => {
  await expect(measure(rowOf(source), tools, plan)).rejects.toThrow(reason);
});

test.each([
  [20, 10, 30, "ok"],
  [20, 10, 20, "missed: node"],
  [30, 28, 30, "missed: node (C itself: 0.93)"],
])("of %d beside %d in C and %d of Node, at most 0.9 × Node, the table says %j", async (...row) => {
  const [ours, c, node, verdict] = row;
  const program =
    (figure: number): Contender =>
    () => [execPath, "--eval", `console.log('${figure} 10')`];
  const measured: Row = {
    ...rowOf(""),
    contenders: { ours: program(ours), C: program(c), node: program(node) },
    target: { of: "node", limit: 0.9 },
  };
  const lines = table(new Map([[measured, await measure(measured, tools, plan)]])).split("\n");
  expect(lines.at(-1)!.endsWith(`≤ 0.900 × node  ${verdict}`)).toBe(true);
});

test("no two rows have the same name", () => {
  const names = rows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("each line of limits.json is of a row and of a contender that it has", () => {
  for (const [name, lines] of Object.entries(limits)) {
    const row = rows.find((row) => row.name === name);
    expect(row, name).toBeDefined();
    for (const column of Object.keys(lines)) expect(Object.keys(row!.contenders)).toContain(column);
  }
});

test("each row of a chart is one of the bench", () => {
  const names = rows.map(({ name }) => name);
  for (const chart of charts) for (const name of chart.rows) expect(names).toContain(name);
});

function recorded(better: "less" | "more", low: number, median: number, high: number): Run {
  const spread = (value: number) => ({ low: value, median: value, high: value });
  const row: RecordedRow = {
    name: "pingpong",
    work: "a & b <c>",
    unit: "µs",
    better,
    figures: { ours: spread(3 * median), C: spread(3), node: spread(5) },
    ratios: { C: { low, median, high }, node: spread(1.6) },
    targets: [],
  };
  return {
    date: "2026-01-02T03:04:05.000Z",
    machine: "a machine",
    rounds: 7,
    quick: false,
    rows: [row],
  };
}

test.each([
  ["less", 1.1, 1.15, 1.2, 1.1, []],
  ["less", 1.1, 1.25, 1.2, 1.1, ["pingpong: 1.25 × C (1.10–1.20) is above its line, 1.1"]],
  ["more", 0.8, 0.85, 0.9, 0.9, []],
  ["more", 0.8, 0.75, 0.85, 0.9, ["pingpong: 0.75 × C (0.80–0.85) is under its line, 0.9"]],
] as const)(
  "a ratio of which %s is better, %d to %d to %d, beside a line at %d",
  (better, low, median, high, line, beyond) => {
    expect(beyondLimits(recorded(better, low, median, high), { pingpong: { C: line } })).toEqual(
      beyond,
    );
  },
);

test("a chart shows each figure, and its bars are as long as the ratios to C are large", () => {
  const chart = charts.find(({ rows }) => rows.includes("pingpong"))!;
  const drawing = draw(chart, recorded("less", 2, 2, 2))!;
  expect(drawing).toContain(">6.00 µs · 2.00<");
  expect(drawing).toContain(">3.00 µs · 1.00<");
  expect(drawing).toContain(">5.00 µs · 1.25<"); // the ratio to C by that to it: 2 / 1.6
  expect(drawing).toContain("a &#38; b &#60;c&#62;");
  const widthOf = (kind: string): number => {
    const bars = drawing.matchAll(new RegExp(`class="${kind}".*width="([\\d.]+)"`, "g"));
    return Number([...bars].at(-1)![1]); // the first one is the legend's
  };
  expect(widthOf("ours") / widthOf("c")).toBeCloseTo(2, 2);
});

test("the charts that README shows are those of the results beside them", () => {
  const folder = new URL("../bench/results/", import.meta.url);
  const run = JSON.parse(readFileSync(new URL("results.json", folder), "utf8")) as Run;
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const chart of charts) {
    const name = `${chart.name}.svg`;
    expect(readme).toContain(`(bench/results/${name})`);
    expect(readFileSync(new URL(name, folder), "utf8")).toBe(draw(chart, run));
  }
});
