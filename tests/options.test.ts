// setsockopt and getsockopt: what the kernel has afterwards, as a C program reads it.

import { execFileSync } from "node:child_process";
import { open, type Level, type OptionValue, type Type } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { testWithC } from "./support/programs.js";
import { expectError, listening, loopback, openedNatively } from "./support/sockets.js";

interface Row {
  readonly domain?: "inet" | "inet6" | "unix";
  readonly type?: Type;
  readonly level: Level;
  readonly name: string;
  /** The option in C. */
  readonly c: string;
  readonly value: OptionValue;
  /** What getsockopt gives, where it is not the value itself. */
  readonly gives?: OptionValue;
  /** What the kernel has: the value as ints, or as text. */
  readonly kernel: string;
}

const SECONDS = { seconds: 1, microseconds: 500_000 };

// prettier-ignore
const ROWS: Row[] = [
  { level: "socket", name: "keepalive", c: "SOL_SOCKET, SO_KEEPALIVE", value: true, kernel: "1" },
  { level: "socket", name: "reuseaddr", c: "SOL_SOCKET, SO_REUSEADDR", value: 1, gives: true, kernel: "1" },
  { level: "socket", name: "reuseport", c: "SOL_SOCKET, SO_REUSEPORT", value: true, kernel: "1" },
  { level: "socket", name: "oobinline", c: "SOL_SOCKET, SO_OOBINLINE", value: true, kernel: "1" },
  { level: "socket", name: "broadcast", c: "SOL_SOCKET, SO_BROADCAST", value: true, kernel: "1", type: "datagram" },
  { level: "socket", name: "passcred", c: "SOL_SOCKET, SO_PASSCRED", value: true, kernel: "1", domain: "unix" },
  { level: "socket", name: "priority", c: "SOL_SOCKET, SO_PRIORITY", value: 6, kernel: "6" },
  { level: "socket", name: "rcvlowat", c: "SOL_SOCKET, SO_RCVLOWAT", value: 4, kernel: "4" },
  // socket(7): the kernel doubles these two
  { level: "socket", name: "sndbuf", c: "SOL_SOCKET, SO_SNDBUF", value: 16384, gives: 32768, kernel: "32768" },
  { level: "socket", name: "rcvbuf", c: "SOL_SOCKET, SO_RCVBUF", value: 16384, gives: 32768, kernel: "32768" },
  { level: "socket", name: "linger", c: "SOL_SOCKET, SO_LINGER", value: { on: true, seconds: 7 }, kernel: "1 7" },
  { level: "socket", name: "linger", c: "SOL_SOCKET, SO_LINGER", value: { on: false, seconds: 0 }, kernel: "0 0" },
  { level: "socket", name: "rcvtimeo", c: "SOL_SOCKET, SO_RCVTIMEO", value: SECONDS, kernel: "1 0 500000 0" },
  { level: "socket", name: "sndtimeo", c: "SOL_SOCKET, SO_SNDTIMEO", value: SECONDS, kernel: "1 0 500000 0" },
  { level: "socket", name: "rcvtimeo", c: "SOL_SOCKET, SO_RCVTIMEO", value: 1500, gives: SECONDS, kernel: "1 0 500000 0" },
  { level: "socket", name: "sndtimeo", c: "SOL_SOCKET, SO_SNDTIMEO", value: 1500, gives: SECONDS, kernel: "1 0 500000 0" },
  { level: "socket", name: "bindtodevice", c: "SOL_SOCKET, SO_BINDTODEVICE", value: "lo", kernel: "lo" },
  { level: "socket", name: "keepalive", c: "SOL_SOCKET, SO_KEEPALIVE", value: Uint8Array.of(1, 0, 0, 0), gives: true, kernel: "1" },
  { level: "tcp", name: "nodelay", c: "IPPROTO_TCP, TCP_NODELAY", value: true, kernel: "1" },
  { level: "tcp", name: "keepidle", c: "IPPROTO_TCP, TCP_KEEPIDLE", value: 60, kernel: "60" },
  { level: "tcp", name: "keepintvl", c: "IPPROTO_TCP, TCP_KEEPINTVL", value: 5, kernel: "5" },
  { level: "tcp", name: "keepcnt", c: "IPPROTO_TCP, TCP_KEEPCNT", value: 3, kernel: "3" },
  { level: "tcp", name: "user-timeout", c: "IPPROTO_TCP, TCP_USER_TIMEOUT", value: 1234, kernel: "1234" },
  { level: "tcp", name: "congestion", c: "IPPROTO_TCP, TCP_CONGESTION", value: "reno", kernel: "reno" },
  { level: "ip", name: "ttl", c: "IPPROTO_IP, IP_TTL", value: 9, kernel: "9" },
  { level: "ip", name: "tos", c: "IPPROTO_IP, IP_TOS", value: 16, kernel: "16" },
  { level: "ip", name: "recvttl", c: "IPPROTO_IP, IP_RECVTTL", value: true, kernel: "1", type: "datagram" },
  { level: "ip", name: "multicast-loop", c: "IPPROTO_IP, IP_MULTICAST_LOOP", value: false, kernel: "0", type: "datagram" },
  { level: "ipv6", name: "v6only", c: "IPPROTO_IPV6, IPV6_V6ONLY", value: true, kernel: "1", domain: "inet6" },
  { level: "ipv6", name: "unicast-hops", c: "IPPROTO_IPV6, IPV6_UNICAST_HOPS", value: 9, kernel: "9", domain: "inet6" },
  { level: "ipv6", name: "unicast-hops", c: "IPPROTO_IPV6, IPV6_UNICAST_HOPS", value: -1, gives: 64, kernel: "64", domain: "inet6" },
  { level: "ipv6", name: "tclass", c: "IPPROTO_IPV6, IPV6_TCLASS", value: 32, kernel: "32", domain: "inet6" },
  { level: "udp", name: "cork", c: "IPPROTO_UDP, UDP_CORK", value: true, kernel: "1", type: "datagram" },
];

