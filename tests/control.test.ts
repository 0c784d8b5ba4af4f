// Control messages over UDP: what the kernel tells of a datagram, and what it is told. Those of Unix sockets
// have tests/rights.test.ts.

import { readFileSync } from "node:fs";
import {
  open,
  type Control,
  type Inet6Address,
  type InetAddress,
  type Net,
  type ReceivedMessage,
} from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeDatagrams, type Datagram } from "./support/peers.js";
import { errnoOf, expectErrno, invoke, loopback, openBounded } from "./support/sockets.js";
import { linux } from "./support/system.js";

type Family = "inet" | "inet6";
type Wire = ReturnType<typeof wire>;

const LEVELS = { inet: "ip", inet6: "ipv6" } as const;
/** The interface of loopback: another system has it under a number and a name of its own. */
const LO = linux
  ? { index: Number(readFileSync("/sys/class/net/lo/ifindex", "utf8")), name: "lo" }
  : { index: expect.any(Number) as number, name: expect.any(String) as string };

function bound(net: Net, family: Family) {
  const fd = net.socket(family, "datagram", "udp");
  net.bind(fd, loopback(family));
  return { fd, address: net.getsockname(fd) as InetAddress | Inet6Address };
}

/** Two UDP sockets, one of which knows where to send. */
function wire(net: Net, family: Family = "inet") {
  const [sender, receiver] = [bound(net, family), bound(net, family)];
  net.connect(sender.fd, receiver.address);
  return { net, sender, receiver, level: LEVELS[family] };
}

/** Sends a datagram with control data, and receives it with its own. */
function pass({ net, sender, receiver }: Wire, control: Control[] = []): Control[] {
  expect(net.sendmsg(sender.fd, { data: [Buffer.of(1)], control })).toBe(1);
  const message = net.recvmsg(receiver.fd, { data: [Buffer.alloc(1)], control: 512 }, "dontwait");
  expect(message).toMatchObject({ count: 1, flags: [] });
  return message!.control;
}

describe.each(["inet", "inet6"] as const)("with %s, pktinfo", (family) => {
  const level = LEVELS[family];
  const option = { inet: "pktinfo", inet6: "recvpktinfo" }[family];

  test("tells where a datagram of node:dgram arrived", async () => {
    await using peer = await nodeDatagrams(family);
    using bounded = await openBounded();
    const { net } = bounded;
    const { fd, address } = bound(net, family);
    net.setsockopt(fd, level, option, true);
    peer.tell({ text: "?", port: address.port });
    const received = net.recvmsg(fd, { data: [Buffer.alloc(8)], control: 64 })!;
    expect(received.control).toEqual([
      {
        level,
        type: "pktinfo",
        interface: LO.index,
        address: address.address,
        ...(family === "inet" ? { local: address.address } : {}),
      },
    ]);
    const { interface: index } = received.control[0] as { interface: number };
    expect(net.ifIndexToName(index)).toEqual(LO.name);
  });

  test("that was received is taken as it is to answer with", async () => {
    await using peer = await nodeDatagrams(family);
    using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket(family, "datagram");
    net.bind(fd, { ...loopback(family), address: { inet: "0.0.0.0", inet6: "::" }[family] });
    net.setsockopt(fd, level, option, true);
    const { port } = net.getsockname(fd) as InetAddress;
    peer.tell({ text: "ask", port });
    const { address, control } = net.recvmsg(fd, { data: [Buffer.alloc(8)], control: 64 })!;
    expect(net.sendmsg(fd, { data: [Buffer.from("answer")], address, control })).toBe(6);
    expect(await peer.next<Datagram>()).toMatchObject({ message: "answer", port });
  });
});

test("pktinfo chooses the address that node:dgram sees, and an address that is not ours is refused", async () => {
  await using peer = await nodeDatagrams("inet");
  using net = await open();
  const fd = net.socket("inet", "datagram");
  const from = (local: string) => [
    { level: "ip", type: "pktinfo", interface: 0, address: "0.0.0.0", local } as const,
  ];
  const message = { data: [Buffer.from("from two")], address: peer.address };
  expect(net.sendmsg(fd, { ...message, control: from("127.0.0.2") })).toBe(8);
  expect(await peer.next<Datagram>()).toMatchObject({ message: "from two", address: "127.0.0.2" });
  expect(net.sendmsg(fd, { ...message, control: from("192.0.2.1") })).toBe(-1);
  expect(["EINVAL", "ENETUNREACH", "EADDRNOTAVAIL"]).toContain(net.errno?.code);
});

