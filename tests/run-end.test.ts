// Ending a guest of run(): whatever it is blocked in and however it is ended, nothing of it is left.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { run, type InetAddress, type RunOptions } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { testInNetwork } from "./support/namespaces.js";
import { nodeServer } from "./support/peers.js";
import { scratchPath } from "./support/programs.js";
import { Sink, compileCommand, descriptors, polling } from "./support/run.js";
import { loopback } from "./support/sockets.js";

const execute = promisify(execFile);
const PACKAGE = new URL("../build/host/index.js", import.meta.url).href;

let command: WebAssembly.Module;
let file: string;

beforeAll(async () => {
  const bytes = await compileCommand();
  file = scratchPath("guest.wasm");
  writeFileSync(file, bytes);
  command = await WebAssembly.compile(bytes);
  await run(command, { args: ["guest", "args"], stdout: null }); // what Node opens once is open
});

/** What a guest can be in, and whether that is poll(2). */
const STATES: [call: string, polls: boolean][] = [
  ["recv", true],
  ["accept", true],
  ["connect", true],
  ["poll", true],
  ["epoll_wait", true],
  ["read", true],
  ["write", true],
  ["sleep", true],
  ["stubborn", true],
  ["spin", false],
  ["churn", false],
];

/** A guest that is in a state; its output is taken, and its errors are not. */
function start(call: string, options: RunOptions = {}) {
  const stdout = new Sink();
  const stderr = new Writable({ write: () => undefined });
  let thread: Worker | undefined;
  process.once("worker", (worker) => (thread = worker));
  const ending = run(command, {
    args: ["guest", ...call.split(" ")],
    allow: true,
    stdin: new PassThrough(),
    stdout,
    stderr,
    ...options,
  }).then(
    (code) => ({ code }),
    (error: unknown) => ({ error }),
  );
  const ready = async (polls: boolean) => {
    await stdout.said("ready\n");
    while (polls && !polling()) await turn();
    return thread!;
  };
  return { ending, ready, stdout };
}

describe.each(STATES)("a guest in %s", (call, polls) => {
  test("is ended by a signal, whose reason run rejects with, and leaves no descriptor", async () => {
    const before = descriptors();
    const controller = new AbortController();
    const guest = start(call, { signal: controller.signal });
    await guest.ready(polls);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await guest.ending).toEqual({ error: reason });
    expect(guest.stdout.text).toBe("ready\n");
    expect(descriptors()).toEqual(before);
  });
});

// The way is the same from here on for all of them: it takes the time that it takes.
describe.each(STATES.filter(([call]) => ["recv", "stubborn", "spin"].includes(call)))(
  "a guest in %s",
  (call, polls) => {
    test("is ended by its time limit with a TimeoutError, and leaves no descriptor", async () => {
      const before = descriptors();
      const guest = start(call, { timeout: 1500 });
      await Promise.race([guest.ready(polls), guest.ending]);
      const { error } = (await guest.ending) as { error: DOMException };
      expect(error).toBeInstanceOf(DOMException);
      expect(error.name).toBe("TimeoutError");
      expect(descriptors()).toEqual(before);
    });
  },
);

// A thread that is terminated between a system call and the next line has no time to write a descriptor down. Nobody
// can be kept from that, so the guest that opens and closes all the time is not among these.
describe.each(STATES.filter(([call]) => call !== "churn"))("a guest in %s", (call, polls) => {
  test("is ended by whoever terminates its thread, and leaves no descriptor", async () => {
    const before = descriptors();
    const guest = start(call);
    const thread = await guest.ready(polls);
    await thread.terminate();
    expect(await guest.ending).toEqual({
      error: new Error("the guest's thread ended with exit code 1"),
    });
    expect(descriptors()).toEqual(before);
  });
});

/** Has a guest ended by a signal as soon as a function of it comes back. */
async function endAt(
  call: string,
  moment: (guest: ReturnType<typeof start>) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const guest = start(call, { signal: controller.signal });
  await moment(guest);
  controller.abort();
  expect(await guest.ending).toMatchObject({ error: { name: "AbortError" } });
}

