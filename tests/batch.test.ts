// Batches of messages, sendmmsg and recvmmsg: many of them by one system call.

import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { open, type InetAddress, type Net, type ReceivedMessage } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { isMusl } from "./support/libc.js";
import { nodeDatagrams, nodeServer, type Datagram } from "./support/peers.js";
import {
  digest,
  expectErrno,
  loopback,
  openBounded,
  openHurried,
  unix,
  type Digest,
} from "./support/sockets.js";
import { complete } from "./support/system.js";

const PACKAGE = new URL("../build/host/index.js", import.meta.url).href;
const execute = promisify(execFile);

function bound(net: Net) {
  const fd = net.socket("inet", "datagram", "udp");
  net.bind(fd, loopback("inet"));
  return { fd, address: net.getsockname(fd) as InetAddress };
}

/** Messages that say "message 0", "message 1"…, in two vectors each. */
function numbered(count: number, address: InetAddress | null = null) {
  return Array.from({ length: count }, (_, i) => ({
    data: [Buffer.from("message "), Buffer.from(String(i))],
    address,
  }));
}

/** Room for messages of up to 16 bytes. */
function rooms(count: number) {
  return Array.from({ length: count }, () => ({ data: [Buffer.alloc(8), Buffer.alloc(8)] }));
}

/** What was received, as text. */
function texts(received: ReceivedMessage[] | null, into: { data: Buffer[] }[]): string[] {
  return received!.map(({ count }, i) => String(Buffer.concat(into[i]!.data).subarray(0, count)));
}

const expected = (count: number) => Array.from({ length: count }, (_, i) => `message ${i}`);

describe("a batch of 32 messages", () => {
  test("passes in order, each with its bytes and its address", async () => {
    using net = await open();
    const [sender, receiver] = [bound(net), bound(net)];
    expect(net.sendmmsg(sender.fd, numbered(32, receiver.address))).toBe(32);
    const into = rooms(32);
    const received = net.recvmmsg(receiver.fd, into);
    expect(texts(received, into)).toEqual(expected(32));
    for (const message of received!) {
      expect(message).toMatchObject({ address: sender.address, control: [], flags: [] });
    }
  });

  const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
  const unlessStrace = hasStrace ? "" : " (skipped: strace does not run here)";

  test.skipIf(!hasStrace && !complete)(`is one system call each way${unlessStrace}`, async () => {
    const program = `
      import { open } from ${JSON.stringify(PACKAGE)};
      const net = await open();
      const fd = net.socket("inet", "datagram");
      net.bind(fd, ${JSON.stringify(loopback("inet"))});
      net.connect(fd, net.getsockname(fd));
      const messages = Array.from({ length: 32 }, () => ({ data: [new Uint8Array(16)] }));
      console.log(net.sendmmsg(fd, messages), net.recvmmsg(fd, messages).length);
      process.exit();
    `;
    const trace = ["-f", "-c", "-U", "calls,name", "-e", "trace=sendmmsg,recvmmsg,sendmsg,recvmsg"];
    const node = [process.execPath, "--input-type=module", "--eval", program];
    const { stdout, stderr } = await execute("strace", [...trace, ...node], { timeout: 20_000 });
    expect(stdout).toBe("32 32\n");
    const calls = stderr.matchAll(/^\s*(\d+)\s+(\w+msg)$/gm);
    expect(Object.fromEntries(Array.from(calls, ([, count, name]) => [name, count]))).toEqual({
      ...(isMusl ? { sendmsg: "32" } : { sendmmsg: "1" }), // musl's sendmmsg(2) is a loop
      recvmmsg: "1",
    });
  });
});

describe("a batch that is not filled", () => {
  test("is what is there, where it must not wait", async () => {
    using net = await open();
    const { fd, address } = bound(net);
    const into = rooms(8);
    for (const flags of ["dontwait", "waitforone"] as const) {
      expect(net.sendmmsg(fd, numbered(5, address))).toBe(5);
      expect(texts(net.recvmmsg(fd, into, flags), into)).toEqual(expected(5));
    }
    expect(net.recvmmsg(fd, into, "dontwait")).toBe(null);
    expectErrno(net, "EAGAIN");
  });

  test("is what is there when time is up, and none is EAGAIN", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { fd, address } = bound(net);
    const into = rooms(4);
    expect(net.sendmmsg(fd, numbered(2, address))).toBe(2);
    expect(texts(net.recvmmsg(fd, into, null, 10), into)).toEqual(expected(2));
    for (const timeout of [0, 10]) {
      expect(net.recvmmsg(fd, into, null, timeout)).toBe(null);
      expectErrno(net, "EAGAIN");
    }
  });

  test("waits for the rest, and gives what there is when it is woken", async () => {
    using hurried = await openHurried();
    const { net } = hurried;
    const { fd, address } = bound(net);
    const into = rooms(4);
    expect(net.sendmmsg(fd, numbered(3, address))).toBe(3);
    hurried.hurry();
    expect(texts(net.recvmmsg(fd, into), into)).toEqual(expected(3));
    hurried.hurry();
    expect(net.recvmmsg(fd, into, "waitforone")).toBe(null);
    expectErrno(net, "EINTR");
  });

  test("ends before the first message that cannot be sent", async () => {
    using net = await open();
    const [sender, receiver] = [bound(net), bound(net)];
    const messages = numbered(4, receiver.address);
    messages[2]!.data = [Buffer.alloc(65508)];
    expect(net.sendmmsg(sender.fd, messages)).toBe(2);
    expect(net.sendmmsg(sender.fd, messages.slice(2))).toBe(-1);
    expectErrno(net, "EMSGSIZE");
    const into = rooms(4);
    expect(texts(net.recvmmsg(receiver.fd, into, "dontwait"), into)).toEqual(expected(2));
  });

  test("of no messages at all is 0 of them", async () => {
    using net = await open();
    const { fd } = bound(net);
    expect(net.sendmmsg(fd, [])).toBe(0);
    expect(net.recvmmsg(fd, [])).toEqual([]);
  });
});

