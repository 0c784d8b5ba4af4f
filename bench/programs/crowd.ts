// Many suspended guests in one thread, each with a connection of its own to an echo server in another process:
// crowd.js WASM PORT GUESTS SIZE. No guest sends before all are connected. What is reported is the resident
// memory that all of them take, while each waits for its echo.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { argv, execPath, memoryUsage } from "node:process";
import { createInterface } from "node:readline";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { instantiate } from "wasi-sockets";
import { parameters, report } from "./work.js";

interface Exports {
  dial(port: number): void;
  echo(guest: number, size: number): number;
}

const { amount: guests, size } = parameters();

/** Starts the server, which sends back what it receives once it has as many connections as there are guests. */
async function server(): Promise<{ port: number; stop: () => void }> {
  const program = fileURLToPath(new URL("peer.js", import.meta.url));
  const child = spawn(execPath, [program, "echo"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { port: Number(line), stop: () => child.kill() };
}

const module = await WebAssembly.compile(await readFile(argv[2]!));
const { port, stop } = await server();
global.gc!();
const before = memoryUsage.rss();

const allow = { connect: [`tcp:127.0.0.1:${port}`] };
const guest = () => instantiate<Exports>(module, { allow, wait: "suspend" });
const crowd: Awaited<ReturnType<typeof guest>>[] = [];
for (let i = 0; i < guests; i++) crowd.push(await guest());
for (const { exports } of crowd) await exports.dial(port);

const echoes = crowd.map(({ exports }, i) => exports.echo(i, size));
global.gc!();
const after = memoryUsage.rss();

let moved = 0;
for (const count of await Promise.all(echoes)) moved += count;
for (const guest of crowd) guest.dispose();
stop();
report(after - before, moved);
