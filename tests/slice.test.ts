// Sends, receives and accepts that wait in the kernel: a socket that mostly has to wait blocks for a slice of time, and everything that
// others may see or wait for is as if it did not.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { constants, readFileSync } from "node:fs";
import { open, waker, type Net, type Rights } from "wasi-sockets";
import { libc } from "#host/libc";
import { marshal } from "#host/marshal";
import { native as nativeOf } from "#host/scratch";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { nodeCaller, nodeServer, type Peer } from "./support/peers.js";
import { expectErrno, expectError, loopback, openedNatively } from "./support/sockets.js";

const bytes = new Uint8Array(64);

let net: Net;
let echo: Awaited<ReturnType<typeof nodeServer>>;

beforeEach(async () => {
  net = await open();
  echo = await nodeServer(loopback("inet"), "echo");
});

afterEach(async () => {
  net.dispose();
  await echo[Symbol.asyncDispose]();
});

/** Whether a real socket blocks: O_NONBLOCK among the flags of its open file, proc(5). */
function blocks(native: number): boolean {
  const [, flags] = /^flags:\s*([0-7]+)/m.exec(
    readFileSync(`/proc/self/fdinfo/${native}`, "utf8"),
  )!;
  return (parseInt(flags!, 8) & constants.O_NONBLOCK) === 0;
}

function converse(fd: number): void {
  expect(net.send(fd, bytes)).toBe(64);
  for (let got = 0; got < 64;) {
    const count = net.recv(fd, bytes.subarray(got));
    expect(count).toBeGreaterThan(0);
    got += count;
  }
}

/** A connection to the echo server whose sends and receives wait in the kernel. */
function waiting(): { fd: number; native: number } {
  const { result: fd, native } = openedNatively(() => net.socket("inet", "stream"));
  net.connect(fd, echo.address);
  expect(blocks(native)).toBe(false);
  for (let i = 0; i < 1000 && !blocks(native); i++) converse(fd);
  expect(blocks(native)).toBe(true);
  return { fd, native };
}

/** What a guest does to a socket. */
type Act = [what: string, act: (fd: number) => unknown];

/** What makes any socket one that does not block. */
const ANY: Act[] = [
  [
    "F_SETFL with O_NONBLOCK",
    (fd) => {
      net.fcntlSet(fd, "setfl", "non-blocking");
    },
  ],
  [
    "SO_RCVTIMEO",
    (fd) => {
      net.setsockopt(fd, "socket", "rcvtimeo", { seconds: 1, microseconds: 0 });
    },
  ],
];

const rights = (...fds: number[]): Rights => ({ level: "socket", type: "rights", fds });

