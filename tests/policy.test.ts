// What a guest may reach: nothing but what `allow` names, whatever it tries.

import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { instantiate, open, type Address, type Allow, type SocketError } from "wasi-sockets";
import { encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compileFile, compileGuest } from "./support/guest.js";
import { isMusl } from "./support/libc.js";
import { errnoOf } from "./support/sockets.js";

type Raw = Record<string, (...args: number[]) => number> & { memory: WebAssembly.Memory };
type Use = "bind" | "connect" | "sendto";
/** [domain, type, protocol] of socket(2). */
type Kind = readonly [number, number, number];

const { AF, SOCK, IPPROTO, SOL, EAI } = marshal;
const [ADDRESS, OUT] = [1024, 2048];
const EACCES = "EACCES";
const ALLOWED = "";

const tcp: Kind = [AF.INET, SOCK.STREAM, 0];
const udp: Kind = [AF.INET, SOCK.DGRAM, 0];
const tcp6: Kind = [AF.INET6, SOCK.STREAM, 0];
const udp6: Kind = [AF.INET6, SOCK.DGRAM, 0];
const unix: Kind = [AF.UNIX, SOCK.STREAM, 0];

const inet = (address: string, port: number): Address => ({ family: "inet", address, port });
const inet6 = (address: string, port: number): Address => ({ family: "inet6", address, port });
const path = (name: string): Address => ({ family: "unix", path: name });
const nobody = `\0wasi-sockets-nobody-${process.pid}`;

/** An address in other bytes than its own: another family, another length. */
function forged(address: Address, family: number, length?: number): Address {
  const size = encodeAddress(marshal, marshalBytes, address, () => 0);
  const bytes = marshalBytes.slice(marshal.address, marshal.address + size);
  new DataView(bytes.buffer).setUint16(0, family, true);
  return { family, bytes: bytes.subarray(0, length ?? size) };
}

/** One who is judged: each call gives the name of its error, or "". */
interface Judged {
  readonly socket: (kind: Kind) => string;
  readonly attempt: (use: Use, kind: Kind, address: Address) => string;
  readonly listen: (kind: Kind) => string;
  readonly resolve: (name: string) => string;
}

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await compileFile("raw", ["--initialMemory", "1"]));
});

const codes = new Map(
  Object.entries(marshal.Errno).map(([code, errno]) => [-(errno as number), code] as const),
);

async function start(allow: Allow | undefined): Promise<Raw> {
  const guest = await instantiate<Raw>(module, { allow });
  onTestFinished(() => {
    guest.dispose();
  });
  return guest.exports;
}

async function judgedGuest(allow: Allow | undefined): Promise<Judged> {
  const guest = await start(allow);
  const bytes = Buffer.from(guest.memory.buffer);
  const call = (name: string, ...args: number[]) => {
    const result = guest[name]!(...args);
    return result < 0 ? codes.get(result)! : ALLOWED;
  };
  return {
    socket: (kind) => call("socket", ...kind),
    attempt(use, kind, address) {
      const length = encodeAddress(marshal, marshalBytes, address, () => 0);
      bytes.set(marshalBytes.subarray(marshal.address, marshal.address + length), ADDRESS);
      const fd = guest["socket"]!(...kind);
      return use === "sendto"
        ? call(use, fd, 0, 0, 0, ADDRESS, length)
        : call(use, fd, ADDRESS, length);
    },
    listen: (kind) => call("listen", guest["socket"]!(...kind), 1),
    resolve(name) {
      bytes.write(`${name}\0`, ADDRESS);
      const size = guest["getaddrinfo"]!(ADDRESS, 0, 0, OUT, 4096);
      return size === EAI.SYSTEM ? codes.get(-bytes.readInt32LE(OUT))! : ALLOWED;
    },
  };
}

async function judgedOwner(allow: Allow | undefined): Promise<Judged> {
  const net = await open({ allow: allow ?? {} });
  onTestFinished(() => {
    net.dispose();
  });
  const code = (call: () => unknown) => {
    try {
      return call() === -1 ? net.errno!.code : ALLOWED;
    } catch (error) {
      return (error as SocketError).code;
    }
  };
  const none = new Uint8Array(0);
  return {
    socket: (kind) => code(() => net.socket(...kind)),
    attempt(use, kind, address) {
      const fd = net.socket(...kind);
      return code(() => {
        if (use === "sendto") return net.sendto(fd, none, null, address);
        net[use](fd, address);
        return 0;
      });
    },
    listen: (kind) =>
      code(() => {
        net.listen(net.socket(...kind), 1);
      }),
    resolve: (name) => code(() => net.getaddrinfo(name)),
  };
}

