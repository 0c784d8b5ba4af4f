// Messages: bytes that lie in several places, names, flags. Control data has tests/control.test.ts, batches
// have tests/batch.test.ts.

import { randomBytes } from "node:crypto";
import { open, type Control, type Inet6Address, type InetAddress, type Net } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeDatagrams, nodeServer, type Datagram } from "./support/peers.js";
import { Program, scratchPath, testWith } from "./support/programs.js";
import {
  connected,
  digest,
  expectErrno,
  loopback,
  openBounded,
  unix,
  type Digest,
} from "./support/sockets.js";

const FAMILIES = ["inet", "inet6"] as const;
const text = (...parts: string[]) => parts.map((part) => Buffer.from(part));
const room = (...sizes: number[]) => sizes.map((size) => Buffer.alloc(size));

function bound(net: Net, family: "inet" | "inet6" = "inet") {
  const fd = net.socket(family, "datagram", "udp");
  net.bind(fd, loopback(family));
  return { fd, address: net.getsockname(fd) as InetAddress | Inet6Address };
}

/** Two UDP sockets, one of which knows where to send. */
function wire(net: Net) {
  const [sender, receiver] = [bound(net), bound(net)];
  net.connect(sender.fd, receiver.address);
  return { sender, receiver };
}

describe("a message of several vectors", () => {
  const array = (_: Net, size: number) => new Uint8Array(size);
  const view = (net: Net, size: number) => net.buffer(size);

  test.each([
    ["arrays", [array, array, array]],
    ["views of linear memory", [view, view, view]],
    ["views among arrays", [view, array, view]],
    ["arrays among views", [array, view, array]],
  ])("passes in order from and into %s", async (_, kinds) => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "datagram");
    const bytes = randomBytes(600);
    const take = (sizes: number[]) => sizes.map((size, i) => kinds[i % kinds.length]!(net, size));
    const data = take([0, 1, 299, 0, 0, 300]);
    let at = 0;
    for (const vector of data) vector.set(bytes.subarray(at, (at += vector.length)));
    expect(net.sendmsg(left, { data })).toBe(600);
    const parts = take([2, 0, 400, 197, 0, 5]);
    expect(net.recvmsg(right, { data: parts })).toMatchObject({ count: 600, flags: [] });
    const untouched = Buffer.alloc(4);
    expect(Buffer.concat(parts).equals(Buffer.concat([bytes, untouched]))).toBe(true);
  });

  test.each([
    ["none", []],
    ["empty ones alone", room(0, 0)],
  ])("of which there are %s is a datagram without bytes", async (_, data) => {
    using net = await open();
    const { sender, receiver } = wire(net);
    expect(net.sendmsg(sender.fd, { data })).toBe(0);
    expect(net.recvmsg(receiver.fd, { data }, "dontwait")).toEqual({
      count: 0,
      address: sender.address,
      control: [],
      flags: [],
    });
  });

  test.each([
    ["TCP", () => loopback("inet")],
    ["a unix stream", () => unix(scratchPath("stream"))],
  ])("that no buffer of %s holds is taken as a whole", async (_, place) => {
    await using peer = await nodeServer(place(), "slow-digest");
    using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket(peer.address.family, "stream");
    net.connect(fd, peer.address);
    const data = [5_000_001, 0, 7, 3_000_000].map((size) => randomBytes(size));
    const sum = digest(Buffer.concat(data));
    expect(net.sendmsg(fd, { data })).toBe(sum.count);
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(sum);
  });

  test("may have 1024 of them, and 1025 are a RangeError", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "datagram");
    const data = Array.from({ length: 1025 }, (_, i) => Uint8Array.of(i));
    const most = data.slice(1);
    expect(net.sendmsg(left, { data: most })).toBe(1024);
    const [bytes] = room(2048);
    expect(net.recvmsg(right, { data: [bytes!] })?.count).toBe(1024);
    expect(bytes!.subarray(0, 1024).equals(Buffer.concat(most))).toBe(true);
    expect(() => net.sendmsg(left, { data })).toThrow(RangeError);
    expect(() => net.recvmsg(right, { data })).toThrow(/1025 .*1024/);
  });
});

