// wasi:io/poll of WASI 0.2: sockets, clocks, look-ups and other implementations' pollables in one call.

import { expect, test } from "vitest";
import { nodeServer } from "../support/peers.js";
import { boundDatagrams, connected, failureOf, listening, world } from "../support/p2.js";
import { loopback } from "../support/sockets.js";

test("poll tells of every pollable that is ready, and of no other", async () => {
  await using server = await nodeServer(loopback("inet"), "echo");
  using w = world();
  const { input, output } = connected(w, server.address);
  const [incoming] = boundDatagrams(w, loopback("inet")).stream(undefined);
  const { socket: listener } = listening(w, loopback("inet"));
  const list = [
    listener.subscribe(),
    incoming.subscribe(),
    input.subscribe(),
    output.subscribe(),
    w.clocks.monotonicClock.subscribeDuration(60_000_000_000n),
    w.clocks.monotonicClock.subscribeInstant(0n),
  ];
  expect([...w.io.poll.poll(list)]).toEqual([3, 5]);
  output.blockingWriteAndFlush(Uint8Array.of(1));
  expect([...w.io.poll.poll(list.slice(0, 3))]).toEqual([2]);
  expect(input.read(10n)).toEqual(Uint8Array.of(1));
});

test("a clock ends a wait for sockets, and not before its time", () => {
  using w = world();
  const { socket } = listening(w, loopback("inet"));
  const before = w.clocks.monotonicClock.now();
  const timer = w.clocks.monotonicClock.subscribeDuration(20_000_000n);
  expect(timer.ready()).toBe(false);
  expect([...w.io.poll.poll([socket.subscribe(), timer])]).toEqual([1]);
  expect(w.clocks.monotonicClock.now() - before).toBeGreaterThanOrEqual(20_000_000n);
  expect(timer.ready()).toBe(true);
  timer.block();
});

test("another implementation's pollables are waited for beside sockets", () => {
  using w = world();
  const { socket } = listening(w, loopback("inet"));
  let asked = 0;
  // preview2-shim's have the same two functions: what they wait for lives in its own thread.
  const other = {
    ready: () => ++asked > 3,
    block() {
      throw new Error("nobody may block on it alone");
    },
  };
  expect(other).toBeInstanceOf(w.io.poll.Pollable);
  expect([...w.io.poll.poll([socket.subscribe(), other])]).toEqual([1]);
  expect(asked).toBe(4);
});

test("poll of nothing would wait for ever, so it ends the component", () => {
  using w = world();
  expect(() => w.io.poll.poll([])).toThrow("poll of no pollable would wait for ever");
});

test("addresses in text are resolved at once, and names by libc's resolver", () => {
  using w = world();
  const network = w.sockets.instanceNetwork.instanceNetwork();
  const { resolveAddresses } = w.sockets.ipNameLookup;
  const literal = resolveAddresses(network, "192.0.2.7");
  expect(literal.subscribe().ready()).toBe(true);
  expect(literal.resolveNextAddress()).toEqual({ tag: "ipv4", val: [192, 0, 2, 7] });
  expect(literal.resolveNextAddress()).toBeUndefined();
  const mapped = resolveAddresses(network, "::ffff:192.0.2.7");
  expect(mapped.resolveNextAddress()).toEqual({ tag: "ipv4", val: [192, 0, 2, 7] });
  const name = resolveAddresses(network, "localhost");
  name.subscribe().block();
  const loopbacks = [
    { tag: "ipv4", val: [127, 0, 0, 1] },
    { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] },
  ];
  expect(loopbacks).toContainEqual(name.resolveNextAddress());
  const nobody = resolveAddresses(network, "nobody.invalid");
  nobody.subscribe().block();
  expect(["name-unresolvable", "temporary-resolver-failure"]).toContain(
    failureOf(() => nobody.resolveNextAddress()),
  );
  for (const bad of ["", "a..b", "a b", `${"a".repeat(64)}.test`, "1.2.3", "nul\0name"]) {
    expect([bad, failureOf(() => resolveAddresses(network, bad))]).toEqual([
      bad,
      "invalid-argument",
    ]);
  }
  using denied = world({});
  const none = denied.sockets.instanceNetwork.instanceNetwork();
  expect(failureOf(() => denied.sockets.ipNameLookup.resolveAddresses(none, "localhost"))).toBe(
    "access-denied",
  );
});
