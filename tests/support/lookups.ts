// Look-ups in processes of their own, whose names are resolved by their own port 53.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Host } from "./namespaces.js";

/** The URL of a file of the host, compiled. */
export const built = (file: string) => new URL(`../../build/host/${file}`, import.meta.url).href;

/** What such a process may import. */
export const PACKAGE = built("index.js");
export const PROMISES = built("promises.js");
export const NET = built("api/net.js");
export const ASYNC_NET = built("api/promises.js");

/** Runs JavaScript on a host whose names are resolved by its own port 53, and gives what it prints as JSON. */
export async function runOn(host: Host, program: string): Promise<unknown> {
  const node = [process.execPath, "--input-type=module", "--eval", program];
  const [command, ...args] = [...host.resolving("127.0.0.1"), ...node];
  const { stdout } = await promisify(execFile)(command!, args, { timeout: 25_000 });
  return JSON.parse(stdout) as unknown;
}

/**
 * JavaScript of a server that answers no question before it is told to.
 *
 * Its `question(name)` is a promise of `[query, from]`, `answer(query, from, last)` gives it the address 192.0.2.7, or
 * one with another last byte, and `settled(count)` comes back once the process has so many descriptors.
 */
export const SERVER = `
  import { createSocket } from "node:dgram";
  import { once } from "node:events";
  import { readdirSync } from "node:fs";

  const server = createSocket("udp4");
  server.bind(53, "127.0.0.1");
  await once(server, "listening");
  const questions = new Map();
  const awaited = new Map();
  server.on("message", (...asked) => {
    const name = asked[0].toString("latin1", 13, 13 + asked[0][12]);
    questions.set(name, asked);
    awaited.get(name)?.(asked);
  });
  const question = (name) =>
    questions.get(name) ?? new Promise((resolve) => awaited.set(name, resolve));
  const answer = (query, { port, address }, last = 7) => {
    const reply = Buffer.concat([query, Buffer.from("c00c00010001000000780004c00002", "hex"), Buffer.of(last)]);
    reply.writeUInt16BE(0x8180, 2);
    reply.writeUInt16BE(1, 6);
    server.send(reply, port, address);
  };
  const descriptors = () => readdirSync("/proc/self/fd").length;
  const settled = async (count) => {
    while (descriptors() > count) await new Promise((resolve) => setImmediate(resolve));
  };
`;
