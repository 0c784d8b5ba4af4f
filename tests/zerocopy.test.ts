// MSG_ZEROCOPY, whose bytes stay where they are until the kernel says that it needs them no more, and MPTCP.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open, type ErrorReport, type Net } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { nodeClient, nodeServer } from "./support/peers.js";
import {
  connected,
  digest,
  expectError,
  expectErrno,
  loopback,
  openBounded,
  receiveAll,
  type Digest,
} from "./support/sockets.js";

const CHUNK = 16 * 1024;
const SENDS = 8;
const SYSCTL = "/proc/sys/net/mptcp/enabled";
const MPTCP = existsSync(SYSCTL) && readFileSync(SYSCTL, "utf8").trim() !== "0";

/** SO_EE_ORIGIN_ZEROCOPY of linux/errqueue.h. */
const ZEROCOPY = 5;
/** IPPROTO_MPTCP of linux/in.h. */
const IPPROTO_MPTCP = 262;

/** Random bytes in linear memory, which the kernel sends from there. */
function randomBuffer(net: Net, size: number): Uint8Array {
  const buffer = net.buffer(size);
  buffer.set(randomBytes(size));
  return buffer;
}

/** The numbers of the sends, counted from 0, that completions report until there are as many as are expected. */
function completions(net: Net, fd: number, count: number, level: "ip" | "ipv6"): number[] {
  const completed: number[] = [];
  while (completed.length < count) {
    expect(net.poll([{ fd, events: null }])).toEqual([{ fd, events: ["err"] }]);
    const message = net.recvmsg(fd, { data: [], control: 256 }, "errqueue");
    expect(message).toMatchObject({ count: 0, flags: ["errqueue"] });
    const [report, ...others] = message!.control as ErrorReport[];
    expect(others).toEqual([]);
    expect(report).toMatchObject({ level, type: "recverr", origin: ZEROCOPY, errno: 0 });
    for (let send = report!.info; send <= report!.data; send++) completed.push(send);
  }
  return completed;
}

describe.each([
  ["inet", "ip"],
  ["inet6", "ipv6"],
] as const)("zerocopy over %s", (family, level) => {
  test("completes every send once, and node:net sees every byte", async () => {
    await using peer = await nodeServer(loopback(family), "digest");
    using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket(family, "stream");
    net.setsockopt(fd, "socket", "zerocopy", true);
    expect(net.getsockopt(fd, "socket", "zerocopy")).toBe(true);
    net.connect(fd, peer.address);
    const buffer = randomBuffer(net, SENDS * CHUNK);
    for (let at = 0; at < buffer.length; at += CHUNK) {
      expect(net.send(fd, buffer.subarray(at, at + CHUNK), "zerocopy")).toBe(CHUNK);
    }
    const completed = completions(net, fd, SENDS, level);
    expect(completed.toSorted((a, b) => a - b)).toEqual([...Array(SENDS).keys()]);
    expect(net.recvmsg(fd, { data: [] }, "errqueue")).toBe(null);
    expectErrno(net, "EAGAIN");
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(digest(buffer));
  });

  test("takes the vectors of a message from where they are", async () => {
    await using peer = await nodeServer(loopback(family), "digest");
    using bounded = await openBounded();
    const { net } = bounded;
    const fd = net.socket(family, "stream");
    net.setsockopt(fd, "socket", "zerocopy", true);
    net.connect(fd, peer.address);
    const [first, second] = [randomBuffer(net, CHUNK), randomBuffer(net, 1)];
    const data = [net.remap(first), second];
    expect(net.sendmsg(fd, { data }, "zerocopy")).toBe(CHUNK + 1);
    expect(completions(net, fd, 1, level)).toEqual([0]);
    net.shutdown(fd, "write");
    expect(await peer.next<Digest>()).toEqual(digest(Buffer.concat(data)));
  });
});

