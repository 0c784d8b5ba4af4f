// The examples, run as a user would: the echo server and the passed connection. The echo server is run as well
// where the kernel has no epoll, by a runner that says so.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { Example, Running, compileExample } from "./support/examples.js";
import { kernel, made } from "./support/platforms.js";

const LISTENING = /^listening on 127\.0\.0\.1:(\d+)$/;

beforeAll(async () => {
  await Promise.all(["echo", "pass"].map(compileExample));
});

async function connected(port: string): Promise<Socket> {
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Sends bytes and the end, and expects the very same back. */
async function expectEcho(socket: Socket, bytes: Uint8Array): Promise<void> {
  socket.end(bytes);
  const echoed = await buffer(socket);
  expect(echoed.equals(bytes)).toBe(true);
}

const built = (path: string) => new URL(`../build/${path}`, import.meta.url).href;

/** As examples/echo.ts, on another platform. */
const RUNNER = `
  import { Worker } from "node:worker_threads";
  import { waker } from ${JSON.stringify(built("host/index.js"))};
  const interrupt = await waker();
  const options = { eval: true, execArgv: [], workerData: interrupt.descriptor };
  const worker = new Worker(process.argv[1], options);
  worker.on("message", (line) => console.log(line));
  process.once("SIGINT", () => interrupt.wake());
`;
const WORKER = `
  const { parentPort, workerData: wake } = require("node:worker_threads");
  import(${JSON.stringify(built("host/instantiate.js"))}).then(async ({ host }) => {
    const source = new URL(${JSON.stringify(built("examples/echo.wasm"))});
    const options = { allow: { bind: ["tcp:127.0.0.1:0"] }, wake };
    const guest = await host(source, options, ${JSON.stringify(made.platform)});
    parentPort.postMessage("listening on 127.0.0.1:" + guest.exports.open(0));
    parentPort.postMessage("served " + guest.exports.serve() + " connections");
    guest.dispose();
  });
`;

describe.each<{ epoll: string; start: () => Running }>([
  { epoll: kernel.epoll, start: () => new Example("echo") },
  {
    epoll: made.epoll,
    start: () =>
      new Running([process.execPath, "--input-type=module", "--eval", RUNNER, "--", WORKER]),
  },
])("echo, by $epoll", ({ start }) => {
  test("200 connections at once get every byte back, and Ctrl+C ends it", async () => {
    await using echo = start();
    const port = await echo.line(LISTENING);

    const sockets = await Promise.all(Array.from({ length: 200 }, () => connected(port)));
    await Promise.all(sockets.map((socket) => expectEcho(socket, randomBytes(100_000))));

    echo.interrupt();
    expect(await echo.rest()).toEqual(["served 200 connections"]);
  });

  test("a peer that sends much before it reads anything gets every byte, and holds up no other", async () => {
    await using echo = start();
    const port = await echo.line(LISTENING);
    const greedy = await connected(port);
    const other = await connected(port);

    const bytes = randomBytes(1 << 25);
    greedy.write(bytes);
    await expectEcho(other, randomBytes(1000));
    greedy.end();
    expect((await buffer(greedy)).equals(bytes)).toBe(true);

    echo.interrupt();
    expect(await echo.rest()).toEqual(["served 2 connections"]);
  });

  test("a peer that resets its connection takes no other down", async () => {
    await using echo = start();
    const port = await echo.line(LISTENING);
    const rude = await connected(port);
    const other = await connected(port);

    rude.write("never read");
    rude.resetAndDestroy();
    await expectEcho(other, randomBytes(1000));

    echo.interrupt();
    expect(await echo.rest()).toEqual(["served 2 connections"]);
  });
});

test("pass: a guest serves the connection that another guest accepted, after that one has ended", async () => {
  await using pass = new Example("pass");
  const client = await connected(await pass.line(LISTENING));
  const lines = createInterface(client)[Symbol.asyncIterator]();

  const said = [await pass.line(/(.*)/), await pass.line(/(.*)/)];
  expect(said.sort()).toEqual([`serving 127.0.0.1:${client.localPort}`, "the sender has ended"]);

  for (const word of ["hello", "здравствуйте"]) {
    client.write(`${word}\n`);
    expect((await lines.next()).value).toBe(word.toUpperCase());
  }
  client.end();
  expect(await lines.next()).toMatchObject({ done: true });
  expect(await pass.rest()).toEqual([]);
});
