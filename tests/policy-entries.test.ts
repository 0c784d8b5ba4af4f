// What the entries of `allow` stand for, on real sockets: which addresses, which ports, which paths.

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  open,
  type Address,
  type Allow,
  type Denied,
  type Net,
  type SocketError,
} from "wasi-sockets";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { lowerCase } from "#host/policy/grammar";
import { unix } from "./support/sockets.js";

const inet = (address: string, port: number): Address => ({ family: "inet", address, port });
const inet6 = (address: string, port: number, scope = 0): Address => ({
  family: "inet6",
  address,
  port,
  scope,
});

async function start(allow: Allow, denied: Denied[] = []): Promise<Net> {
  const net = await open({ allow, onDenied: (event) => denied.push(event) });
  onTestFinished(() => {
    net.dispose();
  });
  return net;
}

/** The name of the error that a call gives, or "". */
function code(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return (error as SocketError).code;
  }
}

/** Whether a UDP socket of the address's family may connect to it: the kernel asks nobody. */
function reaches(net: Net, address: Address, type: "datagram" | "stream" = "datagram"): boolean {
  const fd = net.socket(address.family, [type, "nonblock"]);
  const error = code(() => {
    net.connect(fd, address);
  });
  net.close(fd);
  return error !== "EACCES";
}

type Row = [entry: string, yes: Address[], no: Address[]];
// prettier-ignore
const rows: Row[] = [
  ["udp:127.0.0.1:9", [inet("127.0.0.1", 9)], [inet("127.0.0.1", 10), inet("127.0.0.2", 9)]],
  ["127.0.0.1:9", [inet("127.0.0.1", 9)], [inet("127.0.0.1", 8)]],
  ["tcp:127.0.0.1:9", [], [inet("127.0.0.1", 9)]],
  ["udp:127.0.0.1:*", [inet("127.0.0.1", 0), inet("127.0.0.1", 65535)], [inet("127.0.0.2", 9)]],
  ["udp:127.0.0.1:8000-8099", [inet("127.0.0.1", 8000), inet("127.0.0.1", 8099)],
    [inet("127.0.0.1", 7999), inet("127.0.0.1", 8100)]],
  ["udp:127.1.0.0/16:9", [inet("127.1.0.0", 9), inet("127.1.255.255", 9)], [inet("127.0.255.255", 9), inet("127.2.0.0", 9)]],
  ["udp:127.1.2.3/16:9", [inet("127.1.0.0", 9)], [inet("127.2.0.0", 9)]],
  ["udp:127.0.0.0/31:9", [inet("127.0.0.1", 9)], [inet("127.0.0.2", 9)]],
  ["udp:0.0.0.0/0:9", [inet("127.0.0.1", 9), inet("127.255.0.1", 9)], [inet6("::1", 9)]],
  ["udp:*:9", [inet("127.0.0.1", 9), inet6("::1", 9)], [inet("127.0.0.1", 10)]],
  ["[::1]:*", [inet6("::1", 9), inet6("::1", 0)], [inet6("::2", 9), inet("127.0.0.1", 9)]],
  ["udp:[::/127]:9", [inet6("::1", 9)], [inet6("::2", 9)]],
  ["udp:[::/0]:9", [inet6("::1", 9)], [inet("127.0.0.1", 9), inet6("::ffff:127.0.0.1", 9)]],
  // IPv4 within IPv6 is IPv4, in the entry and in the address.
  ["udp:127.0.0.0/8:9", [inet6("::ffff:127.0.0.1", 9), inet6("::ffff:7f05:1", 9)], [inet6("::ffff:128.0.0.1", 9)]],
  ["udp:[::ffff:127.0.0.0/104]:9", [inet("127.9.9.9", 9), inet6("::ffff:127.0.0.1", 9)], [inet("128.0.0.1", 9)]],
  // What is no address as a destination is this host.
  ["udp:127.0.0.1:9", [inet("0.0.0.0", 9), inet6("::ffff:0.0.0.0", 9)], [inet6("::", 9)]],
  ["udp:[::1]:9", [inet6("::", 9)], [inet("0.0.0.0", 9)]],
  // Linux ignores a scope where the address is not of a link.
  ["udp:[::1]:9", [inet6("::1", 9, 1), inet6("::1", 9, 4711)], []],
  ["udp:[fe80::1]:9", [inet6("fe80::1", 9, 1)], [inet6("fe80::2", 9, 1)]],
];

