// A command of WASI 0.2 in a thread of its own: what run() gives to a module, it gives to a component.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { run, type Denied, type RunOptions } from "wasi-sockets";
import { prepare, run as runPrepared, type Prepared } from "#host/run/index";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { command as shell, start } from "../support/cli.js";
import { makeCommand, makeFolder, missing as noJco } from "../support/components.js";
import { freePort, nodeServer } from "../support/peers.js";
import { Sink, descriptors, polling } from "../support/run.js";
import { loopback } from "../support/sockets.js";
import { missing as noWasi } from "../support/wasi.js";

const missing = noJco ?? noWasi;
if (missing !== undefined) console.warn(`left out: ${missing}`);

/** The order of wasi:sockets/network's error codes. */
const ACCESS_DENIED = 100 + 1;
const NEW_SOCKET_LIMIT = 100 + 10;

const portOf = ({ address }: { address: object }) => (address as { port: number }).port;

describe.skipIf(missing !== undefined)("a command of WASI 0.2", () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let path: string;
  let command: Prepared;

  beforeAll(async () => {
    folder = await makeFolder();
    path = await makeCommand("0.2", folder.path);
    const { signal } = new AbortController();
    command = await prepare(path, {}, signal);
    await runPrepared(command, { args: ["command"], stdout: null }); // what Node opens once is open
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  /** Runs it: its exit code, and what it wrote. */
  async function outcome(works: string, options: RunOptions = {}) {
    const stdout = new Sink();
    const args = ["command", ...works.split(" ")];
    const code = await runPrepared(command, { args, stdout, ...options });
    return { code, stdout: stdout.text };
  }

  test.each([
    ["exit 42", 42],
    ["exit 0", 0],
    ["fail", 1],
    ["nothing", 0],
  ])("of %j ends with %j", async (works, code) => {
    expect(await outcome(works)).toEqual({ code, stdout: "" });
  });

  test("that traps is a RuntimeError, whose stack is no longer than one", async () => {
    const error: unknown = await outcome("trap").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    expect((error as Error).stack!.length).toBeLessThan(10_000);
  });

  test("finds its variables, and no others", async () => {
    const env = { A: "one=two" };
    expect(await outcome("variable 0 A", { env })).toEqual({ code: 0, stdout: "one=two\n" });
    expect(await outcome("variable 0 PATH", { env })).toEqual({ code: 0, stdout: "(none)\n" });
  });

  test("reads its standard input to the end, and writes its output", async () => {
    const bytes = randomBytes(300_001);
    const stdin = new PassThrough();
    stdin.end(bytes);
    const stdout = new Sink();
    expect(await runPrepared(command, { args: ["command", "cat"], stdin, stdout })).toBe(0);
    expect(stdout.bytes.equals(bytes)).toBe(true);
  });

  test("talks to whom it is allowed to, by its bytes as well as by its path", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    const allow = { connect: [`tcp:127.0.0.1:${portOf(server)}`] };
    const works = `converse ${portOf(server)} hello`;
    expect(await outcome(works, { allow })).toEqual({ code: 0, stdout: "hello" });
    const stdout = new Sink();
    expect(await run(path, { args: ["command", ...works.split(" ")], allow, stdout })).toBe(0);
    expect(stdout.text).toBe("hello");
  });

  test.each([
    ["returned", "", 0],
    ["exited", " 7", 7],
  ])("that has %s has sent all that it wrote, once its peer reads", async (_, code, status) => {
    const listener = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    onTestFinished(() => void listener.close());
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    const accepted = once(listener, "connection") as Promise<[Socket]>;
    const stdout = new Sink();
    const ended = runPrepared(command, {
      args: ["command", ...`pour ${port}${code}`.split(" ")],
      allow: { connect: [`tcp:127.0.0.1:${port}`] },
      stdout,
    });
    const [socket] = await accepted;
    await stdout.said("\n");
    let count = 0;
    for await (const chunk of socket) count += (chunk as Buffer).length;
    expect(count).toBe(Number(stdout.text));
    expect(await ended).toBe(status);
  });

  test("is denied what nobody allowed, and the embedder is told", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    const denied: Denied[] = [];
    const onDenied = (event: Denied) => denied.push(event);
    const allow = { connect: ["tcp:127.0.0.2:*"] };
    const port = portOf(server);
    expect(await outcome(`connect ${port}`, { allow, onDenied })).toMatchObject({
      code: ACCESS_DENIED,
    });
    expect(await outcome("serve 0 1", { onDenied })).toMatchObject({ code: ACCESS_DENIED });
    expect(await outcome("resolve 0 localhost", { onDenied })).toMatchObject({
      code: ACCESS_DENIED,
    });
    expect(denied).toMatchObject([
      { use: "tcp-connect", protocol: "tcp", address: { address: "127.0.0.1", port } },
      { use: "tcp-bind", protocol: "tcp", address: { address: "127.0.0.1", port: 0 } },
      { use: "resolve", address: "localhost" },
    ]);
  });

  test("looks up the names that it is allowed to", async () => {
    const allow = { resolve: ["localhost"] };
    expect(await outcome("resolve 0 localhost", { allow })).toEqual({
      code: 0,
      stdout: "127.0.0.1\n",
    });
  });

  test.each([
    ["it is allowed to", { allow: { bind: ["tcp:127.0.0.1:0"] } }],
    ["a module would find a listener", { listen: ["127.0.0.1:0"] }],
  ])("listens where %s, and serves node:net", async (_, options) => {
    const stdout = new Sink();
    const guest = outcome("serve 0 2", { ...options, stdout });
    await stdout.said("\n");
    for (let i = 0; i < 2; i++) {
      expect(await text(connect(Number(stdout.text), "127.0.0.1"))).toBe("served");
    }
    expect(await guest).toMatchObject({ code: 0 });
  });

  test("has no more sockets than its limit", async () => {
    const { code } = await outcome("poll", { allow: true, descriptors: 1 });
    expect(code).toBe(NEW_SOCKET_LIMIT);
  });

  test.each([
    [{ listen: ["unix:/tmp/s"] }, /has no Unix sockets: listen unix:\/tmp\/s/],
    [{ preopens: ["/etc/hosts"] }, /finds no open file: preopens \/etc\/hosts/],
  ])("with %j is refused in one line", async (options, line) => {
    const before = descriptors();
    await expect(run(path, options)).rejects.toThrow(line);
    expect(descriptors()).toEqual(before);
  });

  describe.each([
    ["recv", true],
    ["accept", true],
    ["poll", true],
    ["read", true],
    ["sleep", true],
    ["spin", false],
    ["churn", false],
  ])("in %s", (call, polls) => {
    /** Starts it, and waits until it is there. */
    async function begun(options: RunOptions) {
      const server = createServer(() => undefined).listen(0, "127.0.0.1");
      await once(server, "listening");
      onTestFinished(() => {
        server.close();
      });
      const taken = once(server, "connection") as Promise<[Socket]>;
      const before = descriptors();
      const stdout = new Sink();
      let thread: Worker | undefined;
      process.once("worker", (worker) => (thread = worker));
      const { port } = server.address() as AddressInfo;
      const ending = runPrepared(command, {
        args: ["command", call, String(port)],
        allow: true,
        stdin: new PassThrough(),
        stdout,
        stderr: new Writable({ write: () => undefined }),
        ...options,
      }).then(
        (code) => ({ code }),
        (error: unknown) => ({ error }),
      );
      await stdout.said("ready\n");
      while (polls && !polling()) await turn();
      const after = async () => {
        const found = await ending;
        if (call === "recv" || call === "poll") {
          const [peer] = await taken;
          peer.on("error", () => undefined);
          peer.destroy();
          await once(peer, "close");
        }
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

    // Not where it opens and closes all the time: see tests/run-end.test.ts.
    if (call === "churn") return;

    test("is ended by whoever terminates its thread, and leaves no descriptor", async () => {
      const { after, thread } = await begun({});
      await thread.terminate();
      const { found, before, now } = await after();
      expect(found).toEqual({ error: new Error("the guest's thread ended with exit code 1") });
      expect(now).toEqual(before);
    });
  });

  test("is ended while jco transpiles it", async () => {
    const controller = new AbortController();
    const before = descriptors();
    process.once("worker", (worker) => {
      worker.once("online", () => {
        controller.abort(new Error("early"));
      });
    });
    await expect(run(path, { signal: controller.signal })).rejects.toThrow("early");
    expect(descriptors()).toEqual(before);
  });

  describe("on the command line", () => {
    test("has its exit code, its arguments and its variables", async () => {
      expect(await shell("--env", "A=1", path, "variable", "0", "A")).toEqual({
        status: 0,
        stdout: "1\n",
        stderr: "",
      });
      expect((await shell(path, "exit", "7")).status).toBe(7);
      expect(await shell(path, "trap")).toMatchObject({
        status: 134,
        stderr: expect.stringMatching(/^wasi-sockets: [^\n]*unreachable[^\n]*\n$/) as string,
      });
    });

    test("is traced, and what it was denied as well", async () => {
      await using server = await nodeServer(loopback("inet"), "echo");
      const port = portOf(server);
      const allow = ["--allow-connect", `tcp:127.0.0.1:${port}`];
      const { stderr } = await shell("--trace", ...allow, path, "converse", String(port), "hi");
      const address = `{AF_INET, 127.0.0.1:${port}}`;
      expect(stderr.replace(/ <\d+ µs>/g, "").split("\n")).toEqual([
        'create-tcp-socket("ipv4") = #1',
        "instance-network() = #2",
        `tcp-socket.start-connect(#1, #2, ${address}) = ok`,
        "tcp-socket.subscribe(#1) = #3",
        "pollable.block(#3) = ok",
        "tcp-socket.finish-connect(#1) = [#4, #5]",
        'output-stream.blocking-write-and-flush(#5, "hi") = ok',
        'input-stream.blocking-read(#4, 2) = "hi"',
        'output-stream.blocking-write-and-flush(#6, "hi") = ok',
        "",
      ]);
      const denied = await shell("--trace", path, "connect", String(port));
      expect(denied.status).toBe(ACCESS_DENIED);
      expect(
        denied.stderr
          .replace(/ <\d+ µs>/g, "")
          .split("\n")
          .slice(2, 4),
      ).toEqual([
        `--- denied tcp-connect tcp ${address} ---`,
        `tcp-socket.start-connect(#1, #2, ${address}) = access-denied`,
      ]);
    });

    test("is ended by its time limit, and by Ctrl-C", async () => {
      const late = await shell("--timeout", "10", path, "sleep");
      expect(late).toMatchObject({ status: 124, stdout: "ready\n" });
      const child = start(path, "sleep");
      await once(child.stdout, "data");
      const exit = once(child, "exit");
      child.kill("SIGINT");
      expect(await exit).toEqual([130, null]);
    });

    test("listens at one port, by several instances", async () => {
      const port = await freePort();
      const address = `127.0.0.1:${port}`;
      const child = start("--listen", address, "--workers", "2", path, "serve", String(port), "1");
      const status = once(child, "exit");
      const said = text(child.stdout);
      const served: string[] = [];
      while (child.exitCode === null && served.length < 2) {
        // One that is not there yet, or any more, refuses or resets.
        const heard = await text(connect(port, "127.0.0.1")).catch(() => "");
        if (heard !== "") served.push(heard);
      }
      expect(served).toEqual(["served", "served"]);
      // Each writes its number and then the end of its line, and nothing keeps the other from writing in between.
      expect((await said).replaceAll("\n", "")).toBe(`${port}${port}`);
      expect(await status).toEqual([0, null]);
    });

    test.each([["--wait", "suspend", /wait "suspend" is for modules/]])(
      "with %s %s is refused: one line, and exit code 2",
      async (option, value, line) => {
        const { status, stdout, stderr } = await shell(option, value, path);
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).toMatch(line);
        expect(stderr.split("\n")).toHaveLength(2);
      },
    );
  });

  test("that nobody gives an interface is refused by its name", async () => {
    const bytes = await readFile(path);
    const from = Buffer.from("wasi:cli/environment@0.2");
    const other = Buffer.from("wasi:cli/environmint@0.2");
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at)) bytes.set(other, at);
    const odd = path.replace("command.wasm", "odd.wasm");
    writeFileSync(odd, bytes);
    const { status, stderr } = await shell(odd);
    expect(status).toBe(2);
    expect(stderr).toMatch(/imports wasi:cli\/environmint@0\.2\.\d+, which nobody gives\n$/);
  });
});
