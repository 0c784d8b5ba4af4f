// Lets `wrk` ask an HTTP server for some seconds, from another CPU where there is one, and reports the CPU time that
// the server took: http.js SERVER… PORT SECONDS CONNECTIONS, where SERVER prints the port that it listens at.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { argv } from "node:process";
import { createInterface } from "node:readline";
import { otherCpu } from "./cpus.js";
import { parameters, report } from "./work.js";
import { wrk } from "./wrk.js";

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

const cpu = otherCpu();
await wrk(port, connections, 1, cpu); // to warm up
const before = used();
const requests = await wrk(port, connections, seconds, cpu);
report(used() - before, requests);
server.kill();
