// Packet, netlink and vsock addresses for AssemblyScript programs: their bytes beside C's, and their sockets.

import { instantiate } from "wasi-sockets";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compileC, compiler, runC } from "./support/c.js";
import { compileFile, compileGuest, textOf } from "./support/guest.js";
import { Lan } from "./support/lan.js";
import { CAPTURE, VSOCK, hardware, list } from "./support/link.js";
import { testInNetwork } from "./support/namespaces.js";
import { testWithC } from "./support/programs.js";
import { errnoOf } from "./support/sockets.js";

interface Row {
  readonly guest: string;
  /** Declares `a`. */
  readonly c: string;
  /** What is read of it: the members in the order of its C struct, then its text. */
  readonly members: string;
}

// prettier-ignore
const ROWS: Row[] = [
  {
    guest: "new Packet(0x0806, 3, hardware(6), 1, 4)",
    c: "struct sockaddr_ll a = {AF_PACKET, htons(0x0806), 3, 1, 4, 6, {2, 4, 6, 8, 10, 12}}",
    members: "17 2054 3 1 4 020406080a0c packet:0x806%3/02:04:06:08:0a:0c",
  },
  {
    guest: "new Packet(0xffff, -1, hardware(8), 0xffff, 0xff)",
    c: "struct sockaddr_ll a = {AF_PACKET, 0xffff, -1, 0xffff, 0xff, 8, {2, 4, 6, 8, 10, 12, 14, 16}}",
    members: "17 65535 -1 65535 255 020406080a0c0e10 packet:0xffff%-1/02:04:06:08:0a:0c:0e:10",
  },
  {
    guest: "new Packet(3, 0)",
    c: "struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)}",
    members: "17 3 0 0 0  packet:0x3%0",
  },
  {
    guest: "new Netlink(7, 9)",
    c: "struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 9}",
    members: "16 7 9 netlink:7/0x9",
  },
  {
    guest: "new Netlink()",
    c: "struct sockaddr_nl a = {.nl_family = AF_NETLINK}",
    members: "16 0 0 netlink:0",
  },
  {
    guest: "new Vsock(u32.MAX_VALUE, 70000)",
    c: "struct sockaddr_vm a = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = 70000}",
    members: "40 4294967295 70000 vsock:4294967295:70000",
  },
];

/** What cannot be an address. */
const NONE = ["new Packet(0x10000, 1)", "new Packet(-1, 1)", "new Packet(1, 1, hardware(9))"];

const BYTES = `
import { Netlink, Packet, SocketAddress, Vsock } from "wasi-sockets/assembly";

/** 2, 4, 6… */
function hardware(size: i32): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = <u8>(2 * i + 2);
  return bytes;
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += bytes[i].toString(16).padStart(2, "0");
  return text;
}

function made(row: i32): SocketAddress {
  const rows: SocketAddress[] = [${[...ROWS.map(({ guest }) => guest), ...NONE].join(", ")}];
  return rows[row];
}

/** The bytes of an address in hexadecimal. */
export function encoded(row: i32): string {
  const address = made(row);
  const bytes = new Uint8Array(address.length);
  memory.copy(bytes.dataStart, address.pointer, address.length);
  return hex(bytes);
}

/** Where the bytes of an address may be put. */
export const room: usize = memory.data(128);

/** What is read of the bytes there. */
export function decoded(length: i32): string {
  const address = SocketAddress.decode(room, length);
  let parts = [address.family.toString()];
  if (address instanceof Packet) {
    const a = address as Packet;
    parts = parts.concat([a.protocol.toString(), a.index.toString(), a.hatype.toString()]);
    parts = parts.concat([a.pkttype.toString(), hex(a.address)]);
  } else if (address instanceof Netlink) {
    const a = address as Netlink;
    parts = parts.concat([a.pid.toString(), a.groups.toString()]);
  } else if (address instanceof Vsock) {
    const a = address as Vsock;
    parts = parts.concat([a.cid.toString(), a.port.toString()]);
  }
  return parts.concat([address.toString()]).join(" ");
}
`;

/** Prints the addresses of the rows in hexadecimal, a line each. */
const C = `
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <sys/socket.h>
static void dump(const void *address, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", ((const unsigned char *)address)[i]);
  putchar('\\n');
}
int main(void) {
  ${ROWS.map(({ c }) => `{ ${c}; dump(&a, sizeof a); }`).join("\n  ")}
}`;

type Exports = Record<string, (...args: number[]) => number> & {
  memory: WebAssembly.Memory;
  room: WebAssembly.Global<"i32">;
};

let bytes: WebAssembly.Module;
let sockets: Uint8Array<ArrayBuffer>;
let lines: string[] = [];
let capture = "";
let vsock = "";
beforeAll(async () => {
  bytes = await WebAssembly.compile(await compileGuest(BYTES));
  sockets = await compileFile("link");
  if ("missing" in compiler) return;
  lines = (await runC(await compileC("addresses", C))).split("\n");
  capture = await compileC("capture", CAPTURE);
  vsock = await compileC("vsock", VSOCK);
});

async function start(module: WebAssembly.Module | Uint8Array<ArrayBuffer>): Promise<Exports> {
  const instance = await instantiate<Exports>(module, { allow: true });
  onTestFinished(() => {
    instance.dispose();
  });
  return instance.exports;
}

