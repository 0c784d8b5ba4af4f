// wasi-sockets/promises: the calls that wait return promises, and nothing blocks the thread.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open as openBlocking } from "wasi-sockets";
import { open } from "wasi-sockets/promises";
import { describe, expect, test } from "vitest";
import { nodeClient, nodeServer } from "./support/peers.js";
import {
  bytes,
  connectedPair,
  datagrams,
  expectRejection,
  isSettled,
  receiveAll,
  turns,
} from "./support/promises.js";
import {
  digest,
  listening,
  loopback,
  openedNatively,
  unix,
  type Digest,
} from "./support/sockets.js";

const SIZE = 4 * 1024 * 1024 + 3;

test("it has every name of the blocking API", async () => {
  using blocking = await openBlocking();
  using bsd = await open();
  const names = (of: object): string[] => {
    const prototype = Object.getPrototypeOf(of) as object | null;
    return prototype === null || prototype === Object.prototype
      ? []
      : [...Object.getOwnPropertyNames(prototype), ...names(prototype)];
  };
  expect(new Set(names(bsd))).toEqual(new Set(names(blocking)));
});

describe.each(["inet", "inet6"] as const)("over %s", (family) => {
  test("connect, send, shutdown and recv talk to a node:net server of another process", async () => {
    await using peer = await nodeServer(loopback(family), "digest");
    using bsd = await open();
    const fd = bsd.socket(family, "stream");
    await bsd.connect(fd, peer.address);
    const sent = randomBytes(SIZE);
    expect(await bsd.send(fd, sent)).toBe(SIZE);
    bsd.shutdown(fd, "write");
    expect(JSON.parse(String(await receiveAll(bsd, fd)))).toEqual(digest(sent));
  });

  test("accept takes the connections of node:net clients", async () => {
    using bsd = await open();
    const { listener, address } = listening(bsd, loopback(family));
    const accepted = [bsd.accept(listener), bsd.accept4(listener, "non-blocking")];
    await using first = await nodeClient(address, "source", 1000);
    await using second = await nodeClient(address, "source", 2000);
    const [one, other] = (await Promise.all(accepted)) as [number, number];
    expect(bsd.fcntl(one, "getfl")).not.toContain("non-blocking");
    expect(bsd.fcntl(other, "getfl")).toContain("non-blocking");
    bsd.fcntlSet(other, "setfl", null);
    const sent = [await first.next<Digest>(), await second.next<Digest>()];
    const received = await Promise.all([receiveAll(bsd, one), receiveAll(bsd, other)]);
    const order = (a: Digest, b: Digest) => a.count - b.count;
    expect(received.map(digest).sort(order)).toEqual(sent.sort(order));
  });
});

