// Streams in trouble: signals by the thousand, a reset in mid-transfer, a peer that stops to read, a host that is
// gone, an interface that goes down. Not a byte is lost or doubled on a stream that was not reset, and an error is
// told once.

import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { open, type InetAddress, type Net } from "wasi-sockets";
import { open as openPromises } from "wasi-sockets/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileC } from "../support/c.js";
import { hardware } from "../support/link.js";
import { testInNetwork, type Host, type Network } from "../support/namespaces.js";
import { Peer, nodeServer } from "../support/peers.js";
import { Program, testWithC } from "../support/programs.js";
import { Remote } from "../support/remote.js";
import { connected, digest, expectErrno, loopback, type Digest } from "../support/sockets.js";

const MIB = 1 << 20;
const descriptors = () => readdirSync("/proc/self/fd");

/** Sends a signal to one thread a thousand times a second, until it is told to end: how many it sent. */
const STORM = `
  #define _GNU_SOURCE
  #include <signal.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <sys/syscall.h>
  #include <time.h>
  #include <unistd.h>
  static volatile sig_atomic_t ended;
  static void end(int signal) { ended = 1; }
  int main(int argc, char **argv) {
    int sent = 0;
    struct timespec millisecond = { 0, 1000000 };
    signal(SIGTERM, end);
    fputs("begun\\n", stderr);
    while (!ended && syscall(SYS_tgkill, atoi(argv[1]), atoi(argv[2]), SIGUSR2) == 0) {
      sent++;
      nanosleep(&millisecond, NULL);
    }
    return printf("%d", sent) < 0;
  }`;

describe("a thread that gets a thousand signals a second", () => {
  /** How many signals a transfer goes on for. */
  const ENOUGH = 500;
  const CHUNK = 4 * MIB;

  /** A storm of signals on this thread, and how many of them have come. */
  async function storm() {
    const program = await compileC("storm", STORM);
    const signals = { count: 0 };
    const count = () => {
      signals.count++;
    };
    process.on("SIGUSR2", count);
    onTestFinished(() => {
      process.off("SIGUSR2", count);
    });
    const running = new Program(program, [process.pid, process.pid].map(String));
    await running.said(/(begun)/);
    return Object.assign(signals, {
      /** Ends it: how many there were. */
      async end() {
        running.terminate();
        return Number(await running.output());
      },
      async [Symbol.asyncDispose]() {
        await running[Symbol.asyncDispose]();
      },
    });
  }

  testWithC("sends and receives every byte once, where its calls block", async () => {
    await using echo = await nodeServer(loopback("inet"), "echo");
    await using sink = await nodeServer(loopback("inet"), "digest");
    using net = await open();
    const [there, away] = [echo, sink].map(({ address }) => {
      const fd = net.socket("inet", "stream");
      net.connect(fd, address);
      return fd;
    }) as [number, number];
    await using signals = await storm();
    const hash = createHash("sha256");
    let count = 0;
    const back = Buffer.alloc(65536);
    while (signals.count < ENOUGH) {
      const bytes = randomBytes(CHUNK);
      expect(net.send(away, bytes)).toBe(CHUNK);
      hash.update(bytes);
      count += CHUNK;
      for (let i = 0; i < 20; i++) {
        const some = bytes.subarray(i * back.length, (i + 1) * back.length);
        expect(net.send(there, some)).toBe(some.length);
        expect(net.recv(there, back, "waitall")).toBe(some.length);
        expect(back.equals(some)).toBe(true);
      }
      await turn(); // in which the signals' handlers are called
    }
    net.shutdown(away, "write");
    expect(await sink.next()).toEqual({ count, sha256: hash.digest("hex") });
    expect(await signals.end()).toBeGreaterThanOrEqual(ENOUGH);
  });

  testWithC("sends and receives every byte once, where its calls are promises", async () => {
    await using echo = await nodeServer(loopback("inet"), "echo");
    using net = await openPromises();
    const fd = net.socket("inet", "stream");
    await net.connect(fd, echo.address);
    await using signals = await storm();
    for (let rounds = 0; signals.count < ENOUGH; rounds++) {
      const bytes = randomBytes(CHUNK);
      const sent = net.send(fd, bytes);
      const back = Buffer.alloc(CHUNK);
      expect(await net.recv(fd, back, "waitall")).toBe(CHUNK);
      expect(await sent).toBe(CHUNK);
      expect(back.equals(bytes), `round ${rounds}`).toBe(true);
    }
    expect(await signals.end()).toBeGreaterThanOrEqual(ENOUGH);
  });

  testWithC("connects and accepts as often as it likes, and leaves no descriptor", async () => {
    const before = descriptors();
    {
      using net = await open();
      await using signals = await storm();
      for (let rounds = 0; rounds < 50 || signals.count < ENOUGH; rounds++) {
        for (let i = 0; i < 20; i++) {
          const [client, server] = connected(net);
          expect(net.send(client, Buffer.from("once"))).toBe(4);
          const bytes = Buffer.alloc(8);
          expect(net.recv(server, bytes)).toBe(4);
          net.close(client);
          expect(net.recv(server, bytes)).toBe(0);
          net.close(server);
        }
        await turn();
      }
      expect(await signals.end()).toBeGreaterThanOrEqual(ENOUGH);
    }
    expect(descriptors()).toEqual(before);
  });
});

