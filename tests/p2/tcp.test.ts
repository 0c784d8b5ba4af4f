// wasi:sockets/tcp of WASI 0.2 against node:net: the states, the streams, the options, the errors.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { nodeClient, nodeServer } from "../support/peers.js";
import { connected, failureOf, listening, p2Address, world } from "../support/p2.js";
import { loopback } from "../support/sockets.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (string: string) => new TextEncoder().encode(string);

test.each(["inet", "inet6"] as const)(
  "a socket of %s connects, sends and receives",
  async (family) => {
    await using server = await nodeServer(loopback(family), "echo");
    using w = world();
    const { socket, input, output } = connected(w, server.address);
    expect(socket.remoteAddress()).toEqual(p2Address(server.address));
    expect(socket.localAddress().tag).toBe(family === "inet" ? "ipv4" : "ipv6");
    expect(output.checkWrite()).toBeGreaterThan(0n);
    output.write(bytes("hel"));
    output.blockingWriteAndFlush(bytes("lo"));
    let heard = "";
    while (heard.length < 5) heard += text(input.blockingRead(100n));
    expect(heard).toBe("hello");
    socket.shutdown("send");
    expect(failureOf(() => output.checkWrite())).toBe("closed");
    expect(failureOf(() => input.blockingRead(1n))).toBe("closed");
    expect(failureOf(() => input.read(1n))).toBe("closed");
  },
);

test("read gives nothing while there is nothing, and the pollable says when there is", async () => {
  await using server = await nodeServer(loopback("inet"), "echo");
  using w = world();
  const { input, output } = connected(w, server.address);
  const pollable = input.subscribe();
  expect(input.read(10n)).toHaveLength(0);
  expect(pollable.ready()).toBe(false);
  output.blockingWriteAndFlush(bytes("x"));
  pollable.block();
  expect(pollable.ready()).toBe(true);
  expect(input.read(0n)).toHaveLength(0);
  expect(text(input.read(10n))).toBe("x");
});

test("unsent: check-write permits no more than the host is to keep, and a longer write is refused", async () => {
  await using server = await nodeServer(loopback("inet"), "echo");
  using w = world({ allow: true, unsent: 10 });
  const { input, output } = connected(w, server.address);
  expect(output.checkWrite()).toBe(10n);
  expect(() => {
    output.write(bytes("eleven byte"));
  }).toThrow("check-write permitted 10");
  output.write(bytes("ten bytes!"));
  let heard = "";
  while (heard.length < 10) heard += text(input.blockingRead(100n));
  expect(heard).toBe("ten bytes!");
});

/** Writes until no more is permitted, lets everything go and says how many bytes there were. */
const LEAVER = `
  import { component } from "wasi-sockets/p2";
  const { sockets } = component({ allow: true }).interfaces;
  const socket = sockets.tcpCreateSocket.createTcpSocket("ipv4");
  const remote = { tag: "ipv4", val: { port: Number(process.argv[1]), address: [127, 0, 0, 1] } };
  socket.startConnect(sockets.instanceNetwork.instanceNetwork(), remote);
  socket.subscribe().block();
  const [input, output] = socket.finishConnect();
  let count = 0;
  for (let permit; (permit = Number(output.checkWrite())) > 0; count += permit) output.write(new Uint8Array(permit));
  if (process.argv[2] === "shutdown") socket.shutdown("send");
  for (const resource of [input, output, socket]) resource[Symbol.dispose]();
  console.log(count);
`;

test.each(["shutdown", "drop"])(
  "what is written before a %s is sent although the component returns, and then the process ends",
  async (how) => {
    const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const args = ["--input-type=module", "--eval", LEAVER, String(port), how];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    const [socket] = (await once(server, "connection")) as [Socket];
    const [written] = (await once(child.stdout, "data")) as [Buffer]; // all is in the kernel or left
    expect(await buffer(socket)).toHaveLength(Number(text(written)));
    expect(await exit).toEqual([0, null]);
    server.close();
  },
);

test("what is left of a component that was ended reaches no socket that was opened since", async () => {
  await using server = await nodeServer(loopback("inet"), "digest");
  const ended = world();
  const before = connected(ended, server.address);
  before.output.checkWrite();
  ended[Symbol.dispose]();
  expect(await server.next()).toMatchObject({ count: 0 });
  using w = world();
  const since = connected(w, server.address); // by the number that is free again
  since.output.blockingWriteAndFlush(bytes("ours"));
  before.output.write(bytes("theirs"));
  expect(failureOf(() => before.output.checkWrite())).toBe("last-operation-failed");
  expect(failureOf(() => before.input.read(1n))).toBe("last-operation-failed");
  since.socket.shutdown("send");
  expect(await server.next()).toMatchObject({ count: 4 });
});

