// The options that decide how long a call waits: SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVLOWAT of socket(7).

import { open, type Net, type OptionValue } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeServer } from "./support/peers.js";
import { scratchPath } from "./support/programs.js";
import {
  connected,
  expectErrno,
  expectError,
  listening,
  loopback,
  openBounded,
  openHurried,
  unix,
} from "./support/sockets.js";

const BRIEF: [form: string, value: OptionValue][] = [
  ["an object", { seconds: 0, microseconds: 20_000 }],
  ["milliseconds", 20],
  ["bytes", Buffer.from("0000000000000000204e000000000000", "hex")],
];

describe.each(BRIEF)("a timeout as %s", (_, timeout) => {
  test("ends recv and recvfrom with EAGAIN", async () => {
    using net = await open();
    const [client] = connected(net);
    net.setsockopt(client, "socket", "rcvtimeo", timeout);
    for (let i = 0; i < 2; i++) {
      expect(net.recv(client, new Uint8Array(1))).toBe(-1);
      expectErrno(net, "EAGAIN");
      expect(net.recvfrom(client, new Uint8Array(1))).toEqual([false, null]);
      expectErrno(net, "EAGAIN");
    }
  });

  test("ends accept with EAGAIN", async () => {
    using net = await open();
    const { listener } = listening(net, loopback("inet"));
    net.setsockopt(listener, "socket", "rcvtimeo", timeout);
    expectError(net, () => net.accept(listener), "EAGAIN", { syscall: "accept" });
  });

  test("ends a send with the count of what was taken, and one that takes nothing with EAGAIN", async () => {
    using net = await open();
    const [client] = connected(net);
    net.setsockopt(client, "socket", "sndtimeo", timeout);
    const bytes = new Uint8Array(64 * 1024 * 1024);
    let taken = net.send(client, bytes);
    expect(taken).toBeGreaterThan(0);
    // There is room again where the peer acknowledges later than the timeout, as it may do by 40 ms.
    for (; taken > 0; taken = net.send(client, bytes)) expect(taken).toBeLessThan(bytes.length);
    expect(taken).toBe(-1);
    expectErrno(net, "EAGAIN");
  });
});

test("a timeout leaves what waitall has received so far", async () => {
  using net = await open();
  const [client, server] = connected(net);
  net.setsockopt(server, "socket", "rcvtimeo", 20);
  net.send(client, Buffer.from("abc"));
  const bytes = Buffer.alloc(8);
  expect(net.recv(server, bytes, "waitall")).toBe(3);
  expect(bytes.toString("latin1", 0, 3)).toBe("abc");
});

test("a timeout does not keep bytes that are there", async () => {
  using net = await open();
  const [client, server] = connected(net);
  net.setsockopt(server, "socket", "rcvtimeo", 20);
  net.recv(server, new Uint8Array(1));
  net.send(client, Buffer.from("abc"));
  expect(net.recv(server, new Uint8Array(8))).toBe(3);
});

test("a timeout of zero waits for as long as it takes", async () => {
  using hurried = await openHurried();
  const { net } = hurried;
  const [client] = connected(net);
  net.setsockopt(client, "socket", "rcvtimeo", 20);
  net.setsockopt(client, "socket", "rcvtimeo", 0);
  hurried.hurry();
  expect(net.recv(client, new Uint8Array(1))).toBe(-1);
  expectErrno(net, "EINTR");
});

test("an accepted socket has the listener's timeout, as on Linux", async () => {
  using bounded = await openBounded();
  const { net } = bounded;
  const { listener, address } = listening(net, loopback("inet"));
  net.setsockopt(listener, "socket", "rcvtimeo", 20);
  net.connect(net.socket("inet", "stream"), address);
  expect(net.recv(net.accept(listener), new Uint8Array(1))).toBe(-1);
  expectErrno(net, "EAGAIN");
});

/** Whether a call did wait: it used the hurry up, which would end this one otherwise. */
function expectNoHurryLeft(net: Net): void {
  expect(net.poll([], 0)).toEqual([]);
}

describe.each(["inet", "unix"] as const)("rcvlowat on a stream of %s", (family) => {
  async function opened() {
    const hurried = await openHurried();
    const { net } = hurried;
    const [client, server] = family === "inet" ? connected(net) : net.socketpair("unix", "stream");
    net.setsockopt(server, "socket", "rcvlowat", 4);
    return Object.assign(hurried, { client, server });
  }

  test("lets a receive wait for so many bytes; interrupted, it gives those that came", async () => {
    using hurried = await opened();
    const { net, client, server } = hurried;
    net.send(client, Buffer.from("ab"));
    hurried.hurry();
    expect(net.recv(server, new Uint8Array(8))).toBe(2);
    expectNoHurryLeft(net);
    net.send(client, Buffer.from("cdef"));
    expect(net.recv(server, new Uint8Array(8))).toBe(4);
  });

  test("collects bytes that come one by one", async () => {
    const at = family === "inet" ? loopback("inet") : unix(scratchPath("bytewise"));
    await using peer = await nodeServer(at, "bytewise", 64);
    using net = await open();
    const fd = net.socket(family, "stream");
    net.setsockopt(fd, "socket", "rcvlowat", 64);
    net.connect(fd, peer.address);
    expect(net.recv(fd, new Uint8Array(128))).toBe(64);
  });

  test("asks for no more than fits into the array", async () => {
    using hurried = await opened();
    const { net, client, server } = hurried;
    net.send(client, Buffer.from("ab"));
    hurried.hurry();
    expect(net.recv(server, new Uint8Array(2))).toBe(2);
  });

  test("does not hold for dontwait", async () => {
    using hurried = await opened();
    const { net, client, server } = hurried;
    net.send(client, Buffer.from("ab"));
    expect(net.recv(server, new Uint8Array(8), "dontwait")).toBe(2);
  });

  test("gives what is left at the end of the stream, and then 0", async () => {
    using hurried = await opened();
    const { net, client, server } = hurried;
    net.send(client, Buffer.from("ab"));
    net.close(client);
    expect(net.recv(server, new Uint8Array(8))).toBe(2);
    expect(net.recv(server, new Uint8Array(8))).toBe(0);
  });
});

test("an accepted socket has the listener's rcvlowat, as on Linux", async () => {
  using hurried = await openHurried();
  const { net } = hurried;
  const { listener, address } = listening(net, loopback("inet"));
  net.setsockopt(listener, "socket", "rcvlowat", 4);
  const client = net.socket("inet", "stream");
  net.connect(client, address);
  const server = net.accept(listener);
  expect(net.getsockopt(server, "socket", "rcvlowat")).toBe(4);
  net.send(client, Buffer.from("ab"));
  hurried.hurry();
  expect(net.recv(server, new Uint8Array(8))).toBe(2);
  expectNoHurryLeft(net);
});
