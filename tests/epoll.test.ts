// Readiness by epoll(7): level, edge, oneshot; what a set holds, and what it costs. All of it by the kernel's
// own, and by the one that is made of poll(2) where a kernel has none.

import { execFile, spawnSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { waker, type EpollEvent, type Flags, type OpenOptions, type Rights } from "wasi-sockets";
import { Net } from "#host/api/net";
import type { Platform } from "#host/platform/index";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeServer, type Behaviour } from "./support/peers.js";
import { epolls, kernel, made } from "./support/platforms.js";
import {
  connected,
  expectErrno,
  expectError,
  invoke,
  listening,
  loopback,
  openBounded,
} from "./support/sockets.js";
import { linux } from "./support/system.js";

const NET = new URL("../build/host/api/net.js", import.meta.url).href;

/** The real descriptors of this process, and what they are. */
const descriptors = () =>
  new Map(
    readdirSync("/proc/self/fd").flatMap((fd): [string, string][] => {
      try {
        return [[fd, readlinkSync(`/proc/self/fd/${fd}`)]];
      } catch {
        return []; // the one by which the directory was read
      }
    }),
  );
const descriptorCount = () => readdirSync("/proc/self/fd").length;
const byte = new Uint8Array(1);
/** Milliseconds within which what is expected happens: a test of a fault fails, and does not hang. */
const SOON = 5000;

/** epollCtl, whose failure is what a test is about. */
const control = (net: Net, ...args: Parameters<Net["epollCtl"]>) =>
  invoke(net, "epollCtl", ...args);

/** The events of a set, ordered by its numbers. */
const inOrder = (net: Net, epoll: number) =>
  net.epollWait(epoll, 64, 0).sort((left, right) => left.data - right.data);

function opened(platform: Platform, options: OpenOptions = {}): Net {
  const net = new Net(options, platform);
  onTestFinished(() => {
    net.dispose();
  });
  return net;
}

/** Two sockets that are connected to each other, and an epoll descriptor that watches the right one. */
function watched(platform: Platform, events: Flags<EpollEvent>, options?: OpenOptions) {
  const net = opened(platform, options);
  const [left, right] = net.socketpair("unix", "stream");
  const epoll = net.epollCreate();
  net.epollCtl(epoll, "add", right, events);
  /** What is ready now. */
  const ready = () => net.epollWait(epoll, 8, 0);
  return { net, left, right, epoll, ready };
}

/** A socket that is connected to a peer of Node, and what the peer sends back is not waited for for ever. */
async function withPeer(platform: Platform, behaviour: Behaviour) {
  const peer = await nodeServer(loopback("inet6"), behaviour);
  const bounded = await openBounded(platform);
  onTestFinished(async () => {
    bounded[Symbol.dispose]();
    await peer[Symbol.asyncDispose]();
  });
  const { net } = bounded;
  const fd = net.socket("inet6", "stream");
  net.connect(fd, peer.address);
  net.fcntlSet(fd, "setfl", ["non-blocking"]);
  return { net, fd, epoll: net.epollCreate() };
}

/** Receives until there is nothing: how many bytes, or messages. */
function drain(net: Net, fd: number): number {
  let count = 0;
  while (net.recv(fd, byte, "dontwait") > 0) count++;
  return count;
}

/** Sends until there is no room: how many bytes. */
function fill(net: Net, fd: number): number {
  const bytes = new Uint8Array(65536);
  let count = 0;
  for (let sent = 0; sent >= 0; sent = net.send(fd, bytes, "dontwait")) count += sent;
  expectErrno(net, "EAGAIN");
  return count;
}

