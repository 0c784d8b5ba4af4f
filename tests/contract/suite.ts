// Runs the table of behaviours against an adapter.

import { Worker } from "node:worker_threads";
import { waker, type Waker } from "wasi-sockets";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";
import { LIBC } from "../support/sockets.js";
import { behaviours } from "./behaviours.js";
import { ALL, type Allowed, type Driver, type Sockets } from "./driver.js";
import { Node } from "./peer.js";

/** Seconds that a test may take: one that waits for longer fails, and does not hang. */
const PATIENCE = 5;

// The tests share one number with it, that of the test which runs, 0 for none.
const WATCHDOG = `
  const { workerData: { descriptor, running, patience } } = require("node:worker_threads");
  import(${JSON.stringify(LIBC)}).then(({ libc }) => {
    let [seen, seconds] = [0, 0];
    setInterval(() => {
      const number = Atomics.load(running, 0);
      seconds = number === seen ? seconds + 1 : 0;
      seen = number;
      if (number !== 0 && seconds >= patience) libc.eventfd_write(descriptor, 1);
    }, 1000);
  });
`;

/** Registers a test for each behaviour that the ABI of a driver can say. */
export function contract(driver: Driver): void {
  const lacks = ALL.filter((need) => !driver.can.has(need));
  const title =
    lacks.length === 0 ? driver.name : `${driver.name}, which has no ${lacks.join(", ")}`;
  describe(title, () => {
    let node: Node;
    let wake: Waker;
    let watchdog: Worker;
    const started: Sockets[] = [];
    const running = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    let tests = 0;

    beforeAll(async () => {
      node = await Node.start();
      wake = await waker();
      const workerData = { descriptor: wake.descriptor, running, patience: PATIENCE };
      watchdog = new Worker(WATCHDOG, { eval: true, workerData });
    });
    beforeEach(() => {
      Atomics.store(running, 0, ++tests);
    });
    afterEach(async () => {
      Atomics.store(running, 0, 0);
      for (const sockets of started.splice(0)) await sockets.dispose();
      await node.forget();
    });
    afterAll(async () => {
      await watchdog.terminate();
      wake.dispose();
      await node[Symbol.asyncDispose]();
    });

    const start = async (allow: Allowed = true): Promise<Sockets> => {
      const sockets = await driver.start(allow, wake.descriptor);
      started.push(sockets);
      return sockets;
    };

    for (const { says, needs, check } of behaviours) {
      if (!needs.every((need) => driver.can.has(need))) continue;
      test(says, { timeout: 2 * PATIENCE * 1000 }, async () => {
        await check({ node, start, driver });
      });
    }
  });
}