/** Listens, and sends without end; resets the connection when it is told to. */
const RESETTER = `
  import net from "node:net";
  setTimeout(() => process.exit(1), 20_000);
  process.on("disconnect", () => process.exit());
  const bytes = Buffer.alloc(65536, 7);
  const server = net.createServer((socket) => {
    const pump = () => { while (socket.write(bytes)); };
    socket.on("error", () => {});
    socket.on("drain", pump);
    process.once("message", () => {
      socket.off("drain", pump);
      socket.resetAndDestroy();
    });
    pump();
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
`;

describe("a connection that is reset in mid-transfer", () => {
  async function resetter() {
    const peer = new Peer(RESETTER, null);
    onTestFinished(() => peer[Symbol.asyncDispose]());
    const port = await peer.next<number>();
    return { peer, address: { family: "inet", address: "127.0.0.1", port } as const };
  }

  test("gives what came, ECONNRESET once, and then the end; a sender gets EPIPE", async () => {
    const before = descriptors().length;
    const { peer, address } = await resetter();
    const net = await open();
    const fd = net.socket("inet", "stream");
    net.connect(fd, address);
    const bytes = new Uint8Array(65536);
    for (let count = 0; count < 8 * MIB;) {
      const more = net.recv(fd, bytes);
      expect(more).toBeGreaterThan(0);
      expect(bytes.subarray(0, more).every((byte) => byte === 7)).toBe(true);
      count += more;
    }
    peer.tell({});
    let more: number;
    do more = net.recv(fd, bytes);
    while (more > 0);
    expect(more).toBe(-1);
    expectErrno(net, "ECONNRESET");
    expect(net.recv(fd, bytes)).toBe(0);
    expect(net.send(fd, bytes)).toBe(-1);
    expectErrno(net, "EPIPE");
    net.dispose();
    await peer[Symbol.asyncDispose]();
    expect(descriptors()).toHaveLength(before);
  });

  test("rejects the promise that waits with ECONNRESET, and the next receives the end", async () => {
    const { peer, address } = await resetter();
    using net = await openPromises();
    const fd = net.socket("inet", "stream");
    await net.connect(fd, address);
    const bytes = new Uint8Array(65536);
    expect(await net.recv(fd, bytes)).toBeGreaterThan(0);
    peer.tell({});
    const receiving = (async () => {
      while ((await net.recv(fd, bytes)) > 0);
    })();
    await expect(receiving).rejects.toMatchObject({ code: "ECONNRESET", syscall: "recv" });
    expect(await net.recv(fd, bytes)).toBe(0);
    await expect(net.send(fd, bytes)).rejects.toMatchObject({ code: "EPIPE" });
  });

  test("by a sender that lingers for no time loses what was under way, and no descriptor", async () => {
    const before = descriptors();
    {
      using net = await open();
      const [client, server] = connected(net);
      while (net.send(client, new Uint8Array(65536), "dontwait") > 0);
      net.setsockopt(client, "socket", "linger", { on: true, seconds: 0 });
      net.close(client);
      const bytes = new Uint8Array(65536);
      let more: number;
      do more = net.recv(server, bytes);
      while (more > 0);
      expect(more).toBe(-1);
      expectErrno(net, "ECONNRESET");
      expect(net.recv(server, bytes)).toBe(0);
    }
    expect(descriptors()).toEqual(before);
  });
});

/** Listens, and reads nothing before it is told to; then it tells what it has read. */
const LATE_READER = `
  import { createHash } from "node:crypto";
  import net from "node:net";
  setTimeout(() => process.exit(1), 20_000);
  process.on("disconnect", () => process.exit());
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    process.once("message", async () => {
      const hash = createHash("sha256");
      let count = 0;
      for await (const chunk of socket) { hash.update(chunk); count += chunk.length; }
      process.send({ count, sha256: hash.digest("hex") });
    });
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
`;