// prettier-ignore
const NUMBERS: [type: "ttl" | "tos" | "hoplimit" | "tclass", family: Family, report: string, option: string, value: number][] = [
  ["ttl", "inet", "recvttl", "ttl", 42],
  ["tos", "inet", "recvtos", "tos", 0x28],
  ["hoplimit", "inet6", "recvhoplimit", "unicast-hops", 43],
  ["tclass", "inet6", "recvtclass", "tclass", 0xb8],
];

describe.each(NUMBERS)("%s", (type, family, report, option, value) => {
  test("comes as the sender's option set it", async () => {
    using net = await open();
    const pair = wire(net, family);
    net.setsockopt(pair.receiver.fd, pair.level, report, true);
    net.setsockopt(pair.sender.fd, pair.level, option, value);
    expect(pass(pair)).toEqual([{ level: pair.level, type, value }]);
  });

  test("comes as the sender's control message set it, for that one datagram", async () => {
    using net = await open();
    const pair = wire(net, family);
    net.setsockopt(pair.receiver.fd, pair.level, report, true);
    const [usual] = pass(pair);
    const control = [{ level: pair.level, type, value }];
    expect(pass(pair, control)).toEqual(control);
    expect(pass(pair)).toEqual([usual]);
    expect(usual).not.toEqual(control[0]);
  });
});

test("several control messages travel with one datagram, both ways", async () => {
  using net = await open();
  const pair = wire(net);
  for (const option of ["recvttl", "recvtos", "pktinfo"]) {
    net.setsockopt(pair.receiver.fd, "ip", option, true);
  }
  const control: Control[] = [
    { level: "ip", type: "tos", value: 0x10 },
    { level: "ip", type: "ttl", value: 7 },
  ];
  const received = pass(pair, control);
  expect(received).toHaveLength(3);
  expect(received).toEqual(expect.arrayContaining(control));
});

test.each([
  ["timestamp", 1e3],
  ["timestampns", 1e6],
] as const)("%s is when the datagram came", async (type, perMillisecond) => {
  using net = await open();
  const pair = wire(net);
  net.setsockopt(pair.receiver.fd, "socket", type, true);
  const before = Date.now();
  const [control] = pass(pair);
  const after = Date.now();
  expect(control).toMatchObject({ level: "socket", type });
  const { seconds, fraction } = control as { seconds: number; fraction: number };
  const when = seconds * 1000 + Math.floor(fraction / perMillisecond);
  expect(when).toBeGreaterThanOrEqual(before);
  expect(when).toBeLessThanOrEqual(after);
});

// RFC 792: destination unreachable, port unreachable; the same of RFC 4443.
test.each([
  ["inet", 2, 3, 3],
  ["inet6", 3, 1, 4],
] as const)(
  "recverr of %s tells which datagram was refused, and by whom",
  async (family, origin, icmpType, icmpCode) => {
    using bounded = await openBounded();
    const { net } = bounded;
    const { sender, receiver, level } = wire(net, family);
    net.setsockopt(sender.fd, level, "recverr", true);
    net.close(receiver.fd);
    net.send(sender.fd, Buffer.from("refused"));
    expect(net.poll([{ fd: sender.fd, events: null }])).toEqual([
      { fd: sender.fd, events: ["err"] },
    ]);
    const data = [Buffer.alloc(3), Buffer.alloc(8)];
    expect(net.recvmsg(sender.fd, { data, control: 512 }, "errqueue")).toEqual({
      count: 7,
      address: receiver.address,
      flags: ["errqueue"],
      control: [
        {
          level,
          type: "recverr",
          errno: errnoOf("ECONNREFUSED"),
          origin,
          icmpType,
          icmpCode,
          info: 0,
          data: 0,
          offender: { ...receiver.address, port: 0 },
        },
      ],
    } satisfies ReceivedMessage);
    expect(String(Buffer.concat(data).subarray(0, 7))).toBe("refused");
    expect(net.recvmsg(sender.fd, { data }, "errqueue")).toBe(null); // which never waits
    expectErrno(net, "EAGAIN");
  },
);

describe.each(["inet", "inet6"] as const)("UDP over %s", (family) => {
  test("sends many datagrams as one message by segment", async () => {
    await using peer = await nodeDatagrams(family);
    using net = await open();
    const { fd } = bound(net, family);
    const control = [{ level: "udp", type: "segment", value: 1000 } as const];
    const data = [Buffer.alloc(1500, "a"), Buffer.alloc(1000, "b")];
    expect(net.sendmsg(fd, { data, address: peer.address, control })).toBe(2500);
    const whole = String(Buffer.concat(data));
    for (const part of [whole.slice(0, 1000), whole.slice(1000, 2000), whole.slice(2000)]) {
      expect((await peer.next<Datagram>()).message).toBe(part);
    }
  });

  test("may receive them as one, and then gro tells their size", async () => {
    using net = await open();
    const { sender, receiver } = wire(net, family);
    net.setsockopt(receiver.fd, "udp", "gro", true);
    const control = [{ level: "udp", type: "segment", value: 1000 } as const];
    expect(net.sendmsg(sender.fd, { data: [Buffer.alloc(2500)], control })).toBe(2500);
    let total = 0;
    while (total < 2500) {
      const data = [Buffer.alloc(4000)];
      const { count, control } = net.recvmsg(receiver.fd, { data, control: 64 }, "dontwait")!;
      // The kernel may coalesce, or not; what is longer than a segment is several.
      const expected = count > 1000 ? [{ level: "udp", type: "gro", value: 1000 }] : [];
      expect(control).toEqual(expected);
      total += count;
    }
    expect(total).toBe(2500);
  });
});

