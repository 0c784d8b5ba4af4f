// What calls cost that no machine changes: system calls, memory of V8's heap, bytes of the modules.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { compileFile, compileGuest } from "./support/guest.js";
import { isMusl } from "./support/libc.js";
import { scratchPath, testWith } from "./support/programs.js";

const built = (path: string): string => fileURLToPath(new URL(`../build/${path}`, import.meta.url));

/** Bytes of a message. */
const SIZE = 64;

/** The calls that are counted, of the guest's thread alone: those about sockets, by strace's class, and poll. */
const COUNTED = "trace=%network,poll,ppoll";

/** The numbers of poll(2) and recvfrom(2); where the kernel has no poll(2), of ppoll(2) that is it. */
const WAITS = { x64: ["7", "45"], arm64: ["73", "207"] }[process.arch as "x64" | "arm64"];

/** Whether a process sleeps in poll(2) or recvfrom(2) with its first thread, proc(5): one that tries does not sleep. */
function waits(pid: number): boolean {
  const [, state] = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
  return (
    state === "S" && WAITS.includes(readFileSync(`/proc/${pid}/syscall`, "utf8").split(" ")[0]!)
  );
}

/** Answers a message when its sender waits for that, and not before. */
function echo(socket: Socket, pidOf: () => number): void {
  socket.on("data", (bytes: Buffer) => {
    const answer = (): void => {
      if (waits(pidOf())) socket.write(bytes);
      else setImmediate(answer);
    };
    answer();
  });
  socket.on("error", () => socket.destroy());
}

/** The file of the guest whose works are counted. */
const costs = compileFile("cost").then((bytes) => {
  const path = scratchPath("cost.wasm");
  writeFileSync(path, bytes);
  return path;
});

