// Calls that wait: what ends them, what does not, and what they cost. Each waits in a thread of its own.

import { execFile, spawnSync } from "node:child_process";
import { on } from "node:events";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { open, waker, type Address, type Net, type Waker } from "wasi-sockets";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { compileC } from "./support/c.js";
import { compileGuest } from "./support/guest.js";
import { nodeServer } from "./support/peers.js";
import { testWithC } from "./support/programs.js";
import { connected, errnoOf, expectErrno, listening, loopback } from "./support/sockets.js";

const execute = promisify(execFile);
const PACKAGE = new URL("../build/host/index.js", import.meta.url).href;

/** What a body finds in its thread. It is passed as text, so it uses nothing else. */
interface Scene {
  readonly net: Net;
  readonly at: Address;
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly wake: number;
  readonly instantiate: typeof import("wasi-sockets").instantiate;
  /** Says that what comes next may block. */
  readonly ready: () => void;
  /** A stream that is connected to `at`, and ready. */
  readonly connect: () => number;
  /** A stream that is connected to `at`, an echo, and has waited so often that the kernel waits for it; and ready. */
  readonly converse: () => number;
  /** A socket that is bound to `at`, listens if it is a stream, and is ready. */
  readonly bound: (type: "stream" | "dgram") => number;
  /** Room for ten bytes. */
  readonly ten: Uint8Array;
}

type Body = (scene: Scene) => unknown;

const program = (body: Body) => `
  const { readlinkSync } = require("node:fs");
  const { parentPort, workerData } = require("node:worker_threads");
  import(workerData.PACKAGE).then(async ({ instantiate, open }) => {
    const { at, wake } = workerData;
    const net = await open({ wake });
    let ready = () => {
      parentPort.postMessage("/proc/" + readlinkSync("/proc/thread-self"));
      ready = () => {};
    };
    const connect = () => {
      const fd = net.socket(at.family, "stream");
      net.connect(fd, at);
      ready();
      return fd;
    };
    const converse = () => {
      const fd = net.socket(at.family, "stream");
      net.connect(fd, at);
      for (let round = 0; round < 100; round++) {
        net.send(fd, ten);
        net.recv(fd, ten, "waitall");
      }
      ready();
      return fd;
    };
    const bound = (type) => {
      const fd = net.socket(at.family, type);
      net.bind(fd, at);
      if (type === "stream") net.listen(fd, 1);
      ready();
      return fd;
    };
    const ten = new Uint8Array(10);
    let result;
    try {
      result = await (${body.toString()})({ ...workerData, net, ten, connect, converse, bound, instantiate, ready: () => ready() });
      if (result === -1) result = net.errno.code;
    } catch (error) {
      result = error.code ?? error.stack;
    }
    ready();
    parentPort.postMessage(result);
  });
`;

/** A thread that runs a body. */
class Thread {
  readonly worker: Worker;
  /** The thread's directory in /proc. */
  readonly ready: Promise<string>;
  /** What the body gave, or the code of its error. */
  readonly result: Promise<unknown>;

  constructor(body: Body, at: Address, wasm?: Uint8Array) {
    const workerData = { PACKAGE, at, wasm, wake: interrupt.descriptor };
    this.worker = new Worker(program(body), { eval: true, workerData });
    const messages = on(this.worker, "message");
    const next = async () => ((await messages.next()).value as unknown[])[0];
    this.ready = next() as Promise<string>;
    this.result = next();
    onTestFinished(async () => {
      const ended = this.worker.terminate();
      interrupt.wake();
      await ended;
    });
  }

  /** Comes back when the thread is in poll(2), or ppoll(2) where there is no other. */
  async blocked(): Promise<void> {
    const directory = await this.ready;
    const polling = process.arch === "x64" ? /^7 / : /^73 /;
    while (!polling.test(readFileSync(`${directory}/syscall`, "utf8"))) await turn();
  }
}

let net: Net;
let interrupt: Waker;

