// How much of everything a guest may have: the limits of host/limits.ts, one by one.

import { createServer } from "node:net";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { instantiate, open, type Limits, type SocketError } from "wasi-sockets";
import { marshal } from "#host/marshal";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileGuest } from "./support/guest.js";
import {
  BUFFER,
  CONTROL,
  HEADER,
  LIST,
  OUT,
  control,
  guest,
  header,
  left,
  memory,
  right,
  start,
  useGuest,
  word,
} from "./support/raw-message.js";
import { errnoOf, openHurried } from "./support/sockets.js";

const { MSG, SCM, SOL, cmsghdr, iovec, mmsghdr, msghdr } = marshal;

useGuest();

describe("a limit that is none is a RangeError that names it", () => {
  const most: Record<keyof Limits, number> = {
    descriptors: Number.MAX_SAFE_INTEGER,
    backlog: 2 ** 31 - 1,
    batch: 2 ** 31 - 1,
    vectors: 1024,
    control: 16384,
    sndbuf: 2 ** 31 - 1,
    rcvbuf: 2 ** 31 - 1,
    lookups: 1024,
    unsent: 2 ** 31 - 1,
    answers: 65536,
  };
  test.each(Object.entries(most))("%s", async (name, limit) => {
    for (const value of [0, -1, 1.5, NaN, Infinity, "5", null, limit + 1, true]) {
      const opened = open({ [name]: value });
      await expect(opened).rejects.toThrow(RangeError);
      await expect(opened).rejects.toThrow(`${name} ${String(value)} is not a positive integer`);
    }
    for (const value of [1, limit, undefined]) {
      const net = await open({ [name]: value });
      net.dispose();
    }
  });
});

test("descriptors: sockets, pairs, epoll sets and accepted ones are EMFILE above it", async () => {
  using hurried = await openHurried(); // a peer
  const net = await open({ descriptors: 3 });
  onTestFinished(() => {
    net.dispose();
  });
  const code = (call: () => unknown) => {
    try {
      call();
      return "";
    } catch (error) {
      return (error as SocketError).code;
    }
  };
  const listener = net.socket("inet", "stream");
  net.bind(listener, { family: "inet", address: "127.0.0.1", port: 0 });
  net.listen(listener, 1);
  net.socket("inet", "stream");
  expect(code(() => net.socketpair("unix", "stream"))).toBe("EMFILE");
  const set = net.epollCreate();
  expect(code(() => net.epollCreate())).toBe("EMFILE");
  expect(code(() => net.socket("inet", "stream"))).toBe("EMFILE");
  hurried.net.connect(hurried.net.socket("inet", "stream"), net.getsockname(listener));
  expect(code(() => net.accept(listener))).toBe("EMFILE");
  net.close(set);
  expect(net.accept(listener)).toBe(set); // it had not been taken from the queue
});

test("backlog: no more connections wait than it says", async () => {
  const peer = await open();
  const net = await open({ backlog: 2 });
  onTestFinished(() => {
    peer.dispose();
    net.dispose();
  });
  // A Unix listener refuses at once what finds no place: as many as the backlog, and one.
  const path = `\0ws-limits-${process.pid}`;
  for (const [backlog, wanted] of [
    [1, 2],
    [100, 3],
    [-1, 3],
    [2 ** 31 - 1, 3],
  ] as const) {
    const listener = net.socket("unix", "stream");
    net.bind(listener, { family: "unix", path });
    net.listen(listener, backlog);
    let waiting = 0;
    try {
      for (; waiting < 10; waiting++) {
        peer.connect(peer.socket("unix", ["stream", "nonblock"]), { family: "unix", path });
      }
    } catch (error) {
      expect((error as SocketError).code).toBe("EAGAIN");
    }
    expect(waiting, String(backlog)).toBe(wanted);
    net.close(listener);
  }
});

