// Look-ups by a DNS server of their own, in a network namespace: what they give, and what ends one that
// nobody answers.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { resolveAddresses } from "#host/adapters/p3/names";
import { AsyncNet } from "#host/api/promises";
import { Guest } from "#host/guest";
import { expect, test } from "vitest";
import { ASYNC_NET, PACKAGE, SERVER, runOn } from "./support/lookups.js";
import { testInNetwork, type Network } from "./support/namespaces.js";
import { noLibcThreads, resolvers } from "./support/platforms.js";

const execute = promisify(execFile);

const DNSMASQ = [
  ...[
    "dnsmasq",
    "--keep-in-foreground",
    "--log-facility=-",
    "--conf-file=/dev/null",
    "--pid-file=",
  ],
  ...[
    "--user=root",
    "--no-resolv",
    "--no-hosts",
    "--bind-interfaces",
    "--listen-address=127.0.0.1",
  ],
  ...["--host-record=host.test,192.0.2.8,2001:db8::7"],
  ...["--cname=alias.test,host.test", "--local=/test/"],
];

testInNetwork(
  "a name that a DNS server knows has the addresses that getent(1) gives, in the same order",
  async (network) => {
    const host = network.host();
    await host.start(DNSMASQ, /(started)/);
    const ours = (await runOn(
      host,
      `import { open } from ${JSON.stringify(PACKAGE)};
       const net = await open();
       const answers = net.getaddrinfo("alias.test", null, { flags: ["canonname", "addrconfig"], type: "stream" });
       console.log(JSON.stringify(answers.map(({ address, canonname }) => [address.address, canonname])));`,
    )) as [address: string, canonname: string | null][];
    const [command, ...args] = [...host.resolving("127.0.0.1"), "getent", "ahosts", "alias.test"];
    const { stdout } = await execute(command, args);
    const theirs = Array.from(stdout.matchAll(/^(\S+)\s+STREAM/gm), ([, address]) => address);
    expect(theirs).toContain("192.0.2.8");
    expect(ours.map(([address]) => address)).toEqual(theirs);
    expect(ours[0]?.[1]).toBe("host.test");
  },
  ["dnsmasq", "getent"],
);

/** Beside that server a thread that asks, and a waker that ends its wait once the question has arrived. */
const SILENT = `${SERVER}
  import { Worker } from "node:worker_threads";
  import { waker } from ${JSON.stringify(PACKAGE)};

  const interrupt = await waker();
  const worker = new Worker(\`
    import { parentPort, workerData } from "node:worker_threads";
    import(workerData.PACKAGE).then(async ({ open }) => {
      const net = await open({ wake: workerData.wake });
      parentPort.on("message", (name) => {
        try {
          parentPort.postMessage(net.getaddrinfo(name, "80", { type: "stream", family: "inet" })[0].address.address);
        } catch ({ code, syscall, hostname }) {
          parentPort.postMessage([code, syscall, hostname]);
        }
      });
      parentPort.postMessage("ready");
    });
  \`, { eval: true, workerData: { PACKAGE: ${JSON.stringify(PACKAGE)}, wake: interrupt.descriptor } });
  await once(worker, "message");
  const ask = (name) => { worker.postMessage(name); return once(worker, "message"); };
`;

/** What nobody promises where libc has no getaddrinfo_a(3). */
function testInterrupted(name: string, body: (network: Network) => Promise<void>): void {
  if (noLibcThreads) test.skip(`${name} (${noLibcThreads})`);
  else testInNetwork(name, body);
}

testInterrupted(
  "a look-up that nobody answers is interrupted: EINTR, and leaves no descriptor",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${SILENT}
     const before = descriptors();
     const answered = ask("nobody.test");
     await question("nobody");
     interrupt.wake();
     const [result] = await answered;
     await settled(before);
     console.log(JSON.stringify(result));
     process.exit();`,
    );
    expect(found).toEqual(["EINTR", "getaddrinfo", "nobody.test"]);
  },
);

testInterrupted(
  "an answer that comes after the look-up was left does no harm, a hundred times over",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${SILENT}
     const before = descriptors();
     const results = new Set();
     for (let i = 0; i < 100; i++) {
       const answered = ask("late-" + i + ".test");
       const query = await question("late-" + i);
       interrupt.wake();
       results.add((await answered)[0][0]);
       answer(...query);
     }
     server.on("message", answer);
     const last = await ask("prompt.test");
     await settled(before);
     console.log(JSON.stringify([[...results], last[0]]));
     process.exit();`,
    );
    expect(found).toEqual([["EINTR"], "192.0.2.7"]);
  },
);

testInterrupted(
  "look-ups that libc has not begun are taken back, and the next is answered",
  async (network) => {
    const found = await runOn(
      network.host(),
      `${SILENT}
     const before = descriptors();
     const results = new Set();
     // libc has twenty threads: the others stand in its queue.
     for (let i = 0; i < 100; i++) {
       interrupt.wake();
       const [result] = await ask("nobody-" + i + ".test");
       results.add(result[0]);
     }
     server.on("message", answer);
     const last = await ask("prompt.test");
     await settled(before);
     console.log(JSON.stringify([[...results], last[0]]));
     process.exit();`,
    );
    expect(found).toEqual([["EINTR"], "192.0.2.7"]);
  },
);