const uses: Use[] = ["bind", "connect", "sendto"];

describe.each([
  ["a guest", judgedGuest],
  ["open({ allow })", judgedOwner],
])("%s", (_, judged) => {
  test.each([
    ["TCP", tcp, inet("127.0.0.1", 0)],
    ["TCP over IPv6", tcp6, inet6("::1", 0)],
    ["UDP", udp, inet("127.0.0.1", 9)],
    ["UDP over IPv6", udp6, inet6("::1", 9)],
    ["a Unix path", unix, path("/nowhere/socket")],
    ["an abstract name", unix, path(nobody)],
    ["an unnamed Unix socket", unix, path("")],
  ])("may do nothing with %s where nothing is allowed", async (_name, kind, address) => {
    for (const allow of [undefined, {}, { connect: [], bind: [] }]) {
      const { attempt, listen } = await judged(allow);
      for (const use of uses) expect(attempt(use, kind, address), use).toBe(EACCES);
      expect(listen(kind)).toBe(EACCES);
    }
  });

  test.each([
    ["raw", [AF.INET, SOCK.RAW, IPPROTO.ICMP]],
    ["raw over IPv6", [AF.INET6, SOCK.RAW, IPPROTO.ICMPV6]],
    ["ping", [AF.INET, SOCK.DGRAM, IPPROTO.ICMP]],
    ["SCTP", [AF.INET, SOCK.STREAM, IPPROTO.SCTP]],
    ["old packet", [AF.INET, SOCK.PACKET, 0]],
    ["packet", [AF.PACKET, SOCK.RAW, 0]],
    ["netlink", [AF.NETLINK, SOCK.RAW, 0]],
    ["VSOCK", [AF.VSOCK, SOCK.STREAM, 0]],
  ] as [string, Kind][])("opens no %s socket, whatever it may reach", async (_name, kind) => {
    const { socket } = await judged({ connect: true, bind: true, resolve: true });
    expect(socket(kind)).toBe(EACCES);
  });

  const entries: [
    entry: string,
    kind: Kind,
    address: Address,
    answer: Partial<Record<Use, string>>,
  ][] = [
    ["tcp:127.0.0.1:0", tcp, inet("127.0.0.1", 0), { bind: ALLOWED, connect: "ECONNREFUSED" }],
    ["tcp:[::1]:0", tcp6, inet6("::1", 0), { bind: ALLOWED, connect: "ECONNREFUSED" }],
    ["udp:127.0.0.1:9", udp, inet("127.0.0.1", 9), { connect: ALLOWED, sendto: ALLOWED }],
    ["udp:[::1]:9", udp6, inet6("::1", 9), { connect: ALLOWED, sendto: ALLOWED }],
    ["udp:[0::1]:0", udp6, inet6("::1", 0), { bind: ALLOWED, connect: ALLOWED }],
    ["udp:[0:0::ffff:7f00:1]:9", udp6, inet6("::ffff:127.0.0.1", 9), { connect: ALLOWED }],
    ["udp:127.0.0.1:9", udp6, inet("127.0.0.1", 9), { connect: ALLOWED }],
    ["unix:/nowhere/socket", unix, path("/nowhere/socket"), { bind: "ENOENT", connect: "ENOENT" }],
    [`unix:${nobody}`, unix, path(nobody), { bind: ALLOWED, connect: "ECONNREFUSED" }],
  ];

  test.each(entries)("that may reach %j reaches it", async (entry, kind, address, answers) => {
    const { attempt } = await judged({ bind: [entry], connect: [entry] });
    for (const [use, answer] of Object.entries(answers))
      expect(attempt(use as Use, kind, address), use).toBe(answer);
  });

  test("that may reach everything reaches it", async () => {
    const { attempt } = await judged({ bind: true, connect: true });
    for (const use of uses) expect(attempt(use, udp, inet("127.0.0.1", 0)), use).not.toBe(EACCES);
    expect(attempt("connect", unix, path("/nowhere/socket"))).toBe("ENOENT");
  });

  test.each([
    ["tcp:127.0.0.1:80", tcp, inet("127.0.0.1", 81)],
    ["tcp:127.0.0.1:80", tcp, inet("127.0.0.2", 80)],
    ["udp:127.0.0.1:80", tcp, inet("127.0.0.1", 80)],
    ["tcp:127.0.0.1:80", udp, inet("127.0.0.1", 80)],
    ["udp:127.0.0.1:80", udp6, inet6("::ffff:127.0.0.2", 80)],
    ["udp:[::1]:80", udp6, inet6("::2", 80)],
    ["unix:/run/app", unix, path("/run/app/other")],
    ["unix:/run/app", unix, path("\0/run/app")],
    ["unix:/run/app", unix, path("\ufeff/run/app")],
    [`unix:${nobody}`, unix, path(`${nobody}\0`)],
    [`unix:${nobody}`, unix, path(nobody.slice(1))],
  ])("that may reach %j does not reach what is near it", async (entry, kind, address) => {
    const { attempt } = await judged({ bind: [entry], connect: [entry] });
    for (const use of uses) expect(attempt(use, kind, address), use).toBe(EACCES);
  });

  test.each([
    ["AF_UNSPEC, which bind and sendto take for AF_INET", AF.UNSPEC, undefined],
    ["a family that nobody knows", 999, undefined],
    ["an address that is cut short", AF.INET, 15],
    ["an address of a family and no more", AF.INET, 2],
  ])("gets nowhere with %s", async (_name, family, length) => {
    const { attempt } = await judged({ bind: true, connect: true });
    const address = forged(inet("0.0.0.0", 0), family, length);
    expect(attempt("bind", udp, address)).toBe(EACCES);
    expect(attempt("sendto", udp, address)).toBe(EACCES);
    if (family !== AF.UNSPEC) expect(attempt("connect", udp, address)).toBe(EACCES);
  });

  test("may dissolve an association, which reaches nobody", async () => {
    const { attempt } = await judged({});
    expect(attempt("connect", udp, forged(inet("127.0.0.1", 9), AF.UNSPEC))).toBe(ALLOWED);
  });

  test("listens without a bind only where it may bind the same itself", async () => {
    for (const [allow, kind, answer] of [
      [{ bind: ["tcp:127.0.0.1:0", "udp:0.0.0.0:0", "tcp:[::]:0"], connect: true }, tcp, EACCES],
      [{ bind: ["tcp:0.0.0.0:0"] }, tcp, ALLOWED],
      [{ bind: ["tcp:0.0.0.0:0"] }, tcp6, EACCES],
      [{ bind: ["tcp:[::]:0"] }, tcp6, ALLOWED],
      [{ bind: true }, tcp, ALLOWED],
    ] as [Allow, Kind, string][]) {
      expect((await judged(allow)).listen(kind), JSON.stringify(allow)).toBe(answer);
    }
  });

  test("looks up the names that are listed, in any case, and numbers without permission", async () => {
    const { resolve } = await judged({ resolve: ["LocalHost"] });
    expect(resolve("localhost")).toBe(ALLOWED);
    // musl reads the hosts file as it is written: the name is allowed, and unknown.
    expect(resolve("LOCALHOST")).toBeOneOf(isMusl ? [ALLOWED, "EAI_NONAME"] : [ALLOWED]);
    for (const number of ["127.0.0.1", "::1"]) expect(resolve(number), number).toBe(ALLOWED);
    for (const name of ["localhost.", "example.com", "127.1", "\ufefflocalhost"])
      expect(resolve(name), name).toBe(EACCES);
    expect((await judged({ connect: true, bind: true })).resolve("localhost")).toBe(EACCES);
  });
});

