// Sockets below and beside IP: frames on a wire, the kernel's lists of interfaces and addresses, vsock.

import { readFileSync } from "node:fs";
import { open } from "wasi-sockets";
import { beforeAll, describe, expect, test } from "vitest";
import { compileC, compiler, runC } from "./support/c.js";
import { Lan } from "./support/lan.js";
import { CAPTURE, EXPERIMENT, IPV4, VSOCK, hardware, list, type Link } from "./support/link.js";
import { testInNetwork } from "./support/namespaces.js";
import { testWithC } from "./support/programs.js";
import type { Remote } from "./support/remote.js";

let capture = "";
let vsock = "";
beforeAll(async () => {
  if ("missing" in compiler) return;
  capture = await compileC("capture", CAPTURE);
  vsock = await compileC("vsock", VSOCK);
});

describe.each(["raw", "datagram"] as const)("a packet socket of type %s", (type) => {
  testInNetwork("sees what a peer sends to us and to a group, and who sent it", async (network) => {
    await using lan = new Lan(network);
    const { net } = lan.us;
    const [ours, theirs] = [hardware(lan.ours), hardware(lan.peer)];
    const fd = await net.socket("packet", type);
    await net.bind(fd, { family: "packet", protocol: IPV4, interface: "east" });
    const index = list(lan.ours).find(({ ifname }) => ifname === "east")!.ifindex;
    // linux/if_arp.h and linux/if_packet.h: Ethernet, to this host; a multicast frame
    const common = { family: "packet", protocol: IPV4, interface: index, hatype: 1 };
    // RFC 1112 makes the hardware address of 239.9.9.9.
    const group = Buffer.from("01005e090909", "hex");
    await lan.send("inet", 4242, "unicast", "east");
    for (const [text, pkttype, to] of [
      ["unicast", 0, ours],
      ["east", 2, group],
    ] as const) {
      const bytes = Buffer.alloc(256);
      const [count, address] = await net.recvfrom(fd, bytes);
      expect(address).toEqual({ ...common, pkttype, address: new Uint8Array(theirs) });
      const frame = bytes.subarray(0, Number(count));
      const header = Buffer.concat([to, theirs, Buffer.of(0x08, 0x00)]);
      const packet = type === "raw" ? frame.subarray(header.length) : frame;
      if (type === "raw") expect(frame.subarray(0, header.length)).toEqual(header);
      expect(packet.readUInt8(0)).toBe(0x45);
      expect(packet.subarray(28).toString()).toBe(text);
    }
  });

  testInNetwork(
    "sends the frame that a C program captures",
    async (network) => {
      await using lan = new Lan(network);
      const { net } = lan.us;
      await using program = lan.start(capture);
      await program.said(/(ready)/);
      const to = hardware(lan.peer);
      const payload = Buffer.from("an experiment");
      const frame = Buffer.concat([to, hardware(lan.ours), Buffer.of(0x88, 0xb5), payload]);
      const fd = await net.socket("packet", type);
      const sent = type === "raw" ? frame : payload;
      const address = { protocol: EXPERIMENT, interface: "east", address: to };
      const count = await net.sendto(fd, sent, null, { family: "packet", ...address });
      expect(count).toBe(sent.length);
      expect((await program.output()).toString()).toBe(frame.toString("hex"));
    },
    ["cc"],
  );
});

/** Requests of rtnetlink(7), and the lengths of the structs before the attributes. */
const GETLINK = { request: 18, answer: 16, header: 16 };
const GETADDR = { request: 22, answer: 20, header: 8 };
const [IFLA_ADDRESS, IFLA_IFNAME, IFA_ADDRESS] = [1, 3, 1];
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_DONE = 3;

interface Answer {
  readonly header: Buffer;
  /** The first attribute of each type. */
  readonly attributes: Map<number, Buffer>;
}

/** Cuts bytes into records that begin with their length and are aligned to 4 bytes. */
function* records(bytes: Buffer, length: (at: number) => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += (length(at) + 3) & ~3) {
    yield bytes.subarray(at, at + length(at));
  }
}

