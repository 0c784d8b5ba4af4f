// Look-ups where libc has no getaddrinfo_a(3), which this machine's may have: what is asked when, and what is left behind
// by those that nobody waits for.

import { AsyncNet } from "#host/api/promises";
import { Resolution } from "#host/component/names";
import { Guest } from "#host/guest";
import { expect, test } from "vitest";
import { heap } from "./support/libc.js";
import { ASYNC_NET, NET, PACKAGE, SERVER, built, runOn } from "./support/lookups.js";
import { testInNetwork } from "./support/namespaces.js";
import { nodeThreads } from "./support/platforms.js";

const PLATFORM = JSON.stringify(nodeThreads.platform);

/** A net on the event loop, of which two look-ups are asked at once. */
const PROMISED = `${SERVER}
  import { AsyncNet } from ${JSON.stringify(ASYNC_NET)};
  const net = new AsyncNet({}, ${PLATFORM});
  const hints = { type: "stream", family: "inet" };
  const look = (name, options) =>
    net.getaddrinfo(name + ".test", "80", hints, options).then(
      ([{ address }]) => address.address,
      (error) => error.code ?? error,
    );
  /** How many look-ups may be begun: each of them is answered by a file. */
  const room = async () => {
    const found = await Promise.allSettled(Array.from({ length: 70 }, () => net.getaddrinfo("localhost")));
    return found.filter(({ status }) => status === "fulfilled").length;
  };
  await room();
  const before = descriptors();
`;

testInNetwork(
  "promises: two look-ups are asked at once, and the next when one of them has its answer, left or not",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${PROMISED}
       const controller = new AbortController();
       const left = look("left", { signal: controller.signal });
       const [second, third, fourth] = ["second", "third", "fourth"].map((name) => look(name));
       const asked = [await question("left"), await question("second")];
       controller.abort("enough");
       const results = [await left];
       results.push([...questions.keys()].sort().join());
       answer(...asked[0]);
       answer(...(await question("third")), 3);
       results.push(await third);
       answer(...(await question("fourth")), 4);
       answer(...asked[1], 2);
       results.push(await fourth, await second, descriptors() - before, await room());
       console.log(JSON.stringify(results));
       process.exit();`,
    );
    expect(found).toEqual(["enough", "left,second", "192.0.2.3", "192.0.2.4", "192.0.2.2", 0, 64]);
  },
);

testInNetwork(
  "promises: a look-up that is left before it is asked is never asked, a hundred times over",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${PROMISED}
       const held = [look("first"), look("second")];
       const asked = [await question("first"), await question("second")];
       const reasons = new Set();
       for (let i = 0; i < 100; i++) {
         const controller = new AbortController();
         const left = look("left-" + i, { signal: controller.signal });
         controller.abort("enough");
         reasons.add(await left);
       }
       answer(...asked[0], 1);
       answer(...asked[1], 2);
       const results = [[...reasons], await Promise.all(held), await room()];
       console.log(JSON.stringify([...results, [...questions.keys()].sort().join()]));
       process.exit();`,
    );
    expect(found).toEqual([["enough"], ["192.0.2.1", "192.0.2.2"], 64, "first,second"]);
  },
);