describe("what would reach the host does not exist for a guest", () => {
  test.each([
    ["SO_ATTACH_FILTER", SOL.SOCKET, 26],
    ["SO_ATTACH_BPF", SOL.SOCKET, 50],
    ["SO_ATTACH_REUSEPORT_CBPF", SOL.SOCKET, 51],
    ["SO_ATTACH_REUSEPORT_EBPF", SOL.SOCKET, 52],
    ["TCP_ZEROCOPY_RECEIVE", SOL.TCP, 35],
    ["an unknown option", SOL.SOCKET, 999],
    ["a level that has no table", 999, 1],
  ])("%s: ENOPROTOOPT", async (_, level, option) => {
    const guest = await start({ connect: true, bind: true, resolve: true });
    const fd = guest["socket"]!(...tcp);
    new DataView(guest.memory.buffer).setInt32(OUT, 64, true);
    const error = -errnoOf("ENOPROTOOPT");
    expect(guest["setsockopt"]!(fd, level, option, ADDRESS, 64)).toBe(error);
    expect(guest["getsockopt"]!(fd, level, option, ADDRESS, OUT)).toBe(error);
  });

  // F_DUPFD, F_GETLK to F_GETOWN_EX, F_SETLEASE, F_NOTIFY, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_ADD_SEALS
  const commands = [0, 5, 6, 7, 8, 9, 10, 11, 15, 16, 1024, 1026, 1030, 1031, 1033, -1];
  test.each(commands)("fcntl command %i: EINVAL", async (command) => {
    const guest = await start({});
    expect(guest["fcntl"]!(guest["socket"]!(...tcp), command, 1)).toBe(-errnoOf("EINVAL"));
  });
});

