// npm run load: a guest that serves 10,000 connections at once, 100,000 in a row, and slow readers; on loopback, with
// both ends in processes of their own. It prints what it measured, and fails where a connection was not answered.
//
//   node build/bench/load/run.js WASM [--held N] [--short N] [--slow N] [--json]

import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Counts } from "./server.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    held: { type: "string", default: "10000" },
    short: { type: "string", default: "100000" },
    slow: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const wasm = positionals[0]!;
/** What a process has open beside its connections. */
const BESIDE = 200;
const PAGE = 4096;

/** A process of the load, which is told things by lines and tells them so. */
class Party {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(name: string, ...args: (string | number)[]) {
    const program = fileURLToPath(new URL(`${name}.js`, import.meta.url));
    const node = [program, ...args.map(String)];
    this.#process = spawn(execPath, node, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface(this.#process.stdout!)[Symbol.asyncIterator]();
    process.on("exit", () => this.#process.kill());
  }

  async next<Message>(): Promise<Message> {
    const line = await this.#lines.next();
    if (line.done) throw new Error("a process of the load has ended");
    return JSON.parse(line.value) as Message;
  }

  go(): void {
    this.#process.stdin!.write("\n");
  }

  end(): void {
    this.#process.stdin!.end();
  }

  /** Its resident memory in bytes, proc_pid_statm(5). */
  get resident(): number {
    const statm = readFileSync(`/proc/${this.#process.pid}/statm`, "utf8");
    return Number(statm.split(" ")[1]) * PAGE;
  }
}

/** What a client tells. */
interface Told {
  readonly connected: number;
  readonly answered: number;
  readonly held: number;
  readonly whole: number;
  readonly seconds: number;
  readonly errors: number;
}

/** What was measured of one work. */
type Figures = Record<string, number>;

/** Lets clients do a work on a new server. */
async function under(
  work: string,
  count: number,
  measure: (client: Party, server: Party) => Promise<Figures>,
): Promise<Figures> {
  const server = new Party("server", wasm, count + BESIDE);
  const port = await server.next<number>();
  const client = new Party("client", work, port, count);
  const figures = await measure(client, server);
  server.end();
  const { accepted, most, stalls, errors, memory } = await server.next<Counts>();
  return { ...figures, accepted, most, stalls, errors: figures["errors"]! + errors, memory };
}

const works: Record<"held" | "short" | "slow", (count: number) => Promise<Figures>> = {
  held: (count) =>
    under("hold", count, async (client, server) => {
      const before = server.resident;
      const made = await client.next<Told>();
      const bytesEach = (server.resident - before) / count;
      client.go();
      const { answered, seconds, errors } = await client.next<Told>();
      const acceptsPerSecond = made.connected / made.seconds;
      const { connected } = made;
      return {
        connected,
        acceptsPerSecond,
        bytesEach,
        answered,
        answersPerSecond: answered / seconds,
        errors,
      };
    }),
  short: (count) =>
    under("short", count, async (client, server) => {
      const before = server.resident;
      const { answered, seconds, errors } = await client.next<Told>();
      return { answered, perSecond: answered / seconds, growth: server.resident - before, errors };
    }),
  slow: (count) =>
    under("slow", count, async (client, server) => {
      const before = server.resident;
      const { held } = await client.next<Told>();
      const growth = server.resident - before;
      client.go();
      const { answered, seconds } = await client.next<Told>();
      client.go();
      const { whole, errors } = await client.next<Told>();
      return { held, growth, answered, perSecond: answered / seconds, whole, errors };
    }),
};

const figures: Record<string, Figures> = {};
for (const [name, work] of Object.entries(works)) {
  figures[name] = await work(Number(values[name as keyof typeof works]));
  if (!values.json) {
    console.log(`${name} ${values[name as keyof typeof works]}`);
    for (const [what, figure] of Object.entries(figures[name])) {
      console.log(`  ${what.padEnd(18)} ${Math.round(figure).toLocaleString("en")}`);
    }
  }
}
if (values.json) console.log(JSON.stringify(figures));
