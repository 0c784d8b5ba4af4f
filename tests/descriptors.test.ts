// A guest's descriptors are its own: small numbers of its own for real sockets that nobody else gets.

import { execFile } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { instantiate, open, type InstantiateOptions } from "wasi-sockets";
import { marshal } from "#host/marshal";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compileFile, compileGuest } from "./support/guest.js";
import { epolls } from "./support/platforms.js";
import { connected, errnoOf, expectError, listening, loopback } from "./support/sockets.js";

type Raw = Record<string, (...args: number[]) => number>;

const { AF, SOCK, SOL, SO, SHUT, F } = marshal;
const execute = promisify(execFile);
const PACKAGE = new URL("../build/host/index.js", import.meta.url).href;
const HOST = new URL("../build/host/instantiate.js", import.meta.url).href;
const FIRST = 3;

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await compileFile("raw", ["--initialMemory", "1"]));
});

async function start(options: InstantiateOptions = {}): Promise<Raw> {
  const guest = await instantiate<Raw>(module, options);
  onTestFinished(() => {
    guest.dispose();
  });
  return guest.exports;
}

/** Opens the cheapest socket there is. */
function opened(guest: Raw): number {
  return guest["socket"]!(AF.UNIX, SOCK.DGRAM, 0);
}

/** The real sockets of this process: descriptor and "socket:[inode]". */
function realSockets(): Map<number, string> {
  const sockets = new Map<number, string>();
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const link = readlinkSync(`/proc/self/fd/${fd}`);
      if (link.startsWith("socket:")) sockets.set(Number(fd), link);
    } catch {
      // the descriptor that read the directory
    }
  }
  return sockets;
}

describe("numbers", () => {
  test("start at 3, and the lowest free one comes first", async () => {
    const guest = await start();
    expect([opened(guest), opened(guest), opened(guest), opened(guest)]).toEqual([3, 4, 5, 6]);
    for (const fd of [5, 3]) expect(guest["close"]!(fd)).toBe(0);
    expect([opened(guest), opened(guest), opened(guest)]).toEqual([3, 5, 7]);
    expect(guest["socketpair"]!(AF.UNIX, SOCK.STREAM, 0, 16)).toBe(0);
    expect(opened(guest)).toBe(10);
  });

  test("of one guest mean nothing to another, nor to the process", async () => {
    const [one, other] = [await start(), await start()];
    expect(opened(one)).toBe(FIRST);
    expect(other["close"]!(FIRST)).toBe(-errnoOf("EBADF"));
    for (const fd of [...realSockets().keys()].filter((fd) => fd !== FIRST))
      expect(one["close"]!(fd), `real descriptor ${fd}`).toBe(-errnoOf("EBADF"));
    expect(opened(other)).toBe(FIRST);
    expect(other["close"]!(FIRST)).toBe(0);
    expect(one["close"]!(FIRST)).toBe(0);
  });

  const calls: Record<string, (guest: Raw, fd: number) => number> = {
    close: (guest, fd) => guest["close"]!(fd),
    shutdown: (guest, fd) => guest["shutdown"]!(fd, SHUT.RDWR),
    fcntl: (guest, fd) => guest["fcntl"]!(fd, F.GETFL, 0),
    bind: (guest, fd) => guest["bind"]!(fd, 16, 16),
    connect: (guest, fd) => guest["connect"]!(fd, 16, 16),
    listen: (guest, fd) => guest["listen"]!(fd, 1),
    accept4: (guest, fd) => guest["accept4"]!(fd, 0, 0, 0),
    getsockname: (guest, fd) => guest["getsockname"]!(fd, 16, 64),
    getpeername: (guest, fd) => guest["getpeername"]!(fd, 16, 64),
    send: (guest, fd) => guest["send"]!(fd, 16, 1, 0),
    recv: (guest, fd) => guest["recv"]!(fd, 16, 1, 0),
    sendto: (guest, fd) => guest["sendto"]!(fd, 16, 1, 0, 64, 16),
    recvfrom: (guest, fd) => guest["recvfrom"]!(fd, 16, 1, 0, 64, 128),
    getsockopt: (guest, fd) => guest["getsockopt"]!(fd, SOL.SOCKET, SO.TYPE, 16, 64),
    setsockopt: (guest, fd) => guest["setsockopt"]!(fd, SOL.SOCKET, SO.KEEPALIVE, 16, 4),
  };

  test.each(Object.entries(calls))("that are not open are EBADF to %s", async (_, call) => {
    const guest = await start({ allow: true });
    expect(guest["close"]!(opened(guest))).toBe(0);
    for (const fd of [-(2 ** 31), -1, 0, 1, 2, FIRST, 4, 1024, 2 ** 31 - 1])
      expect(call(guest, fd), `descriptor ${fd}`).toBe(-errnoOf("EBADF"));
  });
});

