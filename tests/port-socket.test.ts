// What a port has of net.Socket, and how it shares the event loop.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { open, type Address, type Net } from "wasi-sockets";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchPath, testWith } from "./support/programs.js";
import { run, turns } from "./support/promises.js";
import { connected, errnoOf, expectError, loopback } from "./support/sockets.js";
import { collected } from "./support/streams.js";

const SIZE = 16 * 1024 * 1024;

let bsd: Net;
beforeEach(async () => {
  bsd = await open();
});
afterEach(() => {
  bsd.dispose();
});

const pair = () => bsd.socketpair("unix", "stream").map((fd) => bsd.fdToPort(fd));

test("fdToPort refuses what is no stream, and names what would be", () => {
  const datagrams = bsd.socket("inet", "datagram");
  expect(() => bsd.fdToPort(datagrams)).toThrow(
    new TypeError(`descriptor ${datagrams} is no "stream" or "seqpacket" socket`),
  );
  expect(() => bsd.fdToPort(bsd.epollCreate())).toThrow(TypeError);
  expectError(bsd, () => bsd.fdToPort(99), "EBADF", { syscall: "fdToPort" });
  expect(bsd.getsockname(datagrams)).toMatchObject({ family: "inet" });
});

describe("the addresses of a port", () => {
  test.each(["inet", "inet6"] as const)(
    "are those of its %s socket, until it is closed",
    (family) => {
      const [client, server] = connected(bsd, family);
      const port = bsd.fdToPort(client);
      const { address, port: number } = bsd.getpeername(client) as {
        address: string;
        port: number;
      };
      expect([port.remoteAddress, port.remotePort]).toEqual([address, number]);
      expect([port.localAddress, port.localPort]).toEqual(
        Object.values(bsd.getpeername(server)).slice(1, 3),
      );
      port.destroy();
      expect([port.remoteAddress, port.localPort]).toEqual([undefined, undefined]);
    },
  );

  test("are none for a Unix socket, nor for one without a peer", () => {
    const [port] = pair();
    expect([port!.remoteAddress, port!.localPort]).toEqual([undefined, undefined]);
    const alone = bsd.fdToPort(bsd.socket("inet", "stream"));
    expect(alone.remoteAddress).toBe(undefined);
  });
});

describe("the options of a port", () => {
  test("are set on a TCP socket", () => {
    const [fd] = connected(bsd);
    const port = bsd.fdToPort(fd);
    expect(port.setNoDelay().setKeepAlive(true, 7500)).toBe(port);
    expect(bsd.getsockopt(fd, "tcp", "nodelay")).toBe(true);
    expect(bsd.getsockopt(fd, "socket", "keepalive")).toBe(true);
    expect(bsd.getsockopt(fd, "tcp", "keepidle")).toBe(7);
    port.setNoDelay(false).setKeepAlive();
    expect(bsd.getsockopt(fd, "tcp", "nodelay")).toBe(false);
    expect(bsd.getsockopt(fd, "socket", "keepalive")).toBe(false);
    port.destroy();
    expect(port.setNoDelay().setKeepAlive(true)).toBe(port);
  });

  test("do nothing on a Unix socket", () => {
    const [port] = pair();
    port!.setNoDelay().setKeepAlive(true, 1000);
    expect(bsd.getsockopt(port!.fd, "socket", "keepalive")).toBe(false);
  });
});

describe("the timeout of a port", () => {
  test("comes once nothing has been received or sent for so long, again after that, and closes nothing", async () => {
    const [left, right] = pair();
    left!.resume();
    left!.setTimeout(5);
    expect(left!.timeout).toBe(5);
    await once(left!, "timeout");
    right!.write("x");
    await once(left!, "timeout");
    expect(left!.destroyed).toBe(false);
    left!.write("y");
    await once(left!, "timeout");
  });

  test("calls its listener once, and not after it was taken back", async () => {
    const [port] = pair();
    let calls = 0;
    const count = () => calls++;
    port!.setTimeout(1, count);
    await once(port!, "timeout");
    port!.setTimeout(1);
    await once(port!, "timeout");
    expect(calls).toBe(1);
    port!.setTimeout(1, count);
    port!.setTimeout(0, count);
    await delay(5);
    expect(calls).toBe(1);
  });

  test("does not come after the port is destroyed", async () => {
    const [port] = pair();
    let late = false;
    port!.setTimeout(1, () => {
      late = true;
    });
    port!.destroy();
    await delay(5);
    expect(late).toBe(false);
  });
});

