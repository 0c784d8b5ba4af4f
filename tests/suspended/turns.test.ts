// The calls of one suspended guest: one at a time, and no fault of one is another's.

import { setTimeout as timer } from "node:timers/promises";
import { instantiate, type InstantiateOptions, type Suspended } from "wasi-sockets";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { compileFile, compileGuest, textOf } from "../support/guest.js";
import { nodeServer } from "../support/peers.js";
import { loopback, nativeSockets } from "../support/sockets.js";

interface Exports {
  readonly memory: WebAssembly.Memory;
  rest(milliseconds: number): number;
  history(): number;
  trap(milliseconds: number): void;
  fail(milliseconds: number): void;
  through(number: number): number;
  converse(port: number, seed: number, rounds: number): number;
}

let module: WebAssembly.Module;

beforeAll(async () => {
  // The collector that runs as the program allocates, with its roots on the stack in memory.
  const wasm = await compileFile("turns", ["--runtime", "incremental"]);
  module = await WebAssembly.compile(wasm);
});

async function start(
  call: object | ((number: number) => number) = () => 0,
  options: Partial<InstantiateOptions> = {},
): Promise<Suspended<Exports>> {
  const guest = await instantiate<Exports>(module, {
    allow: { connect: true },
    ...options,
    imports: { test: { call: call as WebAssembly.ImportValue } },
    wait: "suspend",
  });
  onTestFinished(() => {
    guest.dispose();
  });
  return guest.exports;
}

test("calls made while one is suspended run after it, in the order in which they were made", async () => {
  const guest = await start();
  const all = [guest.rest(30), guest.rest(1), guest.rest(0), guest.rest(10)];
  const settled: number[] = [];
  all.forEach((call, i) => void call.then(() => settled.push(i)));
  expect(await Promise.all(all)).toEqual([1, 1, 1, 1]);
  expect(settled).toEqual([0, 1, 2, 3]);
  expect(textOf(guest.memory, await guest.history())).toBe("<30><1><0><10>");
});

test("a call made the moment another one ends does not overtake those that wait", async () => {
  const guest = await start();
  const first = guest.rest(5);
  const waiting = guest.rest(6);
  const last = first.then(() => guest.rest(7));
  expect(await Promise.all([first, waiting, last])).toEqual([1, 1, 1]);
  expect(textOf(guest.memory, await guest.history())).toBe("<5><6><7>");
});

test("the guest's heap and its stack stay whole, with twenty calls that allocate", async () => {
  await using peer = await nodeServer(loopback("inet"), "echo");
  const { port } = peer.address as { port: number };
  const guest = await start();
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
  const right = await Promise.all(seeds.map((seed) => guest.converse(port, seed, 5)));
  const expected = seeds.map((seed) => 5 * `guest ${seed} round 0`.length);
  expect(right).toEqual(expected);
});

test("twenty guests that allocate converse at the same time", async () => {
  await using peer = await nodeServer(loopback("inet"), "echo");
  const { port } = peer.address as { port: number };
  const guests = await Promise.all(Array.from({ length: 20 }, () => start()));
  const right = await Promise.all(guests.map((guest, i) => guest.converse(port, i + 1, 5)));
  expect(right).toEqual(guests.map((_, i) => 5 * `guest ${i + 1} round 0`.length));
});

test("a trap rejects its own call, and the next ones run", async () => {
  const guest = await start();
  const all = [guest.rest(5), guest.trap(5), guest.fail(5), guest.rest(1)];
  const [first, trapped, failed, last] = await Promise.allSettled(all);
  expect(first).toEqual({ status: "fulfilled", value: 1 });
  expect(trapped).toMatchObject({ reason: expect.any(WebAssembly.RuntimeError) as Error });
  expect(failed).toMatchObject({
    reason: { message: expect.stringMatching(/on purpose/) as string },
  });
  expect(last).toEqual({ status: "fulfilled", value: 1 });
});

test("arguments that are none reject their call, and the next one runs", async () => {
  const guest = await start();
  const bad = guest.rest(1n as unknown as number);
  await expect(bad).rejects.toThrow(TypeError);
  expect(await guest.rest(0)).toBe(1);
});

test("a call that an import makes runs after the one that is under way", async () => {
  const inner: Promise<number>[] = [];
  const guest: Suspended<Exports> = await start((number: number) => {
    inner.push(guest.rest(0));
    return number;
  });
  const outer = [guest.through(7), guest.through(8)];
  expect(await Promise.all(outer)).toEqual([1007, 1008]);
  expect(await Promise.all(inner)).toEqual([1, 1]);
});

test("an import of the embedder's own may suspend the guest as well", async () => {
  const { Suspending } = WebAssembly as unknown as {
    Suspending: new (call: (number: number) => Promise<number>) => object;
  };
  const slow = async (number: number) => {
    await timer(5);
    return number + 1;
  };
  const guest = await start(new Suspending(slow));
  expect(await Promise.all([guest.through(1), guest.through(2)])).toEqual([1002, 1003]);
});

/** A program that does all its work as it starts. */
const STARTING = (result: string) => `
  @external("bsd_sockets_v1", "socket") declare function socket(d: i32, t: i32, p: i32): i32;
  @external("bsd_sockets_v1", "poll") declare function poll(list: i32, n: i32, timeout: i32): i32;
  const fd = socket(2, 1, 0);
  const made = ${result};
  export function result(): i32 { return made; }
`;

test("a start function may make calls that never wait", async () => {
  const wasm = await compileGuest(STARTING("fd"));
  using guest = await instantiate<{ result(): number }>(wasm, { allow: true, wait: "suspend" });
  expect(await guest.exports.result()).toBe(3);
});

test.each([0, 10])(
  "a start function that makes a call which can wait is refused, and its sockets are closed: poll for %s ms",
  async (milliseconds) => {
    const wasm = await compileGuest(STARTING(`poll(0, 0, ${milliseconds})`));
    const before = nativeSockets();
    const started = instantiate(wasm, { allow: true, wait: "suspend" });
    await expect(started).rejects.toThrow(/start function cannot be suspended.*--exportStart/);
    expect(nativeSockets()).toEqual(before);
  },
);

test("a start function that is exported may wait", async () => {
  const wasm = await compileGuest(STARTING("poll(0, 0, 10)"), ["--exportStart", "start"]);
  using guest = await instantiate<{ start(): void; result(): number }>(wasm, {
    allow: true,
    wait: "suspend",
  });
  await guest.exports.start();
  expect(await guest.exports.result()).toBe(0);
});

test("exports that are no functions are as they were", async () => {
  const guest = await start();
  expect(guest.memory).toBeInstanceOf(WebAssembly.Memory);
});