test("a control message without a name comes as its number and its bytes", async () => {
  using net = await open();
  const pair = wire(net);
  net.setsockopt(pair.receiver.fd, "ip", "recvorigdstaddr", true);
  const { port } = pair.receiver.address;
  const IP_ORIGDSTADDR = 20; // linux/in.h
  // struct sockaddr_in: AF_INET, the port in network byte order, the address, padding
  const bytes = Uint8Array.of(2, 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  expect(pass(pair)).toEqual([{ level: "ip", type: IP_ORIGDSTADDR, bytes }]);
});

test("a control message may be sent as bytes, by symbols or by numbers", async () => {
  using net = await open();
  const pair = wire(net);
  net.setsockopt(pair.receiver.fd, "ip", "recvttl", true);
  const bytes = Uint8Array.of(99, 0, 0, 0);
  const expected = [{ level: "ip", type: "ttl", value: 99 }];
  const IP_TTL = 2; // linux/in.h
  expect(pass(pair, [{ level: "ip", type: "ttl", bytes }])).toEqual(expected);
  expect(pass(pair, [{ level: 0, type: IP_TTL, bytes }])).toEqual(expected);
});

describe("control data that is malformed is refused, and nothing is sent", () => {
  const bytes = new Uint8Array(3);
  test.each<Control>([
    { level: "ip", type: "ttl", bytes },
    { level: "ip", type: "ttl", value: 256 },
    { level: "ip", type: "pktinfo", bytes },
    { level: "udp", type: "segment", bytes },
    { level: "ip", type: 255, bytes },
  ])("by the kernel: %j", async (control) => {
    using net = await open();
    const { sender, receiver } = wire(net);
    expect(net.sendmsg(sender.fd, { data: [Buffer.of(1)], control: [control] })).toBe(-1);
    expectErrno(net, "EINVAL");
    expect(net.recv(receiver.fd, new Uint8Array(1), "dontwait")).toBe(-1);
  });

  // prettier-ignore
  test.each<unknown>([
    null, 5, "ttl", {}, { level: "socket" }, { level: "ip", type: "nonsense", value: 1 },
    { level: "nonsense", type: "ttl", value: 1 }, { level: "ip", type: "ttl" },
    { level: "ip", type: "ttl", value: "1" }, { level: "ip", type: "ttl", value: 1.5 },
    { level: "ip", type: "ttl", fds: [3] }, { level: "ip", type: 255, value: 1 },
    { level: "ip", type: "ttl", bytes: "text" }, { level: "ip", type: "ttl", bytes: [1, 0, 0, 0] },
    { level: "socket", type: "rights" }, { level: "socket", type: "rights", fds: "3" },
    { level: "socket", type: "rights", fds: [3.5] }, { level: "socket", type: "credentials", pid: 1 },
    { level: "ip", type: "pktinfo", interface: "lo" }, { level: "ip", type: "recverr", errno: 1 },
    { level: "ip", type: "tos", value: 256 }, { level: "udp", type: "segment", value: 65536 },
    { level: "ip", type: "ttl", value: 2 ** 32 + 1 }, { level: "ip", type: "ttl", value: NaN },
    { level: "ip", type: "pktinfo", interface: 1, local: "::1" },
    { level: "ipv6", type: "pktinfo", interface: 1, address: "127.0.0.1" },
  ])("by a TypeError: %j", async (control) => {
    using net = await open();
    const { sender } = wire(net);
    const message = { data: [Buffer.of(1)], control: [control] };
    expect(() => invoke(net, "sendmsg", sender.fd, message)).toThrow(TypeError);
    expect(() => invoke(net, "sendmmsg", sender.fd, [message])).toThrow(TypeError);
  });

  test("by a RangeError, where it is too long", async () => {
    using net = await open();
    const { sender } = wire(net);
    const control: Control[] = [{ level: "ip", type: "ttl", bytes: new Uint8Array(16384) }];
    expect(() => net.sendmsg(sender.fd, { data: [], control })).toThrow(RangeError);
  });
});
