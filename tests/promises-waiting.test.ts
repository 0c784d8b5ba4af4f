// How wasi-sockets/promises waits: timeouts, poll, epoll, and what an idle process does.

import { readFileSync } from "node:fs";
import { open, type AsyncNet } from "wasi-sockets/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchPath, testWith } from "./support/programs.js";
import {
  bytes,
  connectedPair,
  datagrams,
  expectRejection,
  isSettled,
  run,
  turns,
} from "./support/promises.js";
import { listening, loopback } from "./support/sockets.js";

let bsd: AsyncNet;
beforeEach(async () => {
  bsd = await open();
});
afterEach(() => {
  bsd.dispose();
});

const room = new Uint8Array(16);
const SHORT = { seconds: 0, microseconds: 2000 };

describe("SO_RCVTIMEO", () => {
  const receives: [string, (fd: number) => Promise<unknown>][] = [
    ["recv", (fd) => bsd.recv(fd, room)],
    ["recvfrom", (fd) => bsd.recvfrom(fd, room)],
    ["recvmsg", (fd) => bsd.recvmsg(fd, { data: [room] })],
    ["recvmmsg", (fd) => bsd.recvmmsg(fd, [{ data: [room] }])],
  ];

  test.each(receives)("ends %s with EAGAIN, and nothing is lost", async (syscall, receive) => {
    const [fd, address] = datagrams(bsd);
    const [sender] = datagrams(bsd);
    bsd.setsockopt(fd, "socket", "rcvtimeo", SHORT);
    await expectRejection(receive(fd), "EAGAIN", { syscall });
    await bsd.sendto(sender, bytes("x"), null, address);
    await receive(fd);
    await expectRejection(bsd.recv(fd, room, "dontwait"), "EAGAIN");
  });

  test("ends accept with EAGAIN, and recv with waitall with what came", async () => {
    const { listener } = listening(bsd, loopback("inet"));
    bsd.setsockopt(listener, "socket", "rcvtimeo", SHORT);
    await expectRejection(bsd.accept(listener), "EAGAIN", { syscall: "accept" });
    const [fd, peer] = await connectedPair(bsd);
    bsd.setsockopt(fd, "socket", "rcvtimeo", SHORT);
    await bsd.send(peer, bytes("abc"));
    expect(await bsd.recv(fd, room, "waitall")).toBe(3);
  });

  test("of zero is none", async () => {
    const [fd, peer] = await connectedPair(bsd);
    bsd.setsockopt(fd, "socket", "rcvtimeo", 0);
    const receiving = bsd.recv(fd, room);
    expect(await isSettled(receiving)).toBe(false);
    await bsd.send(peer, bytes("x"));
    expect(await receiving).toBe(1);
  });
});

describe("SO_SNDTIMEO", () => {
  test("ends a send with what was sent, and with EAGAIN where that is nothing", async () => {
    const [fd] = await connectedPair(bsd);
    bsd.setsockopt(fd, "socket", "sndtimeo", SHORT);
    const size = 16 * 1024 * 1024;
    const sent = await bsd.send(fd, new Uint8Array(size));
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(size);
    // The peer's buffer may have grown meanwhile, but not for ever.
    const rest = async () => {
      while ((await bsd.send(fd, new Uint8Array(size))) > 0);
    };
    await expectRejection(rest(), "EAGAIN", { syscall: "send" });
  });

  test("ends a connect with EINPROGRESS", async () => {
    const { listener, address } = listening(bsd, loopback("inet"));
    bsd.listen(listener, 0);
    await bsd.connect(bsd.socket("inet", "stream"), address);
    const fd = bsd.socket("inet", "stream");
    bsd.setsockopt(fd, "socket", "sndtimeo", SHORT);
    await expectRejection(bsd.connect(fd, address), "EINPROGRESS", { syscall: "connect" });
  });
});

