// net.listenPort: connections as ports, one by one.

import { getEventListeners, once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { open as openBlocking, type Address, type Listener, type Net } from "wasi-sockets";
import { open as openPromises, type AsyncNet } from "wasi-sockets/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeClient } from "./support/peers.js";
import { scratchPath } from "./support/programs.js";
import { isSettled, turns } from "./support/promises.js";
import { expectError, loopback, nativeSockets, unix } from "./support/sockets.js";
import { collected } from "./support/streams.js";

let bsd: Net | AsyncNet;
let paths = 0;
const clients: Socket[] = [];

/** A node:net client of this thread. */
function client(address: Address): Socket {
  const socket =
    "path" in address
      ? connect(address.path)
      : connect((address as { port: number }).port, (address as { address: string }).address);
  socket.on("error", () => undefined);
  clients.push(socket);
  return socket;
}

afterEach(() => {
  bsd.dispose();
  for (const socket of clients.splice(0)) socket.destroy();
});

describe.each([
  ["wasi-sockets", openBlocking],
  ["wasi-sockets/promises", openPromises],
])("listenPort of %s", (_, open) => {
  beforeEach(async () => {
    bsd = await open();
  });

  test.each(["inet", "inet6"] as const)("serves clients of %s by a loop", async (family) => {
    const listener = bsd.listenPort(loopback(family));
    const replies = ["one", "two", "three"].map((word) => text(client(listener.address).end(word)));
    let served = 0;
    for await (const port of listener) {
      port.end(String(await collected(port)).toUpperCase());
      if (++served === 3) break;
    }
    expect((await Promise.all(replies)).sort()).toEqual(["ONE", "THREE", "TWO"]);
  });

  test("serves clients of another process", async () => {
    const listener = bsd.listenPort(loopback("inet"));
    await using peer = await nodeClient(listener.address, "digest");
    const { value } = await listener.next();
    value!.end("hello");
    expect(await peer.next()).toMatchObject({ count: 5 });
  });

  test("listens at a path", async () => {
    const path = scratchPath(`listener-${paths++}`);
    const listener = bsd.listenPort(unix(path));
    expect(listener.address).toEqual({ family: "unix", path });
    client(listener.address).end("over a path");
    const { value } = await listener.next();
    expect(await text(value!)).toBe("over a path");
  });

  test("takes a descriptor, and owns it from then on", () => {
    const fd = bsd.socket("inet", "stream");
    bsd.bind(fd, loopback("inet"));
    const listener = bsd.listenPort(fd, { backlog: 4 });
    expect(listener.fd).toBe(fd);
    expect(listener.address).toEqual(bsd.getsockname(fd));
    expectError(bsd as Net, () => bsd.listenPort(fd), "EBUSY", { syscall: "listenPort" });
    expectError(bsd as Net, () => bsd.fdToPort(fd), "EBUSY", { syscall: "fdToPort" });
    listener.close();
    expectError(bsd as Net, () => bsd.listenPort(fd), "EBADF");
  });

  test("gives packets of a seqpacket listener", async () => {
    const fd = bsd.socket("unix", "seqpacket");
    bsd.bind(fd, unix(`\0ws-listener-${process.pid}`));
    const listener = bsd.listenPort(fd);
    const peer = bsd.socket("unix", "seqpacket");
    await bsd.connect(peer, listener.address);
    const { value } = await listener.next();
    await bsd.send(peer, Buffer.from("packet"));
    expect(await once(value!, "data")).toEqual([Buffer.from("packet")]);
  });

  test("leaves connections in the kernel until they are asked for", async () => {
    const listener = bsd.listenPort(loopback("inet"));
    const before = nativeSockets().length;
    const sockets = [1, 2, 3].map(() => client(listener.address));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await turns();
    expect(nativeSockets().length).toBe(before + 3); // the clients' own
    const accepted = await Promise.all(sockets.map(() => listener.next()));
    expect(accepted.map(({ done }) => done)).toEqual([false, false, false]);
    expect(nativeSockets().length).toBe(before + 6);
  });

  test("gives several that ask at once a connection each, in turn", async () => {
    const listener = bsd.listenPort(loopback("inet"));
    const order: number[] = [];
    const asked = [0, 1, 2].map((i) => listener.next().then(() => order.push(i)));
    for (let i = 0; i < 3; i++) await once(client(listener.address), "connect");
    await Promise.all(asked);
    expect(order).toEqual([0, 1, 2]);
  });
});

describe("the end of a listener", () => {
  let listener: Listener;
  beforeEach(async () => {
    bsd = await openPromises();
    listener = bsd.listenPort(loopback("inet"));
  });

  const closed = (fd: number) => {
    expect(() => bsd.getsockname(fd)).toThrow(/EBADF/);
  };

  const endings: [string, () => unknown][] = [
    [
      "close",
      () => {
        listener.close();
      },
    ],
    [
      "net.close",
      () => {
        bsd.close(listener.fd);
      },
    ],
    [
      "net.dispose",
      () => {
        bsd.dispose();
      },
    ],
    ["its asynchronous disposal", () => listener[Symbol.asyncDispose]()],
  ];

  test.each(endings)("by %s ends the loops over it, and twice does no harm", async (_, end) => {
    const loop = (async () => {
      let count = 0;
      for await (const port of listener) {
        port.destroy();
        count++;
      }
      return count;
    })();
    await once(client(listener.address), "close");
    const other = listener.next();
    expect(await isSettled(Promise.race([loop, other]))).toBe(false);
    await end();
    listener.close();
    expect(await loop).toBe(1);
    expect(await other).toEqual({ done: true, value: undefined });
    expect(await listener.next()).toEqual({ done: true, value: undefined });
    closed(listener.fd);
  });

  test("comes when a loop is left", async () => {
    client(listener.address);
    for await (const port of listener) {
      port.destroy();
      break;
    }
    closed(listener.fd);
  });

  test("resets connections that nobody has accepted, and no others", async () => {
    const first = client(listener.address);
    const { value } = await listener.next();
    const second = client(listener.address);
    await once(second, "connect");
    const reset = new Promise((resolve) => second.once("error", resolve));
    listener.close();
    expect(await reset).toMatchObject({ code: "ECONNRESET" });
    value!.end("alive");
    expect(await text(first)).toBe("alive");
  });

  test("by a signal rejects who waits, and whoever asks after it", async () => {
    const controller = new AbortController();
    const aborted = bsd.listenPort(loopback("inet"), { signal: controller.signal });
    const waiting = aborted.next();
    const loop = (async () => {
      for await (const port of aborted) port.destroy();
    })();
    const outcome = Promise.allSettled([waiting, loop]);
    await turns();
    controller.abort();
    expect(await outcome).toMatchObject([
      { reason: { name: "AbortError" } },
      { reason: { name: "AbortError" } },
    ]);
    await expect(aborted.next()).rejects.toMatchObject({ name: "AbortError" });
    closed(aborted.fd);
  });

  test("by a signal that was aborted before comes before it begins", () => {
    const before = nativeSockets().length;
    const signal = AbortSignal.abort(new Error("before"));
    expect(() => bsd.listenPort(loopback("inet"), { signal })).toThrow("before");
    expect(nativeSockets().length).toBe(before);
  });

  test("leaves nothing at a signal that lives on", () => {
    const { signal } = new AbortController();
    bsd.listenPort(loopback("inet"), { signal }).close();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("a failure", () => {
  test("of bind leaves no descriptor", async () => {
    bsd = await openPromises();
    const { address } = bsd.listenPort(loopback("inet"));
    const before = nativeSockets().length;
    expectError(bsd as never, () => bsd.listenPort(address), "EADDRINUSE", { syscall: "bind" });
    expect(() => bsd.listenPort({ family: "inet", address: "nowhere", port: 0 })).toThrow(
      TypeError,
    );
    expect(() => bsd.listenPort({ family: "internet" } as never)).toThrow(TypeError);
    expect(nativeSockets().length).toBe(before);
  });

  test("of listen leaves the caller its descriptor", async () => {
    bsd = await openPromises();
    const fd = bsd.socket("inet", "datagram");
    expectError(bsd as never, () => bsd.listenPort(fd), "EOPNOTSUPP", { syscall: "listen" });
    expect(bsd.getsockname(fd)).toMatchObject({ family: "inet" });
    bsd.close(fd);
  });

  test("for lack of descriptors rejects once, loses no connection, and the listener goes on", async () => {
    bsd = await openPromises({ descriptors: 2 });
    const listener = bsd.listenPort(loopback("inet"));
    client(listener.address);
    const { value } = await listener.next();
    const second = client(listener.address);
    await once(second, "connect");
    const error = { name: "SocketError", code: "EMFILE", syscall: "accept" };
    const loop = async () => {
      for await (const port of listener) return port;
      throw new Error("the loop ended");
    };
    await expect(loop()).rejects.toMatchObject(error);
    expect(bsd.getsockname(listener.fd)).toEqual(listener.address);
    value!.destroy();
    const port = (await listener.next()).value!;
    port.end("served");
    expect(await text(second)).toBe("served");
  });
});

test("an address that was just listened at can be listened at again, unless reuseaddr is false", async () => {
  bsd = await openPromises();
  const first = bsd.listenPort(loopback("inet"));
  expect(bsd.getsockopt(first.fd, "socket", "reuseaddr")).toBe(true);
  const { address } = first;
  const peer = client(address);
  const { value } = await first.next();
  value!.end(); // who ends first keeps the address in TIME_WAIT
  peer.resume();
  await once(peer, "end");
  value!.resume();
  await once(value!, "close");
  first.close();
  expectError(bsd as never, () => bsd.listenPort(address, { reuseaddr: false }), "EADDRINUSE");
  expect(bsd.listenPort(address).address).toEqual(address);
});

test("a policy that allows no bind allows no listener", async () => {
  bsd = await openPromises({ allow: { connect: true } });
  expectError(bsd as never, () => bsd.listenPort(loopback("inet")), "EACCES", { syscall: "bind" });
});
