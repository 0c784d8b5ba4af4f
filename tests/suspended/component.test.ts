// A component of WASI 0.3 that jco has transpiled, over the module that its import is mapped to.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configure } from "wasi-sockets/p3";
import {
  P3,
  loadAsync,
  makeComponent,
  makeFolder,
  missing,
  type AsyncGuest,
} from "../support/components.js";
import { nodeServer } from "../support/peers.js";
import { loopback } from "../support/sockets.js";

if (missing !== undefined) console.warn(`left out, for there is ${missing}`);

describe.skipIf(missing !== undefined)("a component of WASI 0.3", () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let guest: AsyncGuest;

  beforeAll(async () => {
    folder = await makeFolder();
    const component = await makeComponent(folder.path, P3);
    guest = await loadAsync(component, join(folder.path, "transpiled"));
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  const portOf = ({ address }: { address: object }) => (address as { port: number }).port;

  test("what it writes comes back as it was", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    configure({ allow: { connect: [`tcp:127.0.0.1:${portOf(server)}`] } });
    expect(await guest.pingpong(portOf(server), 30)).toBe(30);
  });

  test("what it sends arrives, more of it than fits at once", async () => {
    await using server = await nodeServer(loopback("inet"), "count");
    configure({ allow: true });
    expect(await guest.pour(portOf(server), 5_000_000n)).toBe(5_000_000n);
  });

  test("it reads to the end", async () => {
    await using server = await nodeServer(loopback("inet"), "source", 1_000_000);
    configure({ allow: true });
    expect(await guest.drain(portOf(server), 0n)).toBe(1_000_000n);
  });

  test("what nobody allowed ends it here, for it expects to connect", async () => {
    await using server = await nodeServer(loopback("inet"), "echo");
    configure({});
    await expect(guest.pingpong(portOf(server), 1)).rejects.toThrow(WebAssembly.RuntimeError);
  });
});
