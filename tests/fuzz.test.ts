// Fuzzing, a little of it: `npm run fuzz` does more. And what it found once, and what it must find.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WASI } from "node:wasi";
import { waker } from "wasi-sockets";
import { assemblyScript } from "#host/adapters/assemblyscript";
import { wasiPreview1 } from "#host/adapters/preview1/index";
import { STREAMS, Stdio } from "#host/stdio";
import { bsdSockets } from "#host/adapters/bsd/index";
import { Guest } from "#host/guest";
import { GuestMemory } from "#host/memory";
import { Blocking } from "#host/wait/blocking";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ABIS, type Abi } from "./fuzz/abi.js";
import { Calls } from "./fuzz/calls.js";
import { fuzzCodecs } from "./fuzz/codecs.js";
import { Machine } from "./fuzz/machine.js";
import { minimise } from "./fuzz/minimise.js";
import { write } from "./fuzz/module.js";
import { LENGTHS } from "./fuzz/places.js";
import type { Case, ProfileName, Step } from "./fuzz/step.js";

const SEED = 20261122;
const CASES = new URL("fuzz/cases/", import.meta.url);

let calls: Calls;
beforeAll(async () => {
  calls = await Calls.open();
});
afterAll(async () => {
  await calls[Symbol.asyncDispose]();
});

/** What others have by another name. */
const UNCALLED = ["epoll_oneoff", "sock_accept"];

test("every import that a guest may have is called", () => {
  const guest = new Guest({});
  const memory = new GuestMemory();
  const wait = new Blocking(guest.descriptors);
  const stdio = new Stdio([0, 1, 2], -1, new Int32Array(STREAMS));
  const base = new WASI({ version: "preview1" }).wasiImport as never;
  const { own, passed } = wasiPreview1({ guest, memory, stdio, wait, base });
  const made: Record<string, object> = {
    bsd_sockets_v1: bsdSockets(guest, memory, wait),
    env: assemblyScript(memory),
    // epoll_oneoff is poll_oneoff by another name, and sock_accept, sock_recv… of node:wasi's are ours.
    wasi_snapshot_preview1: Object.fromEntries(
      Object.entries({ ...passed, ...own }).filter(([name]) => !UNCALLED.includes(name)),
    ),
  };
  const names = ABIS.map(({ module, imports }) => [module, Object.keys(imports).sort()]);
  expect(names).toEqual(
    Object.entries(made).map(([module, imports]) => [module, Object.keys(imports).sort()]),
  );
});

describe("random calls of every import", () => {
  const passes: [profile: ProfileName, calls: number, strace: boolean][] = [
    ["listed", 40000, false],
    ["listed", 4000, true],
    ["open", 8000, false],
    ["trusted", 8000, false],
  ];
  test.each(passes)(
    "by guests of the profile %s, %d of them, strace %s",
    async (profile, count, strace) => {
      const outcome = await calls.run({ profile, seed: SEED, calls: count, strace });
      if (outcome.skipped !== undefined) {
        console.log(`skipped: ${outcome.skipped}`);
        return;
      }
      expect(outcome.failed).toBeUndefined();
      const all = Object.entries(outcome.counts);
      expect(all.reduce((sum, [, { calls }]) => sum + calls, 0)).toBe(count);
      expect(all.filter(([, { calls }]) => calls === 0)).toEqual([]);
      if (outcome.addresses !== undefined) expect(outcome.addresses).toBeGreaterThan(count / 400);
      if (count < 40000) return;
      expect(all.filter(([, { successes }]) => successes === 0)).toEqual([]);
    },
  );
});

test("random conversions of the codecs are C's, under AddressSanitizer", async () => {
  const count = 20000;
  const { counts, failed, skipped } = await fuzzCodecs(SEED, count);
  if (skipped !== undefined) {
    console.log(`skipped: ${skipped}`);
    return;
  }
  expect(failed).toBeUndefined();
  const each = Object.values(counts);
  expect(each.reduce((sum, count) => sum + count, 0)).toBe(count);
  expect(Math.min(...each)).toBeGreaterThan(count / each.length / 2);
});

test("random modules are refused or run, and one that does not end is ended", async () => {
  const sources = ["sockets", "marshal"].map((name) =>
    fileURLToPath(new URL(`../build/${name}.wasm`, import.meta.url)),
  );
  const count = 200;
  const { counts, failed } = await calls.modules({ seed: SEED, from: 0, count, sources });
  expect(failed).toBeUndefined();
  const { generated, mutated, ended } = counts;
  expect(generated!.calls + mutated!.calls + (ended?.calls ?? 0)).toBe(count);
  for (const { calls, successes } of [generated!, mutated!]) {
    expect(successes).toBeGreaterThan(0);
    expect(successes).toBeLessThan(calls);
  }
});