test.each(rows)("connect to %s", async (entry, yes, no) => {
  const net = await start({ connect: ["tcp:127.0.0.9:1", entry] });
  for (const address of yes) expect(reaches(net, address), JSON.stringify(address)).toBe(true);
  for (const address of no) expect(reaches(net, address), JSON.stringify(address)).toBe(false);
});

test.each([
  ["udp:127.0.0.1:0", inet("127.0.0.1", 0), ""],
  ["udp:127.0.0.1:*", inet("127.0.0.1", 0), ""],
  ["udp:127.0.0.1:1-65535", inet("127.0.0.1", 0), "EACCES"],
  ["udp:127.0.0.0/8:0", inet("127.3.2.1", 0), ""],
  ["udp:127.0.0.1:0", inet("0.0.0.0", 0), "EACCES"],
  ["udp:0.0.0.0:0", inet("0.0.0.0", 0), ""],
  ["udp:*:0", inet("0.0.0.0", 0), ""],
  ["udp:[::1]:0", inet6("::", 0), "EACCES"],
  ["udp:127.0.0.1:0", inet6("::ffff:127.0.0.1", 0), ""],
] as [string, Address, string][])("bind of %s to %j gives %j", async (entry, address, error) => {
  const net = await start({ bind: [entry] });
  const fd = net.socket(address.family, "datagram");
  expect(
    code(() => {
      net.bind(fd, address);
    }),
  ).toBe(error);
});

