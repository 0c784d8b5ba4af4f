// The soak: connects, sends, aborts, ports, guests and threads that are ended, at random, for minutes. In the end
// no byte has differed, and the process has of the machine what it had after its first seconds.

import { readFile } from "node:fs/promises";
import { argv, execPath, exit, version } from "node:process";
import { parseArgs } from "node:util";
import { open } from "wasi-sockets/promises";
import { serve } from "../processes.js";
import { prepareGuest, program } from "../tools.js";
import { Random } from "./random.js";
import { sample, type Resources } from "./resources.js";
import { works, type Scene, type Work } from "./works.js";

const USAGE = `npm run soak -- [--seconds N] [--settle N] [--seed N] [--only NAME]…

  --seconds N  how long: 300
  --settle N   after how many of them the process is first looked at: 10
  --seed N     what the random choices begin with: the time
  --only NAME  only this work, may be repeated: ${works.map(({ name }) => name).join(", ")}
  --help       this text`;

const RESOURCES = ["descriptors", "handles", "memory"] as const;

/** How many works are under way at once. */
const CONCURRENT = 32;
/** How far from each other the first look and the last one may be. */
const TOLERANCE = 0.05;
/**
 * Bytes that koffi leaves behind in each thread that has loaded it, however that ends: 59 KB on Node 20 and 24, where
 * a thread without it leaves 10 KB.
 */
const LEFT_BY_KOFFI = 64 * 1024;
/** Below so many seconds the memory of a process that has just begun is not judged. */
const LONG = 60;

interface Options {
  readonly seconds: number;
  readonly settle: number;
  readonly seed: number;
  readonly works: readonly Work[];
}

function readWork(name: string): Work {
  const work = works.find((work) => work.name === name);
  if (work !== undefined) return work;
  throw new TypeError(`--only ${name} is not one of ${works.map(({ name }) => name).join(", ")}`);
}

function readOptions(args: string[]): Options {
  const number = (name: string, text: string): number => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new TypeError(`--${name} ${text} is not a whole number`);
  };
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "300" },
      settle: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 1e9) },
      only: { type: "string", multiple: true },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    exit();
  }
  return {
    seconds: number("seconds", values.seconds),
    settle: number("settle", values.settle),
    seed: number("seed", values.seed),
    works: values.only?.map(readWork) ?? works,
  };
}

const counts = new Map<string, number>();
let moved = 0;

/** Does one work at random. */
async function one(scene: Scene, works: readonly Work[], random: Random): Promise<void> {
  let share = random.below(works.reduce((sum, { share }) => sum + share, 0));
  const { name, run } = works.find((work) => (share -= work.share) < 0)!;
  try {
    const count = await run(scene, random);
    moved += count;
  } catch (error) {
    throw new Error(`${name} with seed ${random.seed}`, { cause: error });
  }
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

let begun = 0;

/** Keeps so many works under way until a time has come, and waits for the last of them. */
async function load(scene: Scene, { seed, works }: Options, until: number): Promise<void> {
  const lane = async () => {
    while (performance.now() < until) await one(scene, works, new Random(seed + begun++));
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}

/** How many threads have had koffi by now. */
function threads(): number {
  return (counts.get("thread") ?? 0) + (counts.get("run") ?? 0);
}

/**
 * What differs too much.
 *
 * @param allowed bytes of memory that are more for a known reason
 */
function differences(first: Resources, last: Resources, allowed: number): string[] {
  const kept = { ...last, memory: Math.max(first.memory, last.memory - allowed) };
  return RESOURCES.filter(
    (name) => Math.abs(kept[name] - first[name]) > TOLERANCE * first[name],
  ).map((name) => `${name}: ${first[name]}, and ${last[name]} in the end`);
}

async function soak(options: Options): Promise<string[]> {
  const { seconds, settle, seed } = options;
  const wasm = await prepareGuest();
  const server = await serve([execPath, program("peer"), "echo"]);
  const net = await open();
  try {
    const scene: Scene = {
      net,
      at: { family: "inet", address: "127.0.0.1", port: Number(server.line) },
      guest: await WebAssembly.compile(await readFile(wasm)),
    };
    const start = performance.now();
    await load(scene, options, start + settle * 1000);
    const first = await sample();
    const threadsBefore = threads();
    await load(scene, options, start + seconds * 1000);
    const last = await sample();
    const done = Array.from(counts, ([name, count]) => `${name} ${count}`).join(", ");
    console.log(`Node ${version}, seed ${seed}, ${seconds} s: ${done}`);
    console.log(`${moved} bytes came back as they were sent`);
    for (const name of RESOURCES) {
      console.log(`${name}: ${first[name]} after ${settle} s, ${last[name]} in the end`);
    }
    const allowed = seconds < LONG ? Infinity : (threads() - threadsBefore) * LEFT_BY_KOFFI;
    return differences(first, last, allowed);
  } finally {
    net.dispose();
    await server.stop();
  }
}

try {
  const wrong = await soak(readOptions(argv.slice(2)));
  for (const line of wrong) console.error(`soak: ${line}`);
  exit(wrong.length > 0 ? 1 : 0);
} catch (error) {
  console.error("soak:", error);
  exit(1);
}
