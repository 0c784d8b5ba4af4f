// npm run bench: the table, measured here and now. A row that failed says why, and makes the exit code 1, as a
// ratio beyond its line does with --check; a target that was missed does not.

import { argv, exit } from "node:process";
import { drawAll } from "./charts.js";
import { beyondLimits, readLimits } from "./check.js";
import { machine } from "./machine.js";
import { measure, type Result } from "./measure.js";
import { readOptions, USAGE, type Options } from "./options.js";
import { endProgress, showProgress } from "./progress.js";
import { readRun, record, writeRun, type Run } from "./record.js";
import type { Row } from "./row.js";
import { table } from "./table.js";
import { prepareTools } from "./tools.js";

const LEGEND = `Medians of all rounds; in brackets the first and the third quartile of the rounds' ratios.
In µs, ms, B and KiB less is better, in GB/s, M/s and k/s more.`;

function optionsOrExit(): Options {
  try {
    return readOptions(argv.slice(2));
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    exit(2);
  }
}

/** Why some rows cannot be measured here: each reason once. */
function tellMissing(reasons: ReadonlyMap<string, string>): void {
  for (const reason of new Set(reasons.values())) {
    const names = [...reasons].filter(([, other]) => other === reason).map(([name]) => name);
    console.error(`bench: left out for ${reason}: ${names.join(", ")}`);
  }
}

async function bench({ rows: wanted, rounds, quick, check, out }: Options): Promise<void> {
  showProgress("compiling");
  const tools = await prepareTools();
  const missing = new Map(wanted.map(({ name, lacks }) => [name, lacks?.(tools)] as const));
  const rows = wanted.filter(({ name }) => missing.get(name) === undefined);
  const results = new Map<Row, Result | undefined>();
  for (const [i, row] of rows.entries()) {
    const progress = (round: number, column: string): void => {
      showProgress(`${i + 1}/${rows.length} ${row.work}: round ${round} of ${rounds}, ${column}`);
    };
    const result = measure(row, tools, { rounds, quick, progress });
    results.set(row, await result.catch(failure(row)));
  }
  endProgress();
  tellMissing(
    new Map([...missing].flatMap(([name, why]) => (why === undefined ? [] : [[name, why]]))),
  );
  console.log(`${machine()}, rounds: ${rounds}\n\n${table(results)}\n\n${LEGEND}`);
  const run = record(results, machine(), rounds, quick);
  if (out !== undefined) {
    writeRun(run, out);
    drawAll(run, out);
  }
  if (check) holdAgainstLimits(run);
}

function holdAgainstLimits(run: Run): void {
  const beyond = beyondLimits(run, readLimits());
  for (const line of beyond) console.error(`bench: ${line}`);
  if (beyond.length > 0) process.exitCode = 1;
}

/** What becomes of a row whose measurement threw: a line that says why, and no figures. */
function failure(row: Row): (error: unknown) => undefined {
  return (error) => {
    endProgress();
    console.error(`bench: ${row.name}: ${(error as Error).message}`);
    process.exitCode = 1;
  };
}

// An interrupted bench ends its processes and removes its files, as one that is done.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => exit(1));

const options = optionsOrExit();
if (options.help) console.log(USAGE);
else if (options.draw) drawAll(readRun(options.out!), options.out!);
else await bench(options);
