// A command of WASI 0.3 in a thread of its own, which is suspended while it waits.

import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Worker } from "node:worker_threads";
import type { Denied, RunOptions } from "wasi-sockets";
import { prepare, run, type Prepared } from "#host/run/index";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeCommand, makeFolder, missing as noJco } from "../support/components.js";
import { freePort, nodeServer } from "../support/peers.js";
import { descriptors } from "../support/run.js";
import { loopback } from "../support/sockets.js";
import { missing as noWasi } from "../support/wasi.js";

const missing = noJco ?? noWasi;
if (missing !== undefined) console.warn(`left out: ${missing}`);

/** The order of wasi:sockets/types' error codes. */
const ACCESS_DENIED = 100;
const CONNECTION_REFUSED = 109;

const portOf = ({ address }: { address: object }) => (address as { port: number }).port;

describe.skipIf(missing !== undefined)("a command of WASI 0.3", () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let command: Prepared;

  beforeAll(async () => {
    folder = await makeFolder();
    const { signal } = new AbortController();
    const path = await makeCommand("0.3", folder.path);
    command = await prepare(path, { trace: true }, signal);
    await run(command, { args: [], stdout: null }); // what Node opens once is open
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  const outcome = (works: string, options: RunOptions = {}) =>
    run(command, { args: ["command", ...works.split(" ")], ...options });

  test.each([
    ["exit 42", 42],
    ["exit 0", 0],
    ["fail", 1],
    ["nothing", 0],
  ])("of %j ends with %j", async (works, code) => {
    expect(await outcome(works)).toBe(code);
  });

  test("that traps is a RuntimeError", async () => {
    await expect(outcome("trap")).rejects.toThrow(WebAssembly.RuntimeError);
  });

  test("connects where it is allowed to; where not, the embedder and the trace are told", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    const port = portOf(server);
    const denied: Denied[] = [];
    const lines: string[] = [];
    const options = {
      onDenied: (event: Denied) => denied.push(event),
      trace: (line: string) => lines.push(line.replace(/ <\d+ µs>/, "")),
    };
    const allow = { connect: [`tcp:127.0.0.1:${port}`] };
    expect(await outcome(`connect ${port}`, { ...options, allow })).toBe(0);
    expect(denied).toEqual([]);
    expect(await outcome(`connect ${port}`, options)).toBe(ACCESS_DENIED);
    expect(denied).toMatchObject([{ use: "tcp-connect", address: { address: "127.0.0.1", port } }]);
    const address = `{AF_INET, 127.0.0.1:${port}}`;
    expect(lines).toEqual([
      'tcp-socket.create("ipv4") = #1',
      `tcp-socket.connect(#1, ${address}) = ok`,
      'tcp-socket.create("ipv4") = #1',
      `--- denied tcp-connect tcp ${address} ---`,
      `tcp-socket.connect(#1, ${address}) = access-denied`,
    ]);
  });

  test("learns that nobody listens", async () => {
    expect(await outcome(`connect ${await freePort()}`, { allow: true })).toBe(CONNECTION_REFUSED);
  });

  describe.each(["wait", "spin"])("in %s", (work) => {
    /** Starts it, and waits until it has connected. */
    async function begun(options: RunOptions) {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => {
        server.close();
      });
      const before = descriptors();
      let thread: Worker | undefined;
      process.once("worker", (worker) => (thread = worker));
      const { port } = server.address() as AddressInfo;
      const ending = outcome(`${work} ${port}`, { allow: true, ...options }).then(
        (code) => ({ code }),
        (error: unknown) => ({ error }),
      );
      const [peer] = (await once(server, "connection")) as [Socket];
      const after = async () => {
        const found = await ending;
        peer.on("error", () => undefined).destroy();
        if (!peer.closed) await once(peer, "close");
        return { found, before, now: descriptors() };
      };
      return { thread: thread!, after };
    }

    test("is ended by a signal, and leaves no descriptor", async () => {
      const controller = new AbortController();
      const { after } = await begun({ signal: controller.signal });
      const reason = new Error("enough");
      controller.abort(reason);
      const { found, before, now } = await after();
      expect(found).toEqual({ error: reason });
      expect(now).toEqual(before);
    });

    test("is ended by its time limit, and leaves no descriptor", async () => {
      const { after } = await begun({ timeout: 2000 });
      const { found, before, now } = await after();
      expect(found).toMatchObject({ error: { name: "TimeoutError" } });
      expect(now).toEqual(before);
    });
  });
});
