// The command line.

import { parseArgs } from "node:util";
import type { Row } from "./row.js";
import { rows } from "./rows.js";
import { source } from "./tools.js";

export const USAGE = `npm run bench -- [--quick] [--rounds N] [--only NAME]… [--check] [--out FOLDER]
npm run bench -- --draw [--out FOLDER]

  --quick      less work and fewer rounds: a look, not a measurement
  --rounds N   how often every contender has its turn: 7, with --quick 3
  --only NAME  only this row, may be repeated: ${rows.map(({ name }) => name).join(", ")}
  --check      fails where a ratio is worse than its line in bench/limits.json by more than its spread
  --out FOLDER where results.json and the charts go: bench/results after all rows, else nowhere
  --draw       measures nothing, and draws the charts of that folder's results.json
  --help       this text`;

export interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly check: boolean;
  readonly draw: boolean;
  /** Where the results go, if anywhere. */
  readonly out: string | undefined;
  readonly help: boolean;
}

function readRounds(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new TypeError(`--rounds ${text} is not a number from 1 to 9999`);
}

function readRow(name: string): Row {
  const row = rows.find((row) => row.name === name);
  if (row !== undefined) return row;
  const names = rows.map(({ name }) => name).join(", ");
  throw new TypeError(`--only ${name} is not one of ${names}`);
}

/**
 * Reads the command line.
 *
 * @throws TypeError that says what is wrong with it
 */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string", multiple: true },
      check: { type: "boolean", default: false },
      draw: { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, help, check, draw, rounds = quick ? "3" : "7" } = values;
  const all = values.only === undefined && !quick;
  const out = values.out ?? (all || draw ? source("bench/results") : undefined);
  const named = values.only?.map(readRow) ?? rows;
  return { quick, help, check, draw, out, rounds: readRounds(rounds), rows: named };
}