describe("poll", () => {
  test("gives those that are ready, once one is", async () => {
    const [first] = bsd.socketpair("unix", "stream");
    const [second, peer] = bsd.socketpair("unix", "stream");
    const requests = [first, second].map((fd) => ({ fd, events: "in" as const }));
    const polling = bsd.poll(requests);
    expect(await isSettled(polling)).toBe(false);
    await bsd.send(peer, bytes("x"));
    expect(await polling).toEqual([{ fd: second, events: ["in"] }]);
  });

  test("of one socket, twice in the list and for both directions, tells all", async () => {
    const [fd, peer] = await connectedPair(bsd);
    while ((await bsd.send(fd, new Uint8Array(65536), "dontwait").catch(() => 0)) > 0);
    const polling = bsd.poll([
      { fd, events: ["in", "out"] },
      { fd, events: "in" },
    ]);
    expect(await isSettled(polling)).toBe(false);
    await bsd.send(peer, bytes("x"));
    expect(await polling).toEqual([
      { fd, events: ["in"] },
      { fd, events: ["in"] },
    ]);
  });

  test("finds nothing when its time is up, and looks only once for none", async () => {
    const [fd] = bsd.socketpair("unix", "stream");
    expect(await bsd.poll([{ fd, events: "in" }], 1)).toEqual([]);
    expect(await bsd.poll([{ fd, events: "in" }], 0)).toEqual([]);
    expect(await bsd.poll([], 1)).toEqual([]);
    expect(await bsd.poll([{ fd: 99, events: "in" }])).toEqual([{ fd: 99, events: ["nval"] }]);
  });

  test("tells that its socket was closed meanwhile", async () => {
    const [fd] = bsd.socketpair("unix", "stream");
    const polling = bsd.poll([{ fd, events: "in" }]);
    await turns();
    bsd.close(fd);
    expect(await polling).toEqual([{ fd, events: ["nval"] }]);
  });

  test("waits for a peer that shuts down, and for urgent data, although there is other data", async () => {
    const [fd, peer] = await connectedPair(bsd);
    await bsd.send(peer, bytes("unread"));
    const urgent = bsd.poll([{ fd, events: "pri" }]);
    const ended = bsd.poll([{ fd, events: "rdhup" }]);
    expect(await isSettled(urgent)).toBe(false);
    await bsd.send(peer, bytes("!"), "oob");
    expect(await urgent).toEqual([{ fd, events: ["pri"] }]);
    expect(await isSettled(ended)).toBe(false);
    bsd.shutdown(peer, "write");
    expect(await ended).toEqual([{ fd, events: ["rdhup"] }]);
  });
});

describe("epollWait", () => {
  test("gives the events of a set, and data that was given with them", async () => {
    const epfd = bsd.epollCreate();
    const [fd, peer] = await connectedPair(bsd);
    bsd.epollCtl(epfd, "add", fd, ["in", "et"], 77);
    const waiting = bsd.epollWait(epfd);
    expect(await isSettled(waiting)).toBe(false);
    await bsd.send(peer, bytes("x"));
    expect(await waiting).toEqual([{ data: 77, events: ["in"] }]);
    expect(await bsd.epollWait(epfd, 8, 1)).toEqual([]);
    await expectRejection(bsd.epollWait(99), "EBADF", { syscall: "epoll_wait" });
  });
});

