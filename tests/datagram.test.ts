// Datagrams over UDP: against node:dgram and socat.

import { randomBytes } from "node:crypto";
import { open, type Inet6Address, type InetAddress, type Net } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeDatagrams, type Datagram } from "./support/peers.js";
import { Program, testWith } from "./support/programs.js";
import { expectErrno, loopback } from "./support/sockets.js";

function bound(net: Net, family: "inet" | "inet6") {
  const fd = net.socket(family, "datagram", "udp");
  net.bind(fd, loopback(family));
  return { fd, address: net.getsockname(fd) as InetAddress | Inet6Address };
}

describe.each(["inet", "inet6"] as const)("datagrams over %s", (family) => {
  test("node:dgram gets what sendto sends, from our address", async () => {
    await using peer = await nodeDatagrams(family);
    using net = await open();
    const { fd, address } = bound(net, family);
    expect(net.sendto(fd, Buffer.from("hello"), null, peer.address)).toBe(5);
    expect(await peer.next<Datagram>()).toEqual({
      message: "hello",
      address: address.address,
      port: address.port,
    });
  });

  test("recvfrom gives what node:dgram sends, and its address", async () => {
    await using peer = await nodeDatagrams(family);
    using net = await open();
    const { fd, address } = bound(net, family);
    peer.tell({ text: "from node", port: address.port });
    const bytes = Buffer.alloc(64);
    const [count, from] = net.recvfrom(fd, bytes);
    expect(bytes.toString("latin1", 0, Number(count))).toBe("from node");
    expect(from).toMatchObject(peer.address);
  });

  test("a connected socket sends and receives without naming its peer", async () => {
    await using peer = await nodeDatagrams(family, true);
    using net = await open();
    const fd = net.socket(family, "datagram");
    net.connect(fd, peer.address);
    expect(net.getpeername(fd)).toMatchObject(peer.address);
    const bytes = randomBytes(1200);
    expect(net.send(fd, bytes)).toBe(1200);
    const echoed = Buffer.alloc(1500);
    expect(net.recv(fd, echoed)).toBe(1200);
    expect(echoed.subarray(0, 1200).equals(bytes)).toBe(true);
  });

  test("a connected socket hears nobody but its peer", async () => {
    using net = await open();
    const [chosen, peer, stranger] = [bound(net, family), bound(net, family), bound(net, family)];
    net.connect(chosen.fd, peer.address);
    net.sendto(stranger.fd, Buffer.from("stranger"), null, chosen.address);
    net.sendto(peer.fd, Buffer.from("peer"), null, chosen.address);
    const bytes = Buffer.alloc(16);
    expect(net.recv(chosen.fd, bytes)).toBe(4);
    expect(bytes.toString("latin1", 0, 4)).toBe("peer");
    expect(net.recv(chosen.fd, bytes, "dontwait")).toBe(-1);
    expectErrno(net, "EAGAIN");
  });

  test("a datagram without bytes arrives as one", async () => {
    using net = await open();
    const [sender, receiver] = [bound(net, family), bound(net, family)];
    expect(net.sendto(sender.fd, new Uint8Array(0), null, receiver.address)).toBe(0);
    expect(net.recvfrom(receiver.fd, new Uint8Array(8))).toEqual([0, sender.address]);
    expect(net.recvfrom(receiver.fd, new Uint8Array(8), "dontwait")).toEqual([false, null]);
  });

  test("a short array gets what fits of a datagram, and the rest is dropped", async () => {
    using net = await open();
    const [sender, receiver] = [bound(net, family), bound(net, family)];
    net.sendto(sender.fd, Buffer.from("truncated"), null, receiver.address);
    net.sendto(sender.fd, Buffer.from("next"), null, receiver.address);
    const bytes = Buffer.alloc(5);
    expect(net.recvfrom(receiver.fd, bytes)).toEqual([5, sender.address]);
    expect(bytes.toString()).toBe("trunc");
    expect(net.recvfrom(receiver.fd, bytes)).toEqual([4, sender.address]);
    expect(bytes.toString("latin1", 0, 4)).toBe("next");
  });

  test.each([
    ["an array", (_: Net, size: number) => new Uint8Array(size)],
    ["a buffer of linear memory", (net: Net, size: number) => net.buffer(size)],
  ])("trunc tells the true length of a datagram that does not fit into %s", async (_, take) => {
    using net = await open();
    const [sender, receiver] = [bound(net, family), bound(net, family)];
    const datagram = Buffer.from("longer than the array");
    net.sendto(sender.fd, datagram, null, receiver.address);
    net.sendto(sender.fd, datagram, null, receiver.address);
    const bytes = take(net, 6);
    expect(net.recvfrom(receiver.fd, bytes, ["trunc", "peek"])).toEqual([21, sender.address]);
    expect(net.recvfrom(receiver.fd, bytes, "trunc")).toEqual([21, sender.address]);
    expect(Buffer.from(bytes).toString()).toBe("longer");
    expect(net.recv(receiver.fd, bytes, "trunc")).toBe(21);
  });

  test("the longest datagram passes, and one byte more is EMSGSIZE", async () => {
    // 65535 bytes with UDP's header, and with IP's where that counts as well
    const longest = { inet: 65507, inet6: 65527 }[family];
    using net = await open();
    const [sender, receiver] = [bound(net, family), bound(net, family)];
    const bytes = randomBytes(longest);
    expect(net.sendto(sender.fd, bytes, null, receiver.address)).toBe(longest);
    const received = Buffer.alloc(65536);
    expect(net.recvfrom(receiver.fd, received)).toEqual([longest, sender.address]);
    expect(received.subarray(0, longest).equals(bytes)).toBe(true);
    expect(net.sendto(sender.fd, Buffer.alloc(longest + 1), null, receiver.address)).toBe(-1);
    expectErrno(net, "EMSGSIZE");
  });

  test("a connected socket learns by ECONNREFUSED that nobody listens", async () => {
    using net = await open();
    const closed = bound(net, family);
    net.close(closed.fd);
    const fd = net.socket(family, "datagram");
    net.connect(fd, closed.address);
    expect(net.send(fd, Buffer.from("?"))).toBe(1);
    expect(net.recv(fd, new Uint8Array(8))).toBe(-1);
    expectErrno(net, "ECONNREFUSED");
    net.send(fd, Buffer.from("?"));
    expect(net.recvfrom(fd, new Uint8Array(8))).toEqual([false, null]);
    expectErrno(net, "ECONNREFUSED");
  });

  testWith("socat")("socat sends a datagram and prints our answer", async () => {
    using net = await open();
    const { fd, address } = bound(net, family);
    const place = { inet: "UDP4:127.0.0.1:", inet6: "UDP6:[::1]:" }[family] + String(address.port);
    await using socat = new Program("socat", ["-t", "0.2", place, "-"], Buffer.from("ask"));
    const bytes = Buffer.alloc(16);
    const [count, from] = net.recvfrom(fd, bytes);
    expect(bytes.toString("latin1", 0, Number(count))).toBe("ask");
    expect(net.sendto(fd, Buffer.from("answer"), null, from)).toBe(6);
    expect((await socat.output()).toString()).toBe("answer");
  });
});

