// C guests of wasi_snapshot_preview1 and of its extensions, beside real peers.

import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { instantiate, run } from "wasi-sockets";
import { WASI } from "wasi-sockets/preview1";
import { describe, expect } from "vitest";
import { compileC } from "./support/c.js";
import { nodeDatagrams } from "./support/peers.js";
import { Program, scratchPath } from "./support/programs.js";
import { Sink } from "./support/run.js";
import { compileWasi, testWithWasi, wasiBytes } from "./support/wasi.js";

const cli = fileURLToPath(new URL("../build/host/cli.js", import.meta.url));
const execute = promisify(execFile);

/** What a guest of bench/c/wasm exports. */
type Work = (port: number, amount: number, size: number) => number;
type Works = Record<"pingpong" | "send" | "receive", Work>;

describe("a server of standard preview1, with wasi-libc", () => {
  testWithWasi("echoes what Node sends, at a listener that `run` gives it", async () => {
    const path = scratchPath("echo");
    const bytes = randomBytes(300_001);
    const stdout = new Sink();
    const module = await compileWasi("tests/c/echo.c", "command");
    const guest = run(module, { listen: [`unix:${path}`], stdout });
    await stdout.said("ready\n");
    const socket = connect({ path, allowHalfOpen: true });
    socket.end(bytes);
    expect((await buffer(socket)).equals(bytes)).toBe(true);
    expect(await guest).toBe(0);
    expect(stdout.text).toBe("ready\n300001 bytes\n");
  });

  testWithWasi(
    "echoes what socat sends, hosted by the class of wasi-sockets/preview1",
    async () => {
      const bytes = randomBytes(300_001);
      const path = scratchPath("output");
      const stdout = openSync(path, "w");
      using wasi = new WASI({ listen: ["127.0.0.1:0"], stdout });
      const [{ fd, address }] = wasi.sockets as [(typeof wasi.sockets)[0]];
      expect(fd).toBe(3);
      const { port } = address as { port: number };
      const module = await WebAssembly.compile(await wasiBytes("tests/c/echo.c", "command"));
      await using client = new Program("socat", ["-t5", "-", `TCP:127.0.0.1:${port}`], bytes);
      expect(wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()))).toBe(0);
      expect((await client.output()).equals(bytes)).toBe(true);
      closeSync(stdout);
      expect(readFileSync(path, "utf8")).toBe("ready\n300001 bytes\n");
    },
  );

  testWithWasi("finds a connection that was opened for it", async () => {
    const listening = new Sink();
    const path = scratchPath("connection");
    const module = await compileWasi("tests/c/echo.c", "command");
    const guest = run(module, { listen: [`unix:${path}`], stdout: listening });
    await listening.said("ready\n");
    // The same functions, of a connection: it is no listener, and says so.
    const output = scratchPath("connection-output");
    const stdout = openSync(output, "w");
    using wasi = new WASI({ connect: [`unix:${path}`], stdout });
    const imports = wasi.getImportObject();
    const other = await WebAssembly.compile(readFileSync(module));
    expect(wasi.start(await WebAssembly.instantiate(other, imports))).toBe(1);
    closeSync(stdout);
    expect(readFileSync(output, "utf8")).toBe("ready\naccept: errno 28\n"); // preview1's INVAL
    wasi.dispose();
    expect(await guest).toBe(0);
    expect(listening.text).toBe("ready\n0 bytes\n");
  });
});

/** Instantiates a guest of an ABI. */
async function start(abi: string): Promise<{ works: Works } & Disposable> {
  const bytes = await wasiBytes("bench/c/wasm/tcp.c", "module", [`-DABI="${abi}.h"`]);
  const allow = { connect: ["tcp:127.0.0.1:*"] };
  if (abi === "bsd") {
    const { exports, ...guest } = await instantiate<Works>(bytes, { allow });
    return {
      works: exports,
      [Symbol.dispose]: () => {
        guest[Symbol.dispose]();
      },
    };
  }
  const wasi = new WASI({ allow });
  const { instance } = await WebAssembly.instantiate(bytes, { ...wasi.getImportObject() });
  wasi.initialize(instance);
  return {
    works: instance.exports as Works,
    [Symbol.dispose]: () => {
      wasi[Symbol.dispose]();
    },
  };
}