/** Files that something was found with. */
function kept(extension: string): string[] {
  return existsSync(CASES) ? readdirSync(CASES).filter((name) => name.endsWith(extension)) : [];
}

test.for(kept(".wasm"))("what was found once is found no more: %s", async (name) => {
  const sources = [fileURLToPath(new URL(name, CASES))];
  const job = { seed: SEED, from: 0, count: 1, sources, unchanged: true };
  expect((await calls.modules(job)).failed).toBeUndefined();
});

test.for(kept(".json"))("what was found once is found no more: %s", async (name) => {
  const { profile, steps } = JSON.parse(readFileSync(new URL(name, CASES), "utf8")) as Case;
  expect(await calls.replay(profile, steps)).toBeUndefined();
});

describe("what must be found is found:", () => {
  test("a module that does not end", async () => {
    const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-endless-"));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const file = join(directory, "endless.wasm");
    const endless = [0x03, 0x40, 0x0c, 0, 0x0b]; // loop, br 0, end
    const parts = { imports: [], exports: [["f", "function", 0]] } as const;
    writeFileSync(file, write({ ...parts, bodies: [endless] }));
    const job = { seed: SEED, from: 0, count: 2, sources: [file, file], unchanged: true };
    expect(await calls.modules(job)).toEqual({ counts: { ended: { calls: 2, successes: 2 } } });
  });

  const send = (type: number): Step[] => [
    ["call", "bsd_sockets_v1.socket", 2, type, 0],
    ["address", 0x100, "forbidden"],
    ["call", "bsd_sockets_v1.connect", 4, 0x100, LENGTHS["forbidden"]!],
    ["call", "bsd_sockets_v1.send", 4, 0x100, 5, 0],
  ];

  test.each([
    ["a connection", 1, "a TCP connection reached the forbidden port"],
    ["a datagram", 2, "a datagram of 5 bytes reached the forbidden port"],
  ])("%s to a place that is not allowed", async (_, type, what) => {
    // These guests may, but not those of the profile "listed".
    expect(await calls.replayHere("trusted", send(type))).toBe(what);
    expect(await calls.replayHere("listed", send(type))).toBeUndefined();
  });

  const pair: Step = ["call", "bsd_sockets_v1.socketpair", 1, 1, 0, 0x100];
  const receiving: Step[] = [
    pair,
    ["call", "bsd_sockets_v1.send", 4, 0x100, 5, 0],
    ["call", "bsd_sockets_v1.recv", 5, 0x2000, 16, 0],
  ];

  /** Runs steps here, by an ABI of which something else is expected. */
  async function runHere(steps: readonly Step[], [bsd, ...rest]: readonly Abi[]): Promise<unknown> {
    using wake = await waker();
    const machine = new Machine({
      abis: [bsd!, ...rest],
      allow: {},
      file: new URL(import.meta.url).pathname,
      places: {},
      wake: {
        descriptor: wake.descriptor,
        wake: () => {
          wake.wake();
        },
        drain: () => undefined,
      },
    });
    return await machine.run(steps);
  }

  const [bsd, env] = ABIS as [Abi, Abi];

  test("a byte that a call changed and should not have", async () => {
    expect(await runHere(receiving, ABIS)).toBeUndefined();
    const forgetful = { ...bsd, written: () => [] };
    expect(await runHere([pair], [forgetful])).toMatchObject({
      step: 0,
      what: expect.stringContaining("the byte at 256") as string,
    });
    expect(await runHere(receiving.slice(1), [forgetful])).toBeUndefined();
  });

  test("a result that no call gives", async () => {
    const strict: Abi = {
      ...bsd,
      gives: (name, _, result) => name !== "recv" || (result ?? 0) < 5,
    };
    expect(await runHere(receiving, [strict])).toEqual({
      step: 2,
      what: "bsd_sockets_v1.recv gives 5",
    });
  });

  test("an exception that is none of a guest's", async () => {
    const abort: Step[] = [pair, ["call", "env.abort", 0, 0, 7, 8]];
    expect(await runHere(abort, ABIS)).toBeUndefined();
    const silent: Abi = { ...env, throws: /(?!)/ };
    expect(await runHere(abort, [bsd, silent])).toMatchObject({
      step: 1,
      what: expect.stringContaining(
        "env.abort throws Error: guest aborted: no message (:7:8)",
      ) as string,
    });
  });

  test("the steps of a list that it needs to fail", async () => {
    const list = Array.from({ length: 100 }, (_, i) => i);
    const fails = (list: readonly number[]) =>
      Promise.resolve(list.includes(7) && list.includes(93));
    expect(await minimise(list, fails)).toEqual([7, 93]);
  });
});