test("recvmmsg waits until node:dgram has answered all that sendmmsg sent", async () => {
  await using peer = await nodeDatagrams("inet", true);
  using bounded = await openBounded();
  const { net } = bounded;
  const { fd, address } = bound(net);
  expect(net.sendmmsg(fd, numbered(10, peer.address as InetAddress))).toBe(10);
  const into = rooms(10);
  expect(texts(net.recvmmsg(fd, into), into)).toEqual(expected(10));
  for (const message of expected(10)) {
    expect(await peer.next<Datagram>()).toEqual({
      message,
      address: "127.0.0.1",
      port: address.port,
    });
  }
});

test("each message of a batch has the address of its own sender and receiver", async () => {
  using net = await open();
  const [hub, ...others] = Array.from({ length: 4 }, () => bound(net));
  others.forEach(({ fd }, i) => net.sendto(fd, Buffer.of(i), null, hub!.address));
  const received = net.recvmmsg(hub!.fd, rooms(3));
  expect(received!.map(({ address }) => address)).toEqual(others.map(({ address }) => address));
  const answers = others.map(({ address }, i) => ({ data: [Buffer.alloc(i + 1)], address }));
  expect(net.sendmmsg(hub!.fd, answers)).toBe(3);
  const counts = others.map(({ fd }) => net.recv(fd, new Uint8Array(8), "dontwait"));
  expect(counts).toEqual([1, 2, 3]);
});

test("each message of a batch has its own flags and control data", async () => {
  using net = await open();
  const { fd, address } = bound(net);
  net.setsockopt(fd, "ip", "recvttl", true);
  const ttl = (value: number) => [{ level: "ip", type: "ttl", value } as const];
  const messages = [41, 42, 43].map((value, i) => ({
    data: [Buffer.alloc([1, 2, 20][i]!)],
    address,
    control: ttl(value),
  }));
  expect(net.sendmmsg(fd, messages)).toBe(3);
  const into = rooms(3).map((message, i) => ({ ...message, control: [64, 0, 64][i]! }));
  expect(net.recvmmsg(fd, into)).toEqual([
    { count: 1, address, control: ttl(41), flags: [] },
    { count: 2, address, control: [], flags: ["ctrunc"] },
    { count: 16, address, control: ttl(43), flags: ["trunc"] },
  ]);
});

describe("a batch on a stream", () => {
  test("has no boundaries", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    expect(net.sendmmsg(left, numbered(10))).toBe(10);
    net.close(left);
    const into = [{ data: [Buffer.alloc(60)] }, { data: [Buffer.alloc(60)] }];
    expect(texts(net.recvmmsg(right, into), into).join("")).toBe(expected(10).join(""));
  });

  test("that no buffer holds is taken as a whole, every message of it", async () => {
    await using peer = await nodeServer(loopback("inet"), "slow-digest");
    using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket("inet", "stream");
    net.connect(fd, peer.address);
    const messages = Array.from({ length: 64 }, () => ({ data: [randomBytes(150_000)] }));
    const sum = digest(Buffer.concat(messages.flatMap(({ data }) => data)));
    expect(net.sendmmsg(fd, messages)).toBe(64);
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(sum);
  });
});

describe("a batch has limits", () => {
  test("of 64 messages, and 65 are a RangeError", async () => {
    using net = await open();
    const [left] = net.socketpair("unix", "stream");
    expect(net.sendmmsg(left, numbered(64))).toBe(64);
    expect(() => net.sendmmsg(left, numbered(65))).toThrow(RangeError);
    expect(() => net.recvmmsg(left, rooms(65))).toThrow(/65 .*64/);
  });

  test("of 1024 vectors in all, and more are a RangeError", async () => {
    using net = await open();
    const [left] = net.socketpair("unix", "stream");
    const vectors = (count: number) => ({
      data: Array.from({ length: count }, () => Buffer.of(1)),
    });
    expect(net.sendmmsg(left, [vectors(1000), vectors(24)])).toBe(2);
    expect(() => net.sendmmsg(left, [vectors(1000), vectors(25)])).toThrow(/1025 .*1024/);
    expect(() => net.recvmmsg(left, [vectors(1000), vectors(25)])).toThrow(RangeError);
  });

  test("of control data, which the messages share", async () => {
    using net = await open();
    const { fd } = bound(net);
    const asked = (control: number) => rooms(64).map((message) => ({ ...message, control }));
    expect(net.recvmmsg(fd, asked(256), "dontwait")).toBe(null);
    expect(() => net.recvmmsg(fd, asked(257), "dontwait")).toThrow(/257 .*256/);
  });
});

test("a batch on unix sockets gives each sender by its path", async () => {
  using net = await open();
  const [hub, ...others] = ["hub", "one", "two"].map((name) => {
    const fd = net.socket("unix", "datagram");
    const address = unix(`\0${name}-${process.pid}`);
    net.bind(fd, address);
    return { fd, address };
  });
  for (const { fd } of others) net.sendto(fd, Buffer.of(1), null, hub!.address);
  const received = net.recvmmsg(hub!.fd, rooms(2));
  expect(received!.map(({ address }) => address)).toEqual(others.map(({ address }) => address));
});
