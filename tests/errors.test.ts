// What goes wrong, and what the error then says.

import { open, type Address, type Net } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeServer } from "./support/peers.js";
import { scratchPath } from "./support/programs.js";
import {
  connected,
  expectErrno,
  expectError,
  invoke,
  listening,
  loopback,
  unix,
  type Method,
} from "./support/sockets.js";

const NOWHERE = { family: "inet", address: "203.0.113.1", port: 0 } as const;
const BROADCAST = { family: "inet", address: "255.255.255.255", port: 7 } as const;

const BYTE = new Uint8Array(1);

/** Numbers that stand for no socket: one that is closed, and some that never were. */
function badDescriptors(net: Net): number[] {
  const fd = net.socket("inet", "stream");
  net.close(fd);
  return [fd, -1, 0, 1e9, 2 ** 31 - 1];
}

/** Everything that an error says of an address. */
const about = (address: Address) =>
  "path" in address
    ? { address: address.path }
    : address.family === "inet" || address.family === "inet6"
      ? { address: address.address, port: address.port }
      : {};

test("nothing has failed at first: errno is null", async () => {
  using net = await open();
  expect(net.errno).toBeNull();
});

test("errno stays what it was while calls succeed", async () => {
  using net = await open();
  const [client] = connected(net);
  net.recv(client, new Uint8Array(1), "dontwait");
  net.send(client, new Uint8Array(1));
  expectErrno(net, "EAGAIN");
  expect(net.errno?.message).toBe("Resource temporarily unavailable");
});

describe("connect", () => {
  test.each(["inet", "inet6"] as const)(
    "to a port of %s where nobody listens: ECONNREFUSED",
    async (family) => {
      using net = await open();
      const { listener, address } = listening(net, loopback(family));
      net.close(listener);
      const connect = () => {
        net.connect(net.socket(family, "stream"), address);
      };
      expectError(net, connect, "ECONNREFUSED", { syscall: "connect", ...about(address) });
      expect(connect).toThrow(
        `connect ECONNREFUSED: Connection refused (${address.address} port ${address.port})`,
      );
    },
  );

  test("to a network that cannot be reached: ENETUNREACH", async () => {
    using net = await open();
    const connect = () => {
      net.connect(net.socket("inet", "stream"), BROADCAST);
    };
    expectError(net, connect, "ENETUNREACH", { syscall: "connect", ...about(BROADCAST) });
  });

  describe("to somebody who does not answer", () => {
    /** A listener whose queue is full: the kernel drops who comes next. */
    function full(net: Net): Address {
      const listener = net.socket("inet", "stream");
      net.bind(listener, loopback("inet"));
      net.listen(listener, 0);
      const address = net.getsockname(listener);
      net.connect(net.socket("inet", "stream"), address);
      return address;
    }

    test("ends with EINPROGRESS when sndtimeo has passed, as on Linux", async () => {
      using net = await open();
      const address = full(net);
      const fd = net.socket("inet", "stream");
      net.setsockopt(fd, "socket", "sndtimeo", 50);
      const connect = () => {
        net.connect(fd, address);
      };
      expectError(net, connect, "EINPROGRESS", { syscall: "connect", ...about(address) });
    });

    test("ends with ETIMEDOUT when the kernel gives up", async () => {
      using net = await open();
      const address = full(net);
      const fd = net.socket("inet", "stream");
      net.setsockopt(fd, "tcp", "syncnt", 1);
      net.setsockopt(fd, "tcp", "user-timeout", 100);
      const connect = () => {
        net.connect(fd, address);
      };
      expectError(net, connect, "ETIMEDOUT", { syscall: "connect", ...about(address) });
    });
  });
});

describe("bind", () => {
  const PLACES: [code: string, why: string, (net: Net) => Address][] = [
    ["EADDRINUSE", "a port in use", (net) => listening(net, loopback("inet")).address],
    ["EADDRINUSE", "a name in use", (net) => listening(net, unix("")).address],
    ["EADDRNOTAVAIL", "an address of another host", () => NOWHERE],
    ["ENOENT", "a path in no directory", () => unix(scratchPath("absent/socket"))],
    ["EINVAL", "an address that is too short", () => ({ family: 2, bytes: Uint8Array.of(2, 0) })],
    [
      "EAFNOSUPPORT",
      "another family",
      () => ({ family: 99, bytes: new Uint8Array(16).fill(99, 0, 1) }),
    ],
  ];

  test.each(PLACES)("%s for %s", async (code, _, place) => {
    using net = await open();
    const address = place(net);
    const fd = net.socket(address.family === "unix" ? "unix" : "inet", "stream");
    const bind = () => {
      net.bind(fd, address);
    };
    expectError(net, bind, code, { syscall: "bind", ...about(address) });
  });
});

