// Streams over TCP: against node:net, socat and nc, and byte for byte.

import { randomBytes } from "node:crypto";
import { open } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeClient, nodeServer } from "./support/peers.js";
import { Program, testWith } from "./support/programs.js";
import {
  connected,
  digest,
  expectErrno,
  listening,
  loopback,
  openHurried,
  receiveAll,
  type Digest,
} from "./support/sockets.js";

const SIZE = 4 * 1024 * 1024 + 1;
const FAMILIES = ["inet", "inet6"] as const;

describe.each(FAMILIES)("a stream over %s", (family) => {
  const host = loopback(family).address;

  test("our client sends megabytes to a node:net server, which saw every byte", async () => {
    await using peer = await nodeServer(loopback(family), "digest");
    using net = await open();
    const fd = net.socket(family, "stream", "tcp");
    net.connect(fd, peer.address);
    const bytes = randomBytes(SIZE);
    expect(net.send(fd, bytes, "nosignal")).toBe(SIZE);
    net.shutdown(fd, "write");
    expect(JSON.parse(receiveAll(net, fd).toString())).toEqual(digest(bytes));
  });

  test("our client receives megabytes from a node:net server, and then 0", async () => {
    await using peer = await nodeServer(loopback(family), "source", SIZE);
    using net = await open();
    const fd = net.socket(family, "stream");
    net.connect(fd, peer.address);
    const received = digest(receiveAll(net, fd));
    expect(received).toEqual(await peer.next<Digest>());
    expect(received.count).toBe(SIZE);
    expect(net.recv(fd, new Uint8Array(1))).toBe(0);
  });

  test("our server receives megabytes from a node:net client and answers", async () => {
    using net = await open();
    const { listener, address } = listening(net, loopback(family));
    await using peer = await nodeClient(address, "source", SIZE);
    const fd = net.accept(listener);
    expect(digest(receiveAll(net, fd))).toEqual(await peer.next<Digest>());
  });

  test("our server sends megabytes to a node:net client, which saw every byte", async () => {
    using net = await open();
    const { listener, address } = listening(net, loopback(family));
    await using peer = await nodeClient(address, "digest");
    const fd = net.accept(listener);
    const bytes = randomBytes(SIZE);
    expect(net.send(fd, bytes)).toBe(SIZE);
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(digest(bytes));
  });

  testWith("socat")("socat listens, echoes what our client sends, and ends", async () => {
    const [protocol, bind] = family === "inet" ? ["TCP4", host] : ["TCP6", `[${host}]`];
    await using socat = new Program("socat", [
      "-d",
      "-d",
      `${protocol}-LISTEN:0,bind=${bind}`,
      "PIPE",
    ]);
    const port = Number(await socat.said(/listening on .*:(\d+)/));
    using net = await open();
    const fd = net.socket(family, "stream");
    net.connect(fd, { family, address: host, port });
    const bytes = randomBytes(50_000);
    expect(net.send(fd, bytes)).toBe(bytes.length);
    net.shutdown(fd, "write");
    expect(receiveAll(net, fd).equals(bytes)).toBe(true);
  });

  testWith("socat")("socat connects, sends megabytes and stores our answer", async () => {
    using net = await open();
    const { listener, address } = listening(net, loopback(family));
    const place =
      family === "inet" ? `TCP4:${host}:${address.port}` : `TCP6:[${host}]:${address.port}`;
    const request = randomBytes(SIZE);
    await using socat = new Program("socat", ["-t", "20", "-", place], request);
    const fd = net.accept(listener);
    expect(receiveAll(net, fd).equals(request)).toBe(true);
    const answer = randomBytes(SIZE);
    expect(net.send(fd, answer)).toBe(SIZE);
    net.close(fd);
    expect((await socat.output()).equals(answer)).toBe(true);
  });

  testWith("nc")("nc listens and stores what our client sends", async () => {
    await using nc = new Program("nc", ["-l", "-n", "-v", host, "0"]);
    const port = Number(await nc.said(/Listening on \S+ (\d+)/));
    using net = await open();
    const fd = net.socket(family, "stream");
    net.connect(fd, { family, address: host, port });
    const bytes = randomBytes(SIZE);
    expect(net.send(fd, bytes)).toBe(SIZE);
    net.close(fd);
    expect((await nc.output()).equals(bytes)).toBe(true);
  });

  testWith("nc")("nc connects, sends megabytes and stores our answer", async () => {
    using net = await open();
    const { listener, address } = listening(net, loopback(family));
    const request = randomBytes(SIZE);
    await using nc = new Program("nc", ["-n", "-N", host, String(address.port)], request);
    const fd = net.accept(listener);
    expect(receiveAll(net, fd).equals(request)).toBe(true);
    const answer = randomBytes(SIZE);
    expect(net.send(fd, answer)).toBe(SIZE);
    net.close(fd);
    expect((await nc.output()).equals(answer)).toBe(true);
  });

  test("both ends know their own and each other's address", async () => {
    using net = await open();
    const [client, server] = connected(net, family);
    const local = net.getsockname(client);
    expect(local).toMatchObject({ family, address: host });
    expect(net.getpeername(server)).toEqual(local);
    expect(net.getsockname(server)).toEqual(net.getpeername(client));
  });
});

