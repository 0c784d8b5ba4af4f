// fdToPort: a descriptor as a Node stream, which works in the event loop.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import net from "node:net";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { open, type Net, type Port } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeServer } from "./support/peers.js";
import { turns } from "./support/promises.js";
import {
  connected,
  digest,
  errnoOf,
  expectError,
  loopback,
  nativeSockets,
  openedNatively,
} from "./support/sockets.js";
import { collected } from "./support/streams.js";

const SIZE = 8 * 1024 * 1024 + 1;

const PAIRS: [what: string, pair: (net: Net) => [number, number]][] = [
  ["a TCP connection", (bsd) => connected(bsd)],
  ["a Unix socketpair", (bsd) => bsd.socketpair("unix", "stream")],
];

const ports = (bsd: Net, pair: (net: Net) => [number, number]): [Port, Port] => {
  const [left, right] = pair(bsd);
  return [bsd.fdToPort(left), bsd.fdToPort(right)];
};

/** The real sockets that epoll sets of this process have, proc(5). */
function watched(): number[] {
  return readdirSync("/proc/self/fd")
    .flatMap((fd) => {
      try {
        return [...readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").matchAll(/^tfd: +(\d+) /gm)];
      } catch {
        return []; // the folder itself, which was open while it was read
      }
    })
    .map(([, fd]) => Number(fd))
    .filter((fd) => nativeSockets().includes(fd));
}

describe.each(PAIRS)("the ports of %s", (_, pair) => {
  test("carry text both ways", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    left.write("ping");
    const [ping] = (await once(right, "data")) as [Buffer];
    right.end("pong");
    left.end();
    expect(ping.toString()).toBe("ping");
    expect(await text(left)).toBe("pong");
  });

  test("carry megabytes through a pipeline", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    const bytes = randomBytes(SIZE);
    const chunks = Array.from({ length: 100 }, (_, i) =>
      bytes.subarray((i * SIZE) / 100, ((i + 1) * SIZE) / 100),
    );
    const [received] = await Promise.all([buffer(right), pipeline(Readable.from(chunks), left)]);
    expect(digest(received).count).toBe(received.length);
    expect(digest(received)).toEqual(digest(Buffer.concat(chunks)));
  });

  test("carry megabytes both ways at once", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    const [there, back] = [randomBytes(SIZE), randomBytes(SIZE)];
    left.end(there);
    right.end(back);
    const [atLeft, atRight] = await Promise.all([collected(left), collected(right)]);
    expect(digest(atRight)).toEqual(digest(there));
    expect(digest(atLeft)).toEqual(digest(back));
  });

  test("end one direction each: half closed, the other goes on", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    left.end();
    right.resume();
    await once(right, "end");
    expect(right.writable).toBe(true);
    right.end("still");
    expect(await text(left)).toBe("still");
  });

  test("are iterated", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    left.end("one two three");
    let received = "";
    for await (const chunk of right) received += String(chunk);
    expect(received).toBe("one two three");
  });

  test("hold a writer back whose reader does not read, and let it go on with drain", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    const chunk = randomBytes(256 * 1024);
    let sent = 0;
    do sent += chunk.length;
    while (left.write(chunk) || sent < 16 * 1024 * 1024);
    expect(left.writableNeedDrain).toBe(true);
    let received = 0;
    right.on("data", (data: Buffer) => (received += data.length));
    await once(left, "drain");
    left.end();
    await once(right, "end");
    expect(received).toBe(sent);
  });

  test("do not receive what nobody reads", async () => {
    using bsd = await open();
    const [fd, other] = pair(bsd);
    const right = bsd.fdToPort(other);
    right.once("readable", () => undefined);
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    for (let count = 1; count > 0;) {
      count = bsd.send(fd, chunk, "dontwait");
      if (count > 0) sent += count;
      await new Promise(setImmediate);
    }
    expect(right.readableLength).toBeLessThan(sent);
    bsd.close(fd);
    expect((await buffer(right)).length).toBe(sent);
  });

  test("close their descriptors once both directions have ended", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    const closed = [once(left, "close"), once(right, "close")];
    left.resume().end();
    right.resume().end();
    await Promise.all(closed);
    for (const { fd } of [left, right]) {
      expectError(bsd, () => bsd.getsockname(fd), "EBADF");
    }
  });

  test("may be destroyed by what they have received while a write waits", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    const written = new Promise<Error | null | undefined>((done) =>
      left.write(Buffer.alloc(SIZE), done),
    );
    left.once("data", () => left.destroy());
    right.write("enough");
    await once(left, "close");
    expect((await written)?.message).toContain("ECANCELED");
    // The event loop still tells others what they wait for.
    const [one, other] = ports(bsd, pair);
    one.end("still here");
    expect(await text(other)).toBe("still here");
  });

  test("that nobody reads are not watched for what has come", async () => {
    using bsd = await open();
    const [left, right] = pair(bsd);
    const before = watched();
    bsd.fdToPort(left).unref(); // as a port may be that has not begun to read
    expect(watched()).toHaveLength(before.length + 1);
    bsd.send(right, Buffer.from("!"));
    await turns();
    expect(watched()).toEqual(before);
  });

  test("show their peer the end of the stream when they are destroyed", async () => {
    using bsd = await open();
    const [left, right] = ports(bsd, pair);
    left.destroy();
    expect(await text(right)).toBe("");
    expectError(bsd, () => bsd.getsockname(left.fd), "EBADF");
  });
});