describe("a connection that the peer resets", () => {
  test("gives ECONNRESET once and then the end of the stream, or EPIPE to a sender", async () => {
    await using peer = await nodeServer(loopback("inet"), "reset");
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.connect(fd, peer.address);
    net.send(fd, new Uint8Array(1));
    expect(net.recv(fd, new Uint8Array(1))).toBe(-1);
    expectErrno(net, "ECONNRESET");
    expect(net.recv(fd, new Uint8Array(1))).toBe(0);
    expect(net.send(fd, new Uint8Array(1))).toBe(-1);
    expectErrno(net, "EPIPE");
  });
});

test.each([null, "nosignal"] as const)(
  "EPIPE with the flags %s raises no signal",
  async (flags) => {
    using net = await open();
    const signals: string[] = [];
    const caught = () => signals.push("SIGPIPE");
    process.on("SIGPIPE", caught);
    try {
      const [client, server] = connected(net);
      net.shutdown(client, "write");
      expect(net.send(client, Buffer.from("x"), flags)).toBe(-1);
      expectErrno(net, "EPIPE");
      const [left, right] = net.socketpair("unix", "stream");
      net.close(right);
      expect(net.sendto(left, Buffer.from("x"), flags, null)).toBe(-1);
      expectErrno(net, "EPIPE");
      expect(net.recv(server, new Uint8Array(1))).toBe(0);
      await new Promise(setImmediate); // signals are delivered in the event loop
      expect(signals).toEqual([]);
    } finally {
      process.off("SIGPIPE", caught);
    }
  },
);

test("a datagram to everybody without leave: EACCES", async () => {
  using net = await open();
  const fd = net.socket("inet", "datagram");
  expect(net.sendto(fd, new Uint8Array(1), null, BROADCAST)).toBe(-1);
  expectErrno(net, "EACCES");
});

test("more sockets than the limit: EMFILE, until one is closed", async () => {
  using net = await open({ descriptors: 2 });
  const [first] = [net.socket("inet", "stream"), net.socket("inet", "stream")];
  expectError(net, () => net.socket("inet", "stream"), "EMFILE", { syscall: "socket" });
  expectError(net, () => net.socketpair("unix", "stream"), "EMFILE", { syscall: "socketpair" });
  net.close(first);
  expect(net.socket("inet", "stream")).toBe(first);
});

describe("a descriptor that is closed", () => {
  // prettier-ignore
  const CALLS: [syscall: string, method: Method, ...rest: unknown[]][] = [
    ["close", "close"],
    ["shutdown", "shutdown", "both"],
    ["connect", "connect", loopback("inet")],
    ["bind", "bind", loopback("inet")],
    ["listen", "listen", 1],
    ["accept", "accept"],
    ["accept", "accept4", "nonblock"],
    ["getsockname", "getsockname"],
    ["getpeername", "getpeername"],
    ["fcntl", "fcntl", "getfl"],
    ["fcntl", "fcntlSet", "setfd", null],
    ["setsockopt", "setsockopt", "socket", "keepalive", 1],
    ["getsockopt", "getsockopt", "socket", "keepalive"],
    ["fdToPort", "fdToPort"],
  ];
  test.each(CALLS)("is EBADF to %s (%s)", async (syscall, method, ...rest) => {
    using net = await open();
    for (const bad of badDescriptors(net)) {
      expectError(net, () => invoke(net, method, bad, ...rest), "EBADF", { syscall });
    }
  });

  test.each<[method: Method, result: unknown, ...rest: unknown[]]>([
    ["send", -1, BYTE],
    ["recv", -1, BYTE],
    ["sendto", -1, BYTE, null, loopback("inet")],
    ["recvfrom", [false, null], BYTE],
  ])("is EBADF to %s", async (method, result, ...rest) => {
    using net = await open();
    for (const bad of badDescriptors(net)) {
      expect(invoke(net, method, bad, ...rest)).toEqual(result);
      expectErrno(net, "EBADF");
    }
  });

  test("gives its number to the next socket, lowest first", async () => {
    using net = await open();
    const sockets = [1, 2, 3].map(() => net.socket("inet", "stream"));
    net.close(sockets[1]!);
    net.close(sockets[0]!);
    const next = [net.socket("inet", "datagram"), net.socket("inet", "datagram")];
    expect(next).toEqual(sockets.slice(0, 2));
    expect(next.map((fd) => net.getsockopt(fd, "socket", "type"))).toEqual([2, 2]);
  });
});

test("after dispose every descriptor is closed", async () => {
  const net = await open();
  const [client, server] = connected(net);
  net.dispose();
  net.dispose();
  for (const fd of [client, server]) {
    expectError(net, () => net.getsockname(fd), "EBADF", { syscall: "getsockname" });
  }
});