test("0.0.0.0 is judged and reached as loopback, wherever the socket is bound to", async () => {
  // Linux would connect to the socket's own address, 127.0.0.3.
  const server = createServer().listen(0, "127.0.0.3");
  onTestFinished(() => {
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const net = await start({ connect: [`tcp:127.0.0.1:${port}`], bind: true });
  const fd = net.socket("inet", "stream");
  net.bind(fd, inet("127.0.0.3", 0));
  expect(
    code(() => {
      net.connect(fd, inet("0.0.0.0", port));
    }),
  ).toBe("ECONNREFUSED");
  const trusted = await open();
  onTestFinished(() => {
    trusted.dispose();
  });
  const own = trusted.socket("inet", "stream");
  trusted.bind(own, inet("127.0.0.3", 0));
  trusted.connect(own, inet("0.0.0.0", port));
  expect(trusted.getpeername(own)).toEqual(inet("127.0.0.3", port));
});

describe("a Unix path", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ws-policy-"));
    mkdirSync(join(directory, "app"));
    mkdirSync(join(directory, "other"));
    return () => {
      rmSync(directory, { recursive: true });
    };
  });

  const listens = async (path: string) => {
    const server = createServer((socket) => socket.end(path)).listen(path);
    onTestFinished(() => {
      server.close();
    });
    await once(server, "listening");
  };
  const connects = (net: Net, path: string) => {
    const fd = net.socket("unix", "stream");
    return code(() => {
      net.connect(fd, unix(path));
    });
  };
  const binds = (net: Net, path: string) => {
    const fd = net.socket("unix", "stream");
    return code(() => {
      net.bind(fd, unix(path));
    });
  };

  test('that an entry ends in "*" for is any in that directory, and none below', async () => {
    mkdirSync(join(directory, "app/deep"));
    const net = await start({ bind: [`unix:${directory}/app/*.sock`] });
    expect(binds(net, `${directory}/app/a.sock`)).toBe("");
    expect(binds(net, `${directory}/app/.sock`)).toBe("");
    for (const path of ["a.sick", "deep/a.sock", "../other/a.sock", "..", ""]) {
      expect(binds(net, `${directory}/app/${path}`), path).toBe("EACCES");
    }
  });

  test("is judged by where its links and its .. lead", async () => {
    await listens(join(directory, "app/yes"));
    await listens(join(directory, "other/no"));
    symlinkSync("../other/no", join(directory, "app/trap"));
    symlinkSync("other", join(directory, "way"));
    symlinkSync("app", join(directory, "short"));
    symlinkSync("app/yes", join(directory, "link"));
    const denied: Denied[] = [];
    const net = await start({ connect: [`unix:${directory}/app/*`] }, denied);
    for (const path of [
      "app/yes",
      "short/yes",
      "link",
      "app/./yes",
      "other/../app/yes",
      "way/../app/yes",
    ])
      expect(connects(net, join(directory, "/") + path), path).toBe("");
    expect(denied).toEqual([]);
    for (const path of ["app/trap", "other/no", "way/no", "app/../other/no", "short/../other/no"])
      expect(connects(net, join(directory, "/") + path), path).toBe("EACCES");
    expect(denied).toHaveLength(5);
    const address = unix(join(directory, "other/no"));
    for (const event of denied)
      expect(event).toEqual({ use: "unix", protocol: "unix", address, syscall: "connect" });
  });

  test("is bound where its directory leads, and is not a link that stands there", async () => {
    symlinkSync("../other/new", join(directory, "app/dangling"));
    symlinkSync("other", join(directory, "way"));
    const net = await start({ bind: [`unix:${directory}/app/*`] });
    expect(binds(net, join(directory, "app/dangling"))).toBe("EADDRINUSE");
    expect(binds(net, join(directory, "way/new"))).toBe("EACCES");
    expect(binds(net, `${directory}/way/../app/new`)).toBe("");
  });

  test("of an entry may itself go by a link", async () => {
    await listens(join(directory, "app/yes"));
    symlinkSync("app", join(directory, "short"));
    const net = await start({ connect: [`unix:${directory}/short/yes`] });
    expect(connects(net, join(directory, "app/yes"))).toBe("");
    rmSync(join(directory, "short"));
    symlinkSync("other", join(directory, "short"));
    await listens(join(directory, "other/yes"));
    expect(connects(net, join(directory, "short/yes"))).toBe("EACCES");
  });

  test("whose link is swapped all the while reaches only what is allowed", async () => {
    await listens(join(directory, "app/yes"));
    let strangers = 0;
    const stranger = createServer(() => strangers++).listen(join(directory, "other/no"));
    onTestFinished(() => {
      stranger.close();
    });
    await once(stranger, "listening");
    const place = (to: string) => {
      symlinkSync(to, join(directory, "new"));
      renameSync(join(directory, "new"), join(directory, "flip"));
    };
    // The embedder's function runs after the path was resolved, and before the system call.
    const swapping = await open({
      allow: (_use, _protocol, address) => {
        const { path } = address as { path: string };
        place("other/no");
        return path === join(directory, "app/yes");
      },
    });
    onTestFinished(() => {
      swapping.dispose();
    });
    for (let i = 0; i < 20; i++) {
      place("app/yes");
      expect(connects(swapping, join(directory, "flip"))).toBe("");
      expect(connects(swapping, join(directory, "flip"))).toBe("EACCES");
    }
    await new Promise((done) => setImmediate(done));
    expect(strangers).toBe(0);
  });

  test("that leads to one too long for an address is refused", async () => {
    const deep = join(directory, "d".repeat(60), "e".repeat(60));
    mkdirSync(deep, { recursive: true });
    symlinkSync(deep, join(directory, "short"));
    const denied: Denied[] = [];
    const net = await start({ bind: [`unix:${deep}/*`] }, denied);
    expect(binds(net, join(directory, "short/a"))).toBe("EACCES");
    expect(denied[0]!.error).toBeInstanceOf(RangeError);
  });

  test("of bytes that are no UTF-8 is compared byte for byte", async () => {
    const net = await start({ bind: [`unix:${directory}/app/\ufffd`] });
    const path = Buffer.concat([Buffer.from(join(directory, "app/")), Buffer.of(0xff, 0)]);
    const fd = net.socket("unix", "stream");
    const bytes = Buffer.concat([Buffer.of(1, 0), path]);
    expect(
      code(() => {
        net.bind(fd, { family: 1, bytes });
      }),
    ).toBe("EACCES");
    expect(binds(net, join(directory, "app/\ufffd"))).toBe("");
  });

  test("in the abstract namespace is matched whole, slashes and all", async () => {
    const name = `\0ws-${process.pid}`;
    const net = await start({ bind: [`unix:${name}-*-end`] });
    expect(binds(net, `${name}-a/b-end`)).toBe("");
    for (const path of [`${name}-a`, `${name.slice(1)}-a-end`, `\0${name}-a-end`])
      expect(binds(net, path), JSON.stringify(path)).toBe("EACCES");
  });
});

