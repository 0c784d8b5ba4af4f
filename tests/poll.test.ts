// Readiness: poll(2), and what ends its waits and those of epoll(7).

import { open, type Net, type PollEvent } from "wasi-sockets";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeServer, type Behaviour } from "./support/peers.js";
import {
  expectErrno,
  expectError,
  invoke,
  loopback,
  openBounded,
  openHurried,
} from "./support/sockets.js";

const byte = new Uint8Array(1);

/** Two sockets that are connected to each other, of a net that is closed after the test. */
async function pair(): Promise<{ net: Net; left: number; right: number }> {
  const net = await open();
  onTestFinished(() => {
    net.dispose();
  });
  const [left, right] = net.socketpair("unix", "stream");
  return { net, left, right };
}

describe("poll", () => {
  test("gives the descriptors that are ready, in the order of the list, and for what", async () => {
    const { net, left, right } = await pair();
    const requests = [
      { fd: left, events: ["in", "out"] },
      { fd: right, events: "in" },
      { fd: right, events: ["in", "out"] },
    ] as const;
    expect(net.poll(requests)).toEqual([
      { fd: left, events: ["out"] },
      { fd: right, events: ["out"] },
    ]);
    net.send(left, byte);
    expect(net.poll(requests)).toEqual([
      { fd: left, events: ["out"] },
      { fd: right, events: ["in"] },
      { fd: right, events: ["in", "out"] },
    ]);
  });

  test.each([0, 10])("gives none where nothing is ready within %d ms", async (timeout) => {
    using bounded = await openBounded();
    const [left, right] = bounded.net.socketpair("unix", "stream");
    const requests = [left, right].map((fd) => ({ fd, events: "in" }) as const);
    expect(bounded.net.poll(requests, timeout)).toEqual([]);
    expect(bounded.net.poll([], timeout)).toEqual([]);
  });

  test("calls unknown numbers nval at once, and passes negative ones over", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const [left, right] = net.socketpair("unix", "stream");
    net.close(left);
    const requests = [-1, left, 0, 99, right].map((fd) => ({ fd, events: "out" }) as const);
    expect(net.poll(requests)).toEqual([
      { fd: left, events: ["nval"] },
      { fd: 0, events: ["nval"] },
      { fd: 99, events: ["nval"] },
      { fd: right, events: ["out", "hup"] },
    ]);
    expect(net.poll([{ fd: -1, events: "in" }], 10)).toEqual([]);
  });

  test.each<[what: string, peer: Behaviour, asked: PollEvent | null, told: PollEvent[]]>([
    ["in for an answer", "echo", "in", ["in"]],
    ["rdhup for the end of what a peer sends", "source", "rdhup", ["rdhup"]],
    ["err and hup, unasked, for a reset", "reset", null, ["err", "hup"]],
  ])("tells by %s", async (_, behaviour, asked, told) => {
    await using peer = await nodeServer(loopback("inet"), behaviour);
    using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket("inet", "stream");
    net.connect(fd, peer.address);
    net.send(fd, byte);
    net.poll([{ fd, events: asked }]); // waits until it has happened
    expect(net.poll([{ fd, events: asked }], 0)).toEqual([{ fd, events: told }]);
  });

  test("tells by in that a connection can be accepted, by out that one is made", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const [listener, client] = [
      net.socket("inet", "stream"),
      net.socket("inet", ["stream", "nonblock"]),
    ];
    net.bind(listener, loopback("inet"));
    net.listen(listener);
    try {
      net.connect(client, net.getsockname(listener));
    } catch {
      expectErrno(net, "EINPROGRESS");
    }
    expect(net.poll([{ fd: client, events: "out" }])).toEqual([{ fd: client, events: ["out"] }]);
    expect(net.poll([{ fd: listener, events: "in" }])).toEqual([{ fd: listener, events: ["in"] }]);
    expect(net.getpeername(net.accept(listener))).toEqual(net.getsockname(client));
  });

  test("takes thousands of entries, and too many are a RangeError", async () => {
    const { net, left } = await pair();
    const requests = (length: number) =>
      Array.from({ length }, () => ({ fd: left, events: "out" }) as const);
    expect(net.poll(requests(8000))).toHaveLength(8000);
    expect(() => net.poll(requests(8192))).toThrow(RangeError);
    expect(() => net.poll(requests(100_000))).toThrow(/100000 /);
  });

  test("refuses an event that is none by a TypeError", async () => {
    const { net, left } = await pair();
    expect(() => invoke(net, "poll", [{ fd: left, events: "readable" }])).toThrow(/in, pri, out/);
  });
});

test.each<[call: string, (net: Net, fd: number) => unknown]>([
  ["poll", (net, fd) => net.poll([{ fd, events: "in" }])],
  ["poll", (net) => net.poll([])],
  ["epoll_wait", (net) => net.epollWait(net.epollCreate())],
])("a waker ends %s with EINTR, once", async (_, call) => {
  using hurried = await openHurried();
  const { net } = hurried;
  const fd = net.socket("inet", "datagram");
  hurried.hurry();
  expectError(net, () => call(net, fd), "EINTR");
  expect(net.poll([{ fd, events: "in" }], 0)).toEqual([]);
});
