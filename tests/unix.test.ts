// Sockets of the unix family: by path, in the abstract namespace, and without a name.

import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { open, type UnixAddress } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeClient, nodeServer } from "./support/peers.js";
import { Program, scratchPath, testWith } from "./support/programs.js";
import {
  digest,
  expectErrno,
  expectError,
  listening,
  openHurried,
  receiveAll,
  unix,
  type Digest,
} from "./support/sockets.js";

const SIZE = 2 * 1024 * 1024 + 1;
const PATH_MAX = 108;

/** A name that no other test has, filled up to a length. */
const unique = (start: string, length = 0) => (start + randomUUID()).padEnd(length, "x");

const PLACES: [what: string, make: () => UnixAddress][] = [
  ["a path", () => unix(scratchPath(randomUUID()))],
  ["a path of 108 bytes", () => unix(unique(scratchPath("f"), PATH_MAX))],
  ["a path that is not ASCII", () => unix(scratchPath(`größe-${randomUUID()}-日本`))],
  ["an abstract name", () => unix(unique("\0"))],
  ["an abstract name of 108 bytes", () => unix(unique("\0", PATH_MAX))],
  ["an abstract name with a NUL inside and at its end", () => unix(`${unique("\0a\0b")}\0`)],
];

describe.each(PLACES)("a unix stream at %s", (_, make) => {
  test("carries bytes both ways, and both ends give its name", async () => {
    using net = await open();
    const { listener, address } = listening(net, make());
    const client = net.socket("unix", "stream");
    net.connect(client, address);
    const server = net.accept(listener);
    expect(net.getpeername(client)).toEqual(address);
    expect(net.getsockname(server)).toEqual(address);
    expect(net.send(client, Buffer.from("request"))).toBe(7);
    expect(net.send(server, Buffer.from("answer"))).toBe(6);
    const bytes = Buffer.alloc(16);
    expect(net.recv(server, bytes)).toBe(7);
    expect(net.recv(client, bytes)).toBe(6);
  });

  test("getsockname gives back what bind was given", async () => {
    using net = await open();
    const fd = net.socket("local", "stream");
    const address = make();
    net.bind(fd, address);
    expect(net.getsockname(fd)).toEqual(address);
  });
});

describe.each(PLACES)("a unix datagram socket at %s", (_, make) => {
  test("hears who sends, by its name", async () => {
    using net = await open();
    const [receiver, sender] = [net.socket("unix", "datagram"), net.socket("unix", "dgram")];
    const [to, from] = [make(), make()];
    net.bind(receiver, to);
    net.bind(sender, from);
    expect(net.sendto(sender, Buffer.from("hello"), null, to)).toBe(5);
    expect(net.recvfrom(receiver, new Uint8Array(8))).toEqual([5, from]);
  });
});

test("a path is a socket in the file system, an abstract name is not", async () => {
  using net = await open();
  const path = scratchPath(randomUUID());
  listening(net, unix(path));
  expect(statSync(path).isSocket()).toBe(true);
  const name = randomUUID();
  listening(net, unix(`\0${name}`));
  expect(existsSync(name)).toBe(false);
});

test("a path of 109 bytes is refused, and nothing is bound", async () => {
  using net = await open();
  const fd = net.socket("unix", "stream");
  const path = unique(scratchPath(""), PATH_MAX + 1);
  expect(() => {
    net.bind(fd, unix(path));
  }).toThrow(RangeError);
  expect(existsSync(path.slice(0, PATH_MAX))).toBe(false);
  expect(net.getsockname(fd)).toEqual(unix(""));
});

test("a path with a NUL inside is refused: C would bind a shorter one", async () => {
  using net = await open();
  const fd = net.socket("unix", "stream");
  const path = scratchPath(randomUUID());
  expect(() => {
    net.bind(fd, unix(`${path}\0rest`));
  }).toThrow(TypeError);
  expect(existsSync(path)).toBe(false);
});

test("an empty path lets the kernel choose an abstract name, which others reach", async () => {
  using net = await open();
  const { listener, address } = listening(net, unix(""));
  expect(address.path).toMatch(/^\0[0-9a-f]{5}$/);
  const client = net.socket("unix", "stream");
  net.connect(client, address);
  expect(net.getpeername(client)).toEqual(address);
  net.accept(listener);
});

test("a socket that was never bound has no name, and neither has its datagram", async () => {
  using net = await open();
  const receiver = net.socket("unix", "datagram");
  const to = unix(unique("\0"));
  net.bind(receiver, to);
  const sender = net.socket("unix", "datagram");
  expect(net.getsockname(sender)).toEqual(unix(""));
  net.sendto(sender, Buffer.from("anonymous"), null, to);
  const [count, from] = net.recvfrom(receiver, new Uint8Array(16));
  expect(count).toBe(9);
  expect(from ?? unix("")).toEqual(unix(""));
});

describe("a socketpair", () => {
  test.each(["stream", "datagram", "seqpacket"] as const)(
    "of %s carries bytes both ways",
    async (type) => {
      using net = await open();
      const [left, right] = net.socketpair("unix", type);
      const bytes = Buffer.alloc(8);
      for (const [from, to] of [
        [left, right],
        [right, left],
      ] as const) {
        expect(net.send(from, Buffer.from("ping"))).toBe(4);
        expect(net.recv(to, bytes)).toBe(4);
        expect(bytes.toString("latin1", 0, 4)).toBe("ping");
      }
    },
  );

  test.each([
    ["stream", [6, 0]],
    ["seqpacket", [2, 4]],
    ["datagram", [2, 4]],
  ] as const)("of %s keeps the boundaries of its kind", async (type, counts) => {
    using net = await open();
    const [left, right] = net.socketpair("unix", type);
    net.send(left, Buffer.from("ab"));
    net.send(left, Buffer.from("cdef"));
    if (type === "stream") net.close(left);
    const bytes = new Uint8Array(16);
    expect(counts.map(() => net.recv(right, bytes))).toEqual(counts);
  });

  test("of seqpacket ends with 0 where the other is closed, and truncates", async () => {
    using net = await open();
    const [left, right] = net.socketpair("unix", "seqpacket");
    net.send(left, Buffer.from("truncated"));
    net.close(left);
    expect(net.recv(right, new Uint8Array(5), "trunc")).toBe(9);
    expect(net.recv(right, new Uint8Array(5))).toBe(0);
  });
});