describe("sending on a stream", () => {
  test("a blocking send takes all bytes although the peer reads slowly", async () => {
    await using peer = await nodeServer(loopback("inet"), "slow-digest");
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.setsockopt(fd, "socket", "sndbuf", 4096);
    net.connect(fd, peer.address);
    const bytes = randomBytes(1024 * 1024);
    expect(net.send(fd, bytes)).toBe(bytes.length);
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(digest(bytes));
  });

  test("a send with dontwait takes what fits, and then gives EAGAIN", async () => {
    using net = await open();
    const [client, server] = connected(net);
    const bytes = new Uint8Array(64 * 1024 * 1024);
    const taken = net.send(client, bytes, "dontwait");
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(bytes.length);
    let sent = taken;
    for (let count = taken; count > 0;) {
      count = net.send(client, bytes, ["dontwait", "nosignal"]);
      if (count > 0) sent += count;
    }
    expectErrno(net, "EAGAIN");
    net.close(client);
    expect(receiveAll(net, server).length).toBe(sent);
  });

  test("bytes that are sent with more arrive in order with those that follow", async () => {
    using net = await open();
    const [client, server] = connected(net);
    expect(net.send(client, Buffer.from("one "), ["more", "nosignal"])).toBe(4);
    expect(net.send(client, Buffer.from("two "), "more")).toBe(4);
    expect(net.send(client, Buffer.from("three"), "nosignal")).toBe(5);
    net.shutdown(client, "write");
    expect(receiveAll(net, server).toString()).toBe("one two three");
  });

  test("sending no bytes gives 0 and is not the end of the stream", async () => {
    using net = await open();
    const [client, server] = connected(net);
    expect(net.send(client, new Uint8Array(0))).toBe(0);
    expect(net.recv(server, new Uint8Array(8), "dontwait")).toBe(-1);
    expectErrno(net, "EAGAIN");
  });

  test("sendto without an address sends on the connection", async () => {
    using net = await open();
    const [client, server] = connected(net);
    expect(net.sendto(client, Buffer.from("abc"), null, null)).toBe(3);
    const bytes = new Uint8Array(8);
    expect(net.recvfrom(server, bytes)).toEqual([3, null]);
  });
});

describe("receiving from a stream", () => {
  test("peek leaves the bytes for the next receive", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.send(client, Buffer.from("hello"));
    const bytes = Buffer.alloc(5);
    expect(net.recv(server, bytes, "peek")).toBe(5);
    expect(net.recv(server, bytes.fill(0), ["peek", "dontwait"])).toBe(5);
    expect(net.recv(server, bytes.fill(0))).toBe(5);
    expect(bytes.toString()).toBe("hello");
    expect(net.recv(server, bytes, "dontwait")).toBe(-1);
  });

  test.each([[["waitall"]], [["waitall", "peek"]]] as const)(
    "%j waits until the array is full",
    async (flags) => {
      await using peer = await nodeServer(loopback("inet"), "bytewise", 64);
      using net = await open();
      const fd = net.socket("inet", "stream");
      net.connect(fd, peer.address);
      const bytes = new Uint8Array(64);
      expect(net.recv(fd, bytes, flags)).toBe(64);
      expect(digest(bytes)).toEqual(await peer.next<Digest>());
    },
  );

  test("waitall gives less than was asked for at the end of the stream", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.send(client, Buffer.from("abc"));
    net.close(client);
    expect(net.recv(server, new Uint8Array(8), "waitall")).toBe(3);
    expect(net.recv(server, new Uint8Array(8), "waitall")).toBe(0);
  });

  test("trunc drops bytes and leaves the array as it was", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.send(client, Buffer.from("dropped"));
    const bytes = Buffer.from("as it was");
    expect(net.recv(server, bytes, "trunc")).toBe(7);
    expect(bytes.toString()).toBe("as it was");
  });

  test("half close: what one side has ended, the other still can send", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.shutdown(client, "write");
    expect(net.recv(server, new Uint8Array(1))).toBe(0);
    expect(net.send(server, Buffer.from("still"))).toBe(5);
    net.shutdown(server, "write");
    expect(receiveAll(net, client).toString()).toBe("still");
  });

  test("an urgent byte comes with oob, also after a receive that had to wait", async () => {
    using hurried = await openHurried();
    const { net } = hurried;
    const [client, server] = connected(net);
    hurried.hurry();
    expect(net.recv(server, new Uint8Array(1))).toBe(-1);
    expectErrno(net, "EINTR");
    expect(net.send(client, Buffer.from("!"), "oob")).toBe(1);
    const byte = Buffer.alloc(1);
    hurried.hurry();
    expect(net.recv(server, byte, "oob")).toBe(1);
    expect(byte.toString()).toBe("!");
  });

  test("errqueue does not wait: without an error there is EAGAIN", async () => {
    using hurried = await openHurried();
    const { net } = hurried;
    const [client] = connected(net);
    hurried.hurry();
    expect(net.recv(client, new Uint8Array(1), "errqueue")).toBe(-1);
    expectErrno(net, "EAGAIN");
  });
});

test("connections are accepted in the order in which they were made", async () => {
  using net = await open();
  const { listener, address } = listening(net, loopback("inet"));
  const clients = Array.from({ length: 5 }, () => {
    const fd = net.socket("inet", "stream");
    net.connect(fd, address);
    return fd;
  });
  const accepted = clients.map(() => net.getpeername(net.accept(listener)));
  expect(accepted).toEqual(clients.map((fd) => net.getsockname(fd)));
});
