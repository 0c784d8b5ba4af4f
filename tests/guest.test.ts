// The guest library as AssemblyScript programs see it, against node:net and node:dgram in other processes.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { instantiate, type Allow, type InetAddress, type UnixAddress } from "wasi-sockets";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { compileGuest, textOf } from "./support/guest.js";
import { nodeClient, nodeDatagrams, nodeServer, type Behaviour } from "./support/peers.js";
import { errnoOf, loopback } from "./support/sockets.js";

type Exports = Record<string, (...args: number[]) => number> & { memory: WebAssembly.Memory };

const AF = { inet: 2, inet6: 10 };
const families = ["inet", "inet6"] as const;
const HELLO = "grüße";

const programs = ["stream", "datagram", "local", "example"] as const;
const compiled = new Map<string, WebAssembly.Module>();

async function source(name: (typeof programs)[number]): Promise<string> {
  return readFile(new URL(`assembly/${name}.ts`, import.meta.url), "utf8");
}

beforeAll(async () => {
  const all = programs.map(async (name) => {
    compiled.set(name, await WebAssembly.compile(await compileGuest(await source(name))));
  });
  await Promise.all(all);
});

async function start(name: (typeof programs)[number], allow: Allow | true = {}): Promise<Exports> {
  const guest = await instantiate<Exports>(compiled.get(name)!, { allow });
  onTestFinished(() => {
    guest.dispose();
  });
  return guest.exports;
}

function text({ memory }: Exports, pointer: number): string {
  return textOf(memory, pointer);
}

/** A peer that is gone when the test is. */
function keep<Peer extends AsyncDisposable>(peer: Peer): Peer {
  onTestFinished(() => peer[Symbol.asyncDispose]());
  return peer;
}

async function serverPort(family: "inet" | "inet6", behaviour: Behaviour): Promise<number> {
  const { address } = keep(await nodeServer(loopback(family), behaviour));
  return (address as InetAddress).port;
}

/** The name that the guest makes of a number. */
function abstractName(id: number): UnixAddress {
  return { family: "unix", path: `\0wasi-sockets-guest-${id}`.padEnd(108, "\0") };
}

describe("streams", () => {
  test.each(families)(
    "connect, send and recv talk to a node:net server over %s",
    async (family) => {
      const port = await serverPort(family, "echo");
      const guest = await start("stream", { connect: true });
      expect(text(guest, guest["client"]!(AF[family], port))).toBe(HELLO);
    },
  );

  test.each(families)("bind, listen and accept serve a node:net client over %s", async (family) => {
    const guest = await start("stream", { bind: true });
    const port = guest["serve"]!(AF[family]);
    expect(port).toBeGreaterThan(0);
    keep(await nodeClient({ ...loopback(family), port }, "echo"));
    expect(text(guest, guest["acceptOne"]!())).toBe(HELLO);
  });

  test("connect reaches a name in the abstract namespace", async () => {
    const at = abstractName(process.pid);
    keep(await nodeServer(at, "echo"));
    const guest = await start("stream", { connect: [`unix:${at.path}`] });
    expect(text(guest, guest["unixClient"]!(process.pid))).toBe(HELLO);
  });

  test("bind takes a name in the abstract namespace", async () => {
    const at = abstractName(process.pid);
    const guest = await start("stream", { bind: [`unix:${at.path}`] });
    expect(guest["serveUnix"]!(process.pid)).toBe(0);
    keep(await nodeClient(at, "echo"));
    expect(text(guest, guest["acceptOne"]!())).toBe(HELLO);
  });

  test.each([
    ["inet", "127.0.0.1 127.0.0.1"],
    ["inet6", "::1 [::1]"],
  ] as const)("getsockname and getpeername give both ends over %s", async (family, names) => {
    const port = await serverPort(family, "silent");
    const guest = await start("stream", { connect: true });
    expect(text(guest, guest["names"]!(AF[family], port))).toBe(`${names}:${port}`);
  });

  test("fdToPort reads lines, bytes and the rest", async () => {
    const port = await serverPort("inet", "echo");
    const guest = await start("stream", { connect: true });
    expect(text(guest, guest["throughPort"]!(port))).toBe("first|second|!|rest|end");
  });

  test("the documentation's example gets its answer", async () => {
    const port = await serverPort("inet", "echo");
    const example = (await source("example")).replace("7000", String(port));
    const allow = { connect: [`tcp:127.0.0.1:${port}`] };
    using guest = await instantiate<Exports>(await compileGuest(example), { allow });
    expect(guest.exports["main"]!()).toBe("hello".length);
  });

  test("the documentation's example gets EACCES where nothing is allowed", async () => {
    const guest = await start("example");
    expect(guest["main"]!()).toBe(errnoOf("EACCES"));
  });
});

describe("datagrams", () => {
  test.each(families)(
    "recvfrom gives the count and the node:dgram sender over %s",
    async (family) => {
      const peer = keep(await nodeDatagrams(family, true));
      const guest = await start("datagram", { connect: true });
      const { address, port } = peer.address;
      const host = family === "inet" ? address : `[${address}]`;
      expect(text(guest, guest["ask"]!(AF[family], port))).toBe(`4 ${host}:${port} ping`);
      expect(await peer.next()).toMatchObject({ message: "ping" });
    },
  );

  test("sendto without an address sends to the connected peer", async () => {
    const { address } = keep(await nodeDatagrams("inet", true));
    const guest = await start("datagram", { connect: true });
    expect(guest["askConnected"]!(address.port)).toBe("ping".length);
  });

  test("the sender's name in the abstract namespace arrives whole", async () => {
    const guest = await start("datagram", { connect: true, bind: true });
    const path = text(guest, guest["unixPair"]!(process.pid));
    expect(path).toBe(`\0wasi-sockets-from-${process.pid}`);
  });

  test("MSG.TRUNC gives the length of the whole datagram", async () => {
    const guest = await start("datagram", { connect: true, bind: true });
    expect(guest["truncated"]!()).toBe("0123456789".length);
  });
});

