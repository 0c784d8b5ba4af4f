// Resolvers that are faulty or hostile, in a network namespace: what they answer is garbage, cut, for somebody else,
// or nothing. A look-up ends with an EAI code, its process goes on, and nothing of it is left.
// tests/lookups.test.ts has those that never answer, and those that answer late.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Platform } from "#host/platform/index";
import { expect } from "vitest";
import { isMusl } from "../support/libc.js";
import { ASYNC_NET } from "../support/lookups.js";
import { testInNetwork } from "../support/namespaces.js";
import { resolvers } from "../support/platforms.js";

/** Answers by the first label of a name, a kind of fault; "good" is none. A number seeds random bytes. */
const PROGRAM = `
  import { createHash } from "node:crypto";
  import { createSocket } from "node:dgram";
  import { once } from "node:events";
  import { readdirSync } from "node:fs";
  import { createServer } from "node:net";
  import { AsyncNet } from ${JSON.stringify(ASYNC_NET)};
  const [, platform, ...kinds] = process.argv;
  const A = Buffer.from("c00c00010001000000780004c0000207", "hex");
  const reply = (query, flags, answers, ...bytes) => {
    const head = Buffer.from(query);
    head.writeUInt16BE(flags, 2);
    head.writeUInt16BE(answers, 6);
    return Buffer.concat([head, ...bytes]);
  };
  /** Bytes that look random, and are the same in each run. */
  const noise = (seed, length) => createHash("shake256", { outputLength: length }).update(seed).digest();
  const answers = {
    good: (query) => reply(query, 0x8180, 1, A),
    none: (query) => reply(query, 0x8180, 0),
    servfail: (query) => reply(query, 0x8182, 0),
    nxdomain: (query) => reply(query, 0x8183, 0),
    refused: (query) => reply(query, 0x8185, 0),
    formerr: (query) => reply(query, 0x8181, 0),
    empty: () => Buffer.alloc(0),
    short: (query) => query.subarray(0, 5),
    stranger: (query) => { const other = reply(query, 0x8180, 1, A); other[0] ^= 0xff; return other; },
    other: (query) => { const other = reply(query, 0x8180, 1, A); other[13] ^= 1; return other; },
    loop: (query) => reply(query, 0x8180, 1, Buffer.from([0xc0, query.length]), A.subarray(2)),
    cut: (query) => reply(query, 0x8180, 1, A.subarray(0, 13)),
    long: (query) => reply(query, 0x8180, 1, A.subarray(0, 10), Buffer.from([0xff, 0xff]), A.subarray(12)),
    lies: (query) => reply(query, 0x8180, 65535, A),
    huge: (query) => reply(query, 0x8180, 1, Buffer.alloc(60000, 0xc0)),
    tcp: (query) => reply(query, 0x8380, 0),
  };
  const server = createSocket("udp4");
  server.on("message", (query, { port, address }) => {
    const kind = query.toString("latin1", 13, 13 + query[12]);
    let bytes;
    if (kind in answers) bytes = answers[kind](query);
    else {
      // A good answer, some bytes of which after its number are others.
      bytes = answers.good(query);
      const random = noise(kind, 9);
      for (let i = 0; i < 4; i += 2) bytes[2 + (random[i] % (bytes.length - 2))] = random[i + 1];
    }
    server.send(bytes, port, address);
  });
  server.bind(53, "127.0.0.1");
  await once(server, "listening");
  // Over TCP it says that much will come, and ends.
  const tcp = createServer((socket) => socket.on("error", () => {}).resume().end(Buffer.from("ffff00", "hex")));
  tcp.listen(53, "127.0.0.1");
  await once(tcp, "listening");
  const net = new AsyncNet({}, JSON.parse(platform));
  const look = (name) => net.getaddrinfo(name + ".test", null, { type: "stream", family: "inet" }).then(
    (found) => found.map(({ address }) => address.address).join(),
    ({ code }) => code,
  );
  await look("good");
  const count = () => readdirSync("/proc/self/fd").length;
  const before = count();
  const found = await Promise.all(kinds.map(look));
  const after = await look("good");
  while (count() > before) await new Promise((resolve) => setImmediate(resolve));
  console.log(JSON.stringify({ found, after }));
  process.exit();
`;

/** What asks in Node's threads asks for all at once, and waits for those that say nothing side by side. */
const env = { ...process.env, UV_THREADPOOL_SIZE: "128" };

async function lookUp(prefix: readonly string[], platform: Platform, kinds: readonly string[]) {
  const node = [process.execPath, "--input-type=module", "--eval", PROGRAM, "--"];
  const [command, ...args] = [...prefix, ...node, JSON.stringify(platform), ...kinds];
  const { stdout } = await promisify(execFile)(command!, args, { env, timeout: 25_000 });
  return JSON.parse(stdout) as { found: string[]; after: string };
}

const GOOD = "192.0.2.7";

for (const { asks, platform } of resolvers) {
  testInNetwork(
    `${asks}: an answer that says no, is cut, lies or is not for us is an EAI code`,
    async (network) => {
      const expected: [kind: string, codes: RegExp][] = [
        ["good", /^192\.0\.2\.7$/],
        ["none", /^EAI_(NODATA|NONAME)$/],
        ["nxdomain", /^EAI_NONAME$/],
        ["servfail", /^EAI_AGAIN$/],
        ["refused", /^EAI_(AGAIN|FAIL)$/],
        ["formerr", /^EAI_(AGAIN|FAIL|NONAME)$/],
        ...["empty", "short", "stranger", "long", "huge", "tcp"].map((kind): [string, RegExp] => [
          kind,
          /^EAI_(AGAIN|FAIL|NODATA|NONAME)$/,
        ]),
        // musl reads no names of an answer, and what is cut off as zeros.
        ...["other", "loop", "cut"].map((kind): [string, RegExp] => [
          kind,
          isMusl ? /^192\.0\.(2\.7|0\.0)$/ : /^EAI_(AGAIN|FAIL|NODATA|NONAME)$/,
        ]),
        ["lies", /^(EAI_(AGAIN|FAIL|NODATA|NONAME)|192\.0\.2\.7)$/],
      ];
      const host = network.host();
      const { found, after } = await lookUp(
        host.resolving("127.0.0.1"),
        platform,
        expected.map(([kind]) => kind),
      );
      for (const [i, [kind, codes]] of expected.entries()) expect(found[i], kind).toMatch(codes);
      expect(after).toBe(GOOD);
    },
  );

  testInNetwork(
    `${asks}: sixty answers with random bytes in them are addresses or EAI codes`,
    async (network) => {
      const kinds = Array.from({ length: 60 }, (_, i) => `noise-${i}`);
      const { found, after } = await lookUp(network.host().resolving("127.0.0.1"), platform, kinds);
      expect(found).toHaveLength(60);
      for (const [i, answer] of found.entries()) {
        expect(answer, kinds[i]).toMatch(/^(EAI_[A-Z]+|\d+(\.\d+){3}(,\d+(\.\d+){3})*)$/);
      }
      expect(after).toBe(GOOD);
    },
  );
}
