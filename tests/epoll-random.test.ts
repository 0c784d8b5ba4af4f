// The two epolls side by side: what a random program is told by the kernel's, it is told by the one that is
// made of poll(2).

import fc from "fast-check";
import { Net } from "#host/api/net";
import type { Platform } from "#host/platform/index";
import type { EpollEvent, How } from "wasi-sockets";
import { expect, test } from "vitest";
import { kernel, made } from "./support/platforms.js";

const TYPES = ["stream", "datagram", "seqpacket", "stream"] as const;
const SOCKETS = 2 * TYPES.length;
const SETS = 3;

/** A call of a program; sockets and sets by their index, so that it is the same on both. */
type Step =
  | {
      readonly call: "add" | "mod" | "del";
      readonly set: number;
      readonly what: number;
      readonly events: EpollEvent[];
    }
  | { readonly call: "send" | "recv"; readonly what: number; readonly size: number }
  | { readonly call: "shutdown"; readonly what: number; readonly how: How }
  | { readonly call: "close" | "reopen"; readonly what: number }
  | { readonly call: "wait"; readonly set: number };

/** Sockets in pairs, and sets, of one net. */
class World implements Disposable {
  readonly net: Net;
  readonly sets: number[];
  /** Two and two connected to each other. */
  readonly sockets: number[];

  constructor(platform: Platform) {
    this.net = new Net({}, platform);
    this.sets = Array.from({ length: SETS }, () => this.net.epollCreate());
    this.sockets = TYPES.flatMap((type) => this.net.socketpair("unix", [type, "nonblock"]));
  }

  /** What a step gives: a count, the events in the order of their numbers, or the name of an error. */
  run(step: Step): unknown {
    try {
      return this.#run(step);
    } catch {
      return this.net.errno!.code;
    }
  }

  #run(step: Step): unknown {
    const { net, sets, sockets } = this;
    switch (step.call) {
      case "add":
      case "mod":
      case "del": {
        const fd = step.what < SOCKETS ? sockets[step.what]! : sets[step.what - SOCKETS]!;
        net.epollCtl(sets[step.set]!, step.call, fd, step.events, step.what);
        return 0;
      }
      case "send": {
        const count = net.send(sockets[step.what]!, new Uint8Array(step.size));
        return count < 0 ? net.errno!.code : count;
      }
      case "recv": {
        const count = net.recv(sockets[step.what]!, new Uint8Array(step.size));
        return count < 0 ? net.errno!.code : count;
      }
      case "shutdown":
        net.shutdown(sockets[step.what]!, step.how);
        return 0;
      case "close":
        net.close(sockets[step.what]!);
        return 0;
      case "reopen": {
        const pair = step.what & ~1;
        for (const fd of sockets.slice(pair, pair + 2)) if (this.#isOpen(fd)) net.close(fd);
        const opened = net.socketpair("unix", [TYPES[pair / 2]!, "nonblock"]);
        sockets.splice(pair, 2, ...opened);
        return opened;
      }
      case "wait":
        return this.wait(step.set);
    }
  }

  wait(set: number): { data: number; events: EpollEvent[] }[] {
    const events = this.net.epollWait(this.sets[set]!, 64, 0);
    return events.sort((one, other) => one.data - other.data);
  }

  /** Receives byte by byte, or message by message, until there is nothing more. */
  drain(what: number): number {
    for (let count = 0; ; count++) {
      if (this.net.recv(this.sockets[what]!, new Uint8Array(1)) <= 0) return count;
    }
  }

  #isOpen(fd: number): boolean {
    try {
      this.net.fcntl(fd, "getfd");
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    this.net.dispose();
  }
}

const what = fc.nat(SOCKETS - 1);
const set = fc.nat(SETS - 1);
const sizes = fc.constantFrom(0, 1, 7, 1000, 300_000);
const how = fc.constantFrom<How>("read", "write", "both");
const levels: EpollEvent[] = ["in", "out", "pri", "rdhup", "err", "hup", "oneshot", "exclusive"];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constantFrom("add" as const, "add" as const, "mod" as const, "del" as const),
      set,
      what: fc.nat(SOCKETS + SETS - 1),
      events: fc.subarray(levels),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constantFrom("send" as const, "recv" as const),
      what,
      size: sizes,
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("shutdown" as const), what, how }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constantFrom("close" as const, "reopen" as const, "reopen" as const),
      what,
    }),
  },
  { weight: 4, arbitrary: fc.record({ call: fc.constant("wait" as const), set }) },
);

test("level-triggered and oneshot, both tell the same of whatever is done", () => {
  let told = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200, size: "max" }), (steps) => {
      using ours = new World(made.platform);
      using theirs = new World(kernel.platform);
      const waits = [0, 1, 2].map((set) => ({ call: "wait", set }) as const);
      for (const step of [...steps, ...waits]) {
        const expected = theirs.run(step);
        expect(ours.run(step), JSON.stringify(step)).toEqual(expected);
        if (step.call === "wait") told += (expected as unknown[]).length;
      }
    }),
    { seed: 20261125, numRuns: 300 },
  );
  expect(told).toBeGreaterThan(2000);
});

/** What the peer of an edge-triggered program does. */
const arrival: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      call: fc.constant("send" as const),
      what,
      size: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("shutdown" as const),
      what,
      how: fc.constant<How>("write"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("reopen" as const), what }) },
);

test("edge-triggered, both tell the same to a program that receives until there is nothing", () => {
  let told = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(arrival, { maxLength: 6 }), { minLength: 10, maxLength: 40, size: "max" }),
      (turns) => {
        using ours = new World(made.platform);
        using theirs = new World(kernel.platform);
        const ended = new Set<number>();
        for (const turn of turns) {
          for (const world of [ours, theirs]) {
            for (let what = 0; what < SOCKETS; what++)
              world.run({ call: "add", set: 0, what, events: ["in", "rdhup", "et"] });
          }
          for (const step of turn) {
            if (step.call === "shutdown") {
              // A connection ends once: the kernel tells a second shutdown(2) as well, which changes nothing.
              if (TYPES[step.what >> 1] === "datagram" || ended.has(step.what)) continue;
              ended.add(step.what);
            } else if (step.call === "reopen") {
              ended.delete(step.what & ~1);
              ended.delete(step.what | 1);
            }
            expect(ours.run(step)).toEqual(theirs.run(step));
          }
          const found = theirs.wait(0);
          expect(ours.wait(0)).toEqual(found);
          told += found.length;
          for (const { data } of found) expect(ours.drain(data)).toBe(theirs.drain(data));
        }
      },
    ),
    { seed: 20261125, numRuns: 200 },
  );
  expect(told).toBeGreaterThan(5000);
});
