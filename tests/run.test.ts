// run(): a guest in a thread of its own, and what it gets and gives.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { PassThrough, Readable, Writable } from "node:stream";
import { run, type Denied, type RunOptions } from "wasi-sockets";
import { beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { compileGuest } from "./support/guest.js";
import { nodeServer } from "./support/peers.js";
import { scratchPath } from "./support/programs.js";
import { Sink } from "./support/run.js";
import { compileCommand } from "./support/run.js";
import { errnoOf, loopback } from "./support/sockets.js";

const MIB = 1 << 20;

let command: WebAssembly.Module;
let before: string[];

beforeAll(async () => {
  command = await WebAssembly.compile(await compileCommand());
  await run(command, { args: ["guest", "args"], stdout: null }); // what Node opens once is open
});

beforeEach(() => {
  before = readdirSync("/proc/self/fd");
});

afterEach(() => {
  expect(readdirSync("/proc/self/fd")).toEqual(before);
});

/** What a guest writes to its standard output. */
async function output(args: string[], options: RunOptions = {}): Promise<string> {
  const stdout = new Sink();
  expect(await run(command, { args: ["guest", ...args], stdout, ...options })).toBe(0);
  return stdout.text;
}

describe("a WASI command", () => {
  test("gets its arguments, as they are", async () => {
    expect(await output(["args", "", "ä b"])).toBe("guest|args||ä b\n");
  });

  test("gets the environment that it is given, and nothing of this process's", async () => {
    expect(await output(["env"], { env: { A: "1", B: "=ö" } })).toBe("A=1|B==ö\n");
    expect(await output(["env"])).toBe("\n");
  });

  test.each([
    [0, 0],
    [7, 7],
    [255, 255],
    [256, 0],
    [-1, 255],
  ])("that exits with %i gives %i", async (code, expected) => {
    expect(await run(command, { args: ["guest", "exit", String(code)] })).toBe(expected);
  });

  test("moves 1 MiB from a stream to a stream, and all of it has arrived when it is done", async () => {
    const bytes = randomBytes(MIB);
    const [stdout, stderr] = [new Sink(), new Sink()];
    const stdin = Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]);
    const options = { args: ["guest", "copy"], stdin, stdout, stderr };
    expect(await run(command, options)).toBe(0);
    expect(stderr.text).toBe(`${MIB}\n`);
    expect(stdout.bytes.equals(bytes)).toBe(true);
  });

  test("moves 1 MiB from a descriptor to a descriptor", async () => {
    const bytes = randomBytes(MIB);
    const [from, to] = [scratchPath("from"), scratchPath("to")];
    writeFileSync(from, bytes);
    const [stdin, stdout] = [openSync(from, "r"), openSync(to, "w")];
    const stderr = new Sink();
    expect(await run(command, { args: ["guest", "copy"], stdin, stdout, stderr })).toBe(0);
    closeSync(stdin); // which are open still
    closeSync(stdout);
    expect(stderr.text).toBe(`${MIB}\n`);
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });

  test("reads an end and writes to nowhere where its streams are null", async () => {
    const stderr = new Sink();
    const options = { args: ["guest", "copy"], stdin: null, stdout: null, stderr };
    expect(await run(command, options)).toBe(0);
    expect(stderr.text).toBe("0\n");
  });

  test("gets EPIPE where the stream behind its output fails", async () => {
    const stdin = Readable.from([randomBytes(MIB)]);
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        done(new Error("full"));
      },
    });
    stdout.on("error", () => undefined);
    const stderr = new Sink();
    expect(await run(command, { args: ["guest", "copy"], stdin, stdout, stderr })).toBe(0);
    expect(stderr.text).toBe("-64\n"); // preview1's EPIPE
  });

  test("waits for a clock, and for its input", async () => {
    const stdin = new PassThrough();
    expect(await output(["wait", "clock", "5"], { stdin })).toBe("0x123456789abcdef0 0 1\n");
    expect(await output(["wait", "input", "5"], { stdin })).toBe("0x123456789abcdef0 0 1\n");
    stdin.write("x");
    expect(await output(["wait", "input", "1000000"], { stdin })).toBe("0x7 1 1\n");
  });

  test("closes its streams, and not this process's", async () => {
    const stderr = new Sink();
    const bytes = scratchPath("closed");
    const stdout = openSync(bytes, "w");
    expect(await run(command, { args: ["guest", "close"], stdout, stderr })).toBe(0);
    closeSync(stdout); // throws where it is closed
  });

  test("raises no signal in this process", async () => {
    expect(await output(["raise"])).toBe("58\n"); // ENOTSUP
  });
});

