// Multicast between two hosts. That something is not heard is told by what comes after it, and is.

import type { Level, OptionValue } from "wasi-sockets";
import { beforeAll, describe, expect } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { compileGuest } from "./support/guest.js";
import { GROUPS, Lan, RECEIVER, type Sent } from "./support/lan.js";
import { testInNetwork } from "./support/namespaces.js";
import { errnoOf } from "./support/sockets.js";

type Family = "inet" | "inet6";
type Value = (index: number) => OptionValue;

const families = ["inet", "inet6"] as const;
const ANY = { inet: "0.0.0.0", inet6: "::" } as const;

const [group, group6] = [GROUPS.inet, GROUPS.inet6];
const [other, other6] = ["10.9.1.3", "fd09:1::3"];
const at4 = (address: string) => ({ family: "inet", address, port: 0 }) as const;
const at6 = (address: string) => ({ family: "inet6", address, port: 0 }) as const;

/** An option, how it names the interface "east", the option that undoes it, and their value. */
type Row = readonly [set: string, how: string, level: Level, undo: string, value: Value];

const familyOf = (level: Level): Family => (level === "ip" ? "inet" : "inet6");

// prettier-ignore
const JOINS: Row[] = [
  ["add-membership", "by name", "ip", "drop-membership", () => ({ group, interface: "east" })],
  ["add-membership", "by index", "ip", "drop-membership", (index) => ({ group, interface: index })],
  ["add-membership", "by address", "ip", "drop-membership", () => ({ group, address: "10.9.1.1" })],
  ["mcast-join-group", "by name", "ip", "mcast-leave-group", () => ({ group: at4(group), interface: "east" })],
  ["mcast-join-group", "by index", "ip", "mcast-leave-group", (index) => ({ group: at4(group), interface: index })],
  ["join-group", "by name", "ipv6", "leave-group", () => ({ group: group6, interface: "east" })],
  ["add-membership", "by index", "ipv6", "drop-membership", (index) => ({ group: group6, interface: index })],
  ["mcast-join-group", "by name", "ipv6", "mcast-leave-group", () => ({ group: at6(group6), interface: "east" })],
  ["mcast-join-group", "by index", "ipv6", "mcast-leave-group", (index) => ({ group: at6(group6), interface: index })],
];

const source = () => ({ group, source: other, address: "10.9.1.1" });
const source4 = () => ({ group: at4(group), source: at4(other), interface: "east" });
const source6 = (index: number) => ({ group: at6(group6), source: at6(other6), interface: index });

// prettier-ignore
const SOURCES: Row[] = [
  ["add-source-membership", "by address", "ip", "drop-source-membership", source],
  ["mcast-join-source-group", "by name", "ip", "mcast-leave-source-group", source4],
  ["mcast-join-source-group", "by index", "ipv6", "mcast-leave-source-group", source6],
];

// prettier-ignore
const BLOCKS: Row[] = [
  ["block-source", "by address", "ip", "unblock-source", source],
  ["mcast-block-source", "by name", "ip", "mcast-unblock-source", source4],
  ["mcast-block-source", "by index", "ipv6", "mcast-unblock-source", source6],
];

/** Joins, leaves and hears groups of either family. */
const GUEST = `
import { AF, Inet, Inet6, SOCK, SocketAddress, bind, errno, getsockname, joinGroup, joinSourceGroup,
  leaveGroup, leaveSourceGroup, recv, socket } from "wasi-sockets/assembly";

let fd: i32 = -1;
let group: SocketAddress = new Inet("${group}", 0);
let source: SocketAddress = new Inet("${other}", 0);

/** The port. */
export function start(family: i32): i32 {
  fd = socket(family, SOCK.DGRAM, 0);
  if (family == AF.INET) {
    if (bind(fd, new Inet("0.0.0.0", 0)) < 0) return -errno();
    return changetype<Inet>(getsockname(fd)!).port;
  }
  group = new Inet6("${group6}", 0);
  source = new Inet6("${other6}", 0);
  if (bind(fd, new Inet6("::", 0)) < 0) return -errno();
  return changetype<Inet6>(getsockname(fd)!).port;
}
export function join(index: u32): i32 { return joinGroup(fd, group, index); }
export function leave(index: u32): i32 { return leaveGroup(fd, group, index); }
export function joinSource(index: u32): i32 { return joinSourceGroup(fd, group, source, index); }
export function leaveSource(index: u32): i32 { return leaveSourceGroup(fd, group, source, index); }
export function failure(): i32 { return errno(); }

/** The first letter of what comes next. */
export function hear(): i32 {
  const bytes = new Uint8Array(16);
  return recv(fd, bytes) < 0 ? -errno() : bytes[0];
}`;