describe("a socket that blocks for a slice", () => {
  test("goes on to echo, and shows neither a timeout nor that it blocks", () => {
    const { fd } = waiting();
    for (let i = 0; i < 300; i++) converse(fd);
    expect(net.fcntl(fd, "getfl")).not.toContain("non-blocking");
    expect(net.getsockopt(fd, "socket", "rcvtimeo")).toEqual({ seconds: 0, microseconds: 0 });
    expect(net.getsockopt(fd, "socket", "sndtimeo")).toEqual({ seconds: 0, microseconds: 0 });
  });

  test("waits for longer than a slice, and for all with MSG_WAITALL", async () => {
    const { fd } = waiting();
    for (let i = 0; i < 8; i++) net.send(fd, bytes);
    expect(net.recv(fd, new Uint8Array(512), "waitall")).toBe(512);
    const peer = await nodeServer(loopback("inet"), "bytewise", 100);
    const slow = net.socket("inet", "stream");
    net.connect(slow, peer.address);
    expect(net.recv(slow, new Uint8Array(100), "waitall")).toBe(100);
    await peer[Symbol.asyncDispose]();
  });

  test("hears who wakes its thread within 64 receives, although there is always something to receive", async () => {
    net.dispose();
    using interrupt = await waker();
    net = await open({ wake: interrupt.descriptor });
    const { fd, native } = waiting();
    for (let i = 0; i < 200; i++) converse(fd);
    const sent = Uint8Array.from({ length: 6400 }, (_, i) => i);
    expect(net.send(fd, sent)).toBe(6400);
    expect(net.recv(fd, new Uint8Array(6400), ["peek", "waitall"])).toBe(6400);
    expect(blocks(native)).toBe(true);
    interrupt.wake();
    const ten = new Uint8Array(10);
    const received: number[] = [];
    while (net.recv(fd, ten) === 10) received.push(...ten);
    expectErrno(net, "EINTR");
    expect(received.length).toBeLessThanOrEqual(640);
    const rest = new Uint8Array(6400 - received.length);
    expect(net.recv(fd, rest, "waitall")).toBe(rest.length);
    expect(Uint8Array.from([...received, ...rest])).toEqual(sent);
  });

  test("sends more than there is room for to a peer that rests, and none of it is lost", async () => {
    await using peer = await nodeServer(loopback("inet"), "slow-digest");
    const { result: fd, native } = openedNatively(() => net.socket("inet", "stream"));
    net.connect(fd, peer.address);
    net.setsockopt(fd, "socket", "sndbuf", 4096);
    const chunk = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
    const hash = createHash("sha256");
    let sent = 0;
    for (let more = 20; more > 0; more -= Number(blocks(native))) {
      expect(net.send(fd, chunk)).toBe(chunk.length);
      hash.update(chunk);
      sent += chunk.length;
    }
    net.shutdown(fd, "write");
    const answer = new Uint8Array(200);
    const length = net.recv(fd, answer, "waitall");
    const digest = JSON.parse(Buffer.from(answer.subarray(0, length)).toString()) as object;
    expect(digest).toEqual({ count: sent, sha256: hash.digest("hex") });
  });

  test("hears who wakes its thread within 64 sends, although there is always room", async () => {
    net.dispose();
    using interrupt = await waker();
    net = await open({ wake: interrupt.descriptor });
    const { fd } = waiting();
    interrupt.wake();
    let sent = 0;
    while (net.send(fd, bytes) === 64) sent += 64;
    expectErrno(net, "EINTR");
    expect(sent).toBeLessThanOrEqual(64 * 64);
    const back = new Uint8Array(sent + 1);
    expect(net.recv(fd, back.subarray(0, sent), "waitall")).toBe(sent);
    expect(net.recv(fd, back, "dontwait")).toBe(-1);
    converse(fd);
  });

  test("finds nothing at once with MSG_DONTWAIT: EAGAIN, and it goes on to block", () => {
    const { fd, native } = waiting();
    for (const receive of [
      () => net.recv(fd, bytes, "dontwait"),
      () => net.recvfrom(fd, bytes, "dontwait")[0] || -1,
      () => net.recvmsg(fd, { data: [bytes] }, "dontwait")?.count ?? -1,
    ]) {
      expect(receive()).toBe(-1);
      expectErrno(net, "EAGAIN");
    }
    expect(blocks(native)).toBe(true);
  });

  test("takes no more than there is room for with MSG_DONTWAIT: EAGAIN", () => {
    const { fd, native } = waiting();
    const much = new Uint8Array(1 << 20);
    let sent = 0;
    for (let count = 0; count >= 0; sent += count) count = net.send(fd, much, "dontwait");
    expectErrno(net, "EAGAIN");
    expect(sent).toBeGreaterThan(0);
    expect(blocks(native)).toBe(true);
  });

  test.each<Act>([
    ...ANY,
    [
      "F_SETFL without",
      (fd) => {
        net.fcntlSet(fd, "setfl", null);
      },
    ],
    [
      "SO_SNDTIMEO",
      (fd) => {
        net.setsockopt(fd, "socket", "sndtimeo", { seconds: 1, microseconds: 0 });
      },
    ],
    [
      "connect",
      (fd) => {
        expect(() => {
          net.connect(fd, echo.address);
        }).toThrow("EISCONN");
      },
    ],
    [
      "listen",
      (fd) => {
        expect(() => {
          net.listen(fd, 1);
        }).toThrow("EINVAL");
      },
    ],
    [
      "SCM_RIGHTS",
      (fd) => {
        const [left] = net.socketpair("unix", "stream");
        net.sendmsg(left, { data: [bytes], control: [rights(fd)] });
      },
    ],
    ["fdToPort", (fd) => net.fdToPort(fd).on("error", () => undefined)],
  ])("no longer does after %s", (_what, act) => {
    const { fd, native } = waiting();
    act(fd);
    expect(blocks(native)).toBe(false);
  });

  test("has the guest's own timeout as soon as there is one: EAGAIN", () => {
    const { fd } = waiting();
    net.setsockopt(fd, "socket", "rcvtimeo", { seconds: 0, microseconds: 30_000 });
    expect(net.recv(fd, bytes)).toBe(-1);
    expectErrno(net, "EAGAIN");
    expect(net.getsockopt(fd, "socket", "rcvtimeo")).toMatchObject({ seconds: 0 });
    converse(fd);
  });

  test("does not block again once somebody else has it", () => {
    const { fd, native } = waiting();
    const [left, right] = net.socketpair("unix", "stream");
    net.sendmsg(left, { data: [bytes], control: [rights(fd)] });
    const received = net.recvmsg(right, { data: [new Uint8Array(64)], control: 64 })!;
    const [copy] = (received.control[0] as Rights).fds as [number];
    for (let i = 0; i < 100; i++) converse(i % 2 === 0 ? fd : copy);
    expect(blocks(native)).toBe(false);
    expect(net.recv(copy, bytes, "dontwait")).toBe(-1);
    expectErrno(net, "EAGAIN");
  });

  test("is a port like any other", async () => {
    const { fd } = waiting();
    const port = net.fdToPort(fd);
    port.end("to a port");
    const [chunk] = (await once(port, "data")) as [Buffer];
    expect(chunk.toString()).toBe("to a port");
    await once(port, "close");
  });
});