/** Starts the C peer of the bench: its port. */
async function peer(behaviour: "echo" | "sink" | "source"): Promise<{ port: number } & Disposable> {
  const source = `#include "${fileURLToPath(new URL("../bench/c/peer.c", import.meta.url))}"\n`;
  const program = spawn(await compileC("peer", source), [behaviour], { timeout: 20_000 });
  const [line] = (await once(createInterface(program.stdout), "line")) as [string];
  return { port: Number(line), [Symbol.dispose]: () => void program.kill("SIGKILL") };
}

describe.each(["bsd", "wasmedge", "wamr"])("the same C client through %s", (abi) => {
  testWithWasi("plays ping-pong with a C server", async () => {
    using server = await peer("echo");
    using guest = await start(abi);
    expect(guest.works.pingpong(server.port, 500, 64)).toBe(500 * 64);
  });

  testWithWasi("sends 32 MiB that all arrive", async () => {
    using server = await peer("sink");
    using guest = await start(abi);
    expect(guest.works.send(server.port, 32 << 20, 65_536)).toBe(32 << 20);
  });

  testWithWasi("receives 32 MiB", async () => {
    using server = await peer("source");
    using guest = await start(abi);
    expect(guest.works.receive(server.port, 32 << 20, 65_536)).toBe(32 << 20);
  });
});

describe("`wasi-sockets run` of a C program for WasmEdge", () => {
  const allow = ["--allow-resolve", "localhost", "--allow-connect", "localhost:*"];

  testWithWasi(
    "resolves a name, and gets its datagram back from the port that it was sent to",
    async () => {
      await using echo = await nodeDatagrams("inet", true);
      const module = await compileWasi("tests/c/resolve.c", "command");
      const args = [cli, "run", ...allow, module, "localhost", String(echo.address.port)];
      const { stdout } = await execute(process.execPath, args, { timeout: 20_000 });
      expect(stdout).toBe(
        `127.0.0.1 port ${echo.address.port}\n` +
          `a question of WASI, 18 bytes of 127.0.0.1 port ${echo.address.port}\n`,
      );
    },
  );

  testWithWasi("ends where it may not resolve: ACCES", async () => {
    const module = await compileWasi("tests/c/resolve.c", "command");
    const args = [cli, "run", module, "localhost", "9"];
    await expect(execute(process.execPath, args, { timeout: 20_000 })).rejects.toMatchObject({
      code: 1,
      stdout: "getaddrinfo: 2\n",
    });
  });

  testWithWasi("is traced, its errors by their names", async () => {
    const module = await compileWasi("tests/c/resolve.c", "command");
    const args = [cli, "run", "--trace", module, "localhost", "9"];
    const failure = (await execute(process.execPath, args, { timeout: 20_000 }).catch(
      (error: unknown) => error,
    )) as { stderr: string };
    expect(failure.stderr).toMatch(
      /^sock_getaddrinfo\("localhost", 9, "9", 1, 0x\w+, 0x\w+, 1, 0x\w+\) = 2 ACCES <\d+ µs>$/m,
    );
    expect(failure.stderr).toMatch(/^--- denied resolve .*"localhost" ---$/m);
  });

  testWithWasi("is what `wasi-sockets inspect` says it is", async () => {
    const module = await compileWasi("tests/c/resolve.c", "command");
    const { stdout } = await execute(process.execPath, [cli, "inspect", module]);
    expect(stdout).toContain(
      "wasi_snapshot_preview1 with WasmEdge's sockets, version 2, which wasi-sockets hosts",
    );
    expect(stdout).toContain("--allow-resolve   for sock_getaddrinfo");
  });
});