describe("the cap on open sockets", () => {
  test.each([
    ["is 1024", {}, 1024],
    ["is an option", { descriptors: 5 }, 5],
  ])("%s, and EMFILE beyond it", async (_, options, cap) => {
    const guest = await start(options);
    for (let i = 0; i < cap; i++) expect(opened(guest)).toBe(FIRST + i);
    const before = realSockets().size;
    expect(opened(guest)).toBe(-errnoOf("EMFILE"));
    expect(guest["close"]!(FIRST)).toBe(0);
    expect(guest["socketpair"]!(AF.UNIX, SOCK.STREAM, 0, 16)).toBe(-errnoOf("EMFILE"));
    expect(realSockets().size).toBe(before - 1);
    expect(opened(guest)).toBe(FIRST);
  });

  test("leaves a connection in the queue until there is a number for it", async () => {
    using net = await open({ descriptors: 3 });
    const { listener, address } = listening(net, loopback("inet"));
    const client = net.socket("inet", "stream");
    net.connect(client, address);
    const last = net.socket("inet", "stream");
    expectError(net, () => net.accept(listener), "EMFILE");
    net.close(last);
    const server = net.accept(listener);
    expect(net.send(client, Buffer.from("still here"))).toBe(10);
    expect(net.recv(server, new Uint8Array(64))).toBe(10);
  });

  test.each([0, -1, 1.5, NaN, Infinity, "3", null])("is no %s: RangeError", async (descriptors) => {
    const options = { descriptors } as { descriptors: number };
    await expect(instantiate(module, options)).rejects.toThrow(RangeError);
    await expect(open(options)).rejects.toThrow(RangeError);
  });
});