beforeEach(async () => {
  net = await open();
  interrupt = await waker();
  // Registered before those of the test's threads, and so called after them.
  onTestFinished(() => {
    net.dispose();
    interrupt.dispose();
  });
});

const unixName: Address = { family: "unix", path: `\0wasi-sockets-waiting-${process.pid}` };

/** A listener whose queue is full, by as many connections as it takes. */
function fullListener(at: Address): { listener: number; address: Address; waiting: number } {
  const listener = net.socket(at.family, "stream");
  net.bind(listener, at);
  net.listen(listener, 0);
  const address = net.getsockname(listener);
  for (let waiting = 0; ; waiting++) {
    const client = net.socket(at.family, ["stream", "non-blocking"]);
    try {
      net.connect(client, address);
    } catch {
      if (at.family === "unix" || waiting === 4) return { listener, address, waiting };
    }
  }
}

/** A datagram socket that nobody reads. */
function mailbox(): { fd: number; address: Address } {
  const fd = net.socket("unix", "dgram");
  net.bind(fd, unixName);
  net.setsockopt(fd, "socket", "rcvtimeo", 10_000);
  return { fd, address: unixName };
}

const anywhere = () => loopback("inet");
const server = () => listening(net, loopback("inet")).address;

const connecting: Body = ({ ready, connect }) => {
  ready();
  return connect();
};

const filling: Body = ({ net, connect }) => {
  const fd = connect();
  while (net.send(fd, new Uint8Array(65536), "dontwait") > 0);
  while (net.send(fd, new Uint8Array(1)) > 0);
  return -1;
};

const posting: Body = ({ net, at, ready }) => {
  const fd = net.socket("unix", "dgram");
  ready();
  while (net.sendto(fd, new Uint8Array(1), null, at) > 0);
  return -1;
};

const waits: [call: string, at: () => Address, body: Body][] = [
  ["recv", server, ({ net, connect, ten }) => net.recv(connect(), ten)],
  ["recvfrom", anywhere, ({ net, bound, ten }) => net.recvfrom(bound("dgram"), ten)[0] || -1],
  ["accept", anywhere, ({ net, bound }) => net.accept(bound("stream"))],
  ["connect to a full queue", () => fullListener(loopback("inet")).address, connecting],
  ["connect to a full queue of a Unix socket", () => fullListener(unixName).address, connecting],
  ["send to a peer that does not read", server, filling],
  ["sendto to a Unix socket that nobody reads", () => mailbox().address, posting],
];

/** A thread that is connected to this one. */
function peer(body: Body): { fd: number; thread: Thread } {
  const { listener, address } = listening(net, loopback("inet"));
  net.setsockopt(listener, "socket", "rcvtimeo", 10_000);
  const thread = new Thread(body, address);
  return { fd: net.accept(listener), thread };
}

