// An AbortSignal ends a call of wasi-sockets/promises: the socket stays as it was, and nothing is lost.

import { randomBytes } from "node:crypto";
import { getEventListeners } from "node:events";
import { open, type AsyncNet, type WaitOptions } from "wasi-sockets/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeServer } from "./support/peers.js";
import {
  bytes,
  connectedPair,
  datagrams,
  isSettled,
  receiveAll,
  turns,
} from "./support/promises.js";
import { digest, listening, loopback } from "./support/sockets.js";

/** Makes sockets, a call that waits on one of them, what lets it go on, and what the call gives then. */
interface Case {
  readonly name: string;
  readonly prepare: (bsd: AsyncNet) => Promise<{
    readonly call: (options?: WaitOptions) => Promise<unknown>;
    readonly provide: () => Promise<unknown>;
    readonly expected: unknown;
  }>;
}

const HELLO = bytes("hello");

/** A UDP socket and a way to send it something. */
function datagramCase(
  name: string,
  call: (bsd: AsyncNet, fd: number, options?: WaitOptions) => Promise<unknown>,
  expected: unknown,
): Case {
  return {
    name,
    prepare: (bsd) => {
      const [fd, address] = datagrams(bsd);
      const [sender] = datagrams(bsd);
      return Promise.resolve({
        call: (options) => call(bsd, fd, options),
        provide: () => bsd.sendto(sender, HELLO, null, address),
        expected,
      });
    },
  };
}

const room = new Uint8Array(16);

const cases: Case[] = [
  {
    name: "recv on a stream",
    prepare: async (bsd) => {
      const [fd, peer] = await connectedPair(bsd);
      return {
        call: (options) => bsd.recv(fd, room, null, options),
        provide: () => bsd.send(peer, HELLO),
        expected: 5,
      };
    },
  },
  {
    name: "accept",
    prepare: (bsd) => {
      const { listener, address } = listening(bsd, loopback("inet"));
      return Promise.resolve({
        call: (options) => bsd.accept(listener, options),
        provide: () => bsd.connect(bsd.socket("inet", "stream"), address),
        expected: expect.any(Number) as number,
      });
    },
  },
  {
    name: "accept4",
    prepare: (bsd) => {
      const { listener, address } = listening(bsd, loopback("inet"));
      return Promise.resolve({
        call: (options) => bsd.accept4(listener, "non-blocking", options),
        provide: () => bsd.connect(bsd.socket("inet", "stream"), address),
        expected: expect.any(Number) as number,
      });
    },
  },
  datagramCase("recv of a datagram", (bsd, fd, options) => bsd.recv(fd, room, null, options), 5),
  datagramCase("recvfrom", (bsd, fd, options) => bsd.recvfrom(fd, room, null, options), [
    5,
    expect.objectContaining({ family: "inet" }),
  ]),
  datagramCase(
    "recvmsg",
    (bsd, fd, options) => bsd.recvmsg(fd, { data: [room] }, null, options),
    expect.objectContaining({ count: 5 }),
  ),
  datagramCase(
    "recvmmsg",
    (bsd, fd, options) => bsd.recvmmsg(fd, [{ data: [room] }], null, -1, options),
    [expect.objectContaining({ count: 5 })],
  ),
  datagramCase("poll", (bsd, fd, options) => bsd.poll([{ fd, events: "in" }], -1, options), [
    { fd: expect.any(Number) as number, events: ["in"] },
  ]),
  {
    name: "epollWait",
    prepare: (bsd) => {
      const [fd, address] = datagrams(bsd);
      const [sender] = datagrams(bsd);
      const epfd = bsd.epollCreate();
      bsd.epollCtl(epfd, "add", fd, ["in", "et"]);
      return Promise.resolve({
        call: (options) => bsd.epollWait(epfd, 1, -1, options),
        provide: () => bsd.sendto(sender, HELLO, null, address),
        expected: [{ data: fd, events: ["in"] }],
      });
    },
  },
];

let bsd: AsyncNet;
beforeEach(async () => {
  bsd = await open();
});
afterEach(() => {
  bsd.dispose();
});