testInNetwork(
  "a process goes on until a look-up that was left has its answer, and no longer",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${PROMISED}
       const controller = new AbortController();
       const left = look("left", { signal: controller.signal });
       const asked = await question("left");
       controller.abort("enough");
       console.log(JSON.stringify(await left));
       answer(...asked);
       server.close();`,
    );
    expect(found).toBe("enough");
  },
);

testInNetwork(
  "a worker that blocks has its answer although it was woken, and its next wait is interrupted",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${SERVER}
       import { Worker } from "node:worker_threads";
       import { waker } from ${JSON.stringify(PACKAGE)};
       const interrupt = await waker();
       const worker = new Worker(\`
         import { parentPort, workerData } from "node:worker_threads";
         import(${JSON.stringify(NET)}).then(({ Net }) => {
           const net = new Net({ wake: workerData }, ${PLATFORM});
           const [{ address }] = net.getaddrinfo("blocks.test", "80", { type: "stream", family: "inet" });
           let code;
           try {
             net.poll([], 60_000);
           } catch (error) {
             ({ code } = error);
           }
           parentPort.postMessage([address.address, code]);
         });
       \`, { eval: true, workerData: interrupt.descriptor });
       const told = once(worker, "message");
       const asked = await question("blocks");
       interrupt.wake();
       answer(...asked);
       console.log(JSON.stringify(await told));
       process.exit();`,
    );
    expect(found).toEqual([["192.0.2.7", "EINTR"]]);
  },
);

testInNetwork(
  "a worker is terminated while its look-ups are asked: who takes them over frees them",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${PROMISED}
       import { Worker } from "node:worker_threads";
       import { takeOver } from ${JSON.stringify(built("lookups/threads.js"))};
       const counts = new Set();
       const kept = [];
       for (let i = 0; i < 3; i++) {
         const requests = new Float64Array(new SharedArrayBuffer(64));
         const worker = new Worker(\`
           import { parentPort, workerData } from "node:worker_threads";
           Promise.all([import(${JSON.stringify(built("guest.js"))}), import(${JSON.stringify(built("component/names.js"))})])
             .then(([{ Guest }, { Resolution }]) => {
               const descriptors = new Int32Array(new SharedArrayBuffer(16));
               const guest = new Guest({ allow: true, descriptors: 1, lookups: 8 }, ${PLATFORM}, { descriptors, lookUps: workerData.requests });
               for (const name of ["a", "b", "c"]) new Resolution(guest, name + workerData.i + ".test", "loop");
               parentPort.postMessage("begun");
             });
         \`, { eval: true, workerData: { requests, i } });
         await once(worker, "message");
         const asked = [await question("a" + i), await question("b" + i)];
         const gone = worker.terminate();
         for (const [query, from] of asked) answer(query, from);
         await gone;
         const left = requests.filter((request) => request !== 0).length;
         takeOver(requests);
         counts.add([left, requests.filter((request) => request !== 0).length, questions.has("c" + i)].join());
         kept.push(descriptors());
       }
       console.log(JSON.stringify([[...counts], kept.at(-1) - kept[0], await room()]));
       process.exit();`,
    );
    expect(found).toEqual([["3,0,false"], 0, 64]);
  },
);

test("a component of WASI 0.2, whose thread may block until it is told, has its answer in the call", () => {
  const guest = new Guest({ allow: true }, nodeThreads.platform);
  const resolution = new Resolution(guest, "localhost", "poll");
  expect(resolution.lookUp).toBeUndefined();
  expect(resolution.answer(false)).toContainEqual({ tag: "ipv4", val: [127, 0, 0, 1] });
  guest.dispose();
  const refused = new Resolution(guest, "localhost", "poll");
  expect(() => refused.answer(false)).toThrow(
    expect.objectContaining({ payload: "temporary-resolver-failure" }) as Error,
  );
});

const inUse = heap();

test.skipIf(inUse === undefined)(
  `promises: thousands of look-ups leave no native memory behind${inUse ? "" : " (skipped: libc has no mallinfo2)"}`,
  async () => {
    using net = new AsyncNet({}, nodeThreads.platform);
    const look = async (rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        await Promise.all(Array.from({ length: 50 }, () => net.getaddrinfo("localhost", "80")));
      }
    };
    /** Bytes that 2,000 look-ups leave behind. */
    const kept = async (): Promise<number> => {
      const before = inUse!();
      await look(40);
      return inUse!() - before;
    };
    await look(40);
    const least = Math.min(await kept(), await kept(), await kept());
    // One answer takes three structs of 48 bytes with an address each.
    expect(least).toBeLessThan(2000 * 48);
  },
);
