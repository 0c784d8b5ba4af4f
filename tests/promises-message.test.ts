// Messages by wasi-sockets/promises: sendmsg, recvmsg, their batches, and receives that look ahead.

import { randomBytes } from "node:crypto";
import { open, type AsyncNet } from "wasi-sockets/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeDatagrams, nodeServer, type Datagram } from "./support/peers.js";
import {
  bytes,
  connectedPair,
  datagrams,
  expectRejection,
  isSettled,
  turns,
} from "./support/promises.js";
import { digest, loopback, unix } from "./support/sockets.js";

const SIZE = 6 * 1024 * 1024 + 5;

let bsd: AsyncNet;
beforeEach(async () => {
  bsd = await open();
});
afterEach(() => {
  bsd.dispose();
});

const textOf = (room: Uint8Array, count = room.length) =>
  String(Buffer.from(room.subarray(0, count)));

test("sendmsg sends megabytes from several places to a node:net peer that reads slowly", async () => {
  await using peer = await nodeServer(loopback("inet"), "slow-digest");
  const fd = bsd.socket("inet", "stream");
  await bsd.connect(fd, peer.address);
  const content = randomBytes(SIZE);
  const cuts = [0, 1, 1, 70_000, SIZE / 2, SIZE - 1, SIZE].map(Math.floor);
  const data = cuts.slice(1).map((end, i) => content.subarray(cuts[i], end));
  expect(await bsd.sendmsg(fd, { data })).toBe(SIZE);
  bsd.shutdown(fd, "write");
  expect(await peer.next()).toEqual(digest(content));
});

test("sendmmsg on a stream sends every message whole", async () => {
  await using peer = await nodeServer(loopback("inet"), "slow-digest");
  const fd = bsd.socket("inet", "stream");
  await bsd.connect(fd, peer.address);
  const contents = Array.from({ length: 12 }, (_, i) => randomBytes(SIZE / 12 + i));
  const messages = contents.map((content) => ({
    data: [content.subarray(0, 9), content.subarray(9)],
  }));
  expect(await bsd.sendmmsg(fd, messages)).toBe(12);
  bsd.shutdown(fd, "write");
  expect(await peer.next()).toEqual(digest(Buffer.concat(contents)));
});

test("sendmmsg gives the error of a first message that fails", async () => {
  const [fd, peer] = bsd.socketpair("unix", "stream");
  bsd.close(peer);
  const message = { data: [bytes("x")] };
  await expectRejection(bsd.sendmmsg(fd, [message, message]), "EPIPE");
  await expectRejection(bsd.sendmmsg(99, [message]), "EBADF", { syscall: "sendmmsg" });
});

test("recvmsg gives the count, the sender and the control data of what comes later", async () => {
  await using peer = await nodeDatagrams("inet", true);
  const [fd] = datagrams(bsd);
  bsd.setsockopt(fd, "ip", "recvttl", true);
  const rooms = [new Uint8Array(3), new Uint8Array(10)];
  const receiving = bsd.recvmsg(fd, { data: rooms, control: 64 });
  expect(await isSettled(receiving)).toBe(false);
  await bsd.sendmsg(fd, { data: [bytes("abc"), bytes("def")], address: peer.address });
  expect(await peer.next<Datagram>()).toMatchObject({ message: "abcdef" });
  const { count, address, control, flags } = await receiving;
  expect({ count, address, flags }).toEqual({ count: 6, address: peer.address, flags: [] });
  expect(control).toMatchObject([{ type: "ttl" }]);
  expect(rooms.map((room) => textOf(room))).toEqual(["abc", "def\0\0\0\0\0\0\0"]);
});

test("recvmsg takes descriptors that a message carries", async () => {
  const [fd, peer] = bsd.socketpair("unix", "stream");
  const [inner, outer] = bsd.socketpair("unix", "stream");
  const receiving = bsd.recvmsg(fd, { data: [new Uint8Array(8)], control: 64 }, "waitall");
  await turns();
  const control = [{ level: "socket", type: "rights", fds: [inner] }] as const;
  await bsd.sendmsg(peer, { data: [bytes("take")], control });
  const received = await receiving;
  expect(received).toMatchObject({ count: 4, control: [{ type: "rights" }] });
  const [passed] = (received.control[0] as unknown as { fds: number[] }).fds;
  await bsd.send(passed!, bytes("through"));
  const room = new Uint8Array(16);
  expect(await bsd.recv(outer, room)).toBe(7);
});

test("recvmsg with waitall collects a stream into several places", async () => {
  const [fd, peer] = await connectedPair(bsd);
  const rooms = [new Uint8Array(2), new Uint8Array(5)];
  const receiving = bsd.recvmsg(fd, { data: rooms }, "waitall");
  for (const part of ["a", "bcd", "efg"]) {
    await bsd.send(peer, bytes(part));
    await turns();
  }
  expect((await receiving).count).toBe(7);
  expect(rooms.map((room) => textOf(room))).toEqual(["ab", "cdefg"]);
});