test("a port of a seqpacket socket gives one chunk for each packet", async () => {
  using bsd = await open();
  const [left, right] = ports(bsd, (net) => net.socketpair("unix", "seqpacket"));
  left.write("one");
  left.write("three");
  left.end();
  const chunks: string[] = [];
  right.on("data", (chunk) => chunks.push(String(chunk)));
  await once(right, "end");
  expect(chunks).toEqual(["one", "three"]);
});

test("a port of a seqpacket socket takes a write up to a packet, and fails with EMSGSIZE beyond", async () => {
  using bsd = await open();
  const [left] = ports(bsd, (net) => net.socketpair("unix", "seqpacket"));
  left.end(new Uint8Array(SIZE));
  await expect(finished(left)).rejects.toMatchObject({ code: "EMSGSIZE", syscall: "send" });
});

describe("a port and a node:net server", () => {
  test("that is another process echo megabytes", async () => {
    await using peer = await nodeServer(loopback("inet"), "echo");
    using bsd = await open();
    const fd = bsd.socket("inet", "stream");
    bsd.connect(fd, peer.address);
    const port = bsd.fdToPort(fd);
    const bytes = randomBytes(SIZE);
    port.end(bytes);
    expect(digest(await buffer(port))).toEqual(digest(bytes));
  });

  test("that is in this very process talk: nothing blocks", async () => {
    const server = net.createServer((socket) => socket.pipe(socket));
    await once(server.listen(0, "127.0.0.1"), "listening");
    using bsd = await open();
    const fd = bsd.socket("inet", "stream");
    bsd.connect(fd, { ...loopback("inet"), port: (server.address() as net.AddressInfo).port });
    const port = bsd.fdToPort(fd);
    port.end("hello");
    expect(await text(port)).toBe("hello");
    server.close();
    await once(server, "close");
  });

  test("that resets the connection give an error, once, and close", async () => {
    await using peer = await nodeServer(loopback("inet"), "reset");
    using bsd = await open();
    const fd = bsd.socket("inet", "stream");
    bsd.connect(fd, peer.address);
    const port = bsd.fdToPort(fd);
    const errors: unknown[] = [];
    port.on("error", (error) => errors.push(error));
    port.write("x");
    port.resume();
    const error = { name: "SocketError", code: "ECONNRESET", errno: errnoOf("ECONNRESET") };
    await expect(finished(port)).rejects.toMatchObject(error);
    expect(errors).toMatchObject([{ ...error, syscall: "recv" }]);
    expectError(bsd, () => bsd.getsockname(fd), "EBADF");
  });
});

test("writing to a port whose peer is gone fails with EPIPE", async () => {
  using bsd = await open();
  const [fd, other] = bsd.socketpair("unix", "stream");
  const port = bsd.fdToPort(fd);
  bsd.close(other);
  port.write("nobody");
  await expect(finished(port)).rejects.toMatchObject({ code: "EPIPE", syscall: "send" });
});

describe("the descriptor of a port", () => {
  test("is closed with it: destroy is enough, twice does no harm", async () => {
    using bsd = await open();
    const [fd] = bsd.socketpair("unix", "stream");
    const before = nativeSockets().length;
    const port = bsd.fdToPort(fd);
    port.resume();
    await new Promise(setImmediate);
    port.destroy();
    port.destroy();
    await once(port, "close");
    expect(nativeSockets().length).toBe(before - 1);
    expectError(
      bsd,
      () => {
        bsd.close(fd);
      },
      "EBADF",
    );
  });

  test.each([
    [
      "net.close(fd)",
      (bsd: Net, fd: number) => {
        bsd.close(fd);
      },
    ],
    [
      "net.dispose()",
      (bsd: Net) => {
        bsd.dispose();
      },
    ],
  ])("is closed by %s, which destroys a port that reads and writes", async (_, close) => {
    using bsd = await open();
    const [fd] = bsd.socketpair("unix", "stream");
    const port = bsd.fdToPort(fd);
    const errors: unknown[] = [];
    port.on("error", (error) => errors.push(error));
    port.resume();
    port.write(new Uint8Array(16 * 1024 * 1024));
    await new Promise(setImmediate);
    const closed = once(port, "close");
    close(bsd, fd);
    expect(port.destroyed).toBe(true);
    await closed;
    expect(errors).toEqual([]);
    expect(() => bsd.getsockname(fd)).toThrow(/EBADF/);
    expect(port.write("x")).toBe(false);
  });

  test("goes to the next socket without harm from the port that had it", async () => {
    using bsd = await open();
    const first = bsd.socketpair("unix", "stream");
    const port = bsd.fdToPort(first[0]);
    port.resume();
    await new Promise(setImmediate);
    port.destroy();
    const { result: fd } = openedNatively(() => bsd.socket("inet", "datagram"));
    expect(fd).toBe(first[0]);
    port.destroy();
    await new Promise(setImmediate);
    expect(bsd.getsockname(fd)).toMatchObject({ family: "inet" });
  });

  test("cannot have a second port", async () => {
    using bsd = await open();
    const [left, right] = bsd.socketpair("unix", "stream");
    const port = bsd.fdToPort(left);
    expect(() => bsd.fdToPort(left)).toThrow();
    port.end("still the first");
    expect(await text(bsd.fdToPort(right).end())).toBe("still the first");
  });
});
