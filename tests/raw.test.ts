// Raw and ICMP sockets, in a network namespace: the kernel answers, and nobody else sends.

import { execFileSync } from "node:child_process";
import { instantiate } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler } from "./support/c.js";
import { compileGuest } from "./support/guest.js";
import { testInNetwork, type Host } from "./support/namespaces.js";
import { Program, testWith } from "./support/programs.js";
import { Remote } from "./support/remote.js";
import { errnoOf } from "./support/sockets.js";

const DATA = Buffer.from("an odd number of bytes, to be padded.");

/** ICMP's and ICMPv6's types and where a family's sockets are. */
const FAMILIES = {
  inet: { protocol: "icmp", address: "127.0.0.1", request: 8, reply: 0 },
  inet6: { protocol: "icmpv6", address: "::1", request: 128, reply: 129 },
} as const;

const families = ["inet", "inet6"] as const;

/** The sum of RFC 1071, 0xffff where the checksum is right. */
function sum(bytes: Buffer): number {
  const even = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
  let total = 0;
  for (let at = 0; at < even.length; at += 2) total += even.readUInt16BE(at);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

/** An echo request without a checksum. */
function echo(type: number, id: number, sequence: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(type);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(sequence, 6);
  return Buffer.concat([header, DATA]);
}

/** Messages that were received: all but the checksum. */
function withoutChecksum(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(0, 2);
  return copy;
}

/** What a socket receives next. */
async function receive(us: Remote, fd: number): Promise<Buffer> {
  const bytes = Buffer.alloc(512);
  const count = await us.net.recv(fd, bytes);
  if (count < 0) throw new Error(us.errno?.code);
  return bytes.subarray(0, count);
}

/** Prints the filter that passes nothing but type argv[1], as ipv6(7)'s header makes it. */
const FILTER = `
#include <netinet/icmp6.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  struct icmp6_filter filter;
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(atoi(argv[1]), &filter);
  return fwrite(&filter, sizeof filter, 1, stdout) != 1;
}`;

/** Reports the first datagram that it receives, once it has said its port. */
const RECEIVER = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (message, { address, port }) => {
    console.log(JSON.stringify({ message: message.toString(), address, port }));
    socket.close();
  });
  socket.bind(0, "127.0.0.1", () => console.error("port " + socket.address().port));
`;

interface Guest {
  open(domain: number, type: number, protocol: number): number;
}

/** Pings itself, and opens what it is told to. */
const GUEST = `
import { AF, Inet, IPPROTO, SOCK, checksum, close, errno, recv, send, connect, socket }
  from "wasi-sockets/assembly";

/** The sequence number that came back, 0 with a wrong checksum; below 0 an errno. */
export function ping(sequence: i32): i32 {
  const fd = socket(AF.INET, SOCK.RAW, IPPROTO.ICMP);
  if (fd < 0 || connect(fd, new Inet("127.0.0.1", 0)) < 0) return -errno();
  const request = new Uint8Array(13);
  request[0] = 8;
  request[6] = <u8>(sequence >> 8);
  request[7] = <u8>sequence;
  request[12] = 0x5a;
  store<u16>(request.dataStart, checksum(request), 2);
  if (send(fd, request) < 0) return -errno();
  const bytes = new Uint8Array(64);
  let message: Uint8Array;
  do {
    const count = recv(fd, bytes);
    if (count < 0) return -errno();
    message = bytes.subarray(20, count);
  } while (message[0] != 0);
  return checksum(message) == 0 ? (<i32>message[6] << 8) | message[7] : 0;
}

