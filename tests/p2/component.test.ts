// A component that jco has transpiled, over the modules that its imports are mapped to.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configure } from "wasi-sockets/p2";
import {
  load,
  makeComponent,
  makeFolder,
  maps,
  missing,
  spares,
  type Guest,
} from "../support/components.js";
import { nodeServer } from "../support/peers.js";
import { listening, world } from "../support/p2.js";
import { loopback } from "../support/sockets.js";

/** What preview2-shim's pollables have. */
interface Shimmed extends Disposable {
  ready(): boolean;
  block(): void;
}

if (missing !== undefined) console.warn(`left out, for there is ${missing}`);

/** The order of wasi:sockets/network's error codes. */
const CONNECTION_RESET = 15;

test("the README maps every interface that this package has", () => {
  expect(maps.map((map) => map.split("/", 1)[0])).toEqual([
    "wasi:sockets",
    "wasi:io",
    "wasi:clocks",
  ]);
});

describe.skipIf(missing !== undefined).each([
  { name: "by jco's own code", flags: [] },
  { name: "over its own memory", flags: spares },
])("a component calls $name", ({ flags }) => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let guest: Guest;

  beforeAll(async () => {
    folder = await makeFolder();
    const component = await makeComponent(folder.path);
    guest = await load(component, join(folder.path, "transpiled"), flags);
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  const portOf = ({ address }: { address: object }) => (address as { port: number }).port;

  test("what it writes comes back as it was", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    configure({ allow: { connect: [`tcp:127.0.0.1:${portOf(server)}`] } });
    expect(guest.pingpong(portOf(server), 300)).toBe(300);
  });

  test("what it sends arrives, more of it than fits at once", async () => {
    await using server = await nodeServer(loopback("inet"), "count");
    configure({ allow: true });
    expect(guest.pour(portOf(server), 5_000_000n)).toBe(5_000_000n);
  });

  test("it makes a socket", () => {
    expect(guest.create()).toBe(1);
  });

  test("it reads to the end, and the end is no failure", async () => {
    await using server = await nodeServer(loopback("inet"), "source", 1_000_000);
    configure({ allow: true });
    expect(guest.drain(portOf(server), 0n)).toBe(1_000_000n);
  });

  test("it learns why its connection has failed", async () => {
    await using server = await nodeServer(loopback("inet"), "reset");
    configure({ allow: true });
    expect(guest.fail(portOf(server))).toBe(CONNECTION_RESET + 100);
  });

  test("what nobody allowed ends it here, for it expects to connect", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    configure({});
    expect(() => guest.pingpong(portOf(server), 1)).toThrow(WebAssembly.RuntimeError);
  });
});

test.skipIf(missing !== undefined)(
  "preview2-shim's own pollables and streams are used beside ours",
  async () => {
    const at = "../components/node_modules/@bytecodealliance/preview2-shim/dist/nodejs";
    const { monotonicClock } = (await import(`${at}/clocks.js`)) as {
      monotonicClock: { subscribeDuration(duration: bigint): Shimmed };
    };
    const { stdin, stdout } = (await import(`${at}/cli.js`)) as Record<
      "stdin" | "stdout",
      { getStdin(): object; getStdout(): object }
    >;
    using w = world();
    const { socket } = listening(w, loopback("inet"));
    const timer = monotonicClock.subscribeDuration(20_000_000n);
    expect(timer).toBeInstanceOf(w.io.poll.Pollable);
    expect([...w.io.poll.poll([socket.subscribe(), timer])]).toEqual([1]);
    expect(stdin.getStdin()).toBeInstanceOf(w.io.streams.InputStream);
    expect(stdout.getStdout()).toBeInstanceOf(w.io.streams.OutputStream);
    expect(stdout.getStdout()).not.toBeInstanceOf(w.io.streams.InputStream);
    timer[Symbol.dispose]();
  },
);