describe.each(FAMILIES)("a name of %s", (family) => {
  test("sends a message to node:dgram, which sees ours", async () => {
    await using peer = await nodeDatagrams(family);
    using net = await open();
    const { fd, address } = bound(net, family);
    expect(net.sendmsg(fd, { data: text("hel", "lo"), address: peer.address })).toBe(5);
    expect(await peer.next<Datagram>()).toEqual({
      message: "hello",
      address: address.address,
      port: address.port,
    });
  });

  test("comes with what node:dgram sends", async () => {
    await using peer = await nodeDatagrams(family);
    using bounded = await openBounded();
    const { net } = bounded;
    const { fd, address } = bound(net, family);
    peer.tell({ text: "from node", port: address.port });
    const data = room(4, 16);
    const received = net.recvmsg(fd, { data });
    expect(received).toMatchObject({ count: 9, address: peer.address, control: [], flags: [] });
    expect(data.map(String).join("").slice(0, 9)).toBe("from node");
  });
});

testWith("socat")("a name of unix comes from socat and reaches it", async () => {
  using bounded = await openBounded();
  const { net } = bounded;
  const [ours, theirs] = [scratchPath("ours"), scratchPath("theirs")];
  const fd = net.socket("unix", "datagram");
  net.bind(fd, unix(ours));
  const place = `UNIX-SENDTO:${ours},bind=${theirs}`;
  await using socat = new Program("socat", ["-t", "0.2", place, "-"], Buffer.from("ask"));
  const [bytes] = room(16);
  expect(net.recvmsg(fd, { data: [bytes!] })).toMatchObject({ count: 3, address: unix(theirs) });
  expect(net.sendmsg(fd, { data: text("ans", "wer"), address: unix(theirs) })).toBe(6);
  expect(String(await socat.output())).toBe("answer");
});

describe("a message tells", () => {
  test("by trunc that it was longer than its vectors", async () => {
    using net = await open();
    const { sender, receiver } = wire(net);
    for (let i = 0; i < 3; i++) net.sendmsg(sender.fd, { data: text("longer", " than room") });
    const data = room(3, 4);
    const { address } = sender;
    const cut = { address, control: [], flags: ["trunc"] };
    expect(net.recvmsg(receiver.fd, { data })).toEqual({ ...cut, count: 7 });
    expect(data.map(String)).toEqual(["lon", "ger "]);
    expect(net.recvmsg(receiver.fd, { data }, ["trunc", "peek"])).toEqual({ ...cut, count: 16 });
    expect(net.recvmsg(receiver.fd, { data }, "trunc")).toEqual({ ...cut, count: 16 });
  });

  test("by ctrunc that its control data did not fit", async () => {
    using net = await open();
    const { sender, receiver } = wire(net);
    net.setsockopt(receiver.fd, "ip", "recvttl", true);
    for (const [control, flags] of [
      [64, []],
      [0, ["ctrunc"]],
      [11, ["ctrunc"]],
    ] as const) {
      net.send(sender.fd, text("?")[0]!);
      const received = net.recvmsg(receiver.fd, { data: room(1), control });
      expect(received).toMatchObject({ count: 1, flags });
      expect(received?.control).toHaveLength(control === 64 ? 1 : 0);
    }
  });

  test("by oob that it is urgent", async () => {
    using bounded = await openBounded();
    const { net } = bounded;
    const [client, server] = connected(net);
    expect(net.sendmsg(client, { data: text("normal", "!") }, "oob")).toBe(7);
    expect(net.poll([{ fd: server, events: "pri" }])).toEqual([{ fd: server, events: ["pri"] }]);
    const data = room(8);
    expect(net.recvmsg(server, { data }, "oob")).toMatchObject({ count: 1, flags: ["oob"] });
    expect(String(data[0]!.subarray(0, 1))).toBe("!");
    expect(net.recvmsg(server, { data })).toMatchObject({ count: 6, address: null, flags: [] });
  });

  test("by a count of 0 that the stream has ended", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "stream");
    net.close(left);
    expect(net.recvmsg(right, { data: room(8) })?.count).toBe(0);
  });
});