/** How often a work calls the kernel in all, warm-up included, by call. */
async function trace(wasm: string, work: string, amount: number): Promise<Map<string, number>> {
  let pid = 0;
  const server = createServer((socket) => {
    echo(socket, () => pid);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const summary = scratchPath(`${work}-${amount}`);
  const guest = [built("bench/programs/guest.js"), "block", wasm, work];
  const strace = ["-c", "-e", COUNTED, "-o", summary, execPath, ...guest];
  const child = spawn("strace", [...strace, String(port), String(amount), String(SIZE)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 25_000,
  });
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  server.on("connection", () => (pid = Number(readFileSync(children, "utf8").trim())));
  const [out] = await Promise.all([text(child.stdout), once(child, "close")]);
  server.close();
  expect(out.trim().split(" ")[1]).toBe(String(amount * SIZE));
  const lines = readFileSync(summary, "utf8").matchAll(
    /^ +[\d.]+ +[\d.]+ +\d+ +(\d+) (?:[\d ]+)?(\w+)$/gm,
  );
  return new Map(Array.from(lines, ([, calls, name]) => [name!, Number(calls)]));
}

/** Amounts that are more than the waits after which the kernel is left to wait. */
const FEW = 64;
const MANY = 192;

/**
 * The system calls of one part of a work: what two amounts differ by, to a tenth. Of the receives that the kernel
 * waits in, one in 64 asks poll(2) first, so that whoever wakes the thread is heard.
 */
async function callsOf(wasm: string, work: string): Promise<Record<string, number>> {
  const few = await trace(wasm, work, FEW);
  const many = await trace(wasm, work, MANY);
  const parts = 2 * (MANY - FEW); // as many to warm up
  const counts = Array.from(many, ([name, calls]) => {
    const each = (calls - (few.get(name) ?? 0)) / parts;
    return [name, Math.round(each * 10) / 10] as const;
  });
  return Object.fromEntries(counts.filter(([, each]) => each !== 0));
}

describe("system calls", () => {
  let wasm = "";
  beforeAll(async () => {
    wasm = await costs;
  });

  const cases: readonly (readonly [what: string, work: string, calls: Record<string, number>])[] = [
    [
      // The last receive had to wait, so the kernel waits in this one, as in C.
      "a blocking send and receive, whose answer is yet to come, is send and recv",
      "roomy",
      { sendto: 1, recvfrom: 1 },
    ],
    ["so it is with a buffer that the answer fills", "tight", { sendto: 1, recvfrom: 1 }],
    [
      // What is there is received at once, as in C.
      "a datagram sent and received is send and recv",
      "datagrams",
      { sendto: 1, recvfrom: 1 },
    ],
    [
      "32 datagrams in a batch are sendmmsg and recvmmsg",
      "batches",
      isMusl ? { sendmsg: 32, recvmmsg: 1 } : { sendmmsg: 1, recvmmsg: 1 }, // musl's sendmmsg(2) is a loop
    ],
    [
      "a row of datagrams in one message, sent and received as one, is sendmsg and recvmsg",
      "segments",
      { sendmsg: 1, recvmsg: 1 },
    ],
    [
      // connect(2) is begun, and asked how it went: RATIONALE.md. The rest is as in C; Node closes files of its own meanwhile.
      "a connection made on this machine and accepted is one call each, but two of connect",
      "connections",
      { socket: 1, connect: 2, accept4: 1 },
    ],
  ];
  for (const [what, work, calls] of cases) {
    testWith("strace")(what, async () => {
      // A wait has an end every 50 ms and is begun again: where the machine was busy there are more calls.
      let counted = await callsOf(wasm, work);
      for (let more = 0; more < 3 && !isDeepStrictEqual(counted, calls); more++) {
        counted = await callsOf(wasm, work);
      }
      expect(counted).toEqual(calls);
    });
  }
});

describe("V8's heap", () => {
  /** How much a program makes there, in bytes; it moves so many. */
  async function made(program: string, args: readonly string[], moved: number): Promise<number> {
    // A young generation that is never full: nothing is collected, so what is counted is what was made.
    const roomy = ["--min-semi-space-size=256", "--max-semi-space-size=256"];
    const command = ["--expose-gc", ...roomy, built(`bench/programs/${program}.js`), ...args];
    const { stdout } = await promisify(execFile)(execPath, command);
    const [bytes, reported] = stdout.split(" ").map(Number);
    expect(reported).toBe(moved);
    return bytes!;
  }

  test("has nothing of a net.send", async () => {
    const sends = 1_000_000;
    const bytes = await made("heap", ["made", "0", String(sends), String(SIZE)], sends * SIZE);
    // V8's smallest object takes 8 bytes. What else happens meanwhile is half a megabyte, whatever the sends.
    expect(bytes / sends).toBeLessThan(1);
  });

  test.each([
    ["a datagram", "datagrams"],
    ["a message with control data", "segments"],
    ["a batch of messages", "pairs"],
  ])("has nothing of %s that a guest sends and receives", async (_, work) => {
    const rounds = 300_000;
    const wasm = await costs;
    const args = [wasm, work, "0", String(rounds), String(SIZE)];
    // A number takes 16 bytes.
    expect((await made("guest-heap", args, rounds * SIZE)) / rounds).toBeLessThan(8);
  });
});

describe("bytes of", () => {
  // open() reads and compiles both before it gives a socket: they are to be a page of WebAssembly, 64 KiB, at most.
  test.each(["marshal.wasm", "sockets.wasm"])("%s", (name) => {
    expect(statSync(built(name)).size).toBeLessThanOrEqual(65_536);
  });

  test("a guest that connects, sends and receives", async () => {
    const { length } = await compileGuest(
      `import { AF, Inet, SOCK, connect, recv, send, socket } from "wasi-sockets/assembly";
       const bytes = new Uint8Array(512);
       export function main(port: i32): i32 {
         const fd = socket(AF.INET, SOCK.STREAM, 0);
         if (connect(fd, new Inet("127.0.0.1", port)) < 0 || send(fd, bytes) < 0) return -1;
         return recv(fd, bytes);
       }`,
    );
    // An eighth of a page: more would mean that it carries codecs and tables that it does not use.
    expect(length).toBeLessThanOrEqual(65_536 / 8);
  });
});
