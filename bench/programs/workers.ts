// Lets `wrk` ask `wasi-sockets run --workers N` for some seconds, on all CPUs: workers.js N WASM PORT SECONDS CONNECTIONS.
// What is reported is the time that it took, and how many requests were answered.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { argv, execPath } from "node:process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { allCpus } from "./cpus.js";
import { parameters, report } from "./work.js";
import { wrk } from "./wrk.js";

const [, , count, wasm] = argv as [string, string, string, string];
const { amount: seconds, size: connections } = parameters();
const cpus = allCpus().join(",");
const host = "127.0.0.1";

/** A port that was free just now: workers that share one cannot choose it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until somebody listens. */
async function untilServed(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, host);
    const served = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (served) return;
    await setTimeout(10);
  }
}

const port = await freePort();
const cli = fileURLToPath(
  new URL("build/host/cli.js", import.meta.resolve("wasi-sockets/package.json")),
);
const run = [cli, "run", "--workers", count, "--listen", `${host}:${port}`, wasm];
const server = spawn("taskset", ["--cpu-list", cpus, execPath, ...run], {
  stdio: ["ignore", "ignore", "inherit"],
});
process.on("exit", () => server.kill());
server.once("exit", (code) => {
  throw new Error(`the server ended with ${code}`);
});
await untilServed(port);

await wrk(port, connections, 1, cpus); // to warm up
const start = performance.now();
const requests = await wrk(port, connections, seconds, cpus);
report((performance.now() - start) / 1000, requests);
server.removeAllListeners("exit");
server.kill();