describe("a guest that fails", () => {
  test("of a trap rejects with its RuntimeError, and the stack of the guest", async () => {
    const error = (await run(command, { args: ["guest", "trap"] }).catch(
      (e: unknown) => e,
    )) as Error;
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(error.message).toBe("unreachable");
    expect(error.stack).toMatch(/wasm-function|wasm:/);
  });

  test("of abort rejects with what it said", async () => {
    const aborted = run(command, { args: ["guest", "abort"] });
    await expect(aborted).rejects.toThrow("guest aborted: no way (guest.ts");
  });

  test("of what it imports rejects with a LinkError", async () => {
    const source = `@external("bsd_sockets_v1", "nothing") declare function f(): void; export function main(): void { f(); }`;
    await expect(run(await compileGuest(source))).rejects.toBeInstanceOf(WebAssembly.LinkError);
  });

  test("to export anything to run rejects with a TypeError", async () => {
    const guest = await compileGuest("export function other(): void {}");
    await expect(run(guest)).rejects.toThrow(
      new TypeError("the guest exports neither a function _start nor a function main"),
    );
  });

  test("to compile rejects with a CompileError", async () => {
    await expect(run(new Uint8Array([1, 2, 3]))).rejects.toBeInstanceOf(WebAssembly.CompileError);
  });

  test("of recursion without end rejects with a RangeError", async () => {
    const source = `function f(n: i32): i32 { return f(n + 1) + 1; } export function main(): i32 { return f(0); }`;
    await expect(run(await compileGuest(source))).rejects.toBeInstanceOf(RangeError);
  });
});

test("main of an AssemblyScript guest gives its exit code, and its lines go to both outputs", async () => {
  const guest = await compileGuest(`
    export function main(): i32 { console.log("out ö"); console.error("error"); console.warn("warn"); return 0x107; }`);
  const [stdout, stderr] = [new Sink(), new Sink()];
  expect(await run(guest, { stdout, stderr })).toBe(7);
  expect(stdout.text).toBe("out ö\n");
  expect(stderr.text).toBe("error\nwarn\n");
});

describe("listen", () => {
  test.each(["127.0.0.1:0", "[::1]:0", "unix:PATH"])(
    "%s is what the guest finds at 3",
    async (entry) => {
      const path = scratchPath(`listen-${entry.length}`);
      const known = new Set(listeners());
      const listen = [entry.replace("PATH", path)];
      const stdout = new Sink();
      const done = run(command, {
        args: ["guest", "serve"],
        listen,
        stdout,
        preopens: [import.meta.filename],
      });
      await stdout.said("ready");
      const port = listeners().find((port) => !known.has(port));
      const client = entry.startsWith("unix")
        ? connect(path)
        : connect(port!, entry.startsWith("[") ? "::1" : "127.0.0.1");
      client.end("hello");
      expect(await done).toBe(0);
      // Behind the listener, a file and the connection.
      expect(stdout.text).toBe("ready\nhello 6\n");
      client.destroy();
    },
  );

  test.each([
    ["127.0.0.1", TypeError, "127.0.0.1"],
    ["unix:", TypeError, "unix:"],
    ["tcp:127.0.0.1:0", TypeError, "tcp:127.0.0.1:0"],
    ["1.2.3:0", TypeError, "1.2.3"],
    ["127.0.0.1:65536", RangeError, "65536"],
    [7, TypeError, "7"],
  ])("%s is refused by an error that names it", async (entry, kind, named) => {
    const refused = run(command, { listen: ["127.0.0.1:0", entry as string] });
    await expect(refused).rejects.toBeInstanceOf(kind);
    await expect(refused).rejects.toThrow(named);
  });

  test("at a place that is taken rejects with EADDRINUSE, unless both share it by reuseport", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    const listen = [`127.0.0.1:${"port" in server.address ? server.address.port : 0}`];
    await expect(run(command, { listen })).rejects.toMatchObject({
      name: "SocketError",
      code: "EADDRINUSE",
      syscall: "bind",
    });
    const shared = ["127.0.0.1:0", "127.0.0.1:0"];
    const options = { args: ["guest", "args"], stdout: null, listen: shared, reuseport: true };
    expect(await run(command, options)).toBe(0);
  });
});

