// Sockets over a wire that loses, doubles and reorders packets, and tells how many: TCP mends it, UDP shows it.

import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { InetAddress } from "wasi-sockets";
import { marshal } from "#host/marshal";
import { beforeAll, describe, expect } from "vitest";
import { compiler } from "./support/c.js";
import { compileFile } from "./support/guest.js";
import { testInNetwork } from "./support/namespaces.js";
import { nodeServer } from "./support/peers.js";
import type { Remote } from "./support/remote.js";
import { digest, errnoOf, type Digest } from "./support/sockets.js";
import { OURS, PEER, Wire, compileWire, type Report } from "./support/wire.js";

const MIB = 1 << 20;
const peerAt = (port: number): InetAddress => ({ family: "inet", address: PEER, port });
const ourAt = (port: number): InetAddress => ({ family: "inet", address: OURS, port });

let program = "";
let guest: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  guest = await compileFile("loss");
  if ("command" in compiler) program = await compileWire();
});

describe("a TCP stream over a wire that loses 5 %, doubles and reorders packets", () => {
  const faults = { protocol: "tcp", drop: 5, double: 3, hold: 5, milliseconds: 2 } as const;

  /** The wire did its worst, and lost no frame of its own. */
  function expectFaults(report: Report): void {
    expect(report.dropped).toBeGreaterThan(0);
    expect(report.doubled).toBeGreaterThan(0);
    expect(report.reordered).toBeGreaterThan(0);
  }

  testInNetwork(
    "comes whole to TypeScript, and goes whole from it",
    async (network) => {
      await using wire = await Wire.lay(network, program, faults);
      const { net } = wire.us;
      await using source = await nodeServer(peerAt(0), "source", 4 * MIB, wire.peer.prefix);
      const down = await net.socket("inet", "stream");
      await net.connect(down, source.address);
      const hash = createHash("sha256");
      const bytes = new Uint8Array(65536);
      let count = 0;
      for (let more = 1; more > 0; count += more) {
        more = await net.recv(down, bytes);
        hash.update(bytes.subarray(0, more));
      }
      expect({ count, sha256: hash.digest("hex") }).toEqual(await source.next<Digest>());

      await using sink = await nodeServer(peerAt(0), "digest", 0, wire.peer.prefix);
      const up = await net.socket("inet", "stream");
      await net.connect(up, sink.address);
      const sent = randomBytes(4 * MIB);
      expect(await net.send(up, sent)).toBe(sent.length);
      await net.shutdown(up, "write");
      expect(await sink.next()).toEqual(digest(sent));
      expectFaults(await wire.cut());
    },
    ["cc"],
  );

  testInNetwork(
    "comes whole to a guest, and goes whole from it",
    async (network) => {
      await using wire = await Wire.lay(network, program, faults);
      await using source = await nodeServer(peerAt(0), "source", 4 * MIB, wire.peer.prefix);
      await using sink = await nodeServer(peerAt(0), "digest", 0, wire.peer.prefix);
      await wire.us.host(guest, true);
      const ports = [source, sink].map(({ address }) => (address as InetAddress).port);
      expect(await wire.us.invoke("relay", ...ports)).toBe(4 * MIB);
      expect(await sink.next()).toEqual(await source.next());
      expectFaults(await wire.cut());
    },
    ["cc"],
  );
});

/** Sends so many datagrams, each of its number. */
const SENDER = `
  const socket = require("node:dgram").createSocket("udp4");
  const [address, port, count] = process.argv.slice(1);
  let number = 0;
  const next = () => {
    if (number === Number(count)) return socket.close();
    socket.send(String(number++), Number(port), address, next);
  };
  next();
`;