/** Asks the kernel for a list. */
async function dump({ net }: Remote, kind: typeof GETLINK): Promise<Answer[]> {
  const fd = await net.socket("netlink", "raw");
  await net.bind(fd, { family: "netlink" });
  const request = Buffer.alloc(16 + kind.header);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(kind.request, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  const kernel = { family: "netlink", pid: 0, groups: 0 } as const;
  expect(await net.sendto(fd, request, null, kernel)).toBe(request.length);
  const answers: Answer[] = [];
  for (;;) {
    const room = Buffer.alloc(65536);
    const [count, from] = await net.recvfrom(fd, room);
    expect(from).toEqual(kernel);
    const bytes = room.subarray(0, Number(count));
    for (const message of records(bytes, (at) => bytes.readUInt32LE(at))) {
      if (message.readUInt16LE(4) === NLMSG_DONE) return answers;
      expect(message.readUInt16LE(4)).toBe(kind.answer);
      const rest = message.subarray(16 + kind.header);
      const attributes = new Map<number, Buffer>();
      for (const attribute of records(rest, (at) => rest.readUInt16LE(at))) {
        attributes.set(attribute.readUInt16LE(2), attribute.subarray(4));
      }
      answers.push({ header: message.subarray(16), attributes });
    }
  }
}

/** An Internet address as text, by the rules of URLs for IPv6. */
function text(address: Buffer): string {
  if (address.length === 4) return address.join(".");
  const groups = address.toString("hex").match(/.{4}/g)!;
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

describe("a netlink socket", () => {
  testInNetwork("lists the interfaces that ip lists", async (network) => {
    await using lan = new Lan(network);
    const links = (await dump(lan.us, GETLINK)).map(({ header, attributes }) => ({
      ifindex: header.readInt32LE(4),
      ifname: attributes.get(IFLA_IFNAME)!.toString().replace("\0", ""),
      address: attributes
        .get(IFLA_ADDRESS)!
        .toString("hex")
        .replace(/..(?=.)/g, "$&:"),
    }));
    const listed = list(lan.ours);
    expect(listed.map(({ ifname }) => ifname)).toEqual(
      expect.arrayContaining(["east", "lo", "west"]),
    );
    // A tunnel, which some kernels put into every namespace, has no hardware address to print alike.
    const known = ({ ifindex, ifname, address }: Link) =>
      /^(east|lo|west)$/.test(ifname) ? { ifindex, ifname, address } : { ifindex, ifname };
    expect(new Set(links.map(known))).toEqual(new Set(listed.map(known)));
  });

  testInNetwork("lists the addresses that ip lists", async (network) => {
    await using lan = new Lan(network);
    const families: Record<number, string> = { 2: "inet", 10: "inet6" };
    const addresses = (await dump(lan.us, GETADDR)).map(({ header, attributes }) => ({
      ifindex: header.readUInt32LE(4),
      family: families[header.readUInt8(0)],
      local: text(attributes.get(IFA_ADDRESS)!),
      prefixlen: header.readUInt8(1),
    }));
    const listed = list(lan.ours).flatMap(({ ifindex, addr_info }) =>
      addr_info.map(({ family, local, prefixlen }) => ({ ifindex, family, local, prefixlen })),
    );
    const { length } = listed.filter(({ local }) => /^(10\.9\.|fd09:)/.test(local));
    expect(length).toBe(4);
    expect(new Set(addresses)).toEqual(new Set(listed));
  });

  test("that is bound has the port that the kernel lists, and no other socket's", async () => {
    using net = await open();
    const pids = [1, 2].map(() => {
      const fd = net.socket("netlink", "raw");
      net.bind(fd, { family: "netlink" });
      const name = net.getsockname(fd);
      expect(name).toMatchObject({ family: "netlink", groups: 0 });
      return (name as { pid: number }).pid;
    });
    const rows = readFileSync("/proc/self/net/netlink", "utf8").split("\n");
    const listed = rows.map((row) => Number(row.split(/\s+/)[2]));
    for (const pid of pids) {
      expect(pid).toBeGreaterThan(0);
      expect(listed).toContain(pid);
    }
    expect(pids[0]).not.toBe(pids[1]);
  });
});

describe("a vsock socket", () => {
  const CONTEXTS = { any: 0xffffffff, hypervisor: 0, local: 1, host: 2 };
  for (const [name, cid] of Object.entries(CONTEXTS)) {
    testWithC(`is bound to the context ${name}, or not, as by a C program`, async () => {
      using net = await open();
      const expected = JSON.parse(await runC(vsock, [String(cid)])) as { errno?: number };
      const bind = () => {
        const fd = net.socket("vsock", "stream");
        net.bind(fd, { family: "vsock", cid, port: 0xffffffff });
        return net.getsockname(fd);
      };
      if (expected.errno === undefined) expect(bind()).toMatchObject(expected);
      else expect(bind).toThrow(expect.objectContaining(expected) as Error);
    });
  }
});