test("a server and a client of one thread talk: nothing blocks", async () => {
  using bsd = await open();
  const server = net.createServer((socket) => socket.pipe(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const fd = bsd.socket("inet", "stream");
  const { port } = server.address() as net.AddressInfo;
  await bsd.connect(fd, { family: "inet", address: "127.0.0.1", port });
  const sent = randomBytes(SIZE);
  const [count, received] = await Promise.all([
    bsd.send(fd, sent).then((taken) => {
      bsd.shutdown(fd, "write");
      return taken;
    }),
    receiveAll(bsd, fd),
  ]);
  expect(count).toBe(SIZE);
  expect(digest(received)).toEqual(digest(sent));
  server.close();
});

test("timers and other sockets proceed while a call waits", async () => {
  using bsd = await open();
  const [waits, silent] = bsd.socketpair("unix", "stream");
  const [other, peer] = bsd.socketpair("unix", "stream");
  const order: string[] = [];
  const waiting = bsd.recv(waits, new Uint8Array(8)).then(() => order.push("the first socket"));
  await new Promise((resolve) => setTimeout(resolve, 1)).then(() => order.push("a timer"));
  await bsd.send(peer, bytes("x"));
  await bsd.recv(other, new Uint8Array(8)).then(() => order.push("another socket"));
  await bsd.send(silent, bytes("y"));
  await waiting;
  expect(order).toEqual(["a timer", "another socket", "the first socket"]);
});

test("sendto and recvfrom exchange datagrams with their senders' addresses", async () => {
  using bsd = await open();
  const [fd, address] = datagrams(bsd);
  const [other, otherAddress] = datagrams(bsd);
  const room = new Uint8Array(16);
  const received = bsd.recvfrom(fd, room);
  expect(await isSettled(received)).toBe(false);
  expect(await bsd.sendto(other, bytes("hello"), null, address)).toBe(5);
  expect(await received).toEqual([5, otherAddress]);
  expect(String(Buffer.from(room.subarray(0, 5)))).toBe("hello");
});

test("sendfile sends a whole file to a peer that reads slowly", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ws-"));
  try {
    const content = randomBytes(SIZE);
    writeFileSync(join(folder, "file"), content);
    await using peer = await nodeServer(loopback("inet"), "slow-digest");
    using bsd = await open({ preopens: [join(folder, "file")] });
    const fd = bsd.socket("inet", "stream");
    await bsd.connect(fd, peer.address);
    expect(await bsd.sendfile(fd, 3, 0, SIZE)).toBe(SIZE);
    expect(await bsd.sendfile(fd, 3, SIZE, 1)).toBe(0);
    bsd.shutdown(fd, "write");
    expect(await peer.next()).toEqual(digest(content));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("getnameinfo and getaddrinfo give promises", async () => {
  using bsd = await open();
  const address = { family: "inet", address: "127.0.0.1", port: 80 } as const;
  const found = await bsd.getaddrinfo("127.0.0.1", "80", { type: "stream" });
  expect(found).toMatchObject([{ family: "inet", address }]);
  const name = await bsd.getnameinfo(address, ["numerichost", "numericserv"]);
  expect(name).toEqual({ host: "127.0.0.1", service: "80" });
});

describe("a failure", () => {
  test("rejects where the blocking API gives -1", async () => {
    using bsd = await open();
    const [fd, peer] = bsd.socketpair("unix", "stream");
    bsd.close(peer);
    await expectRejection(bsd.send(fd, bytes("x")), "EPIPE", { syscall: "send" });
    await expectRejection(bsd.recv(99, new Uint8Array(1)), "EBADF", { syscall: "recv" });
    await expectRejection(bsd.recvfrom(99, new Uint8Array(1)), "EBADF", { syscall: "recvfrom" });
    expect(bsd.errno).toMatchObject({ code: "EBADF" });
  });

  test("of connect names the address that refused", async () => {
    using bsd = await open();
    const { listener, address } = listening(bsd, loopback("inet"));
    bsd.close(listener);
    const fd = bsd.socket("inet", "stream");
    await expectRejection(bsd.connect(fd, address), "ECONNREFUSED", {
      syscall: "connect",
      address: "127.0.0.1",
      port: "port" in address ? address.port : 0,
    });
  });

  test("is that of each call, whichever came last", async () => {
    using bsd = await open();
    const { listener, address } = listening(bsd, loopback("inet"));
    bsd.close(listener);
    const fd = bsd.socket("inet", "stream");
    const results = await Promise.allSettled([
      bsd.connect(fd, address),
      bsd.recv(99, new Uint8Array(1)),
    ]);
    expect(results).toMatchObject([
      { reason: { code: "ECONNREFUSED" } },
      { reason: { code: "EBADF" } },
    ]);
  });

  test("of a symbol or an address rejects with a TypeError, and throws nothing", async () => {
    using bsd = await open();
    const fd = bsd.socket("inet", "stream");
    const nowhere = { family: "inet", address: "nowhere", port: 1 } as const;
    await expect(bsd.connect(fd, nowhere)).rejects.toThrow(TypeError);
    await expect(bsd.recv(fd, new Uint8Array(1), "pek" as never)).rejects.toThrow(/peek/);
    await expect(bsd.accept4(fd, "strem" as never)).rejects.toThrow(TypeError);
    await expect(bsd.recv(fd, "text" as never)).rejects.toThrow(TypeError);
  });

  test("of a non-blocking socket is EAGAIN, at once", async () => {
    using bsd = await open();
    const [fd] = bsd.socketpair("unix", ["stream", "non-blocking"]);
    await expectRejection(bsd.recv(fd, new Uint8Array(1)), "EAGAIN");
    const { listener } = listening(bsd, loopback("inet"));
    bsd.fcntlSet(listener, "setfl", "non-blocking");
    await expectRejection(bsd.accept(listener), "EAGAIN", { syscall: "accept" });
    const [blocking] = bsd.socketpair("unix", "stream");
    await expectRejection(bsd.recv(blocking, new Uint8Array(1), "dontwait"), "EAGAIN");
  });
});

describe("several calls that wait on one socket", () => {
  test("receive each their share, in the order in which they were made", async () => {
    using bsd = await open();
    const [fd, address] = datagrams(bsd);
    const [sender] = datagrams(bsd);
    const rooms = Array.from({ length: 20 }, () => new Uint8Array(4));
    const receiving = rooms.map((room) => bsd.recv(fd, room));
    await turns();
    for (let i = 0; i < rooms.length; i++) await bsd.sendto(sender, Buffer.of(i), null, address);
    expect(await Promise.all(receiving)).toEqual(rooms.map(() => 1));
    expect(rooms.map(([first]) => first)).toEqual(rooms.map((_, i) => i));
  });

  test("give way to one that sends meanwhile", async () => {
    using bsd = await open();
    const [left, right] = await connectedPair(bsd);
    const receiving = bsd.recv(left, new Uint8Array(4));
    const sent = randomBytes(SIZE);
    const sending = bsd.send(left, sent);
    const room = new Uint8Array(SIZE);
    expect(await bsd.recv(right, room, "waitall")).toBe(SIZE);
    expect(await sending).toBe(SIZE);
    expect(digest(room)).toEqual(digest(sent));
    await bsd.send(right, bytes("done"));
    expect(await receiving).toBe(4);
  });
});

describe("a socket that is closed while a call waits", () => {
  const calls: [string, (bsd: Awaited<ReturnType<typeof open>>, fd: number) => Promise<unknown>][] =
    [
      ["recv", (bsd, fd) => bsd.recv(fd, new Uint8Array(4))],
      ["recv with waitall", (bsd, fd) => bsd.recv(fd, new Uint8Array(4), "waitall")],
      ["recvfrom", (bsd, fd) => bsd.recvfrom(fd, new Uint8Array(4))],
      ["recvmsg", (bsd, fd) => bsd.recvmsg(fd, { data: [new Uint8Array(4)] })],
      ["recvmmsg", (bsd, fd) => bsd.recvmmsg(fd, [{ data: [new Uint8Array(4)] }])],
    ];

  test.each(calls)(
    "rejects %s with EBADF, and the socket that has its number is left alone",
    async (_, call) => {
      using bsd = await open();
      const [fd] = bsd.socketpair("unix", "stream");
      const waiting = call(bsd, fd);
      await turns();
      bsd.close(fd);
      const [next, peer] = bsd.socketpair("unix", "stream");
      expect(next).toBe(fd);
      await bsd.send(peer, bytes("mine"));
      await expectRejection(waiting, "EBADF");
      const room = new Uint8Array(8);
      expect(await bsd.recv(next, room)).toBe(4);
    },
  );

  test("gives what a receive has peeked at, and nothing of the socket that has its number", async () => {
    using bsd = await open();
    const [fd, peer] = await connectedPair(bsd);
    bsd.socket("inet", "stream"); // takes the number of the listener
    await bsd.send(peer, bytes("ab"));
    const room = new Uint8Array(4);
    const peeking = bsd.recv(fd, room, ["peek", "waitall"]);
    await turns();
    bsd.close(fd);
    const [next, other] = bsd.socketpair("unix", "stream");
    expect(next).toBe(fd);
    void bsd.send(other, bytes("zzzz"));
    expect(await peeking).toBe(2);
    expect(String(Buffer.from(room))).toBe("ab\0\0");
  });

  test("rejects accept and a connect that is under way", async () => {
    using bsd = await open();
    const { listener } = listening(bsd, loopback("inet"));
    const accepting = bsd.accept(listener);
    // A backlog that is full: the kernel drops what comes then, and goes on trying.
    const full = listening(bsd, loopback("inet"));
    bsd.listen(full.listener, 0);
    const first = bsd.socket("inet", "stream");
    await bsd.connect(first, full.address);
    const fd = bsd.socket("inet", "stream");
    const connecting = bsd.connect(fd, full.address);
    expect(await isSettled(connecting)).toBe(false);
    bsd.close(listener);
    bsd.close(fd);
    await expectRejection(accepting, "EBADF", { syscall: "accept" });
    await expectRejection(connecting, "EBADF", { syscall: "connect" });
  });

  test("gives the bytes that a send has moved", async () => {
    using bsd = await open();
    const [fd] = bsd.socketpair("unix", "stream");
    const sending = bsd.send(fd, new Uint8Array(SIZE));
    expect(await isSettled(sending)).toBe(false);
    bsd.dispose();
    const sent = await sending;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(SIZE);
  });
});

test("a connection that is reset rejects who waits to receive", async () => {
  await using peer = await nodeServer(loopback("inet"), "reset");
  using bsd = await open();
  const fd = bsd.socket("inet", "stream");
  await bsd.connect(fd, peer.address);
  const waiting = bsd.recv(fd, new Uint8Array(1));
  await bsd.send(fd, bytes("x"));
  await expectRejection(waiting, "ECONNRESET", { syscall: "recv" });
});

test("a Unix connect to a full backlog waits until there is room", async () => {
  using bsd = await open();
  const { listener, address } = listening(bsd, unix(`\0ws-promises-backlog-${process.pid}`));
  bsd.listen(listener, 0);
  const first = bsd.socket("unix", "stream");
  await bsd.connect(first, address);
  const second = bsd.socket("unix", "stream");
  const connecting = bsd.connect(second, address);
  expect(await isSettled(connecting)).toBe(false);
  bsd.close(await bsd.accept(listener));
  await connecting;
  expect(await bsd.accept(listener)).toBeGreaterThan(2);
});

test("a buffer in linear memory receives and sends without a copy", async () => {
  using bsd = await open();
  const [left, right] = bsd.socketpair("unix", "stream");
  const buffer = bsd.buffer(16);
  const receiving = bsd.recv(left, buffer);
  await bsd.send(right, bytes("in place"));
  expect(await receiving).toBe(8);
  expect(await bsd.send(left, buffer.subarray(0, 8))).toBe(8);
  const room = new Uint8Array(8);
  await bsd.recv(right, room);
  expect(String(Buffer.from(room))).toBe("in place");
});

test("a closed socket leaves no real descriptor behind", async () => {
  using bsd = await open();
  const { result } = openedNatively(() => bsd.socket("inet", "datagram"));
  const waiting = bsd.recv(result, new Uint8Array(1));
  await turns();
  bsd.close(result);
  await expectRejection(waiting, "EBADF");
  const { result: again } = openedNatively(() => bsd.socket("inet", "datagram"));
  expect(again).toBe(result);
});