let receiver = "";
let guest: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  guest = await compileGuest(GUEST);
  if ("command" in compiler) receiver = await compileC("receiver", RECEIVER);
});

/** A socket of ours, what it is sent, and what it hears next. */
async function listen({ us: { net } }: Lan, family: Family) {
  const fd = await net.socket(family, "datagram");
  await net.bind(fd, { family, address: ANY[family], port: 0 });
  const { port } = (await net.getsockname(fd)) as { port: number };
  const index = await net.ifNameToIndex("east");
  const hear = async () => {
    const bytes = Buffer.alloc(16);
    const [count] = await net.recvfrom(fd, bytes);
    return bytes.toString("latin1", 0, Number(count));
  };
  return { fd, port, index, hear };
}

/** What is sent while an option is set, and once it is undone: of each list only the last is heard. */
const CASES: { what: string; rows: Row[]; joined: boolean; during: Sent[]; after: Sent[] }[] = [
  {
    what: "a member of a group hears it on that interface",
    rows: JOINS,
    joined: false,
    during: ["west", "east"],
    after: ["east", "unicast"],
  },
  {
    what: "a member for one source hears no other",
    rows: SOURCES,
    joined: false,
    during: ["east", "other"],
    after: ["other", "unicast"],
  },
  {
    what: "a member who blocks a source hears the others",
    rows: BLOCKS,
    joined: true,
    during: ["other", "east"],
    after: ["other"],
  },
];

describe.each(CASES)("$what", ({ rows, joined, during, after }) => {
  for (const [set, how, level, undo, value] of rows) {
    testInNetwork(`by ${level} ${set} ${how}, until ${undo}`, async (network) => {
      const family = familyOf(level);
      await using lan = new Lan(network);
      const { net } = lan.us;
      const { fd, port, index, hear } = await listen(lan, family);
      const whole = { inet: at4(group), inet6: at6(group6) }[family];
      if (joined)
        await net.setsockopt(fd, level, "mcast-join-group", { group: whole, interface: "east" });
      await net.setsockopt(fd, level, set, value(index));
      await lan.send(family, port, ...during);
      expect(await hear()).toBe(during.at(-1));
      await net.setsockopt(fd, level, undo, value(index));
      await lan.send(family, port, ...after);
      expect(await hear()).toBe(after.at(-1));
    });
  }
});

describe.each(families)("a guest that joins groups of %s", (family) => {
  const number = { inet: 2, inet6: 10 }[family];
  const letter = (sent: Sent) => sent.charCodeAt(0);

  testInNetwork(
    "hears a group, one source of it, and neither when it has left",
    async (network) => {
      await using lan = new Lan(network);
      const { us } = lan;
      const entry = { inet: "udp:0.0.0.0:0", inet6: "udp:[::]:0" }[family];
      await us.host(guest, { bind: [entry] });
      const port = await us.invoke("start", number);
      const index = await us.net.ifNameToIndex("east");
      expect(await us.invoke("join", index)).toBe(0);
      await lan.send(family, port, "west", "east");
      expect(await us.invoke("hear")).toBe(letter("east"));
      expect(await us.invoke("leave", index)).toBe(0);
      expect(await us.invoke("joinSource", index)).toBe(0);
      await lan.send(family, port, "east", "other");
      expect(await us.invoke("hear")).toBe(letter("other"));
      expect(await us.invoke("leaveSource", index)).toBe(0);
      await lan.send(family, port, "east", "other", "unicast");
      expect(await us.invoke("hear")).toBe(letter("unicast"));
    },
  );

  testInNetwork("learns why it cannot join or leave", async (network) => {
    await using lan = new Lan(network);
    const { us } = lan;
    const entry = { inet: "udp:0.0.0.0:0", inet6: "udp:[::]:0" }[family];
    await us.host(guest, { bind: [entry] });
    await us.invoke("start", number);
    expect(await us.invoke("leave", await us.net.ifNameToIndex("east"))).toBe(-1);
    expect(await us.invoke("failure")).toBe(errnoOf("EADDRNOTAVAIL"));
    expect(await us.invoke("join", 9999)).toBe(-1);
    expect(await us.invoke("failure")).toBe(errnoOf("ENODEV"));
  });
});