/** The errno of a socket that cannot be opened. */
export function open(domain: i32, type: i32, protocol: i32): i32 {
  const fd = socket(domain, type, protocol);
  if (fd < 0) return errno();
  close(fd);
  return 0;
}`;

let guest: Uint8Array<ArrayBuffer>;
let filter = "";
beforeAll(async () => {
  guest = await compileGuest(GUEST);
  if ("command" in compiler) filter = await compileC("filter", FILTER);
});

/** A host on which everybody may use ICMP. */
function allowPing(host: Host): void {
  host.set("net/ipv4/ping_group_range", "0 2147483647");
}

describe.each(families)("ICMP echo over %s", (family) => {
  const { protocol, address, request, reply } = FAMILIES[family];
  const to = { family, address, port: 0 } as const;

  testInNetwork("by datagram is answered to the number that the kernel chose", async (network) => {
    const host = network.host();
    allowPing(host);
    await using us = new Remote(host.prefix);
    const { net } = us;
    const fd = await net.socket(family, "datagram", protocol);
    await net.bind(fd, to);
    const { port } = (await net.getsockname(fd)) as { port: number };
    expect(port).toBeGreaterThan(0);
    expect(await net.sendto(fd, echo(request, 0, 7), null, to)).toBe(8 + DATA.length);
    const answer = await receive(us, fd);
    expect(withoutChecksum(answer)).toEqual(echo(reply, port, 7));
    // That of ICMPv6 covers addresses as well.
    if (family === "inet") expect(sum(answer)).toBe(0xffff);
  });
});

testInNetwork("ICMP echo by raw is answered where the checksum is right", async (network) => {
  await using us = new Remote(network.host().prefix);
  const { net } = us;
  const fd = await net.socket("inet", "raw", "icmp");
  const to = { family: "inet", address: "127.0.0.1", port: 0 } as const;
  await net.connect(fd, to);
  const wrong = echo(8, 0x1234, 1);
  const right = echo(8, 0x1234, 2);
  right.writeUInt16BE(0xffff - sum(right), 2);
  // The requests come back as well, for they are to this host; all stand behind an IPv4 header.
  expect(await net.send(fd, wrong)).toBe(wrong.length);
  const messages = [await receive(us, fd)];
  expect(await net.send(fd, right)).toBe(right.length);
  messages.push(await receive(us, fd), await receive(us, fd));
  expect(messages.map((message) => message.readUInt8(0))).toEqual([0x45, 0x45, 0x45]);
  const [first, second, third] = messages.map((message) => message.subarray(20));
  expect(first).toEqual(wrong);
  expect(second).toEqual(right);
  expect(withoutChecksum(third!)).toEqual(echo(0, 0x1234, 2));
  expect(sum(third!)).toBe(0xffff);
});

testInNetwork("a guest's ICMP echo by raw is answered: its checksum is right", async (network) => {
  await using us = new Remote(network.host().prefix);
  await us.host(guest, true);
  for (const sequence of [1, 0xfffe, 0xa5a5])
    expect(await us.invoke("ping", sequence)).toBe(sequence);
});

testInNetwork(
  "an icmpv6 filter as C makes it passes the reply to an echo and not the request",
  async (network) => {
    await using us = new Remote(network.host().prefix);
    const { net } = us;
    const fd = await net.socket("inet6", "raw", "icmpv6");
    const bytes = new Uint8Array(execFileSync(filter, ["129"]));
    await net.setsockopt(fd, "icmpv6", "filter", bytes);
    expect(await net.getsockopt(fd, "icmpv6", "filter")).toEqual(bytes);
    const to = { family: "inet6", address: "::1", port: 0 } as const;
    // The kernel computes the checksum of ICMPv6.
    expect(await net.sendto(fd, echo(128, 0x4321, 3), null, to)).toBe(8 + DATA.length);
    expect(withoutChecksum(await receive(us, fd))).toEqual(echo(129, 0x4321, 3));
  },
  ["cc"],
);

testInNetwork("hdrincl sends the IPv4 header that we write", async (network) => {
  const host = network.host();
  await using peer = new Program(host.prefix[0]!, [
    ...host.prefix.slice(1),
    process.execPath,
    "-e",
    RECEIVER,
  ]);
  const port = Number(await peer.said(/port (\d+)/));
  await using us = new Remote(host.prefix);
  const { net } = us;
  const fd = await net.socket("inet", "raw", "udp");
  await net.setsockopt(fd, "ip", "hdrincl", true);
  expect(await net.getsockopt(fd, "ip", "hdrincl")).toBe(true);
  const packet = Buffer.alloc(28 + DATA.length);
  packet.set([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17]);
  packet.writeUInt16BE(packet.length, 2);
  packet.set([127, 9, 8, 7, 127, 0, 0, 1], 12);
  packet.writeUInt16BE(0xffff - sum(packet.subarray(0, 20)), 10);
  packet.writeUInt16BE(4242, 20);
  packet.writeUInt16BE(port, 22);
  packet.writeUInt16BE(8 + DATA.length, 24); // and no checksum
  packet.set(DATA, 28);
  const to = { family: "inet", address: "127.0.0.1", port: 0 } as const;
  expect(await net.sendto(fd, packet, null, to)).toBe(packet.length);
  expect(JSON.parse((await peer.output()).toString())).toEqual({
    message: DATA.toString(),
    address: "127.9.8.7",
    port: 4242,
  });
});

const KINDS = [
  ["inet", "raw", "icmp"],
  ["inet6", "raw", "icmpv6"],
  ["inet", "raw", "raw"],
  ["packet", "raw", null],
] as const;

// Root has to lose the right first.
const root = process.getuid?.() === 0;
const testWithout = root ? testWith("setpriv") : test;

for (const [domain, type, protocol] of KINDS) {
  testWithout(`socket(${domain}, ${type}, ${protocol}) without CAP_NET_RAW is EPERM`, async () => {
    await using us = new Remote(root ? ["setpriv", "--bounding-set", "-net_raw"] : []);
    await expect(us.net.socket(domain, type, protocol)).rejects.toMatchObject({
      name: "SocketError",
      code: "EPERM",
      errno: errnoOf("EPERM"),
      syscall: "socket",
    });
  });
}

// Their numbers on Linux: bits/socket.h, netinet/in.h
test.each([
  ["inet, raw, icmp", 2, 3, 1],
  ["inet, datagram, icmp", 2, 2, 1],
  ["inet6, raw, icmpv6", 10, 3, 58],
  ["inet6, datagram, icmpv6", 10, 2, 58],
  ["inet, raw, raw", 2, 3, 255],
  ["packet, raw, none", 17, 3, 0],
  ["packet, datagram, none", 17, 2, 0],
  ["netlink, raw, route", 16, 3, 0],
  ["vsock, stream, none", 40, 1, 0],
])(
  "socket(%s) of a guest under a policy is EACCES, whatever the lists say",
  async (_, domain, type, protocol) => {
    const allow = { connect: true, bind: true, resolve: true } as const;
    using instance = await instantiate<Guest>(guest, { allow });
    expect(instance.exports.open(domain, type, protocol)).toBe(errnoOf("EACCES"));
    expect(instance.exports.open(2, 1, 6)).toBe(0);
  },
);
