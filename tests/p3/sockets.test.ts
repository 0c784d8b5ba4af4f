// wasi:sockets of WASI 0.3 against node:net and node:dgram, as jco's generated code calls it.

import { expect, test } from "vitest";
import { component, type Component, type ComponentOptions } from "wasi-sockets/p3";
import { nodeClient, nodeDatagrams, nodeServer, type Datagram } from "../support/peers.js";
import { p2Address } from "../support/p2.js";
import { loopback } from "../support/sockets.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (string: string) => new TextEncoder().encode(string);

type World = Component["interfaces"] & Disposable;

function world(options: ComponentOptions = { allow: true }): World {
  const made = component(options);
  return {
    ...made.interfaces,
    [Symbol.dispose]: () => {
      made.dispose();
    },
  };
}

/** What a call fails of: the tag of its error code. */
async function failureOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error && "payload" in error) return (error.payload as { tag: string }).tag;
    throw error;
  }
  return undefined;
}

/** A stream that a component writes, in the forms that jco gives its pieces. */
function writing(...pieces: unknown[]) {
  let disposed = false;
  return {
    read: () =>
      Promise.resolve(
        pieces.length > 0
          ? { done: false, value: pieces.shift() }
          : { done: true, value: undefined },
      ),
    get disposed() {
      return disposed;
    },
    [Symbol.dispose]() {
      disposed = true;
    },
  };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const piece of stream) all += text(piece);
  return all;
}

test.each(["inet", "inet6"] as const)(
  "a socket of %s connects, sends and receives",
  async (family) => {
    await using server = await nodeServer(loopback(family), "echo");
    using w = world();
    const socket = w.types.TcpSocket.create(family === "inet" ? "ipv4" : "ipv6");
    expect(socket).toBeInstanceOf(w.types.TcpSocket);
    await socket.connect(p2Address(server.address));
    expect(socket.getRemoteAddress()).toEqual(p2Address(server.address));
    const [incoming, ended] = socket.receive();
    const data = writing(bytes("he"), [108, 108], 111);
    await socket.send(data);
    expect(data.disposed).toBe(true);
    expect(await collect(incoming)).toBe("hello");
    await ended;
  },
);

test("much is sent in full, and much is received", async () => {
  await using sink = await nodeServer(loopback("inet"), "slow-digest");
  await using source = await nodeServer(loopback("inet"), "source", 3_000_000);
  using w = world();
  const to = w.types.TcpSocket.create("ipv4");
  await to.connect(p2Address(sink.address));
  const pieces = Array.from({ length: 20 }, () => new Uint8Array(300_000));
  await to.send(writing(...pieces));
  expect(await sink.next()).toMatchObject({ count: 6_000_000 });
  const from = w.types.TcpSocket.create("ipv4");
  await from.connect(p2Address(source.address));
  let count = 0;
  for await (const piece of from.receive()[0]) count += piece.length;
  expect(count).toBe(3_000_000);
});

test("a listener gives connections until its stream is dropped", async () => {
  using w = world();
  const listener = w.types.TcpSocket.create("ipv4");
  listener.bind(p2Address(loopback("inet")));
  const accepted = listener.listen();
  expect(listener.getIsListening()).toBe(true);
  const { port } = listener.getLocalAddress().val;
  const at = { family: "inet", address: "127.0.0.1", port } as const;
  const waiting = accepted.next();
  await using client = await nodeClient(at, "digest");
  const { value: socket } = await waiting;
  expect(socket!.getLocalAddress()).toEqual(listener.getLocalAddress());
  await socket!.send(writing(bytes("to the client")));
  expect(await client.next()).toMatchObject({ count: 13 });
  const none = accepted.next();
  await accepted.return!();
  expect(await none).toEqual({ done: true, value: undefined });
});

test("a connection that is reset fails what receives, and one that is refused what connects", async () => {
  await using server = await nodeServer(loopback("inet"), "reset");
  using w = world();
  const socket = w.types.TcpSocket.create("ipv4");
  await socket.connect(p2Address(server.address));
  const [incoming, ended] = socket.receive();
  const sent = failureOf(() => socket.send(writing(bytes("reset me")))); // which the reset may overtake
  expect(await collect(incoming)).toBe("");
  expect(await failureOf(() => ended)).toBe("connection-reset");
  await sent;
  await server[Symbol.asyncDispose]();
  const late = w.types.TcpSocket.create("ipv4");
  expect(await failureOf(() => late.connect(p2Address(server.address)))).toBe("connection-refused");
  expect(await failureOf(() => late.connect(p2Address(server.address)))).toBe("invalid-state");
});