describe("batch", () => {
  /** Writes so many headers of five bytes each into the guest's memory. */
  function headers(count: number): void {
    for (let i = 0; i < count; i++) {
      header({}, LIST + i * mmsghdr.sizeof);
      word(LIST + i * mmsghdr.sizeof + mmsghdr.msg_len, 99);
    }
  }

  test("no more messages of a call are sent or received than it says", async () => {
    await start(true, { batch: 3 });
    headers(8);
    expect(guest.recv(right, OUT, 16, 0)).toBe(5);
    for (const count of [4, 8, 2 ** 32 - 1]) {
      expect(guest.sendmmsg(left, LIST, count, 0)).toBe(3);
      expect(guest.recvmmsg(right, LIST, count, MSG.DONTWAIT, 0)).toBe(3);
      expect(memory.readInt32LE(LIST + 2 * mmsghdr.sizeof + mmsghdr.msg_len)).toBe(5);
      expect(memory.readInt32LE(LIST + 3 * mmsghdr.sizeof + mmsghdr.msg_len)).toBe(99);
    }
    expect(guest.sendmmsg(left, LIST, 2, 0)).toBe(2);
  });

  test("a stream's messages are counted alike", async () => {
    await start(true, { batch: 3 });
    headers(8);
    const { AF, SOCK } = marshal;
    expect(guest.socketpair(AF.UNIX, SOCK.STREAM, 0, OUT)).toBe(0);
    const fd = memory.readInt32LE(OUT);
    expect(guest.sendmmsg(fd, LIST, 8, 0)).toBe(3);
  });
});

test("vectors: a message of more is EMSGSIZE", async () => {
  await start(true, { vectors: 2 });
  guest.recv(right, OUT, 16, 0);
  for (const [count, result] of [
    [2, 10],
    [3, -errnoOf("EMSGSIZE")],
  ] as const) {
    header({ msg_iovlen: count });
    for (let i = 0; i < count; i++) {
      word(0x1800 + i * iovec.sizeof + iovec.iov_base, BUFFER);
      word(0x1800 + i * iovec.sizeof + iovec.iov_len, 5);
    }
    expect(guest.sendmsg(left, HEADER, 0)).toBe(result);
    expect(guest.recvmsg(right, HEADER, MSG.DONTWAIT)).toBe(result);
  }
});

test("control: more is ENOBUFS to send, and cut where it is received", async () => {
  const one = cmsghdr.sizeof + 4;
  await start(true, { control: one });
  guest.recv(right, OUT, 16, 0);
  const rights = control(one, SOL.SOCKET, SCM.RIGHTS, left);
  expect(guest.sendmsg(left, rights, 0)).toBe(5);
  const long = header({ msg_control: CONTROL, msg_controllen: one + 1 });
  expect(guest.sendmsg(left, long, 0)).toBe(-errnoOf("ENOBUFS"));
  // As much room as it likes to ask for: no more of it is used.
  header({ msg_control: CONTROL, msg_controllen: 0x1000 });
  expect(guest.recvmsg(right, HEADER, 0)).toBe(5);
  expect(memory.readInt32LE(HEADER + msghdr.msg_controllen)).toBe(one);
  guest.close(memory.readInt32LE(CONTROL + cmsghdr.sizeof));

  await start(true, { control: one - 1 });
  guest.recv(right, OUT, 16, 0);
  expect(guest.sendmsg(left, control(one, SOL.SOCKET, SCM.RIGHTS, left), 0)).toBe(
    -errnoOf("ENOBUFS"),
  );
});

test("the limits hold for a guest that runs, from its first call", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
  });
  await once(server, "listening");
  const program = `
    import { AF, SOCK, socket, errno } from "wasi-sockets/assembly";
    export function main(): i32 {
      let count = 0;
      while (socket(AF.INET, SOCK.STREAM, 0) >= 0) count++;
      return count * 1000 + errno();
    }
  `;
  const wasm = await compileGuest(program);
  using instance = await instantiate<{ main(): number }>(wasm, { allow: {}, descriptors: 7 });
  expect(instance.exports.main()).toBe(7000 + errnoOf("EMFILE"));
});

test("the documentation tells of each limit", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const name of [
    "descriptors",
    "backlog",
    "batch",
    "vectors",
    "control",
    "sndbuf",
    "rcvbuf",
    "answers",
  ])
    expect(readme).toContain(`\`${name}\``);
});