describe("a peer that stops reading, and then goes on", () => {
  async function late() {
    const peer = new Peer(LATE_READER, null);
    onTestFinished(() => peer[Symbol.asyncDispose]());
    const address: InetAddress = {
      family: "inet",
      address: "127.0.0.1",
      port: await peer.next<number>(),
    };
    return { peer, address };
  }

  /** Sends until the kernel takes no more: how much that is. */
  function fill(net: Net, fd: number, bytes: Uint8Array): number {
    let taken = 0;
    for (let more = 1; more > 0; taken += Math.max(more, 0)) {
      more = net.send(fd, bytes.subarray(taken, taken + 65536), "dontwait");
    }
    expectErrno(net, "EAGAIN");
    return taken;
  }

  test("gets every byte once, from a sender that blocks", async () => {
    const { peer, address } = await late();
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.connect(fd, address);
    const bytes = randomBytes(32 * MIB);
    const taken = fill(net, fd, bytes);
    expect(taken).toBeLessThan(bytes.length);
    expect(net.poll([{ fd, events: "out" }], 0)).toEqual([]);
    peer.tell({});
    expect(net.send(fd, bytes.subarray(taken))).toBe(bytes.length - taken);
    net.shutdown(fd, "write");
    expect(await peer.next()).toEqual(digest(bytes));
  });

  test("gets every byte once, from promises, which wait meanwhile", async () => {
    const { peer, address } = await late();
    using net = await openPromises();
    const fd = net.socket("inet", "stream");
    await net.connect(fd, address);
    const bytes = randomBytes(32 * MIB);
    let settled = false;
    const sent = net.send(fd, bytes).finally(() => (settled = true));
    for (let i = 0; i < 1000; i++) await turn();
    expect(settled).toBe(false);
    peer.tell({});
    expect(await sent).toBe(bytes.length);
    net.shutdown(fd, "write");
    expect(await peer.next()).toEqual(digest(bytes));
  });
});

describe("a wire between two hosts", () => {
  const OURS = "10.7.0.1";
  const PEER = "10.7.0.2";

  /** Two hosts that know each other's hardware address, and sockets on one. */
  function pair(network: Network): { ours: Host; peer: Host } {
    const [ours, peer] = [network.host(), network.host()];
    network.wire(
      { host: ours, device: "east", addresses: [`${OURS}/24`] },
      { host: peer, device: "east", addresses: [`${PEER}/24`] },
    );
    // A host that is asked for in vain would be EHOSTUNREACH.
    const address = hardware(peer)
      .toString("hex")
      .replace(/..(?=.)/g, "$&:");
    ours.ip("neighbour", "replace", PEER, "lladdr", address, "dev", "east", "nud", "permanent");
    return { ours, peer };
  }

  testInNetwork(
    "whose other host is gone: a connection is ETIMEDOUT after TCP_USER_TIMEOUT, once",
    async (network) => {
      const { ours, peer } = pair(network);
      await using us = new Remote(ours.prefix);
      const { net } = us;
      await using silent = await nodeServer(
        { family: "inet", address: PEER, port: 0 },
        "silent",
        0,
        peer.prefix,
      );
      const fd = await net.socket("inet", "stream");
      await net.connect(fd, silent.address);
      await net.setsockopt(fd, "tcp", "user-timeout", 300);
      peer.ip("address", "delete", `${PEER}/24`, "dev", "east");
      expect(await net.send(fd, Buffer.from("is anybody there?"))).toBe(17);
      const bytes = new Uint8Array(8);
      expect(await net.recv(fd, bytes)).toBe(-1);
      expect(us.errno).toMatchObject({ code: "ETIMEDOUT" });
      expect(await net.recv(fd, bytes)).toBe(0);
      expect(await net.send(fd, bytes)).toBe(-1);
      expect(us.errno).toMatchObject({ code: "EPIPE" });
    },
  );

  testInNetwork(
    "that goes down in mid-transfer and comes up again loses nothing, in either direction",
    async (network) => {
      const { ours, peer } = pair(network);
      await using us = new Remote(ours.prefix);
      const { net } = us;
      const at = { family: "inet", address: PEER, port: 0 } as const;
      await using sink = await nodeServer(at, "digest", 0, peer.prefix);
      const up = await net.socket("inet", "stream");
      await net.connect(up, sink.address);
      const bytes = randomBytes(24 * MIB);
      const half = bytes.length / 2;
      expect(await net.send(up, bytes.subarray(0, half))).toBe(half);
      peer.ip("link", "set", "east", "down");
      // More than the buffers hold: it cannot come back while the wire is down.
      let settled = false;
      const sending = net.send(up, bytes.subarray(half)).finally(() => (settled = true));
      for (let i = 0; i < 1000; i++) await turn();
      expect(settled).toBe(false);
      peer.ip("link", "set", "east", "up");
      expect(await sending).toBe(half);
      await net.shutdown(up, "write");
      expect(await sink.next()).toEqual(digest(bytes));

      await using source = await nodeServer(at, "source", 24 * MIB, peer.prefix);
      const down = await net.socket("inet", "stream");
      await net.connect(down, source.address);
      const hash = createHash("sha256");
      const room = new Uint8Array(MIB);
      let count = 0;
      const receive = async () => {
        const more = await net.recv(down, room);
        hash.update(room.subarray(0, Math.max(more, 0)));
        count += Math.max(more, 0);
        return more;
      };
      while (count < 2 * MIB) await receive();
      ours.ip("link", "set", "east", "down");
      ours.ip("link", "set", "east", "up");
      while ((await receive()) > 0);
      expect({ count, sha256: hash.digest("hex") }).toEqual(await source.next<Digest>());
    },
  );
});