describe.each(cases)("$name", ({ prepare }) => {
  test("that is aborted before it begins does nothing, and the next call finds everything", async () => {
    const { call, provide, expected } = await prepare(bsd);
    await provide();
    const reason = new Error("before");
    await expect(call({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await call()).toEqual(expected);
  });

  test("that is aborted while it waits rejects with the reason, and the next call finds what comes then", async () => {
    const { call, provide, expected } = await prepare(bsd);
    const controller = new AbortController();
    const aborted = call({ signal: controller.signal });
    expect(await isSettled(aborted)).toBe(false);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    await provide();
    expect(await call()).toEqual(expected);
  });

  test("that is aborted as something comes loses nothing: it gives it, or the next call does", async () => {
    const { call, provide, expected } = await prepare(bsd);
    const controller = new AbortController();
    const first = call({ signal: controller.signal }).catch((error: unknown) => error);
    await turns();
    const provided = provide();
    controller.abort();
    await provided;
    const result = await first;
    if (result instanceof DOMException) expect(await call()).toEqual(expected);
    else expect(result).toEqual(expected);
  });

  test("that is aborted once it is done has its result", async () => {
    const { call, provide, expected } = await prepare(bsd);
    const controller = new AbortController();
    const result = call({ signal: controller.signal });
    await provide();
    await turns();
    controller.abort();
    expect(await result).toEqual(expected);
  });

  test("that is aborted leaves the others that wait for the same", async () => {
    const { call, provide, expected } = await prepare(bsd);
    const controller = new AbortController();
    const aborted = call({ signal: controller.signal });
    const other = call();
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    expect(await isSettled(other)).toBe(false);
    await provide();
    expect(await other).toEqual(expected);
  });

  test("ends with AbortSignal.timeout", async () => {
    const { call } = await prepare(bsd);
    await expect(call({ signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});

test("a connect that is aborted goes on, and another call waits for it", async () => {
  const { listener, address } = listening(bsd, loopback("inet"));
  bsd.listen(listener, 0);
  await bsd.connect(bsd.socket("inet", "stream"), address);
  const fd = bsd.socket("inet", "stream");
  const controller = new AbortController();
  const aborted = bsd.connect(fd, address, { signal: controller.signal });
  expect(await isSettled(aborted)).toBe(false);
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  const connecting = bsd.connect(fd, address);
  await bsd.accept(listener);
  await connecting;
  const server = await bsd.accept(listener);
  await bsd.send(fd, HELLO);
  expect(await bsd.recv(server, room)).toBe(5);
});

describe("a call that has moved a part when it is aborted gives its count", () => {
  const SIZE = 8 * 1024 * 1024;
  const content = randomBytes(SIZE);

  const senders: [name: string, (fd: number, options: WaitOptions) => Promise<number>][] = [
    ["send", (fd, options) => bsd.send(fd, content, null, options)],
    ["sendto", (fd, options) => bsd.sendto(fd, content, null, null, options)],
    ["sendmsg", (fd, options) => bsd.sendmsg(fd, { data: [content] }, null, options)],
  ];

  test.each(senders)("%s", async (_, send) => {
    const [fd, peer] = await connectedPair(bsd);
    const controller = new AbortController();
    const sending = send(fd, { signal: controller.signal });
    expect(await isSettled(sending)).toBe(false);
    controller.abort();
    const count = await sending;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(SIZE);
    bsd.shutdown(fd, "write");
    expect(digest(await receiveAll(bsd, peer))).toEqual(digest(content.subarray(0, count)));
  });

  test("recv with waitall, and the rest is still to be received", async () => {
    const [fd, peer] = await connectedPair(bsd);
    const controller = new AbortController();
    const receiving = bsd.recv(fd, room, "waitall", { signal: controller.signal });
    await bsd.send(peer, bytes("abc"));
    expect(await isSettled(receiving)).toBe(false);
    controller.abort();
    expect(await receiving).toBe(3);
    await bsd.send(peer, bytes("def"));
    expect(await bsd.recv(fd, room)).toBe(3);
    expect(String(Buffer.from(room.subarray(0, 3)))).toBe("def");
  });

  test("recv that peeks with waitall, and all is still to be received", async () => {
    const [fd, peer] = await connectedPair(bsd);
    const controller = new AbortController();
    const receiving = bsd.recv(fd, room, ["peek", "waitall"], { signal: controller.signal });
    await bsd.send(peer, bytes("abc"));
    expect(await isSettled(receiving)).toBe(false);
    controller.abort();
    expect(await receiving).toBe(3);
    expect(await bsd.recv(fd, room)).toBe(3);
  });

  test("recvmmsg, with the messages that came", async () => {
    const [fd, address] = datagrams(bsd);
    const [sender] = datagrams(bsd);
    const controller = new AbortController();
    const rooms = [1, 2, 3].map(() => ({ data: [new Uint8Array(8)] }));
    const receiving = bsd.recvmmsg(fd, rooms, null, -1, { signal: controller.signal });
    await bsd.sendto(sender, HELLO, null, address);
    await bsd.sendto(sender, bytes("two"), null, address);
    expect(await isSettled(receiving)).toBe(false);
    controller.abort();
    expect((await receiving).map(({ count }) => count)).toEqual([5, 3]);
  });

  test("sendmmsg on a stream, with the messages that were sent", async () => {
    const [fd] = await connectedPair(bsd);
    const controller = new AbortController();
    const messages = Array.from({ length: 16 }, () => ({ data: [content.subarray(0, SIZE / 8)] }));
    const sending = bsd.sendmmsg(fd, messages, null, { signal: controller.signal });
    expect(await isSettled(sending)).toBe(false);
    controller.abort();
    const count = await sending;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(16);
  });
});

test("a send that is aborted before it moved anything rejects, and the stream is whole", async () => {
  await using peer = await nodeServer(loopback("inet"), "digest");
  const fd = bsd.socket("inet", "stream");
  await bsd.connect(fd, peer.address);
  const signal = AbortSignal.abort();
  await expect(bsd.send(fd, HELLO, null, { signal })).rejects.toMatchObject({ name: "AbortError" });
  await bsd.send(fd, bytes("only this"));
  bsd.shutdown(fd, "write");
  expect(await peer.next()).toEqual(digest(bytes("only this")));
});

test("a signal that outlives its calls keeps none of them", async () => {
  const [fd, peer] = bsd.socketpair("unix", "stream");
  const { signal } = new AbortController();
  for (let i = 0; i < 100; i++) {
    const receiving = bsd.recv(fd, room, null, { signal });
    await bsd.send(peer, HELLO);
    await receiving;
  }
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("hundreds of calls share one signal without a warning", async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on("warning", warned);
  const controller = new AbortController();
  const [fd] = bsd.socketpair("unix", "stream");
  const { signal } = controller;
  const waiting = Array.from({ length: 300 }, () => bsd.recv(fd, room, null, { signal }));
  await turns();
  controller.abort();
  const results = await Promise.allSettled(waiting);
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  await turns();
  process.off("warning", warned);
  expect(warnings).toEqual([]);
});