/** Prints option argv[1] of the socket that is its standard input. */
const C = `
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  static const int options[][2] = {${ROWS.map(({ c }) => `{${c}}`).join(", ")}};
  const int *option = options[atoi(argv[1])];
  union { int ints[16]; char text[64]; } value = {0};
  socklen_t length = sizeof value;
  if (getsockopt(0, option[0], option[1], &value, &length)) return 1;
  if (value.text[0] >= 'a' && value.text[1] >= 'a') return !printf("%s ", value.text);
  for (int i = 0; i < length / sizeof(int); i++) printf("%d ", value.ints[i]);
}`;

let program = "";
beforeAll(async () => {
  if ("command" in compiler) program = await compileC("getsockopt", C);
});

describe("setsockopt tells the kernel", () => {
  for (const [index, row] of ROWS.entries()) {
    const { domain = "inet", type = "stream", level, name, value, gives = value, kernel } = row;
    testWithC(`${level} ${name} ${JSON.stringify(value)}`, async () => {
      using net = await open();
      const { result: fd, native } = openedNatively(() => net.socket(domain, type));
      net.setsockopt(fd, level, name, value);
      expect(net.getsockopt(fd, level, name)).toEqual(gives);
      const stdio = [native, "pipe", "inherit"] as const;
      const printed = execFileSync(program, [String(index)], { stdio: [...stdio] });
      expect(printed.toString().trim()).toBe(kernel);
    });
  }
});

describe("optlen", () => {
  test.each([
    ["cuts bytes", "socket", "keepalive", Uint8Array.of(1, 0, 0, 0, 9, 9), 4, true],
    ["cuts text", "tcp", "congestion", "reno and more", 4, "reno"],
    ["may be that of the value", "socket", "keepalive", 1, 4, true],
  ] as const)("%s", async (_, level, name, value, length, gives) => {
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.setsockopt(fd, level, name, value, length);
    expect(net.getsockopt(fd, level, name)).toEqual(gives);
  });

  test("that is too short for the option is EINVAL", async () => {
    using net = await open();
    const fd = net.socket("inet", "stream");
    for (const length of [0, 3]) {
      const set = () => {
        net.setsockopt(fd, "socket", "keepalive", true, length);
      };
      expectError(net, set, "EINVAL", { syscall: "setsockopt" });
    }
  });

  test.each([-1, 5, 1.5, NaN, 2 ** 32])("%d is refused for an int", async (length) => {
    using net = await open();
    const fd = net.socket("inet", "stream");
    expect(() => {
      net.setsockopt(fd, "socket", "keepalive", true, length);
    }).toThrow(RangeError);
  });
});