describe("beyond tcp, udp and unix", () => {
  const isRoot = process.getuid?.() === 0;
  const skipped = isRoot ? "" : " (skipped: needs root)";

  test.skipIf(!isRoot)(`raw sockets that are named reach what is named${skipped}`, async () => {
    const net = await start({ raw: ["raw"], connect: ["raw:127.0.0.1:*", "udp:127.0.0.2:*"] });
    const fd = net.socket("inet", "raw", "icmp");
    const echo = Uint8Array.of(8, 0, 0xf7, 0xfd, 0, 1, 0, 1);
    expect(net.sendto(fd, echo, null, inet("127.0.0.1", 0))).toBe(8);
    expect(net.sendto(fd, echo, null, inet("127.0.0.2", 0))).toBe(-1);
    expect(net.errno!.code).toBe("EACCES");
    expect(
      code(() => {
        net.setsockopt(fd, "ip", "hdrincl", true);
      }),
    ).toBe("EACCES");
    for (const kind of ["packet", "netlink"] as const)
      expect(
        code(() => net.socket(kind, "raw")),
        kind,
      ).toBe("EACCES");
    expect(code(() => net.socket("inet", "raw", "raw"))).toBe("EACCES"); // IPPROTO_RAW brings its header
  });

  test("a netlink socket that is named may be bound", async () => {
    const net = await start({ raw: ["netlink"] });
    const fd = net.socket("netlink", "raw");
    net.bind(fd, { family: "netlink", pid: 0, groups: 0 });
    expect(net.getsockname(fd)).toMatchObject({ family: "netlink" });
    expect(code(() => net.socket("inet", "raw", "icmp"))).toBe("EACCES");
  });

  test.each([
    [{ raw: ["tcp"] }, '"tcp" is none of "ping"'],
    [{ raw: "ping" }, "allow.raw"],
    [{ conect: [] }, "allow.conect is none of connect, bind"],
    [{ bind: ["tcp:example.com:80"] }, "is a host name"],
    [{ accept: ["example.com:80"] }, "is a host name"],
    [{ connect: ["udp:0.0.0.0:9"] }, "is no destination"],
    [{ connect: ["[::]:9"] }, "is no destination"],
    [{ connect: ["tcp:[0::0.0.0.0]:9"] }, "is no destination"],
    [{ resolve: ["127.0.0.1"] }, "is not a host name"],
    [[], "neither true, an object nor a function"],
    [false, "neither true, an object nor a function"],
    [null, "neither true, an object nor a function"],
    ["all", "neither true, an object nor a function"],
  ])("%j is a TypeError", async (allow, message) => {
    const opened = open({ allow: allow as unknown as Allow });
    await expect(opened).rejects.toThrow(TypeError);
    await expect(opened).rejects.toThrow(message);
  });
});

test.each([
  ["A", "a"],
  ["Z", "z"],
  ["WWW.Example.org", "www.example.org"],
  ["az.@[`{-09", "az.@[`{-09"], // the characters beside the letters
  ["\u212a\u0130\u00c9", "\u212a\u0130\u00c9"], // a Kelvin sign is no k, RFC 4343
])("the name %j in lower case is %j", (name, lower) => {
  expect(lowerCase(name)).toBe(lower);
});