describe("an entry that cannot be read is a TypeError that names it and the form", () => {
  // prettier-ignore
  const entries: unknown[] = [
    "", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:65536", "tcp:127.0.0.1:-1",
    "tcp:127.0.0.1:80 ", "tcp:::1:80", "tcp:[::1:80", "tcp:[127.0.0.1]:80", "tcp:[fe80::1%lo]:80",
    "tcp:1..2.3:80", "tcp:0x10.1.1.1:80", "tcp:1.2.3:80", "http:127.0.0.1:80", "unix:", 5, null, {},
    "tcp:127.0.0.1:90-80", "tcp:127.0.0.1:80-65536", "tcp:127.0.0.1:-", "tcp:127.0.0.1:*-80", "*", "tcp:*", ":80",
    "tcp:10.0.0.0/33:80", "tcp:10.0.0.0/-1:80", "tcp:10.0.0.0/:80", "tcp:[::/129]:80", "tcp:[::]/8:80",
    "tcp:[::ffff:10.0.0.0/95]:80", "tcp:[*]:80", "tcp:[]:80", "tcp:*.*:80", "tcp:a..b:80", "tcp:-a:80", "tcp:a.:80",
    "tcp:ex ample:80", "tcp:127.0.0.1.:80", "tcp:0x7f000001:80", "tcp:*.1:80", "unix:/run/*/app",
  ];
  test.each(entries)("%j", async (entry) => {
    for (const use of ["connect", "bind"]) {
      const options = { allow: { [use]: ["udp:127.0.0.1:53", entry] } as Allow };
      for (const judged of [instantiate(module, options), open(options)]) {
        await expect(judged).rejects.toThrow(TypeError);
        await expect(judged).rejects.toThrow(`entry ${JSON.stringify(entry)} `);
        await expect(judged).rejects.toThrow('"tcp:127.0.0.1:8080"');
      }
    }
  });

  test.each(["connect", "bind", "resolve"])("%s that is neither true nor a list", async (use) => {
    for (const allowed of ["tcp:127.0.0.1:80", false, {}, null]) {
      const judged = instantiate(module, { allow: { [use]: allowed } as unknown as Allow });
      await expect(judged).rejects.toThrow(TypeError);
      await expect(judged).rejects.toThrow(`allow.${use}`);
    }
  });

  test("resolve with what is no name", async () => {
    const judged = instantiate(module, { allow: { resolve: [5] } as unknown as Allow });
    await expect(judged).rejects.toThrow(/allow.*5/);
  });
});