test("a listener accepts, and what it accepts is connected", async () => {
  using w = world();
  const { socket, address } = listening(w, loopback("inet"));
  expect(socket.isListening()).toBe(true);
  expect(failureOf(() => socket.accept())).toBe("would-block");
  await using client = await nodeClient(address, "digest");
  socket.subscribe().block();
  const [accepted, input, output] = socket.accept();
  expect(accepted.isListening()).toBe(false);
  expect(accepted.localAddress()).toEqual(socket.localAddress());
  expect(accepted.remoteAddress().val.address).toEqual([127, 0, 0, 1]);
  output.blockingWriteAndFlush(bytes("to the client"));
  accepted.shutdown("send");
  const { count } = await client.next<{ count: number }>();
  expect(count).toBe(13);
  input[Symbol.dispose]();
});

test("what the kernel does not take at once is sent while the component waits for something else", async () => {
  await using server = await nodeServer(loopback("inet"), "digest");
  using w = world();
  const { socket, input, output } = connected(w, server.address);
  socket.setSendBufferSize(4096n);
  const chunk = new Uint8Array(65536).fill(7);
  let sent = 0;
  while (sent < 64 * chunk.length) {
    const permit = Number(output.checkWrite());
    if (permit === 0) {
      output.subscribe().block();
      continue;
    }
    output.write(chunk.subarray(0, permit));
    sent += Math.min(permit, chunk.length);
  }
  socket.shutdown("send");
  const report = text(input.blockingRead(1000n));
  expect(JSON.parse(report)).toMatchObject({ count: sent });
});

test("write of more than check-write permitted ends the component", async () => {
  await using server = await nodeServer(loopback("inet"), "silent");
  using w = world();
  const { output } = connected(w, server.address);
  expect(() => {
    output.write(bytes("unasked"));
  }).toThrow("write of 7 bytes: check-write permitted 0");
  const permit = Number(output.checkWrite());
  expect(() => {
    output.write(new Uint8Array(permit + 1));
  }).toThrow(`write of ${permit + 1} bytes: check-write permitted ${permit}`);
});

test("splice moves what is there from one connection to another", async () => {
  await using source = await nodeServer(loopback("inet"), "source", 100_000);
  await using sink = await nodeServer(loopback("inet"), "digest");
  using w = world();
  const from = connected(w, source.address);
  const to = connected(w, sink.address);
  const sent = await source.next<{ sha256: string }>();
  let moved = 0n;
  while (moved < 100_000n) moved += to.output.blockingSplice(from.input, 1_000_000n);
  expect(moved).toBe(100_000n);
  to.socket.shutdown("send");
  expect(JSON.parse(text(to.input.blockingRead(1000n)))).toEqual({
    count: 100_000,
    sha256: sent.sha256,
  });
});

test("shutdown goes by its kind: receive leaves the other direction open", async () => {
  await using server = await nodeServer(loopback("inet"), "digest");
  using w = world();
  const { socket, input, output } = connected(w, server.address);
  socket.shutdown("receive");
  expect(failureOf(() => input.read(1n))).toBe("closed");
  output.blockingWriteAndFlush(bytes("still"));
  socket.shutdown("send");
  expect(failureOf(() => output.checkWrite())).toBe("closed");
  expect(await server.next()).toMatchObject({ count: 5 });
});

test("a connection that is reset fails its stream once, and network-error-code says why", async () => {
  await using server = await nodeServer(loopback("inet"), "reset");
  using w = world();
  const { input, output } = connected(w, server.address);
  output.blockingWriteAndFlush(bytes("reset me"));
  let failure: unknown;
  try {
    input.blockingRead(10n);
  } catch (error) {
    failure = (error as { payload: unknown }).payload;
  }
  expect(failure).toMatchObject({ tag: "last-operation-failed" });
  const { val } = failure as { val: unknown };
  expect(val).toBeInstanceOf(w.io.error.Error);
  expect(w.sockets.network.networkErrorCode(val)).toBe("connection-reset");
  expect(failureOf(() => input.blockingRead(10n))).toBe("closed");
});

test("connect to a closed port is refused, and closes the socket", async () => {
  using w = world();
  const server = await nodeServer(loopback("inet"), "silent");
  const { address } = server;
  await server[Symbol.asyncDispose]();
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const socket = w.sockets.tcpCreateSocket.createTcpSocket("ipv4");
  socket.startConnect(network, p2Address(address));
  socket.subscribe().block();
  expect(failureOf(() => socket.finishConnect())).toBe("connection-refused");
  expect(failureOf(() => socket.finishConnect())).toBe("not-in-progress");
  expect(
    failureOf(() => {
      socket.startConnect(network, p2Address(address));
    }),
  ).toBe("invalid-state");
});

