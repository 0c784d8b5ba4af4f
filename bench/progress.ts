// A line on standard error that says what is going on, where a person watches.

import { stderr } from "node:process";

const CLEAR = "\r\x1b[K";

/** Shows a line in the place of the last one. */
export function showProgress(line: string): void {
  if (stderr.isTTY) stderr.write(CLEAR + line.slice(0, (stderr.columns || 80) - 1));
}

/** Takes the line away. */
export function endProgress(): void {
  showProgress("");
}