test(
  "a guest that opens and closes is ended a hundred times at any moment, and leaves no descriptor",
  { timeout: 120_000 },
  async () => {
    const before = descriptors();
    for (let i = 0; i < 100; i++) {
      await endAt("churn", async (guest) => {
        if (i % 4 > 0) await guest.ready(false);
        for (let turns = 0; turns < i; turns++) await turn();
      });
    }
    expect(descriptors()).toEqual(before);
  },
);

// koffi aborts the process where a thread is terminated while it loads koffi.
test("a guest is ended at a hundred moments of its thread's start, and leaves no descriptor", async () => {
  const before = descriptors();
  const begun = performance.now();
  let ready = begun;
  await endAt("spin", async (guest) => {
    await guest.ready(false);
    ready = performance.now();
  });
  for (let i = 0; i < 100; i++) {
    const moment = performance.now() + ((ready - begun) * i) / 100;
    await endAt("spin", async () => {
      while (performance.now() < moment) await turn();
    });
  }
  expect(descriptors()).toEqual(before);
});

test("a guest that waits in the kernel is ended thirty times at any moment, and leaves no descriptor", async () => {
  await using echo = await nodeServer(loopback("inet"), "echo");
  const { port } = echo.address as InetAddress;
  const before = descriptors();
  for (let i = 0; i < 30; i++) {
    await endAt(`converse ${port}`, async (guest) => {
      if (i % 4 > 0) await guest.ready(false);
      for (let turns = 0; turns < 30 * i; turns++) await turn();
    });
  }
  expect(descriptors()).toEqual(before);
});

/**
 * A guest that writes a line, and then catches whatever is thrown at it, for ever:
 * (loop (try (drop (call $gethostname 0 0)) (catch_all)) (br 0))
 */
function catching(): Uint8Array<ArrayBuffer> {
  const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes];
  const text = (name: string) => [name.length, ...Buffer.from(name)];
  const body = [
    ...[0, 0x41, 0, 0x10, 1], // console.log of NULL
    ...[0x03, 0x40, 0x06, 0x40, 0x41, 0, 0x41, 0, 0x10, 0, 0x1a, 0x19, 0x0b, 0x0c, 0, 0x0b, 0x0b],
  ];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 3, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 0, 0x60, 0, 0),
    ...section(
      2,
      ...[2, ...text("bsd_sockets_v1"), ...text("gethostname"), 0, 0],
      ...[...text("env"), ...text("console.log"), 0, 1],
    ),
    ...section(3, 1, 2),
    ...section(5, 1, 0, 1),
    ...section(7, 2, ...text("main"), 0, 2, ...text("memory"), 2, 0),
    ...section(10, 1, body.length, ...body),
  ]);
}

test("a guest that catches what is thrown and calls again for ever is ended, and leaves no descriptor", async () => {
  const module = await WebAssembly.compile(catching());
  const before = descriptors();
  for (let i = 0; i < 10; i++) {
    const controller = new AbortController();
    const stdout = new Sink();
    const options = { stdout, signal: controller.signal };
    const ending = run(module, options).catch((error: unknown) => error);
    await stdout.said("\n");
    for (let turns = 0; turns < 100 * i; turns++) await turn();
    controller.abort();
    expect(await ending).toBe(controller.signal.reason);
  }
  expect(descriptors()).toEqual(before);
});

test("a signal that is aborted already: nothing is run", async () => {
  const reason = new Error("never");
  const stdout = new Sink();
  const options = { args: ["guest", "args"], stdout, signal: AbortSignal.abort(reason) };
  await expect(run(command, options)).rejects.toBe(reason);
  expect(stdout.text).toBe("");
});

test("a signal while the last output is not taken: its reason, and no descriptor is left", async () => {
  const before = descriptors();
  const controller = new AbortController();
  let given = "";
  const stdout = new Writable({
    write(chunk) {
      given = String(chunk); // and never says that it has it
      controller.abort("full");
    },
  });
  const options = { args: ["guest", "args"], stdout, signal: controller.signal };
  await expect(run(command, options)).rejects.toBe("full");
  expect(given).toBe("guest|args\n");
  expect(descriptors()).toEqual(before);
});