test("an address that is none of the socket's is an invalid argument", () => {
  using w = world();
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const v4 = (port: number, ...address: [number, number, number, number]) =>
    ({ tag: "ipv4", val: { port, address } }) as const;
  const v6 = (...address: [number, number, number, number, number, number, number, number]) =>
    ({ tag: "ipv6", val: { port: 1, flowInfo: 0, address, scopeId: 0 } }) as const;
  const create = (family: "ipv4" | "ipv6") => w.sockets.tcpCreateSocket.createTcpSocket(family);
  const connect = [
    ["ipv4", v6(0, 0, 0, 0, 0, 0, 0, 1)], // another family
    ["ipv6", v4(1, 127, 0, 0, 1)],
    ["ipv4", v4(1, 0, 0, 0, 0)], // no destination
    ["ipv4", v4(0, 127, 0, 0, 1)],
    ["ipv4", v4(1, 224, 0, 0, 1)], // many
    ["ipv4", v4(1, 255, 255, 255, 255)],
    ["ipv6", v6(0xff02, 0, 0, 0, 0, 0, 0, 1)],
    ["ipv6", v6(0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)], // IPv4 in disguise
    ["ipv6", v6(0, 0, 0, 0, 0, 0, 0x7f00, 1)],
  ] as const;
  for (const [family, address] of connect) {
    const socket = create(family);
    expect([
      address,
      failureOf(() => {
        socket.startConnect(network, address);
      }),
    ]).toEqual([address, "invalid-argument"]);
    // Whatever it failed of, it is closed.
    expect(failureOf(() => socket.hopLimit())).toBe("invalid-state");
  }
  const socket = create("ipv4");
  for (const address of [
    v4(0, 224, 0, 0, 1),
    v4(0, 255, 255, 255, 255),
    v6(0, 0, 0, 0, 0, 0, 0, 1),
  ]) {
    expect(
      failureOf(() => {
        socket.startBind(network, address);
      }),
    ).toBe("invalid-argument");
  }
  // A bind may be tried again.
  expect(
    failureOf(() => {
      socket.startBind(network, v4(0, 203, 0, 113, 1));
    }),
  ).toBe("address-not-bindable");
  socket.startBind(network, v4(0, 127, 0, 0, 2));
  socket.finishBind();
  expect(socket.localAddress().val.address).toEqual([127, 0, 0, 2]);
});

test("each call in another state than its own says so", () => {
  using w = world();
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const address = p2Address(loopback("inet"));
  const socket = w.sockets.tcpCreateSocket.createTcpSocket("ipv4");
  const states = (calls: Record<string, () => unknown>) =>
    Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, failureOf(call)]));
  const all = {
    startBind: () => {
      socket.startBind(network, address);
    },
    finishBind: () => {
      socket.finishBind();
    },
    finishConnect: () => socket.finishConnect(),
    startListen: () => {
      socket.startListen();
    },
    finishListen: () => {
      socket.finishListen();
    },
    accept: () => socket.accept(),
    shutdown: () => {
      socket.shutdown("both");
    },
    localAddress: () => socket.localAddress(),
    remoteAddress: () => socket.remoteAddress(),
  };
  const { startBind, finishBind, startListen, finishListen, localAddress, ...others } = all;
  const idle = {
    finishConnect: "not-in-progress",
    accept: "invalid-state",
    shutdown: "invalid-state",
    remoteAddress: "invalid-state",
  };
  expect(states({ ...others, finishBind, startListen, finishListen, localAddress })).toEqual({
    ...idle,
    finishBind: "not-in-progress",
    startListen: "invalid-state",
    finishListen: "not-in-progress",
    localAddress: "invalid-state",
  });
  startBind();
  expect(states({ ...others, startBind, startListen, localAddress })).toEqual({
    ...idle,
    startBind: "concurrency-conflict",
    startListen: "invalid-state",
    localAddress: "invalid-state",
  });
  finishBind();
  expect(states({ ...others, startBind, finishBind, finishListen, localAddress })).toEqual({
    ...idle,
    startBind: "invalid-state",
    finishBind: "not-in-progress",
    finishListen: "not-in-progress",
    localAddress: undefined,
  });
  startListen();
  expect(states({ ...others, startListen })).toEqual({
    ...idle,
    startListen: "concurrency-conflict",
  });
  finishListen();
  expect(states({ ...others, startBind, startListen })).toEqual({
    ...idle,
    accept: "would-block",
    startBind: "invalid-state",
    startListen: "invalid-state",
  });
});

