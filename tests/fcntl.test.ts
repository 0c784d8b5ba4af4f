// fcntl: the flags of a descriptor, and what a call does where its socket must not block.

import { readFileSync } from "node:fs";
import { open, type Net, type StatusFlag, type TypeFlag } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import {
  connected,
  expectErrno,
  expectError,
  listening,
  loopback,
  openedNatively,
} from "./support/sockets.js";

const FLAGS: [what: string, flags: TypeFlag[], status: StatusFlag[], descriptor: string[]][] = [
  ["no modifier", [], [], []],
  ["non-blocking", ["non-blocking"], ["non-blocking"], []],
  ["its short form", ["nonblock"], ["non-blocking"], []],
  ["close-on-exec", ["close-on-exec"], [], ["close-on-exec"]],
  ["both, short", ["cloexec", "nonblock"], ["non-blocking"], ["close-on-exec"]],
];

describe.each(FLAGS)("%s", (_, flags, status, descriptor) => {
  const expectFlags = (net: Net, fd: number) => {
    expect(net.fcntl(fd, "getfl")).toEqual(status);
    expect(net.fcntl(fd, "getfd")).toEqual(descriptor);
  };

  test("of socket is what fcntl gives", async () => {
    using net = await open();
    expectFlags(net, net.socket("inet", ["stream", ...flags]));
  });

  test("of socketpair is what fcntl gives, for both", async () => {
    using net = await open();
    for (const fd of net.socketpair("unix", ["stream", ...flags])) expectFlags(net, fd);
  });

  test("of accept4 is what fcntl gives, whatever the listener has", async () => {
    using net = await open();
    for (const set of [["non-blocking"], []] as StatusFlag[][]) {
      const { listener, address } = listening(net, loopback("inet"));
      net.connect(net.socket("inet", "stream"), address);
      net.fcntlSet(listener, "setfl", set);
      expectFlags(net, net.accept4(listener, flags));
    }
  });
});

describe("setting flags", () => {
  test.each([
    ["non-blocking", ["non-blocking"]],
    ["append", ["append"]],
    [
      ["non-blocking", "append", "async"],
      ["non-blocking", "append", "async"],
    ],
    [0o4000, ["non-blocking"]],
    [null, []],
  ] as const)("setfl %j", async (flags, gives) => {
    using net = await open();
    const fd = net.socket("inet", ["stream", "non-blocking"]);
    net.fcntlSet(fd, "setfl", flags);
    expect(net.fcntl(fd, "getfl").sort()).toEqual([...gives].sort());
  });

  test("setfd sets and clears close-on-exec", async () => {
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.fcntlSet(fd, "setfd", "cloexec");
    expect(net.fcntl(fd, "getfd")).toEqual(["close-on-exec"]);
    net.fcntlSet(fd, "setfd", []);
    expect(net.fcntl(fd, "getfd")).toEqual([]);
  });

  test("a flag that is named nowhere is cleared", async () => {
    using net = await open();
    const fd = net.socket("inet", ["stream", "nonblock"]);
    net.fcntlSet(fd, "setfl", "append");
    expect(net.fcntl(fd, "getfl")).toEqual(["append"]);
    net.fcntlSet(fd, "setfl", [...net.fcntl(fd, "getfl"), "non-blocking"]);
    expect(net.fcntl(fd, "getfl").sort()).toEqual(["append", "non-blocking"]);
  });
});

describe("a socket that must not block", () => {
  test.each([
    ["recv", (net: Net, fd: number) => net.recv(fd, new Uint8Array(1)), -1],
    ["recvfrom", (net: Net, fd: number) => net.recvfrom(fd, new Uint8Array(1)), [false, null]],
  ] as const)("gives EAGAIN from %s where nothing is there", async (_, receive, result) => {
    using net = await open();
    const [client, server] = connected(net);
    net.fcntlSet(server, "setfl", "non-blocking");
    expect(receive(net, server)).toEqual(result);
    expectErrno(net, "EAGAIN");
    net.send(client, Buffer.from("x"));
    net.fcntlSet(server, "setfl", null);
    expect(net.recv(server, new Uint8Array(8))).toBe(1);
  });

  test("gives EAGAIN from accept where nobody waits", async () => {
    using net = await open();
    const { listener } = listening(net, loopback("inet"));
    net.fcntlSet(listener, "setfl", "nonblock");
    expectError(net, () => net.accept(listener), "EAGAIN", { syscall: "accept" });
  });

  test("gives EAGAIN from send where there is no room", async () => {
    using net = await open();
    const [client] = connected(net);
    net.fcntlSet(client, "setfl", "non-blocking");
    const bytes = new Uint8Array(1024 * 1024);
    let count = 0;
    while (count >= 0) count = net.send(client, bytes);
    expectErrno(net, "EAGAIN");
  });

  test("gives EINPROGRESS from connect, and is connected later", async () => {
    using net = await open();
    const { listener, address } = listening(net, loopback("inet"));
    const fd = net.socket("inet", ["stream", "non-blocking"]);
    const connect = () => {
      net.connect(fd, address);
    };
    expectError(net, connect, "EINPROGRESS", { syscall: "connect", port: address.port });
    net.accept(listener);
    expect(net.getsockopt(fd, "socket", "error")).toBe(0);
    expect(net.getpeername(fd)).toEqual(address);
  });
});

test.each(["getlk", "dupfd", "", 1030, 0, -1])("the command %j is a TypeError", async (command) => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  expect(() => net.fcntl(fd, command as "getfl")).toThrow(TypeError);
  expect(() => {
    net.fcntlSet(fd, command as "setfl", null);
  }).toThrow(TypeError);
});

test("a command in the place of another is a TypeError that lists the valid ones", async () => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  expect(() => net.fcntl(fd, "setfl" as "getfl")).toThrow(/"setfl" is not valid .*getfd.*getfl/);
  expect(() => {
    net.fcntlSet(fd, "getfd" as "setfd", null);
  }).toThrow(/"getfd" is not valid .*setfd.*setfl/);
});

test("an unknown flag is a TypeError that lists the valid ones", async () => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  expect(() => {
    net.fcntlSet(fd, "setfl", "nonblocking" as StatusFlag);
  }).toThrow(/file status flag "nonblocking" is unknown; valid are non-blocking,/);
});

describe("every real descriptor is close-on-exec", () => {
  const O_CLOEXEC = 0o2000000;
  const flagsOf = (native: number) =>
    parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${native}`, "latin1"))![1]!, 8);

  test.each([
    ["socket", (net: Net) => () => net.socket("inet", "stream")],
    ["socket with flags", (net: Net) => () => net.socket("inet", ["datagram", "nonblock"])],
    [
      "accept",
      (net: Net) => {
        const { listener, address } = listening(net, loopback("inet"));
        net.connect(net.socket("inet", "stream"), address);
        return () => net.accept(listener);
      },
    ],
  ])("that %s opens, also when its guest clears the flag", async (_, prepare) => {
    using net = await open();
    const { result: fd, native } = openedNatively(prepare(net));
    expect(flagsOf(native) & O_CLOEXEC).not.toBe(0);
    net.fcntlSet(fd, "setfd", null);
    net.fcntlSet(fd, "setfl", null);
    expect(net.fcntl(fd, "getfd")).toEqual([]);
    expect(flagsOf(native) & O_CLOEXEC).not.toBe(0);
  });
});