describe("a port of a socket that is still connecting", () => {
  /** Begins to connect. */
  const connecting = (address: Address) => {
    const fd = bsd.socket("inet", ["stream", "non-blocking"]);
    expectError(
      bsd,
      () => {
        bsd.connect(fd, address);
      },
      "EINPROGRESS",
    );
    return bsd.fdToPort(fd);
  };

  test("sends what was written once it is connected", async () => {
    const listener = bsd.listenPort(loopback("inet"));
    const port = connecting(listener.address);
    port.end("early");
    const { value } = await listener.next();
    value!.pipe(value!);
    expect(String(await collected(port))).toBe("early");
  });

  test("fails as connect does", async () => {
    const listener = bsd.listenPort(loopback("inet"));
    listener.close();
    const port = connecting(listener.address);
    port.write("nobody");
    port.resume();
    await expect(finished(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("the callback of a write", () => {
  test("comes once all of it is sent", async () => {
    const [left, right] = pair();
    const order: string[] = [];
    const written = new Promise<void>((resolve) => {
      left!.write(new Uint8Array(SIZE), () => {
        order.push("written");
        resolve();
      });
    });
    await turns();
    order.push("read");
    right!.resume();
    await written;
    expect(order).toEqual(["read", "written"]);
  });

  test("comes with an error where the port is destroyed before, which is no error of the port", async () => {
    const [port] = pair();
    const errors: unknown[] = [];
    port!.on("error", (error) => errors.push(error));
    const outcomes = [SIZE, 1].map(
      (size) =>
        new Promise((resolve) => {
          port!.write(new Uint8Array(size), resolve);
        }),
    );
    await turns();
    port!.destroy();
    expect(await Promise.all(outcomes)).toMatchObject([
      { code: "ECANCELED", errno: errnoOf("ECANCELED"), syscall: "send" },
      { code: expect.stringMatching(/^(ECANCELED|ERR_STREAM_DESTROYED)$/) as string },
    ]);
    expect(errors).toEqual([]);
  });

  test("comes with the error that destroyed the port", async () => {
    const [port] = pair();
    port!.on("error", () => undefined);
    const outcome = new Promise((resolve) => {
      port!.write(new Uint8Array(SIZE), resolve);
    });
    await turns();
    const reason = new Error("enough");
    port!.destroy(reason);
    expect(await outcome).toBe(reason);
  });
});

describe("destroySoon", () => {
  test("lets what was written go out first", async () => {
    const [left, right] = pair();
    left!.write(new Uint8Array(SIZE));
    left!.destroySoon();
    expect(left!.destroyed).toBe(false);
    expect(await collected(right!)).toHaveLength(SIZE);
    if (!left!.closed) await once(left!, "close");
  });
});

test("a port that is not half open ends when its peer does", async () => {
  const [left, right] = pair();
  left!.allowHalfOpen = false;
  left!.resume();
  right!.end();
  await finished(left!);
  expect(await collected(right!)).toHaveLength(0);
});

test("an empty write is no packet: it would be the end of the stream to its receiver", async () => {
  const [left, right] = bsd.socketpair("unix", "seqpacket").map((fd) => bsd.fdToPort(fd));
  left!.write("");
  left!.write("one");
  left!.write("");
  left!.end("two");
  const chunks: string[] = [];
  right!.on("data", (chunk) => chunks.push(String(chunk)));
  await once(right!, "end");
  expect(chunks).toEqual(["one", "two"]);
});

test("writes that were held back go out as packets each, and a stream's bytes stay in order", async () => {
  for (const type of ["seqpacket", "stream"] as const) {
    const [left, right] = bsd.socketpair("unix", type).map((fd) => bsd.fdToPort(fd));
    const chunks: string[] = [];
    right!.on("data", (chunk) => chunks.push(String(chunk)));
    left!.cork();
    const numbers = Array.from({ length: 3000 }, (_, i) => `${i},`);
    for (const number of numbers) left!.write(number);
    left!.uncork();
    left!.end();
    await once(right!, "end");
    expect(chunks.join("")).toBe(numbers.join(""));
    if (type === "seqpacket") expect(chunks).toEqual(numbers);
  }
});

test("writes of any sizes come whole and in order, wherever the socket cuts them", async () => {
  const size = fc.oneof(
    fc.constantFrom(0, 1, 4095, 4096, 4097),
    fc.nat({ max: 300 }),
    fc.nat({ max: 20_000 }),
  );
  const writes = fc.array(size, { minLength: 1, maxLength: 60, size: "max" });
  await fc.assert(
    fc.asyncProperty(writes, fc.constantFrom(1, 5_000, 50_000), async (sizes, buffer) => {
      const [near, far] = bsd.socketpair("unix", "stream");
      bsd.setsockopt(near, "socket", "sndbuf", buffer);
      const [left, right] = [bsd.fdToPort(near), bsd.fdToPort(far)];
      const chunks = sizes.map((length) => randomBytes(length));
      for (const chunk of chunks) left.write(chunk);
      left.end();
      expect((await collected(right)).equals(Buffer.concat(chunks))).toBe(true);
      right.destroy();
    }),
    { numRuns: 100 },
  );
});

describe("a hundred writes", () => {
  /** What is passed to send(2) and sendmsg(2) for writes of 101 to 200 bytes, "port 0;…" to "port 99;…". */
  async function sends(before: string, after: string): Promise<string[]> {
    const trace = scratchPath("trace");
    const strace = ["strace", "-f", "-qq", "-e", "trace=sendto,sendmsg", "-o", trace];
    const program = `
      const bsd = await openBlocking();
      const [left, right] = bsd.socketpair("unix", "stream").map((fd) => bsd.fdToPort(fd));
      ${before}
      for (let i = 0; i < 100; i++) left.write(("port " + i).padEnd(100 + i) + ";");
      ${after}
      left.end();
      let text = "";
      right.on("data", (chunk) => text += chunk);
      await once(right, "end");
      console.log(text.split(";").map((part) => part.trimEnd()).join());
    `;
    const whole = Array.from({ length: 100 }, (_, i) => `port ${i}`).join();
    expect(await run(program, strace)).toMatchObject({ code: 0, output: `${whole},\n` });
    const lines = readFileSync(trace, "utf8").split("\n");
    return lines
      .filter((line) => line.includes('"port '))
      .map((line) => line.replace(/^\d+ +/, ""));
  }

  testWith("strace")("that were corked are one system call", async () => {
    const calls = await sends("left.cork();", "left.uncork();");
    expect(calls).toEqual([expect.stringMatching(/^sendmsg\(.* = 15050$/)]);
  });

  testWith("strace")("of one tick are two: the first, at once, and all others", async () => {
    const calls = await sends("", "");
    expect(calls).toEqual([
      expect.stringMatching(/^sendto\(.* = 101$/),
      expect.stringMatching(/^sendmsg\(.* = 14949$/),
    ]);
  });
});

describe("a process", () => {
  test("goes on while a port reads, and ends where it is unreferenced", async () => {
    const program = (release: string) => `
      const bsd = await openBlocking();
      const [left, right] = bsd.socketpair("unix", "stream").map((fd) => bsd.fdToPort(fd));
      left.on("data", (chunk) => { console.log(String(chunk)); left.destroy(); });
      ${release}
      setTimeout(() => right.write("referenced"), 20).unref();
    `;
    const ends = await Promise.all(
      ["", "left.unref();", "left.unref(); left.ref();"].map((release) => run(program(release))),
    );
    expect(ends.map(({ code, output }) => [code, output.trim()])).toEqual([
      [0, "referenced"],
      [0, ""],
      [0, "referenced"],
    ]);
  });
});

test("a peer that sends without pause lets timers and other sockets have their turn", async () => {
  const { code, output } = await run(`
    const { spawn } = await import("node:child_process");
    const bsd = await open();
    const listener = bsd.listenPort(loopback);
    const child = spawn(process.execPath, ["-e", \`
      const socket = require("node:net").connect(\${listener.address.port}, "127.0.0.1");
      const chunk = Buffer.alloc(1 << 20);
      const more = () => { while (socket.write(chunk)); socket.once("drain", more); };
      more();
      socket.on("error", () => process.exit());
    \`]);
    const port = (await listener.next()).value;
    const [left, right] = bsd.socketpair("unix", "stream");
    let count = 0;
    port.on("data", (chunk) => count += chunk.length);
    for (let i = 0; i < 20; i++) {
      const receiving = bsd.recv(left, new Uint8Array(1));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await bsd.send(right, Buffer.of(1));
      await receiving;
    }
    console.log(count > 0);
    port.destroy();
    listener.close();
    child.kill();
  `);
  expect({ code, output }).toEqual({ code: 0, output: "true\n" });
});