/** The ports at which this process listens. */
function listeners(): number[] {
  const inodes = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    } catch {
      return undefined; // the descriptor that read the directory
    }
  });
  return ["/proc/self/net/tcp", "/proc/self/net/tcp6"].flatMap((file) =>
    Array.from(
      readFileSync(file, "utf8").matchAll(
        /:([0-9A-F]{4}) [0-9A-F]+:0000 0A \S+ \S+ \S+ +\d+ +\d+ (\d+)/g,
      ),
    ).flatMap(([, port, inode]) => (inodes.includes(inode) ? [parseInt(port!, 16)] : [])),
  );
}

describe("allow", () => {
  test("is nothing where it is absent: EACCES, and nobody is connected to", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    const port = "port" in server.address ? String(server.address.port) : "";
    const connects = (options?: RunOptions) => output(["dial", port], options);
    expect(await connects()).toBe(`-1 ${errnoOf("EACCES")}\n`);
    expect(await connects({ allow: { connect: [`tcp:127.0.0.1:${port}`] } })).toBe("0 0\n");
  });

  test("tells of what it refuses, from the guest's thread: one event, and run goes on where onDenied throws", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    const { address } = server;
    const events: Denied[] = [];
    const onDenied = (event: Denied) => {
      events.push(event);
      throw new Error("of no interest");
    };
    const port = "port" in address ? String(address.port) : "";
    expect(await output(["dial", port], { onDenied })).toBe(`-1 ${errnoOf("EACCES")}\n`);
    expect(events).toEqual([{ use: "tcp-connect", protocol: "tcp", address, syscall: "connect" }]);
  });

  test.each([
    ["allow", () => true],
    ["allow.connect", { connect: () => true }],
  ])("%s that is a function is refused by a TypeError that says why", async (name, allow) => {
    const refused = run(command, { allow: allow as never });
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(
      `${name} is a function: run has its guest in another thread`,
    );
  });
});

describe("what cannot be an option is refused before anything is opened", () => {
  test.each<[string, object, new () => Error]>([
    ["a timeout of 0", { timeout: 0 }, RangeError],
    ["a timeout that is no number", { timeout: "1" }, RangeError],
    ["an argument with a NUL", { args: ["a\0b"] }, TypeError],
    ["an environment of numbers", { env: { A: 1 } }, TypeError],
    ["an input that cannot be read", { stdin: new Sink() }, TypeError],
    ["an output that cannot be written", { stdout: {} }, TypeError],
    ["an allow entry that is none", { allow: { connect: ["http://80"] } }, TypeError],
    [
      "more listeners than descriptors",
      { listen: ["[::1]:0", "[::1]:0"], descriptors: 1 },
      RangeError,
    ],
  ])("%s", async (_, options, kind) => {
    await expect(run(command, options)).rejects.toBeInstanceOf(kind);
  });

  test("a descriptor that is none: EBADF", async () => {
    await expect(run(command, { stdout: 9999 })).rejects.toMatchObject({ code: "EBADF" });
  });

  test("a file that is none: ENOENT", async () => {
    const preopens = [import.meta.filename, "/nowhere"];
    await expect(run(command, { preopens })).rejects.toMatchObject({ code: "ENOENT" });
  });
});
