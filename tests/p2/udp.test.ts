// wasi:sockets/udp of WASI 0.2 against node:dgram.

import { expect, test } from "vitest";
import { nodeDatagrams, type Datagram } from "../support/peers.js";
import { boundDatagrams, failureOf, p2Address, world } from "../support/p2.js";
import { loopback } from "../support/sockets.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (string: string) => new TextEncoder().encode(string);

test.each(["inet", "inet6"] as const)(
  "datagrams of %s go to an address and come from one",
  async (family) => {
    await using peer = await nodeDatagrams(family, true);
    using w = world();
    const socket = boundDatagrams(w, loopback(family));
    const [incoming, outgoing] = socket.stream(undefined);
    const remoteAddress = p2Address(peer.address);
    expect(incoming.receive(10n)).toEqual([]);
    expect(incoming.subscribe().ready()).toBe(false);
    expect(outgoing.checkSend()).toBeGreaterThan(1n);
    expect(outgoing.send([{ data: bytes("one"), remoteAddress }])).toBe(1n);
    expect(await peer.next<Datagram>()).toMatchObject({
      message: "one",
      port: socket.localAddress().val.port,
    });
    incoming.subscribe().block();
    expect(incoming.receive(0n)).toEqual([]);
    const [datagram, ...more] = incoming.receive(10n);
    expect(text(datagram!.data)).toBe("one");
    expect(datagram!.remoteAddress).toEqual(remoteAddress);
    expect(more).toEqual([]);
  },
);

test("a socket with a peer hears it alone, and sends to it alone", async () => {
  await using peer = await nodeDatagrams("inet", true);
  using w = world();
  const socket = boundDatagrams(w, loopback("inet"));
  const { port } = socket.localAddress().val;
  const stranger = boundDatagrams(w, loopback("inet"));
  const [, strangers] = stranger.stream(undefined);
  const say = (word: string) => {
    strangers.checkSend();
    strangers.send([{ data: bytes(word), remoteAddress: socket.localAddress() }]);
  };
  expect(failureOf(() => socket.remoteAddress())).toBe("invalid-state");
  const remoteAddress = p2Address(peer.address);
  const [incoming, outgoing] = socket.stream(remoteAddress);
  expect(socket.remoteAddress()).toEqual(remoteAddress);
  say("unheard");
  outgoing.checkSend();
  expect(outgoing.send([{ data: bytes("a") }, { data: bytes("b"), remoteAddress }])).toBe(2n);
  await peer.next();
  await peer.next();
  const heard: string[] = [];
  while (heard.length < 2) {
    incoming.subscribe().block();
    heard.push(...incoming.receive(10n).map(({ data }) => text(data)));
  }
  expect(heard).toEqual(["a", "b"]);
  outgoing.checkSend();
  const elsewhere = stranger.localAddress();
  expect(failureOf(() => outgoing.send([{ data: bytes("c"), remoteAddress: elsewhere }]))).toBe(
    "invalid-argument",
  );
  // Without a peer it hears everybody again, on the port that it had.
  const [anybody, free] = socket.stream(undefined);
  expect(socket.localAddress().val.port).toBe(port);
  expect(failureOf(() => socket.remoteAddress())).toBe("invalid-state");
  expect(failureOf(() => incoming.receive(1n))).toBe("invalid-state");
  expect(failureOf(() => outgoing.checkSend())).toBe("invalid-state");
  say("heard");
  anybody.subscribe().block();
  expect(anybody.receive(1n).map(({ data }) => text(data))).toEqual(["heard"]);
  free.checkSend();
  expect(failureOf(() => free.send([{ data: bytes("to nobody") }]))).toBe("invalid-argument");
});

test("a datagram that is too large says so, and a peer that is gone refuses", async () => {
  using w = world();
  const peer = await nodeDatagrams("inet");
  const socket = boundDatagrams(w, loopback("inet"));
  const remoteAddress = p2Address(peer.address);
  await peer[Symbol.asyncDispose]();
  const [incoming, outgoing] = socket.stream(remoteAddress);
  outgoing.checkSend();
  expect(failureOf(() => outgoing.send([{ data: new Uint8Array(65_508) }]))).toBe(
    "datagram-too-large",
  );
  expect(failureOf(() => outgoing.send([{ data: new Uint8Array(200_000) }]))).toBe(
    "datagram-too-large",
  );
  expect(outgoing.send([{ data: bytes("anyone?") }])).toBe(1n);
  incoming.subscribe().block();
  expect(failureOf(() => incoming.receive(1n))).toBe("connection-refused");
});

test("send of more than check-send permitted ends the component", () => {
  using w = world();
  const [, outgoing] = boundDatagrams(w, loopback("inet")).stream(undefined);
  expect(() => outgoing.send([{ data: bytes("x") }])).toThrow(
    "send of 1 datagrams: check-send permitted 0",
  );
  expect(outgoing.send([])).toBe(0n);
});

test("each call in another state than its own says so", () => {
  using w = world();
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const socket = w.sockets.udpCreateSocket.createUdpSocket("ipv6");
  expect(socket.addressFamily()).toBe("ipv6");
  expect(failureOf(() => socket.stream(undefined))).toBe("invalid-state");
  expect(failureOf(() => socket.localAddress())).toBe("invalid-state");
  expect(
    failureOf(() => {
      socket.finishBind();
    }),
  ).toBe("not-in-progress");
  const bind = () => {
    socket.startBind(network, p2Address(loopback("inet6")));
  };
  bind();
  expect(failureOf(bind)).toBe("concurrency-conflict");
  socket.finishBind();
  expect(failureOf(bind)).toBe("invalid-state");
  expect(failureOf(() => socket.stream(p2Address(loopback("inet6"))))).toBe("invalid-argument"); // port 0
});

test("options are the socket's own, each of them its own", () => {
  using w = world();
  const socket = w.sockets.udpCreateSocket.createUdpSocket("ipv4");
  socket.setUnicastHopLimit(7);
  expect(socket.unicastHopLimit()).toBe(7);
  socket.setReceiveBufferSize(30_000n);
  socket.setSendBufferSize(40_000n);
  expect(socket.receiveBufferSize()).toBe(30_000n);
  expect(socket.sendBufferSize()).toBe(40_000n);
  expect(
    failureOf(() => {
      socket.setUnicastHopLimit(0);
    }),
  ).toBe("invalid-argument");
});