for (const { asks, platform } of resolvers) {
  testInNetwork(
    `promises: look-ups of ${asks} wait side by side, and a signal ends one of them`,
    async (network) => {
      const found = await runOn(
        network.host(),
        `${SERVER}
         import { AsyncNet } from ${JSON.stringify(ASYNC_NET)};
         const net = new AsyncNet({}, ${JSON.stringify(platform)});
         const hints = { type: "stream", family: "inet" };
         await net.getaddrinfo("localhost", null, hints);
         const before = descriptors();
         const controller = new AbortController();
         const { signal } = controller;
         const first = net.getaddrinfo("first.test", "1", hints);
         const second = net.getaddrinfo("second.test", "2", hints);
         const third = net.getaddrinfo("third.test", "3", hints, { signal }).catch((reason) => reason);
         const asked = [await question("first"), await question("second")];
         answer(...asked[1], 2);
         const results = [(await second)[0].address];
         await question("third");
         controller.abort("enough");
         results.push(await third);
         answer(...asked[0], 1);
         results.push((await first)[0].address);
         const late = net.getaddrinfo("late.test", null, hints, { signal }).catch((reason) => reason);
         results.push(await late);
         await settled(before);
         console.log(JSON.stringify(results));
         process.exit();`,
      );
      expect(found).toEqual([
        { family: "inet", address: "192.0.2.2", port: 2 },
        "enough",
        { family: "inet", address: "192.0.2.1", port: 1 },
        "enough",
      ]);
    },
  );

  test(`promises: many look-ups of ${asks} at once each get their own answer`, async () => {
    using net = new AsyncNet({}, platform);
    const ports = Array.from({ length: 40 }, (_, i) => i + 1);
    const hints = { type: "stream", family: "inet" } as const;
    const answers = ports.map((port) => net.getaddrinfo("localhost", String(port), hints));
    const found = (await Promise.all(answers)).map(([first]) => first?.address);
    expect(found).toEqual(ports.map((port) => ({ family: "inet", address: "127.0.0.1", port })));
  });

  test(`components of WASI 0.3 resolve names by ${asks}, each address once`, async () => {
    const guest = new Guest({ allow: true, lookups: 2 }, platform);
    const both = [resolveAddresses(guest, "localhost"), resolveAddresses(guest, "localhost")];
    const loopback = { tag: "ipv4", val: [127, 0, 0, 1] };
    for (const found of await Promise.all(both)) {
      expect(found.filter(({ tag }) => tag === "ipv4")).toEqual([loopback]);
    }
    expect(guest.lookUps.full).toBe(false);
    guest.dispose();
    expect(guest.lookUps.full).toBe(true);
  });

  test(`promises: more look-ups of ${asks} than a net may have under way: EAI_AGAIN for those`, async () => {
    using net = new AsyncNet({}, platform);
    const codes = Array.from({ length: 70 }, () =>
      net.getaddrinfo("localhost").then(
        () => "found",
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    expect(await Promise.all(codes)).toEqual([
      ...new Array<string>(64).fill("found"),
      ...new Array<string>(6).fill("EAI_AGAIN"),
    ]);
    expect(await net.getaddrinfo("localhost")).not.toEqual([]);
  });
}

test.each([
  ...resolvers.map(({ asks, platform }) => ({
    how: `promised by ${asks}`,
    opened: `new (await import(${JSON.stringify(ASYNC_NET)})).AsyncNet({}, ${JSON.stringify(platform)})`,
    thread: "main" as const,
    // A pair of descriptors tells that libc is done, and libc reads a file.
    few: platform.resolver === null ? "found" : "EMFILE",
  })),
  ...(["main", "worker"] as const).map((thread) => ({
    how: `in the thread "${thread}"`,
    opened: `await (await import(${JSON.stringify(PACKAGE)})).open()`,
    thread,
    few: "found",
  })),
])(
  "a look-up $how in a process that is out of descriptors: EMFILE",
  async ({ opened, thread, few }) => {
    const program = `
    const { closeSync, openSync } = await import("node:fs");
    const net = ${opened};
    await net.getaddrinfo("localhost"); // libc reads its configuration once
    const codes = [];
    for (const free of [0, 1, 2]) {
      const taken = [];
      try {
        for (;;) taken.push(openSync("/dev/null"));
      } catch {}
      for (let i = 0; i < free; i++) closeSync(taken.pop());
      try {
        await net.getaddrinfo("localhost");
        codes.push("found");
      } catch ({ code }) {
        codes.push(code);
      }
      taken.forEach((fd) => closeSync(fd));
    }
    console.log(JSON.stringify([codes, (await net.getaddrinfo("localhost")).length > 0]));
  `;
    const whole = {
      main: program,
      worker: `import { Worker } from "node:worker_threads";
      new Worker(new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(program)})));`,
    }[thread];
    const node = [process.execPath, "--input-type=module", "--eval", whole];
    const { stdout } = await execute("sh", ["-c", 'ulimit -n 64 && exec "$@"', "sh", ...node]);
    expect(JSON.parse(stdout)).toEqual([["EMFILE", few, few], true]);
  },
);
