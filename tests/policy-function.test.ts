// `allow` as a function, and `onDenied`: what they are told, and what they cannot break.

import { execFile } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  open,
  type AllowFunction,
  type Denied,
  type InetAddress,
  type Net,
  type OpenOptions,
  type SocketError,
} from "wasi-sockets";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileFile } from "./support/guest.js";
import { windows } from "./support/system.js";

const inet = (port: number, address = "127.0.0.1"): InetAddress => ({
  family: "inet",
  address,
  port,
});
const bytes = (text: string) => new TextEncoder().encode(text);

async function start(options: OpenOptions): Promise<Net> {
  const net = await open(options);
  onTestFinished(() => {
    net.dispose();
  });
  return net;
}

async function datagrams(): Promise<Socket & { place: InetAddress }> {
  const socket = createSocket("udp4");
  onTestFinished(() => {
    socket.close();
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return Object.assign(socket, { place: inet(socket.address().port) });
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

/** The name of the error that connect gives, or "". */
function connecting(net: Net, fd: number, address: InetAddress): string {
  return code(() => {
    net.connect(fd, address);
  });
}

type Asked = Parameters<AllowFunction>;

describe("allow as a function", () => {
  test("is asked for each use, by WASI's names, before its call", async () => {
    const asked: Asked[] = [];
    const net = await start({ allow: (...use) => asked.push(use) > 0 });
    const server = net.socket("inet", "stream");
    net.bind(server, inet(0));
    net.listen(server, 1);
    const at = net.getsockname(server) as InetAddress;
    const client = net.socket("inet", ["stream", "nonblock"]);
    expect(connecting(net, client, at)).toBe("EINPROGRESS");
    net.accept(server);
    const unbound = net.socket("inet6", "stream");
    net.listen(unbound, 1);
    const left = net.socket("inet", "datagram");
    net.bind(left, inet(0));
    const place = net.getsockname(left) as InetAddress;
    net.sendto(left, bytes("x"), null, place);
    net.recv(left, new Uint8Array(1));
    const path = `\0ws-function-${process.pid}`;
    net.bind(net.socket("unix", "datagram"), { family: "unix", path });
    const flags = { flowinfo: 0, scope: 0 };
    const any = { family: "inet6", address: "::", port: 0, ...flags };
    expect(asked).toEqual([
      ["tcp-bind", "tcp", inet(0), "bind"],
      ["tcp-listen", "tcp", at, "listen"],
      ["tcp-connect", "tcp", at, "connect"],
      ["tcp-accept", "tcp", net.getsockname(client), "accept"],
      ["tcp-bind", "tcp", any, "listen"],
      ["tcp-listen", "tcp", any, "listen"],
      ["udp-bind", "udp", inet(0), "bind"],
      ["udp-send", "udp", place, "sendto"],
      ["udp-receive", "udp", place, "recv"],
      ["unix", "unix", { family: "unix", path }, "bind"],
    ]);
  });

  test("is asked for names and for sockets beyond tcp, udp and unix", async () => {
    const asked: Asked[] = [];
    const net = await start({
      allow(...use) {
        asked.push(use);
        return use[0] === "resolve" && use[2] === "localhost";
      },
    });
    expect(net.getaddrinfo("localhost").length).toBeGreaterThan(0);
    expect(code(() => net.getaddrinfo("elsewhere.example"))).toBe("EACCES");
    expect(code(() => net.getnameinfo(inet(80)))).toBe("EACCES");
    expect(code(() => net.socket("inet", "datagram", "icmp"))).toBe("EACCES");
    expect(code(() => net.socket("netlink", "raw"))).toBe("EACCES");
    expect(asked).toEqual([
      ["resolve", "any", "localhost", "getaddrinfo"],
      ["resolve", "any", "elsewhere.example", "getaddrinfo"],
      ["resolve", "any", inet(80), "getnameinfo"],
      ["raw", "ping", null, "socket"],
      ["raw", "netlink", null, "socket"],
    ]);
  });

  test("is told the IPv4 address that an IPv6 one holds, and loopback for an unspecified destination", async () => {
    const asked: unknown[] = [];
    const net = await start({ allow: (_use, _protocol, address) => asked.push(address) > 0 });
    for (const address of ["::ffff:127.0.0.1", "::ffff:0.0.0.0"])
      net.connect(net.socket("inet6", "datagram"), { family: "inet6", address, port: 9 });
    net.connect(net.socket("inet", "datagram"), inet(9, "0.0.0.0"));
    expect(asked).toEqual([inet(9), inet(9), inet(9)]);
  });

  const failure = new Error("no");
  test.each<[what: string, allow: unknown, error: unknown]>([
    ["false", () => false, undefined],
    ["what is no boolean", () => 1, /1, no boolean/],
    ["nothing", () => undefined, /undefined, no boolean/],
    // eslint-disable-next-line @typescript-eslint/require-await
    ["a promise", async () => true, /no boolean/],
    ["a promise that fails", () => Promise.reject(failure), /no boolean/],
    [
      "an exception",
      () => {
        throw failure;
      },
      failure,
    ],
    [
      "an exception of nothing",
      () => {
        throw undefined; // eslint-disable-line @typescript-eslint/only-throw-error
      },
      /nothing/,
    ],
  ])("that gives %s refuses, and the guest gets no more than EACCES", async (_, allow, error) => {
    const denied: Denied[] = [];
    const net = await start({
      allow: allow as AllowFunction,
      onDenied: (event) => denied.push(event),
    });
    const fd = net.socket("inet", "stream");
    expect(connecting(net, fd, inet(9))).toBe("EACCES");
    expect(denied).toHaveLength(1);
    expect(denied[0]).toMatchObject({
      use: "tcp-connect",
      protocol: "tcp",
      address: inet(9),
      syscall: "connect",
    });
    if (error === undefined) expect(denied[0]).not.toHaveProperty("error");
    else if (error instanceof RegExp) expect(String(denied[0]!.error)).toMatch(error);
    else expect(denied[0]!.error).toBe(error);
  });

  test("is asked again for the same destination", async () => {
    let asked = 0;
    const peer = await datagrams();
    const net = await start({ allow: () => ++asked < 3 });
    const fd = net.socket("inet", "datagram");
    const results = [1, 2, 3, 4].map(() => net.sendto(fd, bytes("x"), null, peer.place));
    expect(results).toEqual([1, 1, -1, -1]);
    expect(asked).toBe(4);
  });
});

describe("a function of the embedder's that uses this library meanwhile", () => {
  /** Fills every scratch area with something else. */
  async function disturber(): Promise<() => void> {
    const other = await start({});
    const [left, right] = other.socketpair("unix", "datagram");
    const fd = other.socket("inet", "datagram");
    return () => {
      const rights = { level: "socket", type: "rights", fds: [left] } as const;
      const data = [new Uint8Array(1000).fill(7), new Uint8Array(3)];
      other.sendmmsg(left, [{ data, control: windows ? [] : [rights] }, { data }]); // which passes none
      const rooms = [0, 1].map(() => ({ data: [new Uint8Array(2000)], control: 128 }));
      for (const { control } of other.recvmmsg(right, rooms)!)
        for (const { fds } of control as unknown as { fds: number[] }[])
          for (const copy of fds) other.close(copy);
      other.bind(other.socket("inet6", "datagram"), { family: "inet6", address: "::1", port: 0 });
      other.getsockname(fd);
      other.getaddrinfo("127.0.0.7", "http");
      other.getnameinfo(inet(443, "127.0.0.8"), ["numerichost", "numericserv"]);
      other.setsockopt(fd, "socket", "rcvbuf", 5000);
    };
  }

  test("changes nothing of what is sent, to whom, and what is received", async () => {
    const disturb = await disturber();
    const peer = await datagrams();
    const heard: string[] = [];
    peer.on("message", (message) => heard.push(message.toString()));
    const net = await start({
      allow(use, _protocol, address) {
        disturb();
        return use !== "udp-send" || (address as InetAddress).port === peer.place.port;
      },
      onDenied: disturb,
    });
    const fd = net.socket("inet", "datagram");
    net.bind(fd, inet(0));
    expect(net.sendto(fd, bytes("sendto"), null, peer.place)).toBe(6);
    const data = [bytes("send"), bytes("msg")];
    expect(net.sendmsg(fd, { data, address: peer.place })).toBe(7);
    const batch = [peer.place, peer.place, inet(9), peer.place].map((address, i) => ({
      data: [bytes("mmsg"), bytes(String(i))],
      address,
    }));
    expect(net.sendmmsg(fd, batch)).toBe(2);
    const all = async () => {
      while (heard.length < 4) await once(peer, "message");
    };
    await all();
    expect(heard).toEqual(["sendto", "sendmsg", "mmsg0", "mmsg1"]);

    const { port } = net.getsockname(fd) as InetAddress;
    const send = (text: string) =>
      new Promise((done) => {
        peer.send(text, port, "127.0.0.1", done);
      });
    for (const text of ["one", "two", "three", "four"]) await send(text);
    const buffer = new Uint8Array(8);
    expect(net.recvfrom(fd, buffer)).toEqual([3, peer.place]);
    expect(Buffer.from(buffer.subarray(0, 3)).toString()).toBe("one");
    const pieces = [new Uint8Array(1), new Uint8Array(7)];
    expect(net.recvmsg(fd, { data: pieces })).toMatchObject({ count: 3, address: peer.place });
    expect(Buffer.concat(pieces).toString()).toBe("two\0\0\0\0\0");
    const rooms = [0, 1].map(() => ({ data: [new Uint8Array(8)] }));
    const messages = net.recvmmsg(fd, rooms)!;
    expect(messages.map(({ count, address }) => [count, address])).toEqual([
      [5, peer.place],
      [4, peer.place],
    ]);
    expect(rooms.map(({ data: [room] }) => Buffer.from(room!).toString())).toEqual([
      "three\0\0\0",
      "four\0\0\0\0",
    ]);
  });

  test("changes nothing of a stream, its listener and its names", async () => {
    const disturb = await disturber();
    const net = await start({
      allow() {
        disturb();
        return true;
      },
    });
    const server = net.socket("inet", "stream");
    net.bind(server, inet(0));
    net.listen(server, 2);
    const at = net.getsockname(server) as InetAddress;
    const client = net.socket("inet", "stream");
    net.connect(client, at);
    const accepted = net.accept(server);
    expect(net.getpeername(accepted)).toEqual(net.getsockname(client));
    expect(net.getpeername(client)).toEqual(at);
    const names = net.getaddrinfo("localhost", "80", { family: "inet", type: "stream" });
    expect(names.map(({ address }) => address)).toEqual([inet(80)]);
  });

  test("may use the very same net, and grow its memory: that call is then refused", async () => {
    const peer = await datagrams();
    let grow = false;
    const net: Net = await start({
      allow() {
        if (grow) net.buffer(64 << 20);
        return true;
      },
    });
    const fd = net.socket("inet", "datagram");
    const payload = net.buffer(4).fill(65);
    grow = true;
    expect(net.sendto(fd, payload, null, peer.place)).toBe(-1);
    expect(net.errno!.code).toBe("EINTR");
    grow = false;
    const message = once(peer, "message");
    expect(net.sendto(fd, net.remap(payload), null, peer.place)).toBe(4);
    expect(String((await message)[0])).toBe("AAAA");
  });

  test("may close what is being judged: EBADF, whatever it decided", async () => {
    const peer = await datagrams();
    const net: Net = await start({
      allow(use) {
        if (use === "udp-send") net.close(fd);
        return true;
      },
    });
    const fd = net.socket("inet", "datagram");
    expect(net.sendto(fd, bytes("x"), null, peer.place)).toBe(-1);
    expect(net.errno!.code).toBe("EBADF");
  });

  test("may end the guest while a receive drops and would wait", async () => {
    const peer = await datagrams();
    const net: Net = await start({
      allow: { bind: true, receive: [] },
      onDenied() {
        net.dispose();
      },
    });
    const fd = net.socket("inet", "datagram");
    net.bind(fd, inet(0));
    const { port } = net.getsockname(fd) as InetAddress;
    await new Promise((done) => {
      peer.send("x", port, "127.0.0.1", done);
    });
    expect(net.recv(fd, new Uint8Array(1))).toBe(-1);
    expect(net.errno!.code).toBe("EBADF");
  });

  test("may end the guest while accept drops and would wait", async () => {
    const net: Net = await start({
      allow: { bind: true, accept: [] },
      onDenied() {
        net.dispose();
      },
    });
    const fd = net.socket("inet", "stream");
    net.bind(fd, inet(0));
    net.listen(fd, 1);
    const other = await start({});
    other.connect(other.socket("inet", "stream"), net.getsockname(fd));
    expect(code(() => net.accept(fd))).toBe("EBADF");
  });
});

describe("onDenied", () => {
  test.each<[what: string, onDenied: () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("listener");
      },
    ],
    ["gives a promise that fails", () => Promise.reject(new Error("listener"))],
  ])("that %s breaks nothing", async (_, onDenied) => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.close();
    });
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const net = await start({ allow: { connect: [`tcp:127.0.0.1:${port}`] }, onDenied });
    const fd = net.socket("inet", "stream");
    expect(connecting(net, fd, inet(port - 1))).toBe("EACCES");
    net.connect(fd, inet(port));
    expect(net.getpeername(fd)).toEqual(inet(port));
  });

  test("that is no function is a TypeError", async () => {
    const onDenied = "log" as unknown as () => void;
    await expect(open({ onDenied })).rejects.toThrow("onDenied is not a function");
  });

  test("hears nothing where everything is allowed", async () => {
    const denied: Denied[] = [];
    const net = await start({ onDenied: (event) => denied.push(event) });
    code(() => {
      net.connect(net.socket("inet", "stream"), inet(1));
    });
    expect(denied).toEqual([]);
  });

  test("is told what could not be read as an address", async () => {
    const denied: Denied[] = [];
    const net = await start({
      allow: { bind: true, connect: true },
      onDenied: (event) => denied.push(event),
    });
    const address = { family: 99, bytes: Uint8Array.of(99, 0, 1, 2) };
    code(() => {
      net.bind(net.socket("inet", "datagram"), address);
    });
    expect(denied).toEqual([
      {
        use: "udp-bind",
        protocol: "udp",
        address,
        syscall: "bind",
        error: expect.any(TypeError) as unknown,
      },
    ]);
  });
});

