// Measures a row: its contenders in turns, round after round, so that whatever else the machine does
// meanwhile falls on all of them.

import { output, serve, type Command } from "./processes.js";
import { columns, contestants, type Column, type Row } from "./row.js";
import { spread, type Spread } from "./statistics.js";
import type { Tools } from "./tools.js";

/** What a row came to. */
export interface Result {
  /** The figures of each contender that took part. */
  readonly figures: ReadonlyMap<Column, Spread>;
  /** Our figure divided by each other's, round by round. */
  readonly ratios: ReadonlyMap<Column, Spread>;
}

export interface Plan {
  readonly rounds: number;
  readonly quick: boolean;
  /** Told before each measurement. */
  readonly progress: (round: number, column: Column) => void;
}

/** What a program printed that was told where its peer listens. */
async function run(row: Row, tools: Tools, command: Command, amount: number): Promise<string> {
  const args = [String(amount), String(row.size)];
  if (row.peer === undefined) return output([...command, "0", ...args]);
  // One of its own for each: the connections of the one before would take the next one's local ports, TIME_WAIT of tcp(7).
  const peer = await serve([...tools.peer, row.peer]);
  try {
    return await output([...command, peer.line, ...args]);
  } finally {
    await peer.stop();
  }
}

/** One measurement: a figure, from a program that did all that it was asked to. */
async function once(row: Row, tools: Tools, command: Command, amount: number): Promise<number> {
  const line = await run(row, tools, command, amount);
  const [quantity, moved] = line.trim().split(" ").map(Number) as [number, number];
  const wanted = row.moves(amount, row.size);
  const good = row.atLeast === true ? moved >= wanted : moved === wanted;
  if (!good) throw new Error(`moved ${moved} instead of ${wanted}`);
  return row.unit.figure(quantity, row.atLeast === true ? moved : amount);
}

/**
 * Measures a row.
 *
 * @throws Error where a contender failed in any round
 */
export async function measure(row: Row, tools: Tools, plan: Plan): Promise<Result> {
  const amount = plan.quick ? row.quick : row.amount;
  const figures = new Map<Column, number[]>();
  for (let round = 1; round <= plan.rounds; round++) {
    for (const column of columns) {
      const command = row.contenders[column]?.(tools);
      if (command === undefined) continue;
      plan.progress(round, column);
      const share = Math.ceil(amount * contestants[column].share);
      const figure = await once(row, tools, command, share).catch((error: unknown) => {
        throw new Error(`${column}, round ${round}: ${(error as Error).message}`);
      });
      figures.set(column, [...(figures.get(column) ?? []), figure]);
    }
  }
  return { figures: mapValues(figures, spread), ratios: ratiosOf(figures) };
}

function ratiosOf(figures: ReadonlyMap<Column, readonly number[]>): Map<Column, Spread> {
  const ours = figures.get("ours")!;
  return mapValues(figures, (theirs) => spread(ours.map((figure, i) => figure / theirs[i]!)));
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
