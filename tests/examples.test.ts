// The examples, run as a user would: the echo server and the passed connection. The echo server is run as well
// where the kernel has no epoll, by a runner that says so. Both guests are run under the host in C as well.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test as named } from "vitest";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Example, Running, compileExample } from "./support/examples.js";
import { NativeGuest, nativeProgram, noNative } from "./support/native.js";
import { kernel, made } from "./support/platforms.js";

const LISTENING = /^listening on 127\.0\.0\.1:(\d+)$/;

const native = { echo: "", pass: "" };

beforeAll(async () => {
  for (const name of ["echo", "pass"] as const) {
    await compileExample(name);
    const wasm = new URL(`../build/examples/${name}.wasm`, import.meta.url);
    if (noNative === "") native[name] = await nativeProgram(readFileSync(wasm));
  }
});

/** What a test needs of an echo server. */
type Echo = Pick<Running, "line" | "rest" | "interrupt"> & AsyncDisposable;

/** The echo server's guest under the host in C, which says what its runner does. */
class NativeEcho implements Echo {
  readonly #guest = new NativeGuest(native.echo, ["--allow-all"]);
  #served: Promise<number> = Promise.resolve(0);

  async line(pattern: RegExp): Promise<string> {
    const port = await this.#guest.number("open", 0);
    this.#served = this.#guest.number("serve");
    return pattern.exec(`listening on 127.0.0.1:${port}`)![1]!;
  }

  interrupt(): void {
    this.#guest.interrupt();
  }

  async rest(): Promise<string[]> {
    return [`served ${await this.#served} connections`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#guest[Symbol.asyncDispose]();
  }
}

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

describe.each<{ epoll: string; start: () => Echo; missing?: string }>([
  { epoll: kernel.epoll, start: () => new Example("echo") },
  {
    epoll: made.epoll,
    start: () =>
      new Running([process.execPath, "--input-type=module", "--eval", RUNNER, "--", WORKER]),
  },
  { epoll: "the host in C", start: () => new NativeEcho(), missing: noNative },
])("echo, by $epoll", ({ start, missing = "" }) => {
  const test = missing === "" ? named : named.skip;

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

/** A connection of a client to the sender's port, whose lines the receiver answers in capitals. */
async function expectCapitals(client: Socket): Promise<void> {
  const lines = createInterface(client)[Symbol.asyncIterator]();
  for (const word of ["hello", "здравствуйте"]) {
    client.write(`${word}\n`);
    expect((await lines.next()).value).toBe(word.toUpperCase());
  }
  client.end();
  expect(await lines.next()).toMatchObject({ done: true });
}

named(
  "pass: a guest serves the connection that another guest accepted, after that one has ended",
  async () => {
    await using pass = new Example("pass");
    const client = await connected(await pass.line(LISTENING));

    const said = [await pass.line(/(.*)/), await pass.line(/(.*)/)];
    expect(said.sort()).toEqual([`serving 127.0.0.1:${client.localPort}`, "the sender has ended"]);

    await expectCapitals(client);
    expect(await pass.rest()).toEqual([]);
  },
);

named.skipIf(noNative !== "")(
  `pass, by the host in C: a descriptor travels from one process to another ${noNative}`,
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-pass-"));
    try {
      const path = join(directory, "socket");
      await using receiver = new NativeGuest(native.pass, ["--allow-all"]);
      let served: Promise<number>;
      let client: Socket;
      {
        await using sender = new NativeGuest(native.pass, ["--allow-all"]);
        const port = await sender.number("open", path);
        const passed = sender.number("pass");
        served = receiver.number("serve", path);
        client = await connected(String(port));
        expect(await passed).toBe(0);
      }
      await expectCapitals(client);
      expect(await served).toBe(0);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);