describe("real sockets", () => {
  test("are closed on exec, even where the guest says otherwise", async () => {
    using net = await open();
    const before = realSockets();
    net.socket("inet", "stream");
    connected(net);
    net.socketpair("unix", "stream");
    const ours = [...realSockets()].filter(([fd]) => !before.has(fd));
    expect(ours).toHaveLength(5);
    for (let fd = FIRST; fd < FIRST + ours.length; fd++) {
      net.fcntlSet(fd, "setfd", "close-on-exec");
      net.fcntlSet(fd, "setfd", null);
      expect(net.fcntl(fd, "getfd")).toEqual([]);
    }
    const { stdout } = await execute("ls", ["-l", "/proc/self/fd"]);
    for (const [, link] of ours) expect(stdout).not.toContain(link);
  });

  test("are all closed by dispose, and the numbers with them", async () => {
    const before = realSockets();
    const net = await open();
    const guest = await instantiate<Raw>(module);
    const { listener } = listening(net, loopback("inet"));
    connected(net);
    net.fdToPort(net.socketpair("unix", "stream")[0]);
    expect(guest.exports["socketpair"]!(AF.UNIX, SOCK.STREAM, 0, 16)).toBe(0);
    expect(realSockets().size).toBe(before.size + 7);
    for (const instance of [net, guest, net, guest]) instance.dispose();
    expect(realSockets()).toEqual(before);
    expectError(net, () => net.getsockname(listener), "EBADF");
    expect(guest.exports["close"]!(FIRST)).toBe(-errnoOf("EBADF"));
  });

  test("are none any more after dispose: EMFILE, and EAI_AGAIN for a look-up", async () => {
    const before = realSockets();
    const net = await open();
    const guest = await instantiate<Raw>(module, { allow: true });
    for (const instance of [net, guest]) instance.dispose();
    const { exports } = guest;
    expect(opened(exports)).toBe(-errnoOf("EMFILE"));
    expect(exports["socketpair"]!(AF.UNIX, SOCK.STREAM, 0, 16)).toBe(-errnoOf("EMFILE"));
    expect(exports["epoll_create1"]!(0)).toBe(-errnoOf("EMFILE"));
    expectError(net, () => net.socket("unix", "stream"), "EMFILE");
    expect(() => net.getaddrinfo("localhost")).toThrow(
      expect.objectContaining({ code: "EAI_AGAIN" }),
    );
    expect(realSockets()).toEqual(before);
  });

  test("are closed where a guest cannot be instantiated after all", async () => {
    const before = realSockets();
    const wasm = await compileGuest(`
      import { AF, SOCK, socket } from "wasi-sockets/assembly";
      assert(socket(AF.UNIX, SOCK.STREAM, 0) < 0, "it is open now");
    `);
    await expect(instantiate(wasm)).rejects.toThrow("guest aborted");
    expect(realSockets()).toEqual(before);
  });

  test("of a guest that was forgotten are closed when it is collected", async () => {
    const program = `
      import { readdirSync, readlinkSync } from "node:fs";
      import { setImmediate as turn } from "node:timers/promises";
      import { instantiate, open } from ${JSON.stringify(PACKAGE)};
      const link = (fd) => { try { return readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } };
      const sockets = () => readdirSync("/proc/self/fd").filter((fd) => /^socket:/.test(link(fd))).length;
      const wasm = Buffer.concat(await process.stdin.toArray());
      const before = sockets();
      async function forget() {
        const guest = await instantiate(wasm);
        guest.exports.socket(1, 1, 0);
        (await open()).socket("inet", "stream");
        return sockets() - before;
      }
      const opened = await forget();
      while (sockets() > before) { await turn(); gc(); }
      console.log(opened);
    `;
    const args = ["--expose-gc", "--input-type=module", "--eval", program];
    const running = execute(process.execPath, args, { timeout: 20_000, killSignal: "SIGKILL" });
    running.child.stdin!.end(await compileFile("raw"));
    expect((await running).stdout).toBe("2\n");
  });
  // Linux makes even a non-blocking close wait for SO_LINGER, where nothing could end it.
  test.each(["net.close(client)", "net.dispose()"])(
    "%s does not wait for SO_LINGER",
    async (end) => {
      const program = `
      import { open, waker } from ${JSON.stringify(PACKAGE)};
      const interrupt = await waker();
      const net = await open({ wake: interrupt.descriptor });
      const listener = net.socket("inet", "stream");
      net.bind(listener, { family: "inet", address: "127.0.0.1", port: 0 });
      net.listen(listener, 1);
      const client = net.socket("inet", "stream");
      net.connect(client, net.getsockname(listener));
      net.accept(listener);
      while (net.send(client, new Uint8Array(65536), "dontwait") > 0);
      net.setsockopt(client, "socket", "linger", { on: true, seconds: 3600 });
      interrupt.wake();
      try { ${end}; } catch (error) { if (error.code !== "EINTR") throw error; }
      console.log("ended");
      process.exit();
    `;
      const args = ["--input-type=module", "--eval", program];
      const limit = { timeout: 5000, killSignal: "SIGKILL" } as const;
      expect((await execute(process.execPath, args, limit)).stdout).toBe("ended\n");
    },
  );
});

// Run in a process of its own, which a crash would end.
const FUZZ = `
  import { readdirSync, readlinkSync } from "node:fs";
  import { waker } from ${JSON.stringify(PACKAGE)};
  import { host } from ${JSON.stringify(HOST)};
  const link = (fd) => { try { return readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } };
  const sockets = () => readdirSync("/proc/self/fd").filter((fd) => /^socket:/.test(link(fd))).length;
  const wasm = Buffer.concat(await process.stdin.toArray());
  const before = sockets();
  const waking = await waker();
  const places = ["tcp:127.0.0.1:0", "udp:127.0.0.1:0", "tcp:127.0.0.1:9", "udp:127.0.0.1:9"];
  const { exports, dispose } = await host(wasm, {
    allow: { connect: places, bind: places },
    descriptors: 16,
    wake: waking.descriptor,
    imports: { test: { wake: () => waking.wake() } },
  }, JSON.parse(process.argv[1]));
  const unexpected = exports.run(20261122, 100000);
  const open = sockets() - before;
  dispose();
  console.log(JSON.stringify({ unexpected, tooMany: open > 16, left: sockets() - before }));
`;

test.each(epolls)(
  "$epoll: 100,000 random calls leave the host alive, its limits kept and its sockets closed",
  async ({ platform }) => {
    const here = fileURLToPath(new URL(".", import.meta.url));
    const wasm = await compileFile("fuzz", ["--path", here]);
    const options = { timeout: 25_000, killSignal: "SIGKILL" } as const;
    const args = ["--input-type=module", "--eval", FUZZ, JSON.stringify(platform)];
    const running = execute(process.execPath, args, options);
    running.child.stdin!.end(wasm);
    const { stdout } = await running;
    expect(JSON.parse(stdout)).toEqual({ unexpected: 0, tooMany: false, left: 0 });
  },
);