/** What a guest reads of an address in hexadecimal. */
function decoded(guest: Exports, hex: string): string {
  const address = Buffer.from(hex, "hex");
  Buffer.from(guest.memory.buffer).fill(0xa5, guest.room.value, guest.room.value + 128);
  Buffer.from(guest.memory.buffer).set(address, guest.room.value);
  return textOf(guest.memory, guest["decoded"]!(address.length));
}

describe("an address", () => {
  for (const [row, { guest, members }] of ROWS.entries()) {
    testWithC(`${guest} has C's bytes, and is read from them`, async () => {
      const exports = await start(bytes);
      expect(textOf(exports.memory, exports["encoded"]!(row))).toBe(lines[row]);
      expect(decoded(exports, lines[row]!)).toBe(members);
    });
  }

  test.each(NONE.map((guest, i) => [guest, ROWS.length + i] as const))(
    "%s is none: it has no bytes",
    async (_, row) => {
      const exports = await start(bytes);
      expect(textOf(exports.memory, exports["encoded"]!(row))).toBe("");
    },
  );

  testWithC("that is cut is read as far as it goes, or as bytes of its family", async () => {
    const exports = await start(bytes);
    const [packet, , , netlink, , vm] = lines as [string, string, string, string, string, string];
    expect(decoded(exports, packet.slice(0, 2 * 15))).toBe(
      "17 2054 3 1 4 020406 packet:0x806%3/02:04:06",
    );
    expect(decoded(exports, packet.slice(0, 2 * 12))).toBe("17 2054 3 1 4  packet:0x806%3");
    expect(decoded(exports, packet.slice(0, 2 * 11))).toBe("17 family 17");
    expect(decoded(exports, netlink.slice(0, 2 * 11))).toBe("16 family 16");
    expect(decoded(exports, vm.slice(0, 2 * 15))).toBe("40 family 40");
  });
});

describe("a guest's packet socket", () => {
  testInNetwork("receives the ARP request of a peer, and who sent it", async (network) => {
    await using lan = new Lan(network);
    await lan.us.host(sockets, true);
    const { ifindex } = list(lan.ours).find(({ ifname }) => ifname === "east")!;
    expect(await lan.us.invoke("openArp", ifindex)).toBe(0);
    await lan.send("inet", 4242, "unicast");
    const theirs = hardware(lan.peer);
    // RFC 826: Ethernet, IPv4, a request from 10.9.1.2 for the hardware address of 10.9.1.1
    const request = `0001080006040001${theirs.toString("hex")}0a090102${"00".repeat(6)}0a090101`;
    const colons = theirs.toString("hex").replace(/..(?=.)/g, "$&:");
    // A frame to everyone, from Ethernet: linux/if_packet.h and linux/if_arp.h
    expect(await lan.us.text("nextArp")).toBe(`${request} 1 1 packet:0x806%${ifindex}/${colons}`);
  });

  testInNetwork(
    "sends a C program the frame that it captures",
    async (network) => {
      await using lan = new Lan(network);
      await lan.us.host(sockets, true);
      const { ifindex } = list(lan.ours).find(({ ifname }) => ifname === "east")!;
      await using program = lan.start(capture);
      await program.said(/(ready)/);
      expect(await lan.us.invoke("openArp", ifindex)).toBe(0);
      await lan.send("inet", 4242, "unicast");
      const payload = Buffer.from("an experiment");
      expect(await lan.us.invoke("answer", ifindex)).toBe(payload.length);
      const type = Buffer.of(0x88, 0xb5);
      const frame = Buffer.concat([hardware(lan.peer), hardware(lan.ours), type, payload]);
      expect((await program.output()).toString()).toBe(frame.toString("hex"));
    },
    ["cc"],
  );
});

describe("a guest's netlink socket", () => {
  testInNetwork("lists the interfaces that ip lists", async (network) => {
    await using lan = new Lan(network);
    await lan.us.host(sockets, true);
    const lines = (await lan.us.text("links")).split("\n");
    expect(lines.pop()).toBe("netlink:0"); // the kernel
    const listed = list(lan.ours).map(({ ifindex, ifname }) => `${ifindex} ${ifname}`);
    expect(listed.join()).toMatch(/\d east\b.*\d west\b|\d west\b.*\d east\b/);
    expect(new Set(lines)).toEqual(new Set(listed));
  });

  test("is bound to the port that it asks for, which then is in use", async () => {
    const guest = await start(sockets);
    const pid = 0x10000000 + process.pid;
    expect(guest["netlinkPort"]!(pid)).toBe(pid);
    const second = await start(sockets);
    expect(second["netlinkPort"]!(pid)).toBe(-errnoOf("EADDRINUSE"));
  });
});

describe("a guest's vsock socket", () => {
  const CONTEXTS = { any: 0xffffffff, hypervisor: 0, local: 1, host: 2 };
  for (const [name, cid] of Object.entries(CONTEXTS)) {
    testWithC(`is bound to the context ${name}, or not, as a C program's`, async () => {
      const guest = await start(sockets);
      const c = JSON.parse(await runC(vsock, [String(cid)])) as { errno?: number; cid?: number };
      const expected = c.errno === undefined ? `context ${c.cid}` : `errno ${c.errno}`;
      expect(textOf(guest.memory, guest["vsock"]!(cid))).toBe(expected);
    });
  }
});