describe.each(epolls)("$epoll", ({ platform }) => {
  test("tells, level-triggered, for as long as there is something", () => {
    const { net, left, right, ready } = watched(platform, "in");
    expect(ready()).toEqual([]);
    net.send(left, new Uint8Array(2));
    const told = [{ data: right, events: ["in"] }];
    expect(ready()).toEqual(told);
    net.recv(right, byte);
    expect(ready()).toEqual(told);
    net.recv(right, byte);
    expect(ready()).toEqual([]);
  });

  test("tells, edge-triggered, once for each arrival", () => {
    const { net, left, right, ready } = watched(platform, ["in", "et"]);
    for (let arrivals = 0; arrivals < 3; arrivals++) {
      net.send(left, byte);
      expect(ready()).toEqual([{ data: right, events: ["in"] }]);
      expect(ready()).toEqual([]);
    }
  });

  test("tells, oneshot, once until it is armed again", () => {
    const { net, left, right, epoll, ready } = watched(platform, ["in", "oneshot"]);
    for (let shots = 0; shots < 3; shots++) {
      net.send(left, byte);
      expect(ready()).toEqual([{ data: right, events: ["in"] }]);
      expect(ready()).toEqual([]);
      net.epollCtl(epoll, "mod", right, ["in", "oneshot"]);
    }
  });

  test("adds exclusive, which the kernel lets nobody modify", () => {
    const { net, left, right, epoll, ready } = watched(platform, ["in", "exclusive"]);
    net.send(left, byte);
    expect(ready()).toEqual([{ data: right, events: ["in"] }]);
    for (const events of ["in", ["in", "exclusive"]] as const) {
      expectError(net, () => control(net, epoll, "mod", right, events), "EINVAL", {
        syscall: "epoll_ctl",
      });
    }
  });

  test("tells rdhup and hup of a peer that has gone", () => {
    const { net, left, right, ready } = watched(platform, "rdhup");
    net.shutdown(left, "write");
    expect(ready()).toEqual([{ data: right, events: ["rdhup"] }]);
    net.close(left);
    expect(ready()).toEqual([{ data: right, events: ["hup", "rdhup"] }]);
  });

  test("waits for an answer of node:net", async () => {
    const { net, fd, epoll } = await withPeer(platform, "echo");
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
    (data) => {
      const { net, right, epoll, ready } = watched(platform, "in");
      net.epollCtl(epoll, "mod", right, "out", data);
      expect(ready()).toEqual([{ data, events: ["out"] }]);
    },
  );

  test("changes and forgets what it watches", () => {
    const { net, right, epoll, ready } = watched(platform, "in");
    net.epollCtl(epoll, "mod", right, ["in", "out"]);
    expect(ready()).toEqual([{ data: right, events: ["out"] }]);
    net.epollCtl(epoll, "del", right);
    expect(ready()).toEqual([]);
  });

  test("forgets a descriptor that is closed, whoever gets its number next", () => {
    const { net, left, right, epoll, ready } = watched(platform, ["in", "out"]);
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
  ])("gives %s for %s", (code, _, call) => {
    const { net, right, epoll } = watched(platform, "in"); // left is 3
    expectError(net, () => call(net, epoll, right), code);
  });

  test("is itself ready when it has something, for poll and for another epoll", () => {
    const { net, left, epoll } = watched(platform, "in");
    const outer = net.epollCreate();
    net.epollCtl(outer, "add", epoll, "in");
    const requests = [{ fd: epoll, events: "in" }] as const;
    expect(net.poll(requests, 0)).toEqual([]);
    expect(net.epollWait(outer, 1, 0)).toEqual([]);
    net.send(left, byte);
    expect(net.poll(requests, SOON)).toEqual([{ fd: epoll, events: ["in"] }]);
    expect(net.epollWait(outer, 1, SOON)).toEqual([{ data: epoll, events: ["in"] }]);
    expectError(net, () => control(net, epoll, "add", outer, "in"), "ELOOP");
  });

  test("gives as many events as are asked for, and the others next", () => {
    using net = new Net({}, platform);
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

  test("refuses what is no operation, event or number", () => {
    const { net, right, epoll } = watched(platform, "in");
    const attempt =
      (...args: unknown[]) =>
      () =>
        invoke(net, "epollCtl", epoll, ...args);
    expect(attempt("set", right, "in")).toThrow(/add, mod, del/);
    expect(attempt("mod", right, "readable")).toThrow(TypeError);
    expect(attempt("mod", right, "in", 1.5)).toThrow(RangeError);
  });

  test("is no socket", () => {
    const { net, epoll } = watched(platform, "in");
    expect(net.recv(epoll, byte)).toBe(-1);
    expectErrno(net, "ENOTSOCK");
    expect(net.sendmsg(epoll, { data: [byte] })).toBe(-1);
    expectErrno(net, "ENOTSOCK");
    expectError(net, () => net.accept(epoll), "ENOTSOCK");
  });

  test("counts among the descriptors, and is closed by close and by dispose", () => {
    const before = descriptorCount();
    const net = new Net({ descriptors: 2 }, platform);
    const [first, second] = [net.epollCreate(), net.epollCreate()];
    expect([first, second]).toEqual([3, 4]);
    expectError(net, () => net.epollCreate(), "EMFILE");
    expect(descriptorCount()).toBe(before + 2);
    net.close(first);
    expect(descriptorCount()).toBe(before + 1);
    net.dispose();
    expect(descriptorCount()).toBe(before);
  });

  test("tells, edge-triggered, nothing of what is left, and all of it at the next arrival", () => {
    const { net, left, right, ready } = watched(platform, ["in", "et"]);
    const told = [{ data: right, events: ["in"] }];
    net.send(left, new Uint8Array(3));
    expect(ready()).toEqual(told);
    net.recv(right, byte);
    expect(ready()).toEqual([]);
    net.send(left, byte);
    expect(ready()).toEqual(told);
    net.recv(right, byte);
    net.recv(right, byte);
    net.send(left, byte); // as many bytes are there as when it was told last
    expect(ready()).toEqual(told);
    net.recv(right, new Uint8Array(3), "peek");
    expect(ready()).toEqual([]);
  });

  test("tells, edge-triggered, an arrival after all was received, and the end of a stream", () => {
    const { net, left, right, ready } = watched(platform, ["in", "et"]);
    const told = [{ data: right, events: ["in"] }];
    for (let arrivals = 0; arrivals < 3; arrivals++) {
      net.send(left, byte);
      expect(ready()).toEqual(told);
      expect(drain(net, right)).toBe(1);
      expect(ready()).toEqual([]);
    }
    net.send(left, byte);
    expect(ready()).toEqual(told);
    net.shutdown(left, "write");
    expect(ready()).toEqual(told);
    expect(drain(net, right)).toBe(1);
    expect(ready()).toEqual([]);
  });

  test.each(["datagram", "seqpacket"] as const)(
    "tells, edge-triggered, of a %s socket each arrival after all was received",
    (type) => {
      const net = opened(platform);
      const [left, right] = net.socketpair("unix", type);
      const epoll = net.epollCreate();
      net.epollCtl(epoll, "add", right, ["in", "et"]);
      for (let round = 0; round < 3; round++) {
        net.send(left, byte);
        net.send(left, byte);
        expect(net.epollWait(epoll, 1, 0)).toEqual([{ data: right, events: ["in"] }]);
        expect(net.epollWait(epoll, 1, 0)).toEqual([]);
        expect(drain(net, right)).toBe(2);
        expect(net.epollWait(epoll, 1, 0)).toEqual([]);
      }
    },
  );

  test("tells, edge-triggered, once that there is room again for one who was refused", () => {
    const net = opened(platform);
    const [client, server] = connected(net);
    const epoll = net.epollCreate();
    net.epollCtl(epoll, "add", client, ["out", "et"]);
    const told = [{ data: client, events: ["out"] }];
    expect(net.epollWait(epoll, 1, 0)).toEqual(told);
    for (let round = 0; round < 2; round++) {
      const count = fill(net, client);
      expect(net.epollWait(epoll, 1, 0)).toEqual([]);
      expect(net.recv(server, new Uint8Array(count), "waitall")).toBe(count);
      expect(net.epollWait(epoll, 1, SOON)).toEqual(told);
      expect(net.epollWait(epoll, 1, 0)).toEqual([]);
    }
  });

  test("tells, edge-triggered, that a connection is made, and that one can be accepted", () => {
    const net = opened(platform);
    const { listener, address } = listening(net, loopback("inet"));
    net.fcntlSet(listener, "setfl", ["non-blocking"]);
    const epoll = net.epollCreate();
    net.epollCtl(epoll, "add", listener, ["in", "et"]);
    for (let round = 0; round < 2; round++) {
      const client = net.socket("inet", ["stream", "nonblock"]);
      net.epollCtl(epoll, "add", client, ["out", "et"]);
      // Linux alone says of a stream that was never connected that its peer has gone.
      const unconnected = linux ? [{ data: client, events: ["out", "hup"] }] : [];
      expect(net.epollWait(epoll, 8, 0)).toEqual(unconnected);
      expectError(net, () => invoke(net, "connect", client, address), "EINPROGRESS");
      const told = new Map<number, EpollEvent[]>();
      for (let found = 1; told.size < 2 && found > 0;) {
        const results = net.epollWait(epoll, 8, SOON);
        for (const { data, events } of results) told.set(data, events);
        found = results.length;
      }
      expect(told.get(client)).toEqual(["out"]);
      expect(told.get(listener)).toEqual(["in"]);
      net.accept(listener);
      expectError(net, () => net.accept(listener), "EAGAIN");
      net.close(client);
      expect(net.epollWait(epoll, 8, 0)).toEqual([]);
    }
  });

  test("tells, edge-triggered, again what is modified", () => {
    const { net, right, epoll, ready } = watched(platform, ["out", "et"]);
    const told = [{ data: right, events: ["out"] }];
    expect(ready()).toEqual(told);
    expect(ready()).toEqual([]);
    net.epollCtl(epoll, "mod", right, ["in", "out", "et"]);
    expect(ready()).toEqual(told);
    expect(ready()).toEqual([]);
  });

  test("tells of a port that nobody listens on, edge-triggered, for each answer of the other host", () => {
    const net = opened(platform);
    const [nobody, fd] = [net.socket("inet", "datagram"), net.socket("inet", "datagram")];
    net.bind(nobody, loopback("inet"));
    net.connect(fd, net.getsockname(nobody));
    net.close(nobody);
    const epoll = net.epollCreate();
    net.epollCtl(epoll, "add", fd, ["in", "et"]);
    for (let round = 0; round < 3; round++) {
      expect(net.send(fd, byte)).toBe(1);
      expect(net.epollWait(epoll, 1, SOON)).toEqual([{ data: fd, events: ["err"] }]);
      expect(net.epollWait(epoll, 1, 0)).toEqual([]);
      expect(net.recv(fd, byte, "dontwait")).toBe(-1);
      expectErrno(net, "ECONNREFUSED");
    }
  });

  test("tells, oneshot, not even hup before it is armed again", () => {
    const { net, left, right, epoll, ready } = watched(platform, ["in", "oneshot"]);
    net.send(left, byte);
    expect(ready()).toEqual([{ data: right, events: ["in"] }]);
    net.close(left);
    expect(ready()).toEqual([]);
    expect(net.epollWait(epoll, 1, 20)).toEqual([]);
    net.epollCtl(epoll, "mod", right, "rdhup");
    expect(ready()).toEqual([{ data: right, events: ["hup", "rdhup"] }]);
  });

  test("waits, edge-triggered, for what comes although something is left", async () => {
    const { net, fd, epoll } = await withPeer(platform, "echo");
    net.epollCtl(epoll, "add", fd, ["in", "out", "et"]);
    expect(net.epollWait(epoll)).toEqual([{ data: fd, events: ["out"] }]);
    for (let round = 0; round < 3; round++) {
      net.send(fd, byte);
      expect(net.epollWait(epoll)).toEqual([{ data: fd, events: ["in", "out"] }]);
    }
    expect(net.epollWait(epoll, 1, 10)).toEqual([]);
    expect(drain(net, fd)).toBe(3);
  });

  test("is waited for by poll, beside others, and by a set of a set", async () => {
    const { net, fd, epoll } = await withPeer(platform, "echo");
    const outer = net.epollCreate();
    const outermost = net.epollCreate();
    const other = net.socket("inet", "datagram");
    net.epollCtl(epoll, "add", fd, "in");
    net.epollCtl(outer, "add", epoll, "in");
    net.epollCtl(outermost, "add", outer, ["in", "et"]);
    const requests = [other, outer, epoll].map((fd) => ({ fd, events: "in" }) as const);
    expect(net.poll(requests, 10)).toEqual([]);
    for (let round = 0; round < 3; round++) {
      net.send(fd, byte);
      expect(net.epollWait(outermost)).toEqual([{ data: outer, events: ["in"] }]);
      expect(net.epollWait(outermost, 1, 10)).toEqual([]);
      expect(net.poll(requests)).toEqual([
        { fd: outer, events: ["in"] },
        { fd: epoll, events: ["in"] },
      ]);
      expect(net.epollWait(outer)).toEqual([{ data: epoll, events: ["in"] }]);
      expect(net.epollWait(epoll)).toEqual([{ data: fd, events: ["in"] }]);
      expect(net.recv(fd, byte)).toBe(1);
      expect(net.epollWait(outer, 1, 0)).toEqual([]);
      net.send(fd, byte);
      expect(net.poll(requests)).toContainEqual({ fd: epoll, events: ["in"] });
      expect(net.poll([{ fd: epoll, events: "out" }], 0)).toEqual([]);
      expect(net.recv(fd, byte)).toBe(1);
    }
  });

  test("ends its waits with EINTR where they are woken", async () => {
    using wake = await waker();
    const { net, right, epoll } = watched(platform, ["out", "et"], { wake: wake.descriptor });
    expect(net.epollWait(epoll, 1, SOON)).toEqual([{ data: right, events: ["out"] }]);
    for (const call of [
      () => net.epollWait(epoll),
      () => net.poll([{ fd: epoll, events: "in" }]),
      () => net.epollWait(net.epollCreate()),
    ]) {
      wake.wake();
      expectError(net, call, "EINTR");
    }
  });

  test("takes no more sets one in the other than five, and no circle", () => {
    const net = opened(platform);
    const sets = Array.from({ length: 6 }, () => net.epollCreate());
    for (const index of [3, 2, 1, 0]) control(net, sets[index]!, "add", sets[index + 1]!, "in");
    const add = (outer: number, inner: number) => () =>
      control(net, sets[outer]!, "add", sets[inner]!, "in");
    expectError(net, add(5, 0), "ELOOP");
    expectError(net, add(4, 5), "ELOOP");
    expectError(net, add(4, 0), "ELOOP");
    expectError(net, add(4, 2), "ELOOP");
    add(3, 5)();
    add(0, 4)();
    expectError(net, add(0, 4), "EEXIST");
    const [left, right] = net.socketpair("unix", "stream");
    net.epollCtl(sets[4]!, "add", right, "in");
    net.send(left, byte);
    expect(inOrder(net, sets[0]!)).toEqual(
      [sets[1]!, sets[4]!].map((data) => ({ data, events: ["in"] })),
    );
    net.close(sets[4]!);
    expect(net.epollWait(sets[0]!, 8, 0)).toEqual([]);
  });

  test("does not look at a set more than once, in however many it is", () => {
    const net = opened(platform);
    const layers = Array.from({ length: 4 }, () =>
      Array.from({ length: 12 }, () => net.epollCreate()),
    );
    for (const [depth, layer] of layers.entries())
      for (const set of layer)
        for (const inner of layers[depth + 1] ?? []) {
          try {
            net.epollCtl(set, "add", inner, "in");
          } catch {
            expectErrno(net, "EINVAL"); // the kernel has a limit of paths
          }
        }
    for (let looks = 0; looks < 100; looks++)
      for (const set of layers[0]!) expect(net.epollWait(set, 1, 0)).toEqual([]);
  });

  test.each<[Flags<EpollEvent>, string | null]>([
    [["in", "out", "exclusive"], null],
    [["in", "et", "exclusive"], null],
    [["err", "hup", "exclusive"], null],
    [["in", "oneshot", "exclusive"], "EINVAL"],
    [["in", "rdhup", "exclusive"], "EINVAL"],
    [["pri", "exclusive"], "EINVAL"],
  ])("takes %j as exclusive or not: %s", (events, code) => {
    const { net, left, epoll } = watched(platform, "in");
    const inner = net.epollCreate();
    const add = () => control(net, epoll, "add", left, events);
    if (code === null) add();
    else expectError(net, add, code);
    expectError(net, () => control(net, epoll, "add", inner, ["in", "exclusive"]), "EINVAL");
  });

  test("gives EPERM for a file", () => {
    const { net, right, epoll } = watched(platform, "in", {
      preopens: [fileURLToPath(import.meta.url)],
    });
    const file = 3;
    for (const operation of ["add", "mod", "del"] as const) {
      expectError(net, () => control(net, epoll, operation, file, "in"), "EPERM");
      expectError(net, () => control(net, right, operation, file, "in"), "EPERM");
    }
  });

  test("takes a duplicate, that came as control data, for a descriptor of its own", () => {
    const { net, left, right, epoll } = watched(platform, "in");
    const [one, other] = net.socketpair("unix", "stream");
    net.sendmsg(one, {
      data: [byte],
      control: [{ level: "socket", type: "rights", fds: [right] }],
    });
    const [came] = net.recvmsg(other, { data: [byte], control: 64 })!.control;
    const [duplicate] = (came as Rights).fds as [number];
    net.epollCtl(epoll, "add", duplicate, "in");
    net.send(left, byte);
    expect(inOrder(net, epoll)).toEqual(
      [right, duplicate].map((data) => ({ data, events: ["in"] })),
    );
    expect(net.recv(duplicate, byte)).toBe(1);
    expect(inOrder(net, epoll)).toEqual([]);
    net.close(duplicate);
    net.send(left, byte);
    expect(inOrder(net, epoll).map(({ data }) => data)).toContain(right);
  });

  test("lets others go on when a set is closed", () => {
    const { net, left, right, epoll } = watched(platform, "in");
    const other = net.epollCreate();
    net.epollCtl(other, "add", right, "in", 1);
    net.epollCtl(other, "add", left, "in", 2);
    net.epollCtl(epoll, "add", left, "in");
    net.close(epoll);
    net.send(left, byte);
    net.send(right, byte);
    expect(inOrder(net, other)).toEqual([1, 2].map((data) => ({ data, events: ["in"] })));
    expectError(net, () => net.epollWait(epoll, 1, 0), "EBADF");
  });

  test("starves none of its descriptors, whatever the others do", () => {
    const net = opened(platform);
    const epoll = net.epollCreate();
    const pairs = Array.from({ length: 10 }, () => net.socketpair("unix", "stream"));
    for (const [left, right] of pairs) {
      net.epollCtl(epoll, "add", left, "in");
      net.send(right, byte);
    }
    const told = Array.from({ length: 10 }, () => net.epollWait(epoll, 1, 0)[0]!.data);
    expect(new Set(told)).toEqual(new Set(pairs.map(([left]) => left)));
  });

  test("watches more descriptors than one poll(2) of the host takes", () => {
    const net = opened(platform, { descriptors: 9000 });
    const epoll = net.epollCreate();
    const fds = Array.from({ length: 4300 }, () => net.socketpair("unix", "datagram")).flat();
    for (const fd of fds) net.epollCtl(epoll, "add", fd, "in");
    expect(net.epollWait(epoll, 8, 20)).toEqual([]);
    const [left, right] = fds.slice(-2) as [number, number];
    net.send(left, byte);
    expect(net.epollWait(epoll, 1, SOON)).toEqual([{ data: right, events: ["in"] }]);
    expect(net.poll([{ fd: epoll, events: "in" }], SOON)).toEqual([{ fd: epoll, events: ["in"] }]);
    for (const fd of fds.slice(0, 4000)) net.epollCtl(epoll, "del", fd);
    expect(net.epollWait(epoll, 1, SOON)).toEqual([{ data: right, events: ["in"] }]);
  });
});

// What RATIONALE.md says of the differences, one by one.
describe("beside the kernel's, epoll made of poll(2)", () => {
  const bothOf = (told: (platform: Platform) => unknown) =>
    [kernel, made].map(({ platform }) => told(platform));

  test("has a real descriptor that is no epoll's", () => {
    const links = (platform: Platform) => {
      const before = descriptors();
      opened(platform).epollCreate();
      return [...descriptors()].flatMap(([fd, link]) => (before.has(fd) ? [] : [link]));
    };
    expect(bothOf(links)).toEqual([["anon_inode:[eventpoll]"], ["/dev/null"]]);
  });

  test("does not tell edges of a Unix socket's room that nobody was refused", () => {
    const told = (platform: Platform) => {
      const { net, left, right, ready } = watched(platform, ["out", "et"]);
      net.send(right, byte);
      ready();
      net.recv(left, byte);
      return ready().length;
    };
    expect(bothOf(told)).toEqual([1, 0]);
  });

  test("does not tell edges of datagrams and connections that join those which nobody took", () => {
    const datagrams = (platform: Platform) => {
      const net = opened(platform);
      const [left, right] = net.socketpair("unix", "datagram");
      const epoll = net.epollCreate();
      net.epollCtl(epoll, "add", right, ["in", "et"]);
      return [0, 1].map(() => {
        net.send(left, byte);
        return net.epollWait(epoll, 1, 0).length;
      });
    };
    const connections = (platform: Platform) => {
      const net = opened(platform);
      const { listener, address } = listening(net, loopback("inet"));
      const epoll = net.epollCreate();
      net.epollCtl(epoll, "add", listener, ["in", "et"]);
      return [0, 1].map(() => {
        net.connect(net.socket("inet", "stream"), address);
        return net.epollWait(epoll, 1, 0).length;
      });
    };
    expect(bothOf(datagrams)).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(bothOf(connections)).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  test("tells again the datagrams that are left when one was taken", () => {
    const told = (platform: Platform) => {
      const net = opened(platform);
      const [left, right] = net.socketpair("unix", "datagram");
      const epoll = net.epollCreate();
      net.epollCtl(epoll, "add", right, ["in", "et"]);
      net.send(left, byte);
      net.send(left, byte);
      net.epollWait(epoll, 1, 0);
      net.recv(right, byte);
      return net.epollWait(epoll, 1, 0).length;
    };
    expect(bothOf(told)).toEqual([0, 1]);
  });

  test("forgets a descriptor that is closed although a duplicate is open", () => {
    const told = (platform: Platform) => {
      const { net, left, right, ready } = watched(platform, "in");
      const [one] = net.socketpair("unix", "stream");
      const rights = { level: "socket", type: "rights", fds: [right] } as const;
      net.sendmsg(one, { data: [byte], control: [rights] }); // it stays open in the message
      net.close(right);
      net.send(left, byte);
      return ready().length;
    };
    expect(bothOf(told)).toEqual([1, 0]);
  });

  test("can be sent to nobody", () => {
    const sent = (platform: Platform) => {
      const { net, left, epoll } = watched(platform, "in");
      const rights = { level: "socket", type: "rights", fds: [epoll] } as const;
      net.sendmsg(left, { data: [byte], control: [rights] });
      return net.errno?.code ?? "sent";
    };
    expect(bothOf(sent)).toEqual(["sent", "EOPNOTSUPP"]);
  });
});

// In a process of its own, whose memory is nobody else's.
const CHURN = `
  import { readdirSync } from "node:fs";
  import { Net } from ${JSON.stringify(NET)};
  const net = new Net({}, JSON.parse(process.argv[1]));
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

test.each(epolls)(
  "$epoll: a million adds and deletes leak no descriptor, and less than 8 bytes each",
  async ({ platform }) => {
    const node = ["--expose-gc", "--input-type=module", "--eval", CHURN, JSON.stringify(platform)];
    const { stdout } = await promisify(execFile)(process.execPath, node, { timeout: 25_000 });
    const { opened, grown } = JSON.parse(stdout) as { opened: number; grown: number };
    expect(opened).toBe(0);
    expect(grown).toBeLessThan(8_000_000);
  },
);

const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
const unlessStrace = hasStrace ? "" : " (skipped: strace does not run here)";

// In a process of its own, whose system calls are counted.
const IDLE = `
  import { Net } from ${JSON.stringify(NET)};
  const net = new Net({}, JSON.parse(process.argv[1]));
  const [left, right] = net.socketpair("unix", ["stream", "nonblock"]);
  const epoll = net.epollCreate();
  net.epollCtl(epoll, "add", right, ["in", "out", "et"]);
  const bytes = new Uint8Array(8);
  net.send(left, bytes);
  net.epollWait(epoll);
  while (net.recv(right, bytes) > 0);
  if (net.epollWait(epoll, 1, 500).length > 0) process.exit(1);
  net.close(left);
  net.epollWait(epoll);
  while (net.recv(right, bytes) > 0);
  if (net.epollWait(epoll, 1, 500).length > 0) process.exit(1);
`;

test.skipIf(!hasStrace).each(epolls)(
  `$epoll: an edge-triggered wait in vain takes two dozen poll(2)s a second${unlessStrace}`,
  async ({ platform }) => {
    const trace = ["-f", "-c", "-U", "calls,name", "-e", "trace=poll,ppoll"];
    const node = [process.execPath, "--input-type=module", "--eval", IDLE];
    const { stderr } = await promisify(execFile)(
      "strace",
      [...trace, ...node, JSON.stringify(platform)],
      { timeout: 20_000 },
    );
    const calls = Array.from(stderr.matchAll(/^\s*(\d+)\s+p?poll$/gm), ([, count]) =>
      Number(count),
    );
    // 20 that each last 50 ms, those that look, and Node's own: a thousand where it looked every millisecond.
    expect(calls.reduce((sum, count) => sum + count, 0)).toBeLessThan(50);
  },
);