describe("a process", () => {
  test("ends by itself with sockets open that nobody waits for any more", async () => {
    const { code, output } = await run(`
      const bsd = await open();
      const [left, right] = bsd.socketpair("unix", "stream");
      const receiving = bsd.recv(left, new Uint8Array(4));
      await bsd.send(right, Buffer.from("x"));
      await receiving;
      const listener = bsd.socket("inet", "stream");
      bsd.bind(listener, loopback);
      bsd.listen(listener);
      await bsd.poll([{ fd: listener, events: "in" }], 1);
      console.log("done");
    `);
    expect({ code, output }).toEqual({ code: 0, output: "done\n" });
  });

  /** Something to receive arrives when nobody can be called any more. */
  const LATE = `
    const bsd = await open();
    const [left, right] = bsd.socketpair("unix", "stream");
    const receiving = bsd.recv(left, new Uint8Array(4));
    await bsd.send(right, Buffer.from("x"));
    await receiving;
    process.on("exit", () => bsd.send(right, Buffer.from("late")));
  `;

  test("ends in peace although a socket becomes ready as it does", async () => {
    expect(await run(LATE)).toMatchObject({ code: 0, signal: null });
  });

  test("is left in peace by workers that end so, by themselves, by exit and by an error", async () => {
    const { code, output } = await run(`
      const { Worker } = await import("node:worker_threads");
      const ends = ["", "process.exit(5);", "throw new Error();"].map((end) => {
        const worker = new Worker(\`
          import { workerData } from "node:worker_threads";
          const { open } = await import(workerData);
          ${LATE.replaceAll("$", "\\$")}
          \${end}
        \`, { eval: true, workerData: promises });
        worker.on("error", () => {});
        return new Promise((resolve) => worker.on("exit", resolve));
      });
      console.log(JSON.stringify(await Promise.all(ends)));
    `);
    expect({ code, output }).toEqual({ code: 0, output: "[0,5,1]\n" });
  });

  test("goes on while a call waits for another process", async () => {
    const { code, output } = await run(`
      const { spawn } = await import("node:child_process");
      const bsd = await open();
      const fd = bsd.socket("inet", "stream");
      bsd.bind(fd, loopback);
      bsd.listen(fd);
      const child = spawn(process.execPath, ["-e", \`
        const socket = require("node:net").connect(\${bsd.getsockname(fd).port}, "127.0.0.1");
        setTimeout(() => socket.end("late"), 50);
      \`], { stdio: "ignore" });
      child.unref();
      const room = Buffer.alloc(8);
      const count = await bsd.recv(await bsd.accept(fd), room);
      console.log(String(room.subarray(0, count)));
    `);
    expect({ code, output }).toEqual({ code: 0, output: "late\n" });
  });

  test("rests while its calls wait, however many of them wait for one socket", async () => {
    const { code, output } = await run(`
      const bsd = await open();
      const fd = bsd.socket("inet", "datagram");
      bsd.bind(fd, loopback);
      const sender = bsd.socket("inet", "datagram");
      const rooms = Array.from({ length: 50 }, () => new Uint8Array(1));
      const receiving = rooms.map((room) => bsd.recv(fd, room));
      for (let i = 0; i < 40; i++) {
        await bsd.sendto(sender, Buffer.of(i), null, bsd.getsockname(fd));
        await receiving[i];
      }
      // Whoever waits has nothing but the socket to wait for: no timer that tries again.
      console.log(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length);
      bsd.dispose();
      const ends = await Promise.allSettled(receiving);
      console.log(ends.filter(({ status }) => status === "rejected").length);
    `);
    expect({ code, output }).toEqual({ code: 0, output: "0\n10\n" });
  });

  test("makes ten thousand connections one after the other, and none of them leaves anything", async () => {
    const { code, output } = await run(`
      const handles = () => process.report.getReport().libuv.filter(({ type }) => type === "poll").length;
      const bsd = await open();
      const listener = bsd.socket("inet", "stream");
      bsd.setsockopt(listener, "socket", "reuseaddr", true);
      bsd.bind(listener, loopback);
      bsd.listen(listener);
      const address = bsd.getsockname(listener);
      const room = new Uint8Array(1);
      const connect = async () => {
        const fd = bsd.socket("inet", "stream");
        bsd.setsockopt(fd, "socket", "linger", { on: true, seconds: 0 });
        const [server] = await Promise.all([bsd.accept(listener), bsd.connect(fd, address)]);
        const received = bsd.recv(fd, room);
        await bsd.send(server, Buffer.of(1));
        await received;
        bsd.close(fd);
        bsd.close(server);
      };
      for (let i = 0; i < 10; i++) await connect();
      await new Promise(setImmediate);
      const before = [fds().length, handles()];
      for (let i = 0; i < 10_000; i++) await connect();
      await new Promise(setImmediate);
      console.log(JSON.stringify([before, [fds().length, handles()]]));
    `);
    const [before, after] = JSON.parse(output) as [number[], number[]];
    expect({ code, after }).toEqual({ code: 0, after: before });
  });

  test("has a reactor in every thread, and a worker that waits can be terminated", async () => {
    const { code, output } = await run(`
      const { Worker } = await import("node:worker_threads");
      const workers = Array.from({ length: 4 }, () => new Worker(\`
        import { parentPort, workerData } from "node:worker_threads";
        const { open } = await import(workerData);
        const bsd = await open();
        const [left, right] = bsd.socketpair("unix", "stream");
        const receiving = bsd.recv(left, new Uint8Array(4));
        await bsd.send(right, Buffer.from("abc"));
        parentPort.postMessage(await receiving);
        await bsd.recv(left, new Uint8Array(4));
      \`, { eval: true, workerData: promises }));
      const counts = await Promise.all(workers.map((worker) => once(worker, "message")));
      const codes = await Promise.all(workers.map((worker) => worker.terminate()));
      console.log(JSON.stringify([counts.flat(), codes]));
    `);
    expect({ code, output }).toEqual({ code: 0, output: "[[3,3,3,3],[1,1,1,1]]\n" });
  });

  testWith("strace")("tells the kernel once what to watch, for a thousand receives", async () => {
    const trace = scratchPath("trace");
    const strace = ["strace", "-f", "-qq", "-e", "trace=epoll_ctl,recvfrom", "-o", trace];
    const program = `
      const bsd = await open();
      const [fd, peer] = bsd.socketpair("unix", "stream");
      const room = new Uint8Array(4);
      for (let i = 0; i < 1000; i++) {
        const receiving = bsd.recv(fd, room);
        await bsd.send(peer, Buffer.of(1));
        await receiving;
      }
    `;
    expect(await run(program, strace)).toMatchObject({ code: 0 });
    const lines = readFileSync(trace, "utf8").split("\n");
    const native = /recvfrom\((\d+)/.exec(lines.find((line) => line.includes("recvfrom("))!)![1]!;
    const calls = (pattern: string) =>
      lines.filter((line) => new RegExp(pattern).test(line)).length;
    expect(calls(`recvfrom\\(${native},`)).toBeGreaterThanOrEqual(1000);
    // libuv adds and removes it to see whether it can be watched, and adds it once it is to be.
    expect(calls(`epoll_ctl\\(\\d+, EPOLL_CTL_(ADD|MOD), ${native},`)).toBeLessThanOrEqual(2);
  });
});
