// What AssemblyScript programs see of sockets, under any host of bsd_sockets_v1: the guests are those of
// tests/assembly, the peers node:net and node:dgram in other processes.

import { readFile } from "node:fs/promises";
import type { Allow, InetAddress, UnixAddress } from "wasi-sockets";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compileFile, compileGuest } from "./guest.js";
import { nodeClient, nodeDatagrams, nodeServer, type Behaviour } from "./peers.js";
import { errnoOf, loopback } from "./sockets.js";

/** A guest under some host. */
export interface HostedGuest extends AsyncDisposable {
  /** Calls an export that gives a number. */
  number(name: string, ...args: number[]): Promise<number>;
  /** Calls an export that gives a string. */
  text(name: string, ...args: number[]): Promise<string>;
}

/** A host: it starts a module with what it allows, which for a simple one is all or, by `{}`, nothing. */
export type Host = (wasm: Uint8Array<ArrayBuffer>, allow: Allow | true) => Promise<HostedGuest>;

const AF = { inet: 2, inet6: 10 };
const families = ["inet", "inet6"] as const;
const HELLO = "grüße";

const programs = ["stream", "datagram", "local", "example"] as const;

/** Registers the tests of a host. */
export function guestSuite(host: Host): void {
  const compiled = new Map<string, Uint8Array<ArrayBuffer>>();

  beforeAll(async () => {
    const all = programs.map(async (name) => compiled.set(name, await compileFile(name)));
    await Promise.all(all);
  });

  async function start(
    name: (typeof programs)[number],
    allow: Allow | true = {},
  ): Promise<HostedGuest> {
    return keep(await host(compiled.get(name)!, allow));
  }

  describe("streams", () => {
    test.each(families)(
      "connect, send and recv talk to a node:net server over %s",
      async (family) => {
        const port = await serverPort(family, "echo");
        const guest = await start("stream", { connect: true });
        expect(await guest.text("client", AF[family], port)).toBe(HELLO);
      },
    );

    test.each(families)(
      "bind, listen and accept serve a node:net client over %s",
      async (family) => {
        const guest = await start("stream", { bind: true });
        const port = await guest.number("serve", AF[family]);
        expect(port).toBeGreaterThan(0);
        keep(await nodeClient({ ...loopback(family), port }, "echo"));
        expect(await guest.text("acceptOne")).toBe(HELLO);
      },
    );

    test("connect reaches a name in the abstract namespace", async () => {
      const at = abstractName(process.pid);
      keep(await nodeServer(at, "echo"));
      const guest = await start("stream", { connect: [`unix:${at.path}`] });
      expect(await guest.text("unixClient", process.pid)).toBe(HELLO);
    });

    test("bind takes a name in the abstract namespace", async () => {
      const at = abstractName(process.pid);
      const guest = await start("stream", { bind: [`unix:${at.path}`] });
      expect(await guest.number("serveUnix", process.pid)).toBe(0);
      keep(await nodeClient(at, "echo"));
      expect(await guest.text("acceptOne")).toBe(HELLO);
    });

    test.each([
      ["inet", "127.0.0.1 127.0.0.1"],
      ["inet6", "::1 [::1]"],
    ] as const)("getsockname and getpeername give both ends over %s", async (family, names) => {
      const port = await serverPort(family, "silent");
      const guest = await start("stream", { connect: true });
      expect(await guest.text("names", AF[family], port)).toBe(`${names}:${port}`);
    });

    test("fdToPort reads lines, bytes and the rest", async () => {
      const port = await serverPort("inet", "echo");
      const guest = await start("stream", { connect: true });
      expect(await guest.text("throughPort", port)).toBe("first|second|!|rest|end");
    });

    test("the documentation's example gets its answer", async () => {
      const port = await serverPort("inet", "echo");
      const example = (
        await readFile(new URL("../assembly/example.ts", import.meta.url), "utf8")
      ).replace("7000", String(port));
      const allow = { connect: [`tcp:127.0.0.1:${port}`] };
      const guest = keep(await host(await compileGuest(example), allow));
      expect(await guest.number("main")).toBe("hello".length);
    });

    test("the documentation's example gets EACCES where nothing is allowed", async () => {
      const guest = await start("example");
      expect(await guest.number("main")).toBe(errnoOf("EACCES"));
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
        expect(await guest.text("ask", AF[family], port)).toBe(`4 ${host}:${port} ping`);
        expect(await peer.next()).toMatchObject({ message: "ping" });
      },
    );

    test("sendto without an address sends to the connected peer", async () => {
      const { address } = keep(await nodeDatagrams("inet", true));
      const guest = await start("datagram", { connect: true });
      expect(await guest.number("askConnected", address.port)).toBe("ping".length);
    });

    test("the sender's name in the abstract namespace arrives whole", async () => {
      const guest = await start("datagram", { connect: true, bind: true });
      const path = await guest.text("unixPair", process.pid);
      expect(path).toBe(`\0wasi-sockets-from-${process.pid}`);
    });

    test("MSG.TRUNC gives the length of the whole datagram", async () => {
      const guest = await start("datagram", { connect: true, bind: true });
      expect(await guest.number("truncated")).toBe("0123456789".length);
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
      expect(await guest.number(call)).toBe(errnoOf(code));
    });

    test("a port that somebody listens on is in use, and refuses when nobody does", async () => {
      const peer = await nodeServer(loopback("inet"), "silent");
      const { port } = peer.address as InetAddress;
      const guest = await start("local", true);
      expect(await guest.number("inUse", port)).toBe(errnoOf("EADDRINUSE"));
      await peer[Symbol.asyncDispose]();
      expect(await guest.number("refused", port)).toBe(errnoOf("ECONNREFUSED"));
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
      ["decodedPath", "unix:/run/an-application-with-a-long-name.sock"],
      ["changed", "192.0.2.9:80 128 true"],
      ["ofAnyFamily", "family 77 128 5"],
      ["numeric", "1/6 127.0.0.1:80 127.0.0.1"],
      ["passive", "1/6 0.0.0.0:80"],
      ["localhost", "1/6 127.0.0.1:80", { resolve: ["localhost"] }],
      ["localhost", `eai -11 errno ${errnoOf("EACCES")}`],
    ];

    test.each(texts)("%s is %j", async (call, result, allow = {}) => {
      const guest = await start("local", allow);
      expect(await guest.text(call)).toBe(result);
    });

    test("fcntl reads, and fcntlSet sets, both kinds of flags", async () => {
      const guest = await start("local");
      expect(await guest.number("flags")).toBe(3);
    });

    test.each(["badService", "notNumeric"])(
      "eai() tells what getaddrinfo failed of: %s",
      async (call) => {
        const guest = await start("local", { resolve: true });
        expect(await guest.number(call)).toBe(1);
      },
    );
  });
}

/** A peer or a guest that is gone when the test is. */
function keep<Kept extends AsyncDisposable>(kept: Kept): Kept {
  onTestFinished(() => kept[Symbol.asyncDispose]());
  return kept;
}

async function serverPort(family: "inet" | "inet6", behaviour: Behaviour): Promise<number> {
  const { address } = keep(await nodeServer(loopback(family), behaviour));
  return (address as InetAddress).port;
}

/** The name that the guest makes of a number. */
function abstractName(id: number): UnixAddress {
  return { family: "unix", path: `\0wasi-sockets-guest-${id}`.padEnd(108, "\0") };
}