describe("a call that fails gives -1 and errno()", () => {
  const failures: [call: string, code: string][] = [
    ["unknownFamily", "EAFNOSUPPORT"],
    ["badAddress", "EINVAL"],
    ["badPort", "EINVAL"],
    ["longPath", "EINVAL"],
    ["sendUnconnected", "EPIPE"],
    ["sendtoNobody", "EDESTADDRREQ"],
    ["listenOnDatagrams", "EOPNOTSUPP"],
    ["acceptWithoutListening", "EINVAL"],
    ["brokenPipe", "EPIPE"],
    ["recvNonBlocking", "EAGAIN"],
    ["recvfromDontWait", "EAGAIN"],
    ["timedOut", "EAGAIN"],
    ["unknownOption", "ENOPROTOOPT"],
    ["closedTwice", "EBADF"],
  ];

  test.each(failures)("%s: %s", async (call, code) => {
    const guest = await start("local", true);
    expect(guest[call]!()).toBe(errnoOf(code));
  });

  test("a port that somebody listens on is in use, and refuses when nobody does", async () => {
    const peer = await nodeServer(loopback("inet"), "silent");
    const { port } = peer.address as InetAddress;
    const guest = await start("local", true);
    expect(guest["inUse"]!(port)).toBe(errnoOf("EADDRINUSE"));
    await peer[Symbol.asyncDispose]();
    expect(guest["refused"]!(port)).toBe(errnoOf("ECONNREFUSED"));
  });
});

describe("without a peer", () => {
  // Each text is what the C call of the same meaning gives, as the manual pages have it.
  const texts: [call: string, result: string, allow?: Allow][] = [
    ["options", "7 1 stream"],
    ["inet", "192.0.2.1 80 192.0.2.1:80"],
    ["inet6", "2001:db8::1 443 7 3 [2001:db8::1]:443"],
    ["unix", "/run/app.sock unix:/run/app.sock"],
    ["decoded", "[::1]:9"],
    ["numeric", "1/6 127.0.0.1:80 127.0.0.1"],
    ["passive", "1/6 0.0.0.0:80"],
    ["localhost", "1/6 127.0.0.1:80", { resolve: ["localhost"] }],
    ["localhost", `eai -11 errno ${errnoOf("EACCES")}`, { resolve: ["example.com"] }],
  ];

  test.each(texts)("%s is %j", async (call, result, allow = {}) => {
    const guest = await start("local", allow);
    expect(text(guest, guest[call]!())).toBe(result);
  });

  test("fcntl reads, and fcntlSet sets, both kinds of flags", async () => {
    const guest = await start("local");
    expect(guest["flags"]!()).toBe(3);
  });

  test.each(["badService", "notNumeric"])(
    "eai() tells what getaddrinfo failed of: %s",
    async (call) => {
      const guest = await start("local", { resolve: true });
      expect(guest[call]!()).toBe(1);
    },
  );
});

describe("AssemblyScript's own runtime", () => {
  test("console.log prints, and abort is an Error with message and place", async () => {
    const guest = await start("local");
    const log = vi.spyOn(console, "log").mockReturnValue();
    try {
      expect(() => guest["fail"]!()).toThrow(/on purpose.*guest\.ts:\d+:\d+/);
      expect(log).toHaveBeenCalledWith("about to fail");
    } finally {
      log.mockRestore();
    }
  });

  test("an embedder's own imports take the place of the runtime's, never of the sockets", async () => {
    const wasm = compiled.get("local")!;
    const lines: number[] = [];
    const imports = {
      env: { "console.log": (line: number) => lines.push(line) },
      bsd_sockets_v1: { socket: () => 77 },
    };
    using guest = await instantiate<Exports>(wasm, { imports, allow: {} });
    expect(() => guest.exports["fail"]!()).toThrow(Error);
    expect(lines).toHaveLength(1);
    expect(guest.exports["unknownFamily"]!()).toBe(errnoOf("EACCES"));
  });
});

describe("a module comes from", () => {
  test("a path, a file URL, bytes, or already compiled", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-source-"));
    try {
      const bytes = await compileGuest("export function answer(): i32 { return 42; }");
      const path = join(directory, "guest.wasm");
      await writeFile(path, bytes);
      for (const source of [path, pathToFileURL(path), bytes, new WebAssembly.Module(bytes)]) {
        using guest = await instantiate<Exports>(source);
        expect(guest.exports["answer"]!()).toBe(42);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test.each([
    ["that does not exist", "/nowhere/guest.wasm", /ENOENT/],
    ["that is no module", Buffer.from("not a module"), WebAssembly.CompileError],
  ])("nothing %s", async (_, source, error) => {
    await expect(instantiate(source)).rejects.toThrow(error);
  });

  test("none that imports what nobody gives", async () => {
    const wasm = await compileGuest(`
      @external("somewhere", "else") declare function missing(): void;
      export function call(): void { missing(); }
    `);
    await expect(instantiate(wasm)).rejects.toThrow(/somewhere/);
  });
});
