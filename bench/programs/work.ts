// What is timed, and how. The same works, under the same names, stand in ../c and ../assembly.

import { argv, hrtime } from "node:process";

/**
 * Does some work and gives how much of it was done: all, or it throws.
 *
 * `port` is where the peer listens, 0 for work without a peer; `amount` and `size` are explained at each.
 */
export type Work = (port: number, amount: number, size: number) => number | Promise<number>;

/** Tells the bench what was measured, and how much was done meanwhile. */
export function report(quantity: number, moved: number): void {
  console.log(`${quantity} ${moved}`);
}

/** The program's last three arguments. */
export function parameters(): { port: number; amount: number; size: number } {
  const [port, amount, size] = argv.slice(-3).map(Number) as [number, number, number];
  return { port, amount, size };
}

/**
 * Runs a work with the program's parameters twice, and times the second: V8 takes its time to compile what is called
 * often.
 */
export async function time(work: Work): Promise<void> {
  const { port, amount, size } = parameters();
  await work(port, amount, size);
  const start = hrtime.bigint();
  const moved = await work(port, amount, size);
  report(Number(hrtime.bigint() - start) / 1e9, moved);
}