test("options are the socket's own, and 0 is an invalid argument", () => {
  using w = world();
  for (const family of ["ipv4", "ipv6"] as const) {
    const socket = w.sockets.tcpCreateSocket.createTcpSocket(family);
    expect(socket.addressFamily()).toBe(family);
    expect(socket.hopLimit()).toBe(64); // ip(7): the default of Linux
    socket.setHopLimit(42);
    expect(socket.hopLimit()).toBe(42);
    expect(socket.keepAliveEnabled()).toBe(false);
    socket.setKeepAliveEnabled(true);
    expect(socket.keepAliveEnabled()).toBe(true);
    expect(socket.keepAliveIdleTime()).toBe(7_200_000_000_000n); // tcp(7)
    socket.setKeepAliveIdleTime(1n);
    expect(socket.keepAliveIdleTime()).toBe(1_000_000_000n);
    socket.setKeepAliveInterval(2_000_000_000n);
    expect(socket.keepAliveInterval()).toBe(2_000_000_000n);
    socket.setKeepAliveInterval(0xffff_ffff_ffff_ffffn);
    expect(socket.keepAliveInterval()).toBe(32_767_000_000_000n); // tcp(7): the most
    socket.setKeepAliveCount(3);
    expect(socket.keepAliveCount()).toBe(3);
    socket.setReceiveBufferSize(10_000n);
    expect(socket.receiveBufferSize()).toBe(10_000n);
    socket.setSendBufferSize(20_000n);
    expect(socket.sendBufferSize()).toBe(20_000n);
    for (const set of [
      () => {
        socket.setHopLimit(0);
      },
      () => {
        socket.setKeepAliveIdleTime(0n);
      },
      () => {
        socket.setKeepAliveInterval(0n);
      },
      () => {
        socket.setKeepAliveCount(0);
      },
      () => {
        socket.setReceiveBufferSize(0n);
      },
      () => {
        socket.setSendBufferSize(0n);
      },
      () => {
        socket.setListenBacklogSize(0n);
      },
    ]) {
      expect(failureOf(set)).toBe("invalid-argument");
    }
  }
});

test("a port is in use, unless its last connection is only lingering", async () => {
  using w = world();
  const { socket, address } = listening(w, loopback("inet"));
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const second = w.sockets.tcpCreateSocket.createTcpSocket("ipv4");
  expect(
    failureOf(() => {
      second.startBind(network, p2Address(address));
    }),
  ).toBe("address-in-use");
  // This side ends first, so the connection lingers here: TIME_WAIT.
  await using client = await nodeClient(address, "echo");
  socket.subscribe().block();
  const [accepted, input, output] = socket.accept();
  accepted.shutdown("send");
  expect(failureOf(() => input.blockingRead(1n))).toBe("closed");
  for (const resource of [input, output, accepted, socket]) resource[Symbol.dispose]();
  second.startBind(network, p2Address(address));
  second.finishBind();
  expect(second.localAddress().val.port).toBe(address.port);
  expect(client.pid).toBeGreaterThan(0);
});

test("what the policy does not name is denied", async () => {
  await using server = await nodeServer(loopback("inet"), "echo");
  using w = world({});
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const socket = w.sockets.tcpCreateSocket.createTcpSocket("ipv4");
  expect(
    failureOf(() => {
      socket.startBind(network, p2Address(loopback("inet")));
    }),
  ).toBe("access-denied");
  expect(
    failureOf(() => {
      socket.startConnect(network, p2Address(server.address));
    }),
  ).toBe("access-denied");
  const { port } = server.address as { port: number };
  using allowed = world({ allow: { connect: [`tcp:127.0.0.1:${port}`] } });
  const { output } = connected(allowed, server.address);
  expect(output.checkWrite()).toBeGreaterThan(0n);
});

test("the limit of descriptors holds, and a socket counts until its streams are dropped too", async () => {
  await using server = await nodeServer(loopback("inet"), "silent");
  using w = world({ allow: true, descriptors: 1 });
  const create = () => w.sockets.tcpCreateSocket.createTcpSocket("ipv4");
  const { socket, input, output } = connected(w, server.address);
  for (const resource of [socket, input]) {
    expect(failureOf(create)).toBe("new-socket-limit");
    resource[Symbol.dispose]();
  }
  expect(failureOf(create)).toBe("new-socket-limit");
  output[Symbol.dispose]();
  expect(failureOf(create)).toBeUndefined();
});
