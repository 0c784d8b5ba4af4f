// Runs the table of behaviours against an adapter.

import { waker, type Waker } from "wasi-sockets";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";
import { PATIENCE, watch } from "../support/watchdog.js";
import { behaviours } from "./behaviours.js";
import { ALL, type Allowed, type Driver, type Sockets } from "./driver.js";
import { Node } from "./peer.js";

/** Registers a test for each behaviour that the ABI of a driver can say. */
export function contract(driver: Driver): void {
  const lacks = ALL.filter((need) => !driver.can.has(need));
  const title =
    lacks.length === 0 ? driver.name : `${driver.name}, which has no ${lacks.join(", ")}`;
  describe(title, () => {
    let node: Node;
    let wake: Waker;
    let forget: () => void;
    const started: Sockets[] = [];

    beforeAll(async () => {
      node = await Node.start();
      wake = await waker();
    });
    beforeEach(async () => {
      forget = await watch(wake.descriptor);
    });
    afterEach(async () => {
      forget();
      for (const sockets of started.splice(0)) await sockets.dispose();
      await node.forget();
    });
    afterAll(async () => {
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