test("dropping what receives ends it well, and a second receive or send is refused", async () => {
  await using server = await nodeServer(loopback("inet"), "silent");
  using w = world();
  const socket = w.types.TcpSocket.create("ipv4");
  expect(await failureOf(() => socket.receive()[1])).toBe("invalid-state");
  expect(await failureOf(() => socket.send(writing()))).toBe("invalid-state");
  await socket.connect(p2Address(server.address));
  const [incoming, ended] = socket.receive();
  const next = incoming.next();
  expect(await failureOf(() => socket.receive()[1])).toBe("invalid-state");
  await incoming.return!();
  expect(await next).toEqual({ done: true, value: undefined });
  await ended;
  await socket.send(writing());
  const data = writing(bytes("more"));
  expect(await failureOf(() => socket.send(data))).toBe("invalid-state");
  expect(data.disposed).toBe(true);
});

test("what is left of a component that was ended reaches no socket that was opened since", async () => {
  await using server = await nodeServer(loopback("inet"), "echo");
  const ended = world();
  const before = ended.types.TcpSocket.create("ipv4");
  await before.connect(p2Address(server.address));
  const [theirs, how] = before.receive();
  ended[Symbol.dispose]();
  using w = world();
  const since = w.types.TcpSocket.create("ipv4"); // by the number that is free again
  await since.connect(p2Address(server.address));
  const [ours] = since.receive();
  await since.send(writing(bytes("ours")));
  expect(await failureOf(() => before.send(writing(bytes("theirs"))))).toBe("other");
  expect(await theirs.next()).toEqual({ done: true, value: undefined });
  expect(await failureOf(() => how)).toBe("other");
  expect(await collect(ours)).toBe("ours");
});

test("datagrams go to an address and come from one; with a peer, to it alone", async () => {
  await using peer = await nodeDatagrams("inet", true);
  using w = world();
  const remote = p2Address(peer.address);
  const socket = w.types.UdpSocket.create("ipv4");
  expect(await failureOf(() => socket.receive())).toBe("invalid-state");
  expect(await failureOf(() => socket.send(bytes("x"), undefined))).toBe("invalid-argument");
  await socket.send(bytes("one"), remote);
  const { port } = socket.getLocalAddress().val;
  expect(await peer.next<Datagram>()).toMatchObject({ message: "one", port });
  const [data, from] = await socket.receive();
  expect([text(data), from]).toEqual(["one", remote]);
  socket.connect(remote);
  expect(socket.getRemoteAddress()).toEqual(remote);
  await socket.send(bytes("two"), undefined);
  expect(await peer.next<Datagram>()).toMatchObject({ message: "two" });
  const other = { tag: "ipv4", val: { port: 9, address: [127, 0, 0, 1] } } as const;
  expect(await failureOf(() => socket.send(bytes("x"), other))).toBe("invalid-argument");
  expect(await failureOf(() => socket.send(new Uint8Array(65_536), remote))).toBe(
    "datagram-too-large",
  );
  socket.disconnect();
  expect(
    await failureOf(() => {
      socket.disconnect();
    }),
  ).toBe("invalid-state");
  expect(socket.getLocalAddress().val.port).toBe(port);
});

test("options are the socket's own", () => {
  using w = world();
  const tcp = w.types.TcpSocket.create("ipv6");
  tcp.setHopLimit(42);
  tcp.setKeepAliveCount(3);
  tcp.setKeepAliveInterval(2_000_000_000n);
  tcp.setReceiveBufferSize(10_000n);
  expect([tcp.getHopLimit(), tcp.getKeepAliveCount(), tcp.getKeepAliveInterval()]).toEqual([
    42,
    3,
    2_000_000_000n,
  ]);
  expect(tcp.getReceiveBufferSize()).toBe(10_000n);
  const udp = w.types.UdpSocket.create("ipv4");
  udp.setReceiveBufferSize(30_000n);
  udp.setSendBufferSize(40_000n);
  expect([udp.getReceiveBufferSize(), udp.getSendBufferSize()]).toEqual([30_000n, 40_000n]);
});

test("names are resolved, and what nobody allowed is denied", async () => {
  using w = world();
  expect(await w.ipNameLookup.resolveAddresses("192.0.2.7")).toEqual([
    { tag: "ipv4", val: [192, 0, 2, 7] },
  ]);
  const loopbacks = [
    { tag: "ipv4", val: [127, 0, 0, 1] },
    { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] },
  ];
  for (const address of await w.ipNameLookup.resolveAddresses("localhost")) {
    expect(loopbacks).toContainEqual(address);
  }
  expect(await failureOf(() => w.ipNameLookup.resolveAddresses("a b"))).toBe("invalid-argument");
  using denied = world({ descriptors: 1 });
  expect(await failureOf(() => denied.ipNameLookup.resolveAddresses("localhost"))).toBe(
    "access-denied",
  );
  const socket = denied.types.TcpSocket.create("ipv4");
  expect(
    await failureOf(() => {
      socket.bind(p2Address(loopback("inet")));
    }),
  ).toBe("access-denied");
  expect(await failureOf(() => denied.types.UdpSocket.create("ipv4"))).toBe("other");
});