describe("UDP datagrams over a wire that loses, doubles and reorders packets", () => {
  const SENT = 1000;
  const faults = { protocol: "udp", drop: 10, double: 10, hold: 10, milliseconds: 2 } as const;

  /** Sends numbered datagrams over a new wire, and tells what it did and what comes to us. */
  async function send(wire: Wire, port: number): Promise<Report> {
    const [command, ...prefix] = wire.peer.prefix;
    const args = [process.execPath, "-e", SENDER, OURS, String(port), String(SENT)];
    await promisify(execFile)(command!, [...prefix, ...args]);
    return wire.report();
  }

  /** What came is what the wire says. */
  function expectReported(numbers: number[], report: Report): void {
    const { came, dropped, doubled, reordered } = report;
    expect({ came, missed: report.missed }).toEqual({ came: SENT, missed: 0 });
    for (const fault of [dropped, doubled, reordered]) expect(fault).toBeGreaterThan(0);
    expect(numbers).toHaveLength(SENT - dropped + doubled);
    const different = new Set(numbers);
    expect(different.size).toBe(SENT - dropped);
    expect(Math.max(...different)).toBeLessThan(SENT);
    let latest = -1;
    let late = 0;
    for (const number of numbers) {
      if (number < latest) late++;
      latest = Math.max(latest, number);
    }
    expect(late).toBe(reordered);
  }

  testInNetwork(
    "come to TypeScript as the wire reports",
    async (network) => {
      await using wire = await Wire.lay(network, program, { ...faults, limit: SENT });
      const { net } = wire.us;
      const fd = await bound(wire.us);
      const report = await send(wire, ((await net.getsockname(fd)) as InetAddress).port);
      const numbers: number[] = [];
      const bytes = Buffer.alloc(16);
      for (let i = 0; i < SENT - report.dropped + report.doubled; i++) {
        const count = await net.recv(fd, bytes);
        if (count < 0) break;
        numbers.push(Number(bytes.toString("latin1", 0, count)));
      }
      expectReported(numbers, report);
      expect(await net.recv(fd, bytes, "dontwait")).toBe(-1);
    },
    ["cc"],
  );

  /** A socket with room for all that comes, which does not wait for ever. */
  async function bound({ net }: Remote): Promise<number> {
    const fd = await net.socket("inet", "datagram");
    await net.setsockopt(fd, "socket", "rcvbufforce", 16 * MIB);
    await net.setsockopt(fd, "socket", "rcvtimeo", 5000);
    await net.bind(fd, ourAt(0));
    return fd;
  }

  testInNetwork(
    "come to a guest as the wire reports",
    async (network) => {
      await using wire = await Wire.lay(network, program, { ...faults, limit: SENT });
      await wire.us.host(guest, true);
      const port = await wire.us.invoke("bound");
      expect(port).toBeGreaterThan(0);
      const report = await send(wire, port);
      const text = await wire.us.text("received", SENT - report.dropped + report.doubled, 0);
      expectReported(text.split(" ").map(Number), report);
      expect(await wire.us.text("received", 1, marshal.MSG.DONTWAIT)).toBe(
        `errno ${errnoOf("EAGAIN")}`,
      );
    },
    ["cc"],
  );
});

describe("an ICMP port unreachable crosses the wire", () => {
  const CLOSED = 9;

  testInNetwork(
    "to TypeScript: ECONNREFUSED, and its report by IP_RECVERR",
    async (network) => {
      await using wire = await Wire.lay(network, program, { protocol: "udp" });
      const { net } = wire.us;
      const fd = await net.socket("inet", "datagram");
      await net.setsockopt(fd, "socket", "rcvtimeo", 5000);
      await net.connect(fd, peerAt(CLOSED));
      await net.send(fd, Buffer.from("anyone?"));
      expect(await net.recv(fd, new Uint8Array(8))).toBe(-1);
      expect(wire.us.errno).toMatchObject({ code: "ECONNREFUSED" });

      await net.setsockopt(fd, "ip", "recverr", true);
      await net.send(fd, Buffer.from("again"));
      expect(await net.recv(fd, new Uint8Array(8))).toBe(-1);
      expect(wire.us.errno).toMatchObject({ code: "ECONNREFUSED" });
      const data = [new Uint8Array(8)];
      const message = await net.recvmsg(fd, { data, control: 512 }, "errqueue");
      // RFC 792: destination unreachable, port unreachable
      const [origin, icmpType, icmpCode] = [2, 3, 3];
      expect(message).toMatchObject({
        count: 5,
        address: peerAt(CLOSED),
        control: [
          {
            type: "recverr",
            errno: errnoOf("ECONNREFUSED"),
            origin,
            icmpType,
            icmpCode,
            offender: peerAt(0),
          },
        ],
      });
      expect(Buffer.from(data[0]!.subarray(0, 5)).toString()).toBe("again");
      expect(await wire.cut()).toMatchObject({ came: 2, dropped: 0, doubled: 0, reordered: 0 });
    },
    ["cc"],
  );

  testInNetwork(
    "to a guest: ECONNREFUSED, and its report by IP_RECVERR",
    async (network) => {
      await using wire = await Wire.lay(network, program, { protocol: "udp" });
      await wire.us.host(guest, true);
      const refused = errnoOf("ECONNREFUSED");
      expect(await wire.us.text("refused", CLOSED)).toBe(
        `errno ${refused}, ${refused} 2 3 3 ${PEER}:0 again`,
      );
    },
    ["cc"],
  );
});