test("a message that is peeked at stays, also with its vectors", async () => {
  using net = await open();
  const { sender, receiver } = wire(net);
  net.sendmsg(sender.fd, { data: text("stay", "ing") });
  for (const flags of [["peek"], ["peek", "dontwait"], "dontwait"] as const) {
    const data = room(3, 4);
    expect(net.recvmsg(receiver.fd, { data }, flags)).toMatchObject({ count: 7, flags: [] });
    expect(data.map(String)).toEqual(["sta", "ying"]);
  }
  expect(net.recvmsg(receiver.fd, { data: room(1) }, "dontwait")).toBe(null);
  expectErrno(net, "EAGAIN");
});

test("waitall fills every vector of a message, however the bytes come", async () => {
  await using peer = await nodeServer(loopback("inet"), "bytewise", 64);
  using net = await open();
  const fd = net.socket("inet", "stream");
  net.connect(fd, peer.address);
  const data = [new Uint8Array(10), net.buffer(33), new Uint8Array(21)];
  expect(net.recvmsg(fd, { data }, "waitall")?.count).toBe(64);
  expect(digest(Buffer.concat(data))).toEqual(await peer.next<Digest>());
});

test("waitall stops behind the descriptors that a message carries", async () => {
  using net = await open();
  const [one, other] = net.socketpair("unix", "stream");
  const rights: Control = { level: "socket", type: "rights", fds: [one] };
  expect(net.sendmsg(one, { data: [Buffer.from("ab")] })).toBe(2);
  expect(net.sendmsg(one, { data: [Buffer.from("cd")], control: [rights] })).toBe(2);
  expect(net.sendmsg(one, { data: [Buffer.from("ef")] })).toBe(2);
  const bytes = new Uint8Array(6);
  const message = net.recvmsg(other, { data: [bytes], control: 64 }, "waitall");
  expect(message?.count).toBe(4);
  expect(Buffer.from(bytes).toString("latin1")).toBe("abcd\0\0");
  expect(message?.control).toMatchObject([{ type: "rights" }]);
  expect(net.recv(other, bytes)).toBe(2);
});

test("trunc on TCP counts bytes away, and the vectors keep what they had", async () => {
  using net = await open();
  const [client, server] = connected(net);
  net.sendmsg(client, { data: text("thrown away", "kept") });
  const data = text("before", "hands");
  expect(net.recvmsg(server, { data }, "trunc")?.count).toBe(11);
  expect(data.map(String)).toEqual(["before", "hands"]);
  expect(net.recvmsg(server, { data })?.count).toBe(4);
  expect(data.map(String)).toEqual(["keptre", "hands"]);
});

describe("what fails gives -1 or null, and errno", () => {
  const message = { data: text("?") };
  const udp = (net: Net) => net.socket("inet", "datagram");
  const stream = (net: Net) => net.socket("unix", "stream");

  test.each<[code: string, what: string, call: (net: Net) => unknown, result: -1 | null]>([
    ["EBADF", "sendmsg", (net) => net.sendmsg(99, message), -1],
    ["EBADF", "recvmsg", (net) => net.recvmsg(99, message), null],
    ["EBADF", "sendmmsg", (net) => net.sendmmsg(99, [message]), -1],
    ["EBADF", "recvmmsg", (net) => net.recvmmsg(99, [{ data: room(1) }]), null],
    ["EDESTADDRREQ", "sendmsg to nobody", (net) => net.sendmsg(udp(net), message), -1],
    ["EDESTADDRREQ", "sendmmsg to nobody", (net) => net.sendmmsg(udp(net), [message]), -1],
    ["ENOTCONN", "sendmsg on a stream", (net) => net.sendmsg(stream(net), message), -1],
    ["EINVAL", "recvmsg on a stream", (net) => net.recvmsg(stream(net), { data: [] }), null],
    [
      "EMSGSIZE",
      "sendmsg of more than a datagram holds",
      (net) => net.sendmsg(wire(net).sender.fd, { data: room(65507, 1) }),
      -1,
    ],
  ])("%s: %s", async (code, _, call, result) => {
    using net = await open();
    expect(call(net)).toBe(result);
    expectErrno(net, code);
  });

  test.each([-1, 1.5, 16385, NaN])("but control %d is a RangeError", async (control) => {
    using net = await open();
    expect(() => net.recvmsg(bound(net).fd, { data: [], control })).toThrow(`control ${control} `);
  });
});
