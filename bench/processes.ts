// The processes that a bench starts: pinned to one CPU, and ended with it whatever happens.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * The CPU that every process is pinned to, so that CPU work counts and not wake-ups; undefined where
 * none is.
 */
export const cpu: number | undefined = findCpu();

function findCpu(): number | undefined {
  try {
    const allowed = /^Cpus_allowed_list:.*?(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"));
    execFileSync("taskset", ["--cpu-list", allowed![1]!, execPath, "--version"]);
    return Number(allowed![1]);
  } catch {
    return undefined; // no taskset, or not Linux
  }
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

function start(command: Command) {
  const [program, ...args]: Command =
    cpu === undefined ? command : ["taskset", "--cpu-list", String(cpu), ...command];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** The line that matters of what a program complained about: Node shows where before it says what. */
function reason(complaint: string): string | undefined {
  const lines = complaint.split("\n").filter((line) => line.trim() !== "");
  return lines.find((line) => /^(Uncaught )?[A-Za-z.]*Error\b/.test(line)) ?? lines.at(-1);
}

/** No measurement takes as long, in milliseconds: a program that does is stuck, and ended. */
const LIMIT = 300_000;

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws Error with its standard error where it fails
 */
export async function output(command: Command): Promise<string> {
  const child = start(command);
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT);
  const ended = once(child, "close") as Promise<[code: number | null, signal: string | null]>;
  const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code, signal] = await ended;
  clearTimeout(timer);
  if (code === 0) return out;
  throw new Error(reason(complaint) ?? `${command[0]} ended with ${signal ?? `exit code ${code}`}`);
}

/** A program that serves until it is stopped. */
export interface Server {
  /** The first line that it printed. */
  readonly line: string;
  stop(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws Error where it ends before it has printed a line
 */
export async function serve(command: Command): Promise<Server> {
  const child = start(command);
  const ended = once(child, "close");
  const failed = text(child.stderr).then((complaint) => {
    throw new Error(reason(complaint) ?? `${command[0]} ended before it served`);
  });
  failed.catch(() => undefined); // of no interest once it serves
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), failed])) as [
    string,
  ];
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { line, stop };
}
