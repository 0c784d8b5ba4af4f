// Arguments that are refused before any system call is made: addresses and symbols.

import { open } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { expectError, invoke, type Method } from "./support/sockets.js";

const BYTE = new Uint8Array(1);

describe("what is no address is refused before any call", () => {
  const inet = { family: "inet", address: "127.0.0.1", port: 80 };
  test.each([
    ["TypeError", { ...inet, address: "1..2.3" }],
    ["TypeError", { ...inet, address: "0x10.1.1.1" }],
    ["TypeError", { ...inet, address: "1.2.3" }],
    ["TypeError", { ...inet, address: "localhost" }],
    ["TypeError", { ...inet, address: "" }],
    ["TypeError", { ...inet, address: "::1" }],
    ["TypeError", { ...inet, family: "inet6" }],
    ["TypeError", { ...inet, family: "inet6", address: "::1%lo" }],
    ["TypeError", { ...inet, family: "ipv4" }],
    ["TypeError", { family: 2 }],
    ["RangeError", { ...inet, port: 65536 }],
    ["RangeError", { ...inet, port: -1 }],
    ["RangeError", { ...inet, port: 1.5 }],
    ["RangeError", { family: "inet", address: "127.0.0.1" }],
    ["RangeError", { family: "inet6", address: "::1", port: 1, flowinfo: -1 }],
    ["RangeError", { family: "inet6", address: "::1", port: 1, scope: 2 ** 32 }],
    ["RangeError", { family: "unix", path: "x".repeat(109) }],
    ["RangeError", { family: "unix", path: "ü".repeat(55) }],
    ["RangeError", { family: 2, bytes: new Uint8Array(1000) }],
  ])("with a %s: %j", async (name, address) => {
    using net = await open();
    const fd = net.socket("inet", "datagram");
    const calls: [Method, ...unknown[]][] = [["bind"], ["connect"], ["sendto", BYTE, null]];
    for (const [method, ...rest] of calls) {
      const call = () => invoke(net, method, fd, ...rest, address);
      expect(call).toThrow(expect.objectContaining({ name }) as Error);
    }
    expect(net.errno).toBeNull();
  });

  test("an interface that does not exist is ENODEV", async () => {
    using net = await open();
    const address = { family: "inet6", address: "fe80::1", port: 1, scope: "no-such" } as const;
    const connect = () => {
      net.connect(net.socket("inet6", "datagram"), address);
    };
    expectError(net, connect, "ENODEV", { syscall: "if_nametoindex" });
  });
});

test.each<[what: string, method: Method, ...args: unknown[]]>([
  ["domain", "socket", "inet4", "stream"],
  ["socket type", "socket", "inet", "streaming"],
  ["socket type", "socket", "inet", ["stream", "async"]],
  ["protocol", "socket", "inet", "stream", "http"],
  ["message flag", "send", 3, BYTE, "later"],
  ["message flag", "recv", 3, BYTE, ["peek", "all"]],
  ["direction", "shutdown", 3, "reading"],
])("an unknown %s is a TypeError that lists the valid ones (%s)", async (what, method, ...args) => {
  using net = await open();
  const message = new RegExp(`^${what} "\\w+" is unknown; valid are .*, or a number$`);
  expect(() => invoke(net, method, ...args)).toThrow(TypeError);
  expect(() => invoke(net, method, ...args)).toThrow(message);
});
