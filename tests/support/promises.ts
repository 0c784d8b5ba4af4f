// What tests of wasi-sockets/promises share, and programs that use it in a process of their own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { text } from "node:stream/consumers";
import type { Address } from "wasi-sockets";
import type { AsyncNet } from "wasi-sockets/promises";
import { expect } from "vitest";
import { errnoOf, listening, loopback } from "./sockets.js";

/** Two TCP sockets of this process that are connected to each other. */
export async function connectedPair(net: AsyncNet): Promise<[client: number, server: number]> {
  const { listener, address } = listening(net, loopback("inet"));
  const client = net.socket("inet", "stream");
  const [server] = await Promise.all([net.accept(listener), net.connect(client, address)]);
  net.close(listener);
  return [client, server];
}

/** A UDP socket with an address. */
export function datagrams(net: AsyncNet): [fd: number, address: Address] {
  const fd = net.socket("inet", "datagram");
  net.bind(fd, loopback("inet"));
  return [fd, net.getsockname(fd)];
}

/** Lets the event loop go round, so that whoever can go on has done so. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** Whether a promise is settled, after some turns of the event loop. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  await turns();
  return settled;
}

/** Expects a promise to be rejected by a SocketError. */
export async function expectRejection(
  promise: Promise<unknown>,
  code: string,
  rest: object = {},
): Promise<void> {
  const error = { name: "SocketError", code, errno: errnoOf(code), ...rest };
  await expect(promise).rejects.toMatchObject(error);
}

/** Everything that a stream still has to give. */
export async function receiveAll(net: AsyncNet, fd: number): Promise<Buffer> {
  const chunk = new Uint8Array(65536);
  const chunks: Buffer[] = [];
  for (;;) {
    const count = await net.recv(fd, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(Buffer.from(chunk.subarray(0, count)));
  }
}

/** The bytes of text, and the text of bytes. */
export const bytes = (of: string) => Buffer.from(of, "latin1");

const PRELUDE = `
  import { once } from "node:events";
  const [library, promises] = process.argv.slice(1);
  const { open: openBlocking } = await import(library);
  const { open } = await import(promises);
  const loopback = { family: "inet", address: "127.0.0.1", port: 0 };
  const fds = (await import("node:fs")).readdirSync.bind(null, "/proc/self/fd");
`;

/** How a program of its own ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/**
 * Runs a program in a process of its own, until it ends by itself, or is killed after 20 seconds.
 *
 * @param program JavaScript: `open` is that of wasi-sockets/promises, `openBlocking` that of wasi-sockets
 * @param prefix what goes before its command
 */
export async function run(program: string, prefix: readonly string[] = []): Promise<Ended> {
  const libraries = ["wasi-sockets", "wasi-sockets/promises"].map((name) =>
    import.meta.resolve(name),
  );
  const node = [process.execPath, "--input-type=module", "-e", `${PRELUDE}${program}`];
  const [command, ...args] = [...prefix, ...node, ...libraries];
  const child = spawn(command!, args, {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  const [output, [code, signal]] = await Promise.all([
    text(child.stdout),
    once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, output };
}