test("a socket of inet6 without v6only hears inet, in the mapped form", async () => {
  using net = await open();
  const both = net.socket("inet6", "datagram");
  net.setsockopt(both, "ipv6", "v6only", false);
  net.bind(both, { family: "inet6", address: "::", port: 0 });
  const { port } = net.getsockname(both) as Inet6Address;
  const { fd, address } = bound(net, "inet");
  net.sendto(fd, Buffer.from("mapped"), null, { ...address, port });
  expect(net.recvfrom(both, new Uint8Array(8))).toEqual([
    6,
    {
      family: "inet6",
      address: "::ffff:127.0.0.1",
      port: address.port,
      flowinfo: 0,
      scope: 0,
    },
  ]);
});

test("sending without a peer is EDESTADDRREQ", async () => {
  using net = await open();
  const fd = net.socket("inet", "datagram");
  expect(net.send(fd, Buffer.from("?"))).toBe(-1);
  expectErrno(net, "EDESTADDRREQ");
});

test("connecting to an unspecified family dissolves the association", async () => {
  using net = await open();
  const { fd, address } = bound(net, "inet");
  net.connect(fd, address);
  net.connect(fd, { family: 0, bytes: new Uint8Array(16) });
  expect(() => net.getpeername(fd)).toThrow(/ENOTCONN/);
});