describe("zerocopy", () => {
  test("closing with completions outstanding loses no byte", async () => {
    await using peer = await nodeServer(loopback("inet"), "slow-digest");
    let sent: Digest;
    {
      using net = await open();
      const fd = net.socket("inet", "stream");
      net.setsockopt(fd, "socket", "zerocopy", true);
      net.connect(fd, peer.address);
      const buffer = randomBuffer(net, 512 * 1024);
      sent = digest(buffer);
      expect(net.send(fd, buffer, "zerocopy")).toBe(buffer.length);
      net.close(fd);
    }
    expect(await peer.next<Digest>()).toEqual(sent);
  });

  test("of an array that is not from buffer is refused: it is copied to where the next call writes", async () => {
    using net = await open();
    const [fd] = connected(net);
    net.setsockopt(fd, "socket", "zerocopy", true);
    const data = [randomBuffer(net, 8), new Uint8Array(8)];
    expect(() => net.send(fd, data[1]!, "zerocopy")).toThrow(/net\.buffer/);
    expect(() => net.sendto(fd, data[1]!, ["zerocopy", "more"], null)).toThrow(TypeError);
    expect(() => net.sendmsg(fd, { data }, "zerocopy")).toThrow(TypeError);
    expect(() => net.sendmmsg(fd, [{ data }], "zerocopy")).toThrow(TypeError);
    expect(net.getsockopt(fd, "tcp", "info")).toMatchObject({ data_segs_out: 0 });
  });

  test("the flag without the option sends as ever and completes nothing", async () => {
    await using peer = await nodeServer(loopback("inet"), "digest");
    using net = await open();
    const fd = net.socket("inet", "stream");
    net.connect(fd, peer.address);
    const buffer = randomBuffer(net, CHUNK);
    expect(net.send(fd, buffer, "zerocopy")).toBe(CHUNK);
    net.shutdown(fd, "write");
    expect(JSON.parse(String(receiveAll(net, fd)))).toEqual(digest(buffer));
    expect(net.recvmsg(fd, { data: [] }, "errqueue")).toBe(null);
    expectErrno(net, "EAGAIN");
  });
});

describe.skipIf(!MPTCP)(`mptcp${MPTCP ? "" : " (needs net.mptcp.enabled)"}`, () => {
  const SIZE = 1024 * 1024;

  test("carries bytes to a node:net server", async () => {
    await using peer = await nodeServer(loopback("inet"), "digest");
    using net = await open();
    const fd = net.socket("inet", "stream", "mptcp");
    expect(net.getsockopt(fd, "socket", "protocol")).toBe(IPPROTO_MPTCP);
    net.connect(fd, peer.address);
    const bytes = randomBytes(SIZE);
    expect(net.send(fd, bytes)).toBe(SIZE);
    net.shutdown(fd, "write");
    expect(JSON.parse(String(receiveAll(net, fd)))).toEqual(digest(bytes));
  });

  test("carries bytes from a node:net client", async () => {
    using net = await open();
    const listener = net.socket("inet", "stream", "mptcp");
    net.bind(listener, loopback("inet"));
    net.listen(listener);
    await using peer = await nodeClient(net.getsockname(listener), "source", SIZE);
    const received = digest(receiveAll(net, net.accept(listener)));
    expect(received.count).toBe(SIZE);
    expect(received).toEqual(await peer.next<Digest>());
  });

  test("is spoken where both ends can", async () => {
    using net = await open();
    const listener = net.socket("inet", "stream", "mptcp");
    net.bind(listener, loopback("inet"));
    net.listen(listener);
    const client = net.socket("inet", "stream", "mptcp");
    net.connect(client, net.getsockname(listener));
    const server = net.accept(listener);
    expect(net.getsockopt(server, "socket", "protocol")).toBe(IPPROTO_MPTCP);
    net.send(server, Buffer.from("many paths"));
    net.close(server);
    expect(String(receiveAll(net, client))).toBe("many paths");
  });
});

test.skipIf(MPTCP)("mptcp is refused by a kernel that has none (this one has)", async () => {
  using net = await open();
  const code = existsSync(SYSCTL) ? "ENOPROTOOPT" : "EPROTONOSUPPORT";
  expectError(net, () => net.socket("inet", "stream", "mptcp"), code);
});