test("seqpacket sockets listen, accept and connect", async () => {
  using net = await open();
  const listener = net.socket("unix", "seqpacket");
  const address = unix(unique("\0"));
  net.bind(listener, address);
  net.listen(listener, 1);
  const client = net.socket("unix", "seqpacket");
  net.connect(client, address);
  const server = net.accept(listener);
  net.send(client, Buffer.from("one"));
  net.send(client, Buffer.from("three"));
  expect([1, 2].map(() => net.recv(server, new Uint8Array(8)))).toEqual([3, 5]);
});

test("a full queue of datagrams ends a send with EAGAIN where it must not wait", async () => {
  using hurried = await openHurried();
  const { net } = hurried;
  const [receiver, sender] = [net.socket("unix", "datagram"), net.socket("unix", "datagram")];
  const to = unix(unique("\0"));
  net.bind(receiver, to);
  let sent = 0;
  while (net.sendto(sender, Buffer.of(sent), "dontwait", to) === 1) sent++;
  expectErrno(net, "EAGAIN");
  hurried.hurry();
  expect(net.sendto(sender, Buffer.of(0), null, to)).toBe(-1);
  expectErrno(net, "EINTR");
  net.recv(receiver, new Uint8Array(1));
  expect(net.sendto(sender, Buffer.of(sent), null, to)).toBe(1);
});

test.each([
  ["a path that nobody bound", () => scratchPath(randomUUID()), "ENOENT"],
  ["an abstract name that nobody bound", () => unique("\0"), "ECONNREFUSED"],
  ["a path in no directory", () => scratchPath("absent/socket"), "ENOENT"],
])("connecting to %s fails", async (_, make, code) => {
  using net = await open();
  const fd = net.socket("unix", "stream");
  const path = make();
  expectError(
    net,
    () => {
      net.connect(fd, unix(path));
    },
    code,
    { syscall: "connect", address: path },
  );
});

describe("node:net at a path", () => {
  test("serves our client", async () => {
    await using peer = await nodeServer(unix(scratchPath(randomUUID())), "digest");
    using net = await open();
    const fd = net.socket("unix", "stream");
    net.connect(fd, peer.address);
    const bytes = randomBytes(SIZE);
    expect(net.send(fd, bytes)).toBe(SIZE);
    net.shutdown(fd, "write");
    expect(JSON.parse(receiveAll(net, fd).toString())).toEqual(digest(bytes));
  });

  test("is served by us", async () => {
    using net = await open();
    const { listener, address } = listening(net, unix(scratchPath(randomUUID())));
    await using peer = await nodeClient(address, "source", SIZE);
    const fd = net.accept(listener);
    expect(digest(receiveAll(net, fd))).toEqual(await peer.next<Digest>());
  });
});

describe("socat", () => {
  const KINDS = [
    ["UNIX", () => unix(scratchPath(randomUUID()))],
    ["ABSTRACT", () => unix(unique("\0"))],
  ] as const;
  const place = ({ path }: UnixAddress) => path.replace("\0", "");

  for (const [kind, make] of KINDS) {
    testWith("socat")(`${kind}-LISTEN echoes what our client sends`, async () => {
      const address = make();
      await using socat = new Program("socat", [
        "-d",
        "-d",
        `${kind}-LISTEN:${place(address)}`,
        "PIPE",
      ]);
      await socat.said(/(listening) on/);
      using net = await open();
      const fd = net.socket("unix", "stream");
      net.connect(fd, address);
      const bytes = randomBytes(50_000);
      expect(net.send(fd, bytes)).toBe(bytes.length);
      net.shutdown(fd, "write");
      expect(receiveAll(net, fd).equals(bytes)).toBe(true);
    });

    testWith("socat")(`${kind}-CONNECT sends to us and stores our answer`, async () => {
      using net = await open();
      const { listener, address } = listening(net, make());
      const [request, answer] = [randomBytes(SIZE), randomBytes(SIZE)];
      await using socat = new Program(
        "socat",
        ["-t", "20", "-", `${kind}-CONNECT:${place(address)}`],
        request,
      );
      const fd = net.accept(listener);
      expect(receiveAll(net, fd).equals(request)).toBe(true);
      expect(net.send(fd, answer)).toBe(SIZE);
      net.close(fd);
      expect((await socat.output()).equals(answer)).toBe(true);
    });

    testWith("socat")(`${kind}-SENDTO sends us a datagram`, async () => {
      using net = await open();
      const fd = net.socket("unix", "datagram");
      const address = make();
      net.bind(fd, address);
      await using socat = new Program(
        "socat",
        ["-u", "-", `${kind}-SENDTO:${place(address)}`],
        Buffer.from("datagram"),
      );
      const bytes = Buffer.alloc(16);
      expect(net.recv(fd, bytes)).toBe(8);
      expect(bytes.toString("latin1", 0, 8)).toBe("datagram");
      await socat.output();
    });
  }
});