// Run in a process of its own, which a crash would end. The functions refuse, throw, use the library and let the
// guest's memory grow, all by a fixed sequence.
const FUZZ = `
  import { readdirSync, readlinkSync } from "node:fs";
  import { instantiate, open, waker } from ${JSON.stringify(new URL("../build/host/index.js", import.meta.url).href)};
  const link = (fd) => { try { return readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } };
  const sockets = () => readdirSync("/proc/self/fd").filter((fd) => /^socket:/.test(link(fd))).length;
  const wasm = Buffer.concat(await process.stdin.toArray());
  const other = await open();
  const [left, right] = other.socketpair("unix", "datagram");
  const waking = await waker();
  let n = 0;
  let pages = 0;
  let guest;
  const meddle = () => {
    n++;
    if (n % 3 === 0) {
      other.sendmsg(left, { data: [new Uint8Array(100).fill(n)] });
      other.recvmsg(right, { data: [new Uint8Array(200)] });
      other.getnameinfo({ family: "inet6", address: "::1", port: n % 65536 }, ["numerichost", "numericserv"]);
    }
    if (n % 5 === 0 && pages < 20) { guest.exports.memory.grow(1); pages++; }
    if (n % 7 === 0) throw new Error("meddled");
  };
  const near = (address) => address?.address === "127.0.0.1" && (address.port === 0 || address.port === 9 || address.port > 1024);
  const places = ["tcp:127.0.0.1:0", "udp:127.0.0.1:0", "tcp:127.0.0.1:9", "udp:127.0.0.1:9"];
  const allow = {
    lists: { connect: places, bind: places, accept: ["tcp:127.0.0.1:*"], receive: ["udp:127.0.0.1:1-1024"] },
    function: (use, protocol, address) => {
      meddle();
      return (protocol === "tcp" || protocol === "udp") && near(address) && n % 2 === 0;
    },
  }[process.argv[1]];
  const before = sockets();
  guest = await instantiate(wasm, {
    allow,
    onDenied: meddle,
    descriptors: 16,
    wake: waking.descriptor,
    imports: { test: { wake: () => waking.wake() } },
  });
  const unexpected = guest.exports.run(20261125, 30000);
  const open_ = sockets() - before;
  guest.dispose();
  console.log(JSON.stringify({ unexpected, asked: n > 1000, grown: pages, tooMany: open_ > 16, left: sockets() - before }));
`;

test.each(["lists", "function"])(
  "30,000 random calls under %s and functions that meddle leave the host alive",
  async (kind) => {
    const here = fileURLToPath(new URL(".", import.meta.url));
    const wasm = await compileFile("fuzz", ["--path", here]);
    const args = ["--input-type=module", "--eval", FUZZ, kind];
    const options = { timeout: 25_000, killSignal: "SIGKILL" } as const;
    const running = promisify(execFile)(process.execPath, args, options);
    running.child.stdin!.end(wasm);
    const { stdout } = await running;
    const result = { unexpected: 0, asked: true, grown: 20, tooMany: false, left: 0 };
    expect(JSON.parse(stdout)).toEqual(result);
  },
);
