// Readiness by epoll(7): level, edge, oneshot; what a set holds, and what it costs.

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { promisify } from "node:util";
import { open, type EpollEvent, type Flags, type Net } from "wasi-sockets";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeServer } from "./support/peers.js";
import { expectErrno, expectError, invoke, loopback, openBounded } from "./support/sockets.js";

const PACKAGE = new URL("../build/host/index.js", import.meta.url).href;
const descriptorCount = () => readdirSync("/proc/self/fd").length;
const byte = new Uint8Array(1);

/** epollCtl, whose failure is what a test is about. */
const control = (net: Net, ...args: Parameters<Net["epollCtl"]>) =>
  invoke(net, "epollCtl", ...args);

/** Two sockets that are connected to each other, and an epoll descriptor that watches the right one. */
async function watched(events: Flags<EpollEvent>) {
  const net = await open();
  onTestFinished(() => {
    net.dispose();
  });
  const [left, right] = net.socketpair("unix", "stream");
  const epoll = net.epollCreate();
  net.epollCtl(epoll, "add", right, events);
  /** What is ready now. */
  const ready = () => net.epollWait(epoll, 8, 0);
  return { net, left, right, epoll, ready };
}

describe("epoll", () => {
  test("tells, level-triggered, for as long as there is something", async () => {
    const { net, left, right, ready } = await watched("in");
    expect(ready()).toEqual([]);
    net.send(left, new Uint8Array(2));
    const told = [{ data: right, events: ["in"] }];
    expect(ready()).toEqual(told);
    net.recv(right, byte);
    expect(ready()).toEqual(told);
    net.recv(right, byte);
    expect(ready()).toEqual([]);
  });

  test("tells, edge-triggered, once for each arrival", async () => {
    const { net, left, right, ready } = await watched(["in", "et"]);
    for (let arrivals = 0; arrivals < 3; arrivals++) {
      net.send(left, byte);
      expect(ready()).toEqual([{ data: right, events: ["in"] }]);
      expect(ready()).toEqual([]);
    }
  });

  test("tells, oneshot, once until it is armed again", async () => {
    const { net, left, right, epoll, ready } = await watched(["in", "oneshot"]);
    for (let shots = 0; shots < 3; shots++) {
      net.send(left, byte);
      expect(ready()).toEqual([{ data: right, events: ["in"] }]);
      expect(ready()).toEqual([]);
      net.epollCtl(epoll, "mod", right, ["in", "oneshot"]);
    }
  });

  test("adds exclusive, which the kernel lets nobody modify", async () => {
    const { net, left, right, epoll, ready } = await watched(["in", "exclusive"]);
    net.send(left, byte);
    expect(ready()).toEqual([{ data: right, events: ["in"] }]);
    for (const events of ["in", ["in", "exclusive"]] as const) {
      expectError(net, () => control(net, epoll, "mod", right, events), "EINVAL", {
        syscall: "epoll_ctl",
      });
    }
  });

  test("tells rdhup and hup of a peer that has gone", async () => {
    const { net, left, right, ready } = await watched("rdhup");
    net.shutdown(left, "write");
    expect(ready()).toEqual([{ data: right, events: ["rdhup"] }]);
    net.close(left);
    expect(ready()).toEqual([{ data: right, events: ["hup", "rdhup"] }]);
  });

  test("waits for an answer of node:net", async () => {
    await using peer = await nodeServer(loopback("inet6"), "echo");
    await using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket("inet6", "stream");
    net.connect(fd, peer.address);
    const epoll = net.epollCreate();
    net.epollCtl(epoll, "add", fd, "in", 7);
    for (let round = 0; round < 3; round++) {
      net.send(fd, byte);
      expect(net.epollWait(epoll)).toEqual([{ data: 7, events: ["in"] }]);
      expect(net.recv(fd, byte)).toBe(1);
    }
    expect(net.epollWait(epoll, 1, 10)).toEqual([]);
  });

  test.each([0, -1, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    "gives the number %d back",
    async (data) => {
      const { net, right, epoll, ready } = await watched("in");
      net.epollCtl(epoll, "mod", right, "out", data);
      expect(ready()).toEqual([{ data, events: ["out"] }]);
    },
  );

  test("changes and forgets what it watches", async () => {
    const { net, right, epoll, ready } = await watched("in");
    net.epollCtl(epoll, "mod", right, ["in", "out"]);
    expect(ready()).toEqual([{ data: right, events: ["out"] }]);
    net.epollCtl(epoll, "del", right);
    expect(ready()).toEqual([]);
  });

  test("forgets a descriptor that is closed, whoever gets its number next", async () => {
    const { net, left, right, epoll, ready } = await watched(["in", "out"]);
    net.close(right);
    expect(ready()).toEqual([]);
    expect(net.socketpair("unix", "stream")).toContain(right);
    expect(ready()).toEqual([]);
    expectError(net, () => control(net, epoll, "del", right), "ENOENT");
    net.epollCtl(epoll, "add", left, "hup");
    expect(ready()).toEqual([{ data: left, events: ["hup"] }]);
  });

  test.each<[code: string, what: string, (net: Net, epoll: number, fd: number) => unknown]>([
    ["EEXIST", "adding twice", (net, epoll, fd) => control(net, epoll, "add", fd, "in")],
    ["ENOENT", "changing what is not there", (net, epoll) => control(net, epoll, "mod", 3, "in")],
    ["ENOENT", "removing what is not there", (net, epoll) => control(net, epoll, "del", 3)],
    ["EBADF", "adding what is closed", (net, epoll) => control(net, epoll, "add", 99, "in")],
    ["EBADF", "an epoll that is closed", (net, _, fd) => control(net, 99, "add", fd, "in")],
    ["EBADF", "waiting for one that is closed", (net) => net.epollWait(99)],
    ["EINVAL", "adding to what is no epoll", (net, _, fd) => control(net, fd, "add", 3, "in")],
    ["EINVAL", "waiting for what is none", (net, _, fd) => net.epollWait(fd)],
    ["EINVAL", "adding it to itself", (net, epoll) => control(net, epoll, "add", epoll, "in")],
  ])("gives %s for %s", async (code, _, call) => {
    const { net, right, epoll } = await watched("in"); // left is 3
    expectError(net, () => call(net, epoll, right), code);
  });

  test("is itself ready when it has something, for poll and for another epoll", async () => {
    const { net, left, epoll } = await watched("in");
    const outer = net.epollCreate();
    net.epollCtl(outer, "add", epoll, "in");
    const requests = [{ fd: epoll, events: "in" }] as const;
    expect(net.poll(requests, 0)).toEqual([]);
    expect(net.epollWait(outer, 1, 0)).toEqual([]);
    net.send(left, byte);
    expect(net.poll(requests)).toEqual([{ fd: epoll, events: ["in"] }]);
    expect(net.epollWait(outer)).toEqual([{ data: epoll, events: ["in"] }]);
    expectError(net, () => control(net, epoll, "add", outer, "in"), "ELOOP");
  });

  test("gives as many events as are asked for, and the others next", async () => {
    using net = await open();
    const epoll = net.epollCreate();
    for (let i = 0; i < 5; i++)
      net.epollCtl(epoll, "add", net.socketpair("unix", "stream")[0], "out", i);
    const rounds = [2, 2, 5].map((count) => net.epollWait(epoll, count));
    expect(rounds.map(({ length }) => length)).toEqual([2, 2, 5]);
    const numbers = new Set(
      rounds
        .slice(0, 2)
        .flat()
        .map(({ data }) => data),
    );
    expect(numbers.size).toBe(4);
    for (const count of [0, -1, 1.5, 4097, NaN]) {
      expect(() => net.epollWait(epoll, count, 0)).toThrow(RangeError);
    }
  });

  test("refuses what is no operation, event or number", async () => {
    const { net, right, epoll } = await watched("in");
    const attempt =
      (...args: unknown[]) =>
      () =>
        invoke(net, "epollCtl", epoll, ...args);
    expect(attempt("set", right, "in")).toThrow(/add, mod, del/);
    expect(attempt("mod", right, "readable")).toThrow(TypeError);
    expect(attempt("mod", right, "in", 1.5)).toThrow(RangeError);
  });

  test("is no socket", async () => {
    const { net, epoll } = await watched("in");
    expect(net.recv(epoll, byte)).toBe(-1);
    expectErrno(net, "ENOTSOCK");
    expect(net.sendmsg(epoll, { data: [byte] })).toBe(-1);
    expectErrno(net, "ENOTSOCK");
    expectError(net, () => net.accept(epoll), "ENOTSOCK");
  });

  test("counts among the descriptors, and is closed by close and by dispose", async () => {
    const before = descriptorCount();
    const net = await open({ descriptors: 2 });
    const [first, second] = [net.epollCreate(), net.epollCreate()];
    expect([first, second]).toEqual([3, 4]);
    expectError(net, () => net.epollCreate(), "EMFILE");
    expect(descriptorCount()).toBe(before + 2);
    net.close(first);
    expect(descriptorCount()).toBe(before + 1);
    net.dispose();
    expect(descriptorCount()).toBe(before);
  });
});

// In a process of its own, whose memory is nobody else's.
const CHURN = `
  import { readdirSync } from "node:fs";
  import { open } from ${JSON.stringify(PACKAGE)};
  const net = await open();
  const epoll = net.epollCreate();
  const [fd] = net.socketpair("unix", "stream");
  const churn = (times) => {
    for (let i = 0; i < times; i++) {
      net.epollCtl(epoll, "add", fd, "in");
      net.epollCtl(epoll, "del", fd);
    }
    gc();
    return { bytes: process.memoryUsage.rss(), count: readdirSync("/proc/self/fd").length };
  };
  const before = churn(20_000);
  const after = churn(500_000);
  console.log(JSON.stringify({ opened: after.count - before.count, grown: after.bytes - before.bytes }));
  net.dispose();
`;

test("a million adds and deletes leak no descriptor, and less than 8 bytes each", async () => {
  const node = ["--expose-gc", "--input-type=module", "--eval", CHURN];
  const { stdout } = await promisify(execFile)(process.execPath, node, { timeout: 25_000 });
  const { opened, grown } = JSON.parse(stdout) as { opened: number; grown: number };
  expect(opened).toBe(0);
  expect(grown).toBeLessThan(8_000_000);
});