describe("a call that is blocked in a worker", () => {
  test.each(waits)("%s: ends with EINTR when it is woken", async (_, at, body) => {
    const thread = new Thread(body, at());
    await thread.blocked();
    interrupt.wake();
    expect(await thread.result).toBe("EINTR");
  });

  test.each(waits)("%s: ends with EINTR when it was woken before", async (_, at, body) => {
    interrupt.wake();
    expect(await new Thread(body, at()).result).toBe("EINTR");
  });

  test("of a guest ends with EINTR when it is woken", async () => {
    const wasm = await compileGuest(`
      import { AF, SOCK, errno, recv, socketpair } from "wasi-sockets/assembly";
      export function main(): i32 {
        return recv(socketpair(AF.UNIX, SOCK.STREAM, 0)![0], new Uint8Array(1)) < 0 ? errno() : 0;
      }
    `);
    const body: Body = async ({ wasm, wake, ready, instantiate }) => {
      const guest = await instantiate<{ main(): number }>(wasm, { wake });
      ready();
      return guest.exports.main();
    };
    const thread = new Thread(body, unixName, wasm);
    await thread.blocked();
    interrupt.wake();
    expect(await thread.result).toBe(errnoOf("EINTR"));
  });

  test("of a receive that the kernel waits for ends with EINTR when it is woken", async () => {
    await using echo = await nodeServer(loopback("inet"), "echo");
    const thread = new Thread(({ net, converse, ten }) => net.recv(converse(), ten), echo.address);
    await thread.ready;
    interrupt.wake();
    expect(await thread.result).toBe("EINTR");
  });

  test("of a send that the kernel waits for ends with EINTR, or with what was sent, when it is woken", async () => {
    await using echo = await nodeServer(loopback("inet"), "echo");
    const thread = new Thread(({ net, converse }) => {
      const fd = converse();
      const much = new Uint8Array(1 << 20);
      let sent: number;
      do
        sent = net.send(fd, much); // nobody takes the echo, so there comes a wait without end
      while (sent === much.length);
      return sent < 0 ? net.errno!.code : "a part";
    }, echo.address);
    await thread.blocked();
    interrupt.wake();
    expect(["EINTR", "a part"]).toContain(await thread.result);
  });

  test("lets its worker be terminated, though it would block again", async () => {
    const { thread } = peer(({ net, connect, ten }) => {
      for (const fd = connect(); ;) net.recv(fd, ten);
    });
    await thread.blocked();
    const ended = thread.worker.terminate();
    interrupt.wake();
    expect(await ended).toBe(1);
  });

  testWithC("is not disturbed by signals", async () => {
    const bombard = await compileC(
      "bombard",
      `#include <signal.h>
       #include <stdlib.h>
       #include <sys/syscall.h>
       #include <unistd.h>
       int main(int argc, char **argv) {
         int failed = 0;
         for (int i = 0; i < 1000; i++)
           failed |= syscall(SYS_tgkill, atoi(argv[1]), atoi(argv[2]), SIGUSR2);
         return failed;
       }`,
    );
    let signals = 0;
    const count = () => signals++;
    process.on("SIGUSR2", count);
    onTestFinished(() => {
      process.off("SIGUSR2", count);
    });
    const { fd, thread } = peer(({ net, connect, ten }) => net.recv(connect(), ten));
    await thread.blocked();
    await execute(bombard, [String(process.pid), basename(await thread.ready)]);
    while (signals === 0) await turn();
    expect(net.send(fd, Buffer.from("still here"))).toBe(10);
    expect(await thread.result).toBe(10);
  });
});

