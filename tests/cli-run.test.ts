// `wasi-sockets run`: a guest to its end, as a shell has it.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { command, start } from "./support/cli.js";
import { compileGuest } from "./support/guest.js";
import { freePort } from "./support/peers.js";
import { scratchPath } from "./support/programs.js";

const WASI = `
  @external("wasi_snapshot_preview1", "proc_exit") declare function exit(code: i32): void;
  @external("wasi_snapshot_preview1", "args_sizes_get")
  declare function argsSizes(count: usize, size: usize): i32;
  @external("wasi_snapshot_preview1", "environ_sizes_get")
  declare function environSizes(count: usize, size: usize): i32;
`;

const GUESTS = {
  exits: `${WASI} export function _start(): void { exit(7); }`,
  returns: `export function _start(): void {}`,
  traps: `export function _start(): void { unreachable(); }`,
  // Exits with the number of its arguments, its own name among them, and ten times its variables.
  counts: `${WASI}
    const sizes = memory.data(8);
    export function _start(): void {
      argsSizes(sizes, sizes + 4);
      const args = load<i32>(sizes);
      environSizes(sizes, sizes + 4);
      exit(args + 10 * load<i32>(sizes));
    }`,
  // Connects to the port that stands in it; exits with the error number.
  connects: `${WASI}
    import { AF, Inet, SOCK, connect, errno, socket } from "wasi-sockets/assembly";
    export function _start(): void {
      if (connect(socket(AF.INET, SOCK.STREAM, 0), new Inet("127.0.0.1", PORT)) < 0) exit(errno());
    }`,
  // Waits for a datagram that never comes.
  waits: `${WASI}
    import { AF, SOCK, recv, socketpair } from "wasi-sockets/assembly";
    export function _start(): void {
      recv(socketpair(AF.UNIX, SOCK.DGRAM, 0)![0], new Uint8Array(1));
    }`,
  // Answers every connection of the listener that it finds at descriptor 3.
  serves: `
    import { accept, close, send } from "wasi-sockets/assembly";
    export function _start(): void {
      for (;;) {
        const fd = accept(3);
        if (fd < 0) return;
        send(fd, Uint8Array.wrap(String.UTF8.encode("served")));
        close(fd);
      }
    }`,
};

const paths = new Map<string, string>();

async function compiled(name: keyof typeof GUESTS, port = 0): Promise<string> {
  const path = scratchPath(`${name}.wasm`);
  writeFileSync(path, await compileGuest(GUESTS[name].replace("PORT", String(port))));
  paths.set(name, path);
  return path;
}

beforeAll(async () => {
  await compiled("exits");
  for (const name of ["returns", "traps", "counts", "waits", "serves"] as const)
    await compiled(name);
});

/** A server on a loopback port. */
async function server(): Promise<number> {
  const listener = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  onTestFinished(() => {
    listener.close();
  });
  await once(listener, "listening");
  return (listener.address() as AddressInfo).port;
}

/** What a connection gets, once somebody listens. */
async function answer(port: number): Promise<string> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      return await text(socket);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") throw error;
    }
  }
}

describe("the exit code", () => {
  test.each([
    ["exits", 7],
    ["returns", 0],
    ["counts", 1],
  ])("of a guest that %s is %j", async (name, status) => {
    expect(await command(paths.get(name)!)).toEqual({ status, stdout: "", stderr: "" });
  });

  test("is 134 where it trapped, with one line that says so", async () => {
    const { status, stderr } = await command(paths.get("traps")!);
    expect(status).toBe(134);
    expect(stderr).toMatch(/^wasi-sockets: .*traps\.wasm: unreachable\n$/);
  });

  test("is 124 where its time was up, also of a guest that is blocked", async () => {
    const { status, stderr } = await command("--timeout", "0.2", paths.get("waits")!);
    expect(status).toBe(124);
    expect(stderr).toMatch(/time is up\n$/);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("after %s is %d, also of a guest that is blocked", async (signal, status) => {
    const child = start("--trace", paths.get("waits")!);
    const exit = once(child, "exit");
    await once(child.stderr, "data"); // socketpair was traced: the guest runs
    child.kill(signal);
    expect(await exit).toEqual([status, null]);
  });

  test("is 2 where the module imports what nobody gives", async () => {
    const path = scratchPath("missing.wasm");
    const source = `@external("nowhere", "f") declare function f(): void; export function _start(): void { f(); }`;
    writeFileSync(path, await compileGuest(source));
    const { status, stderr } = await command(path);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^wasi-sockets: [^\n]*nowhere[^\n]*\n$/);
  });
});

describe("what a guest is given:", () => {
  test("the arguments behind it, options included, and its variables", async () => {
    const given = ["--env", "A=1", "--env", "B=x=y", paths.get("counts")!, "one", "--trace", "-h"];
    expect(await command(...given)).toEqual({ status: 24, stdout: "", stderr: "" });
  });

  test("permission to connect, and without it EACCES", async () => {
    const port = await server();
    const path = await compiled("connects", port);
    const endpoint = `tcp:127.0.0.1:${port}`;
    expect((await command("--allow-connect", endpoint, path)).status).toBe(0);
    expect((await command("--allow-connect", "any", path)).status).toBe(0);
    expect((await command("--allow-all", path)).status).toBe(0);
    expect((await command("--allow-connect", `udp:127.0.0.1:${port}`, path)).status).toBe(13);
    expect((await command(path)).status).toBe(13);
  });

  test("a trace of its calls on standard error, and what was denied", async () => {
    const port = await server();
    const path = await compiled("connects", port);
    const { stderr } = await command("--trace", path);
    const [first, ...rest] = stderr.replace(/ <\d+ µs>/g, "").split("\n");
    expect(first).toBe("socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3");
    expect(rest).toContain(`--- denied tcp-connect tcp {AF_INET, 127.0.0.1:${port}} ---`);
    expect(rest).toContain(
      `connect(3, {AF_INET, 127.0.0.1:${port}}, 16) = -1 EACCES (Permission denied)`,
    );
  });

  test("a socket that listens, by one instance or by several", async () => {
    for (const workers of ["1", "3"]) {
      const port = await freePort();
      const child = start(
        "--listen",
        `127.0.0.1:${port}`,
        "--workers",
        workers,
        paths.get("serves")!,
      );
      const answers = [];
      for (let i = 0; i < 20; i++) answers.push(await answer(port));
      expect(answers).toEqual(Array<string>(20).fill("served"));
      const exit = once(child, "exit");
      child.kill("SIGINT");
      expect(await exit).toEqual([130, null]);
    }
  });
});