/** A process that runs a guest, and ends itself in some way once that is in a state. */
function program(call: string, polls: boolean, end: string): string {
  return `
    import { readFileSync, readdirSync } from "node:fs";
    import { PassThrough, Writable } from "node:stream";
    import { run } from ${JSON.stringify(PACKAGE)};
    const poll = process.arch === "x64" ? /^7 / : /^73 /;
    const polling = () => readdirSync("/proc/self/task").some((task) => {
      try { return poll.test(readFileSync("/proc/self/task/" + task + "/syscall", "utf8")); } catch { return false; }
    });
    const look = () => {
      if (${polls} && !polling()) return setImmediate(look);
      console.log("ending");
      ${end};
    };
    const stdout = new Writable({ write(chunk, encoding, done) { done(); look(); } });
    const stderr = new Writable({ write() {} });
    await run(${JSON.stringify(file)}, {
      args: ["guest", ${JSON.stringify(call)}], allow: true, stdin: new PassThrough(), stdout, stderr,
    });
  `;
}

interface Failure {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function failureOf(source: string): Promise<Failure> {
  const node = ["--input-type=module", "--eval", source];
  try {
    await execute(process.execPath, node, { timeout: 20_000 });
  } catch (error) {
    return error as Failure;
  }
  throw new Error("the process ended well");
}

describe.each(STATES)("a process with a guest in %s", (call, polls) => {
  test("is ended by process.exit", async () => {
    const failure = await failureOf(program(call, polls, "process.exit(3)"));
    expect(failure).toMatchObject({ code: 3, signal: null, stdout: "ending\n", stderr: "" });
  });

  test("is ended by an error that nobody catches", async () => {
    const failure = await failureOf(program(call, polls, 'throw new Error("of this process")'));
    expect(failure).toMatchObject({ code: 1, signal: null, stdout: "ending\n" });
    expect(failure.stderr).toContain("of this process");
  });
});

/** Runs guests in getaddrinfo, whose server says that it was asked and no more, and ends them in several ways. */
const LOOK_UPS = (end: string) => `
  import { createSocket } from "node:dgram";
  import { once } from "node:events";
    import { readdirSync } from "node:fs";
  import { run } from ${JSON.stringify(PACKAGE)};
  const server = createSocket("udp4");
  server.bind(53, "127.0.0.1");
  await once(server, "listening");
  await run(${JSON.stringify(file)}, { args: ["guest", "args"], stdout: null });
  const before = readdirSync("/proc/self/fd");
  const names = [];
  for (let i = 0; i < 3; i++) {
    const controller = new AbortController();
    let worker;
    process.once("worker", (thread) => (worker = thread));
    const options = { args: ["guest", "getaddrinfo", "nobody" + i], allow: true, stdout: null, signal: controller.signal };
    const ending = run(${JSON.stringify(file)}, options).catch((error) => error.name);
    while (!(await once(server, "message"))[0].includes("nobody" + i));
    ${end};
    names.push(await ending);
  }
  // libc closes what its own threads have when their time is up.
  while (String(readdirSync("/proc/self/fd")) !== String(before)) await new Promise((resolve) => setImmediate(resolve));
  console.log(JSON.stringify(names));
  process.exit();
`;

for (const [how, end, name] of [
  ["a signal", "controller.abort()", "AbortError"],
  ["whoever terminates its thread", "worker.terminate()", "Error"],
]) {
  testInNetwork(`a guest in getaddrinfo is ended by ${how}`, async (network) => {
    const node = [process.execPath, "--input-type=module", "--eval", LOOK_UPS(end!)];
    const [first, ...args] = [...network.host().resolving("127.0.0.1"), ...node];
    const { stdout } = await execute(first!, args, { timeout: 20_000 });
    expect(JSON.parse(stdout)).toEqual([name, name, name]);
  });
}

testInNetwork("a process with a guest in getaddrinfo is ended by process.exit", async (network) => {
  const source = LOOK_UPS("process.exit(3)");
  const node = [process.execPath, "--input-type=module", "--eval", source];
  const [first, ...args] = [...network.host().resolving("127.0.0.1"), ...node];
  await expect(execute(first!, args, { timeout: 20_000 })).rejects.toMatchObject({
    code: 3,
    signal: null,
    stderr: "",
  });
});
