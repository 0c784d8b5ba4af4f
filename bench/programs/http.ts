// Lets `wrk` ask an HTTP server for some seconds, from another CPU where there is one, and reports the CPU time that
// the server took: http.js SERVER… PORT SECONDS CONNECTIONS, where SERVER prints the port that it listens at.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { argv } from "node:process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { otherCpu } from "./cpus.js";
import { parameters, report } from "./work.js";

const [program, ...args] = argv.slice(2, -3) as [string, ...string[]];
const { amount: seconds, size: connections } = parameters();

const server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
process.on("exit", () => server.kill());
const [port] = (await once(createInterface(server.stdout), "line")) as [string];

/** Seconds of CPU time that all threads of the server have had, proc(5). */
function used(): number {
  const threads = readdirSync(`/proc/${server.pid}/task`);
  const times = threads.map((id) =>
    Number(readFileSync(`/proc/${server.pid}/task/${id}/schedstat`, "utf8").split(" ")[0]),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e9;
}

/** How many requests were answered, of which none went wrong. */
async function ask(duration: number): Promise<number> {
  const url = `http://127.0.0.1:${port}/`;
  const wrk = ["wrk", "-t1", `-c${connections}`, `-d${duration}s`, url];
  const { stdout } = await promisify(execFile)("taskset", ["--cpu-list", otherCpu(), ...wrk]);
  const wrong = /Socket errors.*|Non-2xx.*/.exec(stdout)?.[0];
  if (wrong !== undefined) throw new Error(wrong);
  return Number(/(\d+) requests in/.exec(stdout)![1]);
}

await ask(1); // to warm up
const before = used();
const requests = await ask(seconds);
report(used() - before, requests);
server.kill();