describe("a blocking call", () => {
  test("of send takes more than fits at once, while the peer reads", async () => {
    const size = 1 << 25;
    const { fd, thread } = peer(({ net, connect }) => net.send(connect(), new Uint8Array(1 << 25)));
    await thread.blocked();
    const bytes = net.buffer(1 << 16);
    let count = 0;
    for (let got = 1; got > 0 && count < size; count += got) got = net.recv(fd, bytes);
    expect(count).toBe(size);
    expect(await thread.result).toBe(size);
  });

  test("of sendto to a Unix socket waits until there is room in its queue", async () => {
    const { fd, address } = mailbox();
    const thread = new Thread(({ net, at, ready }) => {
      const fd = net.socket("unix", "dgram");
      ready();
      let sent = 0;
      while (sent < 100 && net.sendto(fd, Uint8Array.of(sent), null, at) === 1) sent++;
      return sent;
    }, address);
    await thread.blocked();
    const byte = new Uint8Array(1);
    for (let i = 0; i < 100; i++) {
      expect(net.recv(fd, byte)).toBe(1);
      expect(byte[0]).toBe(i);
    }
    expect(await thread.result).toBe(100);
  });

  test("of connect to a Unix socket waits until there is room in its queue", async () => {
    const { listener, address, waiting } = fullListener(unixName);
    const thread = new Thread(({ net, ready, connect }) => {
      ready();
      return net.send(connect(), new Uint8Array(7));
    }, address);
    await thread.blocked();
    for (let i = 0; i < waiting; i++) net.accept(listener);
    expect(await thread.result).toBe(7);
    expect(net.recv(net.accept(listener), new Uint8Array(64))).toBe(7);
  });

  test("does not wait with MSG_DONTWAIT", () => {
    const [, fd] = connected(net);
    expect(net.recv(fd, new Uint8Array(1), "dontwait")).toBe(-1);
    expectErrno(net, "EAGAIN");
    while (net.send(fd, new Uint8Array(65536), "dontwait") > 0);
    expectErrno(net, "EAGAIN");
  });

  const gathering: [what: string, body: Body][] = [
    ["MSG_WAITALL", ({ net, connect, ten }) => net.recv(connect(), ten, "waitall")],
    [
      "SO_RCVLOWAT",
      ({ net, connect, ten }) => {
        const fd = connect();
        net.setsockopt(fd, "socket", "rcvlowat", 10);
        return net.recv(fd, ten);
      },
    ],
  ];

  test.each(gathering)("of recv with %s waits for all ten bytes", async (_, body) => {
    const { fd, thread } = peer(body);
    for (const part of ["first", "other"]) {
      await thread.blocked();
      expect(net.send(fd, Buffer.from(part))).toBe(part.length);
    }
    expect(await thread.result).toBe(10);
  });

  test("of an accepted connection has the time limit of its listener, as on Linux", async () => {
    const body: Body = ({ net, bound, ten }) => {
      const listener = bound("stream");
      net.setsockopt(listener, "socket", "rcvtimeo", 10);
      const client = net.socket("inet", "stream");
      net.connect(client, net.getsockname(listener));
      return net.recv(net.accept(listener), ten);
    };
    expect(await new Thread(body, loopback("inet")).result).toBe("EAGAIN");
  });
});

const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
const unlessStrace = hasStrace ? "" : " (skipped: strace does not run here)";

test.skipIf(!hasStrace)(`ping-pong takes two system calls a round${unlessStrace}`, async () => {
  const rounds = 640;
  await using echo = await nodeServer(loopback("inet"), "echo");
  const program = `
      import { open } from ${JSON.stringify(PACKAGE)};
      const net = await open();
      const fd = net.socket("inet", "stream");
      net.connect(fd, ${JSON.stringify(echo.address)});
      const bytes = new Uint8Array(64);
      for (let round = 0; round < ${rounds}; round++) {
        net.send(fd, bytes.subarray(0, 16));
        net.recv(fd, bytes);
      }
      process.exit();
    `;
  const trace = ["-f", "-c", "-U", "calls,name", "-e", "trace=sendto,recvfrom,poll,ppoll"];
  const node = [process.execPath, "--input-type=module", "--eval", program];
  const { stderr } = await execute("strace", [...trace, ...node], { timeout: 20_000 });
  const calls = (name: string) =>
    Number(new RegExp(`^\\s*(\\d+)\\s+${name}$`, "m").exec(stderr)?.[1] ?? 0);
  expect(calls("sendto")).toBe(rounds);
  // Those that find nothing: the first, and what a slice was too short for.
  expect(calls("recvfrom")).toBeGreaterThanOrEqual(rounds);
  expect(calls("recvfrom")).toBeLessThanOrEqual(rounds * 1.1);
  // The first sixteen waits, and one in 64 that looks for who wakes the thread. Connecting, and Node's own start, take
  // some, and each slice that was too short one.
  expect(calls("poll") + calls("ppoll")).toBeLessThanOrEqual(16 + rounds / 64 + 10 + rounds * 0.1);
});

describe("a thread that nothing wakes is ended by Node alone", () => {
  test.each<[string, Body]>([
    ["recv", ({ connect, net, ten }) => net.recv(connect(), ten)],
    ["accept", ({ bound, net }) => net.accept(bound("stream"))],
    ["poll", ({ net, ready }) => (ready(), net.poll([], -1))],
  ])("in %s", async (_call, body) => {
    const thread = new Thread(body, _call === "recv" ? server() : anywhere());
    await thread.blocked();
    expect(await thread.worker.terminate()).toBe(1);
  });
});