test.each([
  ["socket", "keepalive", "yes"],
  ["socket", "rcvbuf", 1.5],
  ["socket", "rcvbuf", NaN],
  ["socket", "rcvbuf", 2 ** 32],
  ["socket", "rcvbuf", -(2 ** 31) - 1],
  ["socket", "rcvbuf", { on: true, seconds: 1 }],
  ["socket", "rcvbuf", null],
  ["socket", "linger", 5],
  ["socket", "linger", { on: true }],
  ["socket", "linger", SECONDS],
  ["socket", "rcvtimeo", "1s"],
  ["socket", "rcvtimeo", Infinity],
  ["socket", "rcvtimeo", { seconds: 1 }],
  ["socket", "bindtodevice", 1],
  ["socket", "rcvbuf", new Uint8Array(65537)],
  ["tcp", "congestion", true],
  ["ip", "add-membership", "224.0.0.1"],
] as const)("%s %s does not take %j", async (level, name, value) => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  expect(() => {
    net.setsockopt(fd, level, name, value as OptionValue);
  }).toThrow(
    expect.objectContaining({
      name: expect.stringMatching(/^(Type|Range)Error$/) as string,
    }) as Error,
  );
});

test.each([
  ["level", "sockets", "keepalive", /level "sockets" is unknown; valid are socket,/],
  ["option", "socket", "nodelay", /option of level socket "nodelay" is unknown; valid are debug,/],
])("an unknown %s is a TypeError that lists the valid ones", async (_, level, name, message) => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  const calls = [
    () => {
      net.setsockopt(fd, level as Level, name, 1);
    },
    () => net.getsockopt(fd, level as Level, name),
  ];
  for (const call of calls) {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  }
});

test.each([
  ["SO_ATTACH_FILTER", 1, 26],
  ["SO_ATTACH_BPF", 1, 50],
  ["SO_PEERPIDFD", 1, 77],
  ["TCP_ZEROCOPY_RECEIVE", 6, 35],
  ["IPT_SO_SET_REPLACE", 0, 64],
  ["an option that nobody knows", 1, 9999],
])("%s, which could carry a pointer or a descriptor, does not exist", async (_, level, option) => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  const set = () => {
    net.setsockopt(fd, level, option, new Uint8Array(16));
  };
  expectError(net, set, "ENOPROTOOPT", { syscall: "setsockopt" });
  expectError(net, () => net.getsockopt(fd, level, option), "ENOPROTOOPT", {
    syscall: "getsockopt",
  });
});

test("what the kernel refuses comes back as its errno", async () => {
  using net = await open();
  const fd = net.socket("inet", "stream");
  const refusals: [Level, string, OptionValue, string][] = [
    ["socket", "type", 1, "ENOPROTOOPT"],
    ["socket", "rcvtimeo", { seconds: 0, microseconds: 1_000_000 }, "EDOM"],
    ["socket", "bindtodevice", "no-such-device", "ENODEV"],
    ["tcp", "congestion", "no-such-algo", "ENOENT"],
    ["tcp", "keepcnt", 0, "EINVAL"],
    ["ip", "ttl", 256, "EINVAL"],
  ];
  for (const [level, name, value, code] of refusals) {
    const set = () => {
      net.setsockopt(fd, level, name, value);
    };
    expectError(net, set, code, { syscall: "setsockopt" });
  }
});

test("what can only be read is read", async () => {
  using net = await open();
  const { listener } = listening(net, loopback("inet"));
  expect(net.getsockopt(listener, "socket", "type")).toBe(1);
  expect(net.getsockopt(listener, "socket", "domain")).toBe(2);
  expect(net.getsockopt(listener, "socket", "protocol")).toBe(6);
  expect(net.getsockopt(listener, "socket", "acceptconn")).toBe(true);
  expect(net.getsockopt(listener, "socket", "error")).toBe(0);
  // TCP_LISTEN of netinet/tcp.h is 10; a listener's unacked is how many connections wait.
  expect(net.getsockopt(listener, "tcp", "info")).toMatchObject({ state: 10, unacked: 0 });
});