for (const level of ["ip", "ipv6"] as const) {
  testInNetwork(
    `${level} multicast-loop decides whether this host hears itself`,
    async (network) => {
      const family = familyOf(level);
      await using lan = new Lan(network);
      const { net } = lan.us;
      const { fd, port, index, hear } = await listen(lan, family);
      const way = { inet: { interface: "east" }, inet6: index }[family];
      const whole = { inet: at4(group), inet6: at6(group6) }[family];
      await net.setsockopt(fd, level, "multicast-if", way);
      await net.setsockopt(fd, level, "mcast-join-group", { group: whole, interface: index });
      expect(await net.getsockopt(fd, level, "multicast-loop")).toBe(true);
      for (const loop of [false, true]) {
        await net.setsockopt(fd, level, "multicast-loop", loop);
        expect(await net.getsockopt(fd, level, "multicast-loop")).toBe(loop);
        expect(
          await net.sendto(fd, Buffer.from(String(loop)), null, { ...whole, port }),
        ).toBeGreaterThan(0);
      }
      expect(await hear()).toBe("true");
    },
  );
}

const HOPS = { inet: ["ip", "multicast-ttl"], inet6: ["ipv6", "multicast-hops"] } as const;

// prettier-ignore
const WAYS_OUT: [family: Family, how: string, device: "east" | "west", hops: number, value: Value][] = [
  ["inet", "by name", "east", 3, () => ({ interface: "east" })],
  ["inet", "by name", "west", 255, () => ({ interface: "west" })],
  ["inet", "by index", "west", 1, (index) => ({ interface: index })],
  ["inet", "by address", "west", 4, () => "10.9.2.1"],
  ["inet6", "by index", "east", 3, (index) => index],
  ["inet6", "by index", "west", 200, (index) => index],
];

describe("multicast-if", () => {
  for (const [family, how, device, hops, value] of WAYS_OUT) {
    testInNetwork(
      `of ${family} ${how} sends over ${device} with ${hops} hops`,
      async (network) => {
        const [level, option] = HOPS[family];
        await using lan = new Lan(network);
        await using peer = lan.start(receiver, family, GROUPS[family]);
        const port = Number(await peer.said(/port (\d+)/));
        const { net } = lan.us;
        const fd = await net.socket(family, "datagram");
        const index = await net.ifNameToIndex(device);
        await net.setsockopt(fd, level, "multicast-if", value(index));
        expect(await net.getsockopt(fd, level, option)).toBe(1);
        await net.setsockopt(fd, level, option, hops);
        expect(await net.getsockopt(fd, level, option)).toBe(hops);
        const to = { family, address: GROUPS[family], port };
        expect(await net.sendto(fd, Buffer.from("hello"), null, to)).toBe(5);
        expect((await peer.output()).toString()).toBe(`hello ${hops} ${device}`);
      },
      ["cc"],
    );
  }

  testInNetwork("reads back as it was set", async (network) => {
    await using lan = new Lan(network);
    const { net } = lan.us;
    const fd = await net.socket("inet", "datagram");
    await net.setsockopt(fd, "ip", "multicast-if", "10.9.2.1");
    expect(await net.getsockopt(fd, "ip", "multicast-if")).toBe("10.9.2.1");
    const fd6 = await net.socket("inet6", "datagram");
    const index = await net.ifNameToIndex("west");
    await net.setsockopt(fd6, "ipv6", "multicast-if", index);
    expect(await net.getsockopt(fd6, "ipv6", "multicast-if")).toBe(index);
  });
});
