// The options and the control data by which a guest would escape what was judged.

import { instantiate, open, type Allow, type Denied } from "wasi-sockets";
import { marshal } from "#host/marshal";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compileFile } from "./support/guest.js";
import { errnoOf } from "./support/sockets.js";

type Raw = Record<"socket" | "setsockopt" | "getsockopt", (...args: number[]) => number> & {
  memory: WebAssembly.Memory;
};

const { AF, IP, IPV6, SO, SOCK, SOL, TCP, UDP } = marshal;
const [VALUE, LENGTH] = [1024, 2048];
const EACCES = -errnoOf("EACCES");
const everything: Allow = { connect: true, bind: true, resolve: true, raw: true };

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await WebAssembly.compile(await compileFile("raw", ["--initialMemory", "1"]));
});

async function start(allow: Allow | true, denied: Denied[] = []): Promise<Raw> {
  const onDenied = (event: Denied) => denied.push(event);
  const guest = await instantiate<Raw>(module, { allow, onDenied });
  onTestFinished(() => {
    guest.dispose();
  });
  return guest.exports;
}

/** Sets an option to a number. */
function set(guest: Raw, fd: number, level: number, option: number, value: number): number {
  new DataView(guest.memory.buffer).setInt32(VALUE, value, true);
  return guest.setsockopt(fd, level, option, VALUE, 4);
}

const stream = [AF.INET, SOCK.STREAM] as const;
const datagram = [AF.INET, SOCK.DGRAM] as const;
const stream6 = [AF.INET6, SOCK.STREAM] as const;
type Row = [name: string, kind: readonly [number, number], level: number, option: number];
const rows = (kind: Row[1], level: number, options: object, names: string): Row[] =>
  names.split(" ").map((name) => [name, kind, level, (options as Record<string, number>)[name]!]);

const escapes: Row[] = [
  ...rows(
    stream,
    SOL.SOCKET,
    SO,
    "BINDTODEVICE BINDTOIFINDEX MARK SNDBUFFORCE RCVBUFFORCE RESERVE_MEM BUSY_POLL PREFER_BUSY_POLL BUSY_POLL_BUDGET DEBUG",
  ),
  ...rows(
    stream,
    SOL.IP,
    IP,
    "OPTIONS HDRINCL UNICAST_IF TRANSPARENT FREEBIND ROUTER_ALERT NODEFRAG",
  ),
  ...rows(
    stream6,
    SOL.IPV6,
    IPV6,
    "HOPOPTS RTHDRDSTOPTS RTHDR DSTOPTS HDRINCL UNICAST_IF PKTINFO TRANSPARENT FREEBIND ROUTER_ALERT ROUTER_ALERT_ISOLATE JOIN_ANYCAST",
  ),
  ...rows(stream, SOL.TCP, TCP, "REPAIR REPAIR_QUEUE QUEUE_SEQ TIMESTAMP ULP"),
  ...rows(datagram, SOL.UDP, UDP, "ENCAP"),
];

test.each(escapes)(
  "%s is refused, whatever a guest may reach, and told of",
  async (_, kind, level, option) => {
    expect(option).toBeTypeOf("number");
    const denied: Denied[] = [];
    const guest = await start(everything, denied);
    const fd = guest.socket(...kind, 0);
    for (const value of [0, 1]) expect(set(guest, fd, level, option, value)).toBe(EACCES);
    const protocol = kind === datagram ? "udp" : "tcp";
    const event = { use: "option", protocol, address: null, syscall: "setsockopt" };
    expect(denied).toEqual([event, event]);
    // The kernel is asked where the guest is trusted: whatever it says, it is not our refusal.
    const trusted = await start(true, denied);
    set(trusted, trusted.socket(...kind, 0), level, option, 0);
    expect(denied).toHaveLength(2);
  },
);