describe("recvmmsg", () => {
  test("waits for all messages", async () => {
    const [fd, address] = datagrams(bsd);
    const [sender, from] = datagrams(bsd);
    const rooms = ["one", "two", "three"].map(() => ({ data: [new Uint8Array(5)] }));
    const receiving = bsd.recvmmsg(fd, rooms);
    await bsd.sendto(sender, bytes("one"), null, address);
    await turns();
    await bsd.sendto(sender, bytes("two"), null, address);
    expect(await isSettled(receiving)).toBe(false);
    await bsd.sendto(sender, bytes("three"), null, address);
    expect(await receiving).toMatchObject([
      { count: 3, address: from },
      { count: 3, address: from },
      { count: 5, address: from },
    ]);
    expect(rooms.map(({ data }) => textOf(data[0]!))).toEqual(["one\0\0", "two\0\0", "three"]);
  });

  test("gives what there is with waitforone, and when its time is up", async () => {
    const [fd, address] = datagrams(bsd);
    const [sender] = datagrams(bsd);
    const rooms = [1, 2, 3].map(() => ({ data: [new Uint8Array(5)] }));
    await bsd.sendto(sender, bytes("one"), null, address);
    expect(await bsd.recvmmsg(fd, rooms, "waitforone")).toHaveLength(1);
    await bsd.sendto(sender, bytes("two"), null, address);
    expect(await bsd.recvmmsg(fd, rooms, null, 1)).toHaveLength(1);
    await expectRejection(bsd.recvmmsg(fd, rooms, null, 1), "EAGAIN");
  });
});

test("sendmmsg and recvmmsg move 64 datagrams at once", async () => {
  const [fd, address] = datagrams(bsd);
  const [sender] = datagrams(bsd);
  const messages = Array.from({ length: 64 }, (_, i) => ({ data: [Buffer.of(i)], address }));
  const rooms = messages.map(() => ({ data: [new Uint8Array(1)] }));
  const receiving = bsd.recvmmsg(fd, rooms);
  expect(await bsd.sendmmsg(sender, messages)).toBe(64);
  expect(await receiving).toHaveLength(64);
  expect(rooms.map(({ data }) => data[0]![0])).toEqual(messages.map((_, i) => i));
  await expect(bsd.sendmmsg(sender, [...messages, messages[0]!])).rejects.toThrow(RangeError);
});

describe("a receive that peeks", () => {
  test("leaves what it saw", async () => {
    const [fd, peer] = await connectedPair(bsd);
    const room = new Uint8Array(8);
    const peeking = bsd.recv(fd, room, "peek");
    await turns();
    await bsd.send(peer, bytes("seen"));
    expect(await peeking).toBe(4);
    expect(await bsd.recv(fd, room)).toBe(4);
  });

  test("with waitall waits until all of it is there", async () => {
    const [fd, peer] = await connectedPair(bsd);
    const room = new Uint8Array(6);
    const peeking = bsd.recv(fd, room, ["peek", "waitall"]);
    for (const part of ["ab", "cd", "ef"]) {
      expect(await isSettled(peeking)).toBe(false);
      await bsd.send(peer, bytes(part));
    }
    expect(await peeking).toBe(6);
    expect(textOf(room)).toBe("abcdef");
    expect(await bsd.recv(fd, room)).toBe(6);
  });

  test("with waitall ends where the stream does", async () => {
    const [fd, peer] = await connectedPair(bsd);
    const room = new Uint8Array(6);
    const peeking = bsd.recv(fd, room, ["peek", "waitall"]);
    await bsd.send(peer, bytes("abc"));
    expect(await isSettled(peeking)).toBe(false);
    bsd.close(peer);
    expect(await peeking).toBe(3);
    expect(await bsd.recv(fd, room)).toBe(3);
    expect(await bsd.recv(fd, room)).toBe(0);
  });
});

test("SO_RCVLOWAT makes a receive wait for so many bytes", async () => {
  const [fd, peer] = await connectedPair(bsd);
  bsd.setsockopt(fd, "socket", "rcvlowat", 4);
  const room = new Uint8Array(16);
  const receiving = bsd.recv(fd, room);
  await bsd.send(peer, bytes("abc"));
  expect(await isSettled(receiving)).toBe(false);
  await bsd.send(peer, bytes("de"));
  expect(await receiving).toBe(5);
});

describe("a Unix datagram socket whose peer's queue is full", () => {
  const path = `\0ws-promises-queue-${process.pid}`;

  /** Fills the queue of a peer: how many datagrams it holds. */
  const fill = async (fd: number): Promise<number> => {
    for (let sent = 0; ; sent++) {
      try {
        await bsd.sendto(fd, Buffer.of(sent), "dontwait", unix(path));
      } catch {
        expect(bsd.errno).toMatchObject({ code: "EAGAIN" });
        return sent;
      }
    }
  };

  test("waits to send although poll calls it writable, and its datagram comes last", async () => {
    const receiver = bsd.socket("unix", "datagram");
    bsd.bind(receiver, unix(path));
    const sender = bsd.socket("unix", "datagram");
    const queued = await fill(sender);
    expect(await bsd.poll([{ fd: sender, events: "out" }], 0)).toHaveLength(1);
    const sending = bsd.sendto(sender, bytes("the last"), null, unix(path));
    expect(await isSettled(sending)).toBe(false);
    const room = new Uint8Array(16);
    for (let i = 0; i < queued; i++) {
      expect(await bsd.recv(receiver, room)).toBe(1);
      expect(room[0]).toBe(i);
    }
    expect(await sending).toBe(8);
    expect(textOf(room, await bsd.recv(receiver, room))).toBe("the last");
  });

  test("can be aborted, and sends nothing then", async () => {
    const receiver = bsd.socket("unix", "datagram");
    bsd.bind(receiver, unix(path));
    const sender = bsd.socket("unix", "datagram");
    const queued = await fill(sender);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const sending = bsd.sendto(sender, bytes("never"), null, unix(path), options);
    expect(await isSettled(sending)).toBe(false);
    controller.abort();
    await expect(sending).rejects.toMatchObject({ name: "AbortError" });
    const room = new Uint8Array(16);
    for (let i = 0; i < queued; i++) expect(await bsd.recv(receiver, room)).toBe(1);
    await expectRejection(bsd.recv(receiver, room, "dontwait"), "EAGAIN");
  });
});