describe("a listener that blocks for a slice", () => {
  /** A listener that is called again and again, with pauses in ms, and whose accepts wait in the kernel. */
  async function called(pause = 0): Promise<{ fd: number; native: number; caller: Peer }> {
    const { result: fd, native } = openedNatively(() => net.socket("inet", "stream"));
    net.bind(fd, loopback("inet"));
    net.listen(fd, 1);
    const caller = await nodeCaller(net.getsockname(fd), pause);
    onTestFinished(() => caller[Symbol.asyncDispose]());
    for (let i = 0; i < 1000 && !blocks(native); i++) net.close(net.accept(fd));
    expect(blocks(native)).toBe(true);
    return { fd, native, caller };
  }

  /** Whether the kernel knows of a time limit of a real socket's receives. */
  function isLimited(native: number): boolean {
    const { SO, SOL, block, length, memory } = marshal;
    const view = new DataView(memory.buffer);
    view.setInt32(length, 16, true);
    expect(
      libc.getsockopt(native, SOL.SOCKET, SO.RCVTIMEO, nativeOf(block), nativeOf(length)),
    ).toBe(0);
    return view.getBigInt64(block, true) !== 0n || view.getBigInt64(block + 8, true) !== 0n;
  }

  test("goes on to accept, and shows no timeout, nor do the connections", async () => {
    const { fd } = await called();
    for (let i = 0; i < 200; i++) net.close(net.accept(fd));
    const accepted = net.accept(fd);
    for (const socket of [accepted, fd]) {
      for (const option of ["rcvtimeo", "sndtimeo"] as const) {
        expect(net.getsockopt(socket, "socket", option)).toEqual({ seconds: 0, microseconds: 0 });
      }
    }
  });

  test("gives connections that others get without a timeout", async () => {
    const { fd } = await called();
    const { result: accepted, native } = openedNatively(() => net.accept(fd));
    expect(isLimited(native)).toBe(true);
    const [left] = net.socketpair("unix", "stream");
    net.sendmsg(left, { data: [bytes], control: [rights(accepted)] });
    expect(isLimited(native)).toBe(false);
  });

  test("waits for longer than a slice", async () => {
    const { fd } = await called(30);
    for (let i = 0; i < 3; i++) {
      const accepted = net.accept(fd);
      expect(accepted).toBeGreaterThan(0);
      net.close(accepted);
    }
  });

  test.each<Act>([
    ...ANY,
    [
      "listen",
      (fd) => {
        net.listen(fd, 2);
      },
    ],
    ["listenPort", (fd) => net.listenPort(fd)],
  ])("no longer does after %s", async (_what, act) => {
    const { fd, native } = await called();
    act(fd);
    expect(blocks(native)).toBe(false);
  });

  test("hears who wakes its thread within 64 accepts, although there is always a connection", async () => {
    net.dispose();
    using interrupt = await waker();
    net = await open({ wake: interrupt.descriptor });
    const { fd } = await called();
    interrupt.wake();
    let accepted = 0;
    const acceptAll = () => {
      for (; ; accepted++) net.close(net.accept(fd));
    };
    expectError(net, acceptAll, "EINTR");
    expect(accepted).toBeLessThanOrEqual(64);
  });

  test("hears it after one connection that is refused", async () => {
    net.dispose();
    using interrupt = await waker();
    let refused = 0;
    net = await open({
      wake: interrupt.descriptor,
      allow: { bind: ["127.0.0.1:0"], accept: ["127.0.0.1:*"] },
      onDenied: () => refused++,
    });
    const { fd, caller } = await called();
    await caller[Symbol.asyncDispose]();
    const other = await nodeCaller(net.getsockname(fd), 0, "127.0.0.2");
    onTestFinished(() => other[Symbol.asyncDispose]());
    interrupt.wake();
    expectError(net, () => net.accept(fd), "EINTR");
    expect(refused).toBeLessThanOrEqual(1);
  });
});