test.each([
  [0, 0],
  [6, 0],
  [7, EACCES],
  [-1, EACCES],
  [2 ** 31 - 1, EACCES],
])("SO_PRIORITY of %i gives %i", async (value, result) => {
  const guest = await start({});
  const fd = guest.socket(...stream, 0);
  expect(set(guest, fd, SOL.SOCKET, SO.PRIORITY, value)).toBe(result);
});

test("the options of every day are the guest's", async () => {
  const guest = await start({});
  for (const [kind, level, option] of [
    [stream, SOL.SOCKET, SO.REUSEADDR],
    [stream, SOL.SOCKET, SO.KEEPALIVE],
    [stream, SOL.TCP, TCP.NODELAY],
    [datagram, SOL.SOCKET, SO.BROADCAST],
    [datagram, SOL.IP, IP.TTL],
    [datagram, SOL.IP, IP.PKTINFO],
    [stream6, SOL.IPV6, IPV6.V6ONLY],
  ] as const) {
    expect(set(guest, guest.socket(...kind, 0), level, option, 1), String(option)).toBe(0);
  }
});

describe("control data", () => {
  test.each([
    [
      "the source of a packet",
      { level: "ip", type: "pktinfo", interface: 0, address: "0.0.0.0", local: "127.0.0.3" },
    ],
    [
      "the interface of a packet",
      { level: "ip", type: "pktinfo", interface: 1, address: "0.0.0.0", local: "0.0.0.0" },
    ],
    ["the sender's credentials", { level: "socket", type: "credentials", pid: 1, uid: 0, gid: 0 }],
    [
      "what has no name",
      { level: "ip", type: 7, bytes: Uint8Array.of(131, 7, 4, 127, 0, 0, 3, 0) },
    ],
  ])("that says %s is refused, and told of", async (_, control) => {
    const denied: Denied[] = [];
    const net = await open({ allow: everything, onDenied: (event) => denied.push(event) });
    onTestFinished(() => {
      net.dispose();
    });
    const fd = net.socket("inet", "datagram");
    const address = { family: "inet", address: "127.0.0.1", port: 9 } as const;
    const message = { data: [new Uint8Array(1)], address, control: [control as never] };
    expect(net.sendmsg(fd, message)).toBe(-1);
    expect(net.errno!.code).toBe("EACCES");
    expect(denied).toEqual([{ use: "option", protocol: "udp", address: null, syscall: "sendmsg" }]);
  });
});

describe("SO_SNDBUF and SO_RCVBUF", () => {
  const sizes = { SNDBUF: SO.SNDBUF, RCVBUF: SO.RCVBUF } as const;
  test.each(Object.entries(sizes))(
    "%s is cut at the guest's limit, as at the kernel's",
    async (_, option) => {
      const limits = { sndbuf: 10_000, rcvbuf: 10_000 };
      const read = (guest: Raw, fd: number) => {
        const view = new DataView(guest.memory.buffer);
        view.setInt32(LENGTH, 4, true);
        expect(guest.getsockopt(fd, SOL.SOCKET, option, VALUE, LENGTH)).toBe(0);
        return view.getInt32(VALUE, true);
      };
      using limited = await instantiate<Raw>(module, { allow: {}, ...limits });
      const guest = limited.exports;
      const fd = guest.socket(...stream, 0);
      for (const [asked, got] of [
        [8000, 16_000],
        [10_000, 20_000],
        [10_001, 20_000],
        [1 << 30, 20_000],
        [-1, 20_000],
      ] as const) {
        expect(set(guest, fd, SOL.SOCKET, option, asked)).toBe(0);
        expect(read(guest, fd), String(asked)).toBe(got); // the kernel doubles it, socket(7)
      }
      // A trusted guest has the kernel's limit alone.
      using free = await instantiate<Raw>(module, { allow: true, ...limits });
      const own = free.exports.socket(...stream, 0);
      expect(set(free.exports, own, SOL.SOCKET, option, 20_000)).toBe(0);
      expect(read(free.exports, own)).toBe(40_000);
    },
  );
});