describe("a refused call", () => {
  const hasStrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;
  const PROGRAM = `
    import { instantiate } from ${JSON.stringify(new URL("../build/host/index.js", import.meta.url))};
    const wasm = Buffer.concat(await process.stdin.toArray());
    const { exports } = await instantiate(wasm, { allow: JSON.parse(process.argv[1]) });
    exports.main();
  `;

  test.skipIf(!hasStrace).each([
    ["makes no system call", {}, ["socket"]],
    ["would have made one", { bind: true, connect: true }, ["socket", "bind", "connect"]],
  ])(`%s${hasStrace ? "" : " (skipped: strace does not run here)"}`, async (_, allow, calls) => {
    const wasm = await compileGuest(`
      import { AF, Inet, SOCK, bind, connect, socket } from "wasi-sockets/assembly";
      export function main(): i32 {
        const fd = socket(AF.INET, SOCK.STREAM, 0);
        return bind(fd, new Inet("127.0.0.1", 0)) + connect(fd, new Inet("127.0.0.1", 0));
      }
    `);
    const node = [
      process.execPath,
      "--input-type=module",
      "--eval",
      PROGRAM,
      JSON.stringify(allow),
    ];
    const trace = ["-f", "-qq", "-e", "trace=network", "-e", "signal=none", ...node];
    const running = promisify(execFile)("strace", trace, { timeout: 20_000 });
    running.child.stdin!.end(wasm);
    const { stderr } = await running;
    const made = [...stderr.matchAll(/(\w+)\(.*AF_INET,/g)].map(([, call]) => call);
    expect([...new Set(made)]).toEqual(calls);
  });

  // Sockets are opened before the first mark, a system call that is easy to know, and closed after the second.
  const EACH = `
    import { open } from ${JSON.stringify(new URL("../build/host/index.js", import.meta.url))};
    const own = await open();
    const net = await open({ allow: JSON.parse(process.argv[1]) });
    const inet = { family: "inet", address: "127.0.0.1", port: 9 };
    const inet6 = { family: "inet6", address: "::ffff:127.0.0.1", port: 9 };
    const unix = { family: "unix", path: "/nowhere/socket" };
    const data = [new Uint8Array(1)];
    const [tcp, udp, udp6, local] = [["inet", "stream"], ["inet", "datagram"], ["inet6", "datagram"], ["unix", "datagram"]]
      .map(([domain, type]) => net.socket(domain, [type, "nonblock"]));
    const calls = [
      () => net.connect(tcp, inet), () => net.bind(tcp, inet), () => net.listen(tcp, 1), () => net.connect(udp6, inet6),
      () => net.sendto(udp, data[0], null, inet), () => net.sendto(tcp, data[0], ["fastopen"], inet),
      () => net.sendmsg(udp, { data, address: inet }), () => net.sendmmsg(udp, [{ data, address: inet }, { data, address: inet }]),
      () => net.connect(local, unix), () => net.bind(local, unix), () => net.sendto(local, data[0], null, unix),
      () => net.getaddrinfo("localhost"), () => net.getnameinfo(inet),
      () => net.socket("inet", "raw", "icmp"), () => net.socket("packet", "raw"), () => net.socket("netlink", "raw"),
      () => net.setsockopt(udp, "socket", "mark", 1), () => net.setsockopt(udp, "socket", "bindtodevice", "lo"),
    ];
    const errors = calls.map((call) => {
      try { own.socket("inet", "rdm"); } catch {}
      try { return call() === -1 ? net.errno.code : ""; } catch (error) { return error.code; }
    });
    try { own.socket("inet", "rdm"); } catch {}
    console.log(JSON.stringify(errors));
  `;
  const everything = { connect: true, bind: true, resolve: true, raw: true };

  test.skipIf(!hasStrace).each([
    ["of each kind makes no system call", {}],
    ["of each kind would have made one", everything],
  ])(`%s${hasStrace ? "" : " (skipped: strace does not run here)"}`, async (_, allow) => {
    const node = [process.execPath, "--input-type=module", "--eval", EACH, JSON.stringify(allow)];
    const trace = ["-f", "-qq", "-e", "trace=network", "-e", "signal=none", ...node];
    const { stdout, stderr } = await promisify(execFile)("strace", trace, { timeout: 20_000 });
    const errors = JSON.parse(stdout) as string[];
    // What strace prints between two marks is what one call did.
    const steps = stderr.split(/^.*SOCK_RDM.*$/m).slice(1, -1);
    const made = steps.map((lines) => lines.trim().split("\n")[0]!);
    expect(steps).toHaveLength(errors.length);
    if (allow !== everything) {
      expect(errors).toEqual(errors.map(() => EACCES));
      expect(made).toEqual(errors.map(() => ""));
    } else {
      // The escapes are refused to whoever is not trusted.
      expect(errors.slice(-2)).toEqual([EACCES, EACCES]);
      expect(made.slice(0, -2)).not.toContain("");
    }
  });
});
