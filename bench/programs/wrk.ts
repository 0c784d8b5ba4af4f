// wrk, the load generator for HTTP.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** For an answer: a thousand connections at once are more than some servers have room for, and are dialled again. */
const TIMEOUT = "10s";

/**
 * Asks an HTTP server on loopback as often as it answers.
 *
 * @param seconds how long
 * @param cpus where wrk may run, as taskset(1) has it
 * @returns how many requests were answered
 * @throws Error where one was not, or with another status than 2xx
 */
export async function wrk(
  port: number | string,
  connections: number,
  seconds: number,
  cpus: string,
): Promise<number> {
  const url = `http://127.0.0.1:${port}/`;
  const command = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", TIMEOUT, url];
  const { stdout } = await promisify(execFile)("taskset", ["--cpu-list", cpus, ...command]);
  const wrong = /Socket errors.*|Non-2xx.*/.exec(stdout)?.[0];
  if (wrong !== undefined) throw new Error(wrong);
  return Number(/(\d+) requests in/.exec(stdout)![1]);
}
