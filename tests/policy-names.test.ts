// Host names in `allow`: a guest may look them up, and reaches the very addresses that it was told. The names
// stand in a hosts file of a mount namespace, which the program changes between two look-ups.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { instantiate } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { compileGuest } from "./support/guest.js";
import { nodeServer } from "./support/peers.js";
import { complete } from "./support/system.js";

const PACKAGE = new URL("../build/host/index.js", import.meta.url).href;

const namespaces = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];
const runs = spawnSync("unshare", [...namespaces, "true"]).status === 0;
if (!runs && complete) throw new Error("CI must have unshare(1) with mount namespaces");
const skipped = runs ? "" : " (skipped: needs unshare(1) with mount namespaces)";

/** What every program below starts with. */
const PRELUDE = `
  import { writeFileSync } from "node:fs";
  import { open } from ${JSON.stringify(PACKAGE)};
  const hosts = (...lines) => writeFileSync("/etc/hosts", lines.join("\\n") + "\\n");
  const inet = (address, port = 9) => ({ family: address.includes(":") ? "inet6" : "inet", address, port });
  const code = (call) => { try { return call(); } catch (error) { return error.code; } };
  const start = async (connect, more) => {
    const net = await open({ allow: { connect, ...more?.allow }, ...more });
    const fds = { inet: net.socket("inet", "datagram"), inet6: net.socket("inet6", "datagram") };
    return {
      net,
      find: (name, family) =>
        code(() => net.getaddrinfo(name, null, { family, type: "datagram" }).map(({ address }) => address.address)),
      connect: (address, port) =>
        code(() => {
          const place = inet(address, port);
          const fd = net.socket(place.family, "datagram");
          try { net.connect(fd, place); } catch (error) { if (error.code === "EACCES") throw error; } finally { net.close(fd); }
          return "reached"; // or without a route, which the kernel was asked for
        }),
      // Always the same socket, which remembers what was allowed.
      send: (address) => (net.sendto(fds[inet(address).family], new Uint8Array(1), null, inet(address)) < 0 ? net.errno.code : "reached"),
    };
  };
  const print = (value) => console.log(JSON.stringify(value));
`;

/** Runs a program that may write /etc/hosts: what it prints. */
async function run(program: string): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), "ws-hosts-"));
  try {
    const shell = `touch ${directory}/hosts && mount --bind ${directory}/hosts /etc/hosts && exec "$@"`;
    const node = [process.execPath, "--input-type=module", "--eval", PRELUDE + program];
    const args = [...namespaces, "sh", "-c", shell, "sh", ...node];
    const { stdout } = await promisify(execFile)("unshare", args, { timeout: 20_000 });
    return JSON.parse(stdout) as unknown;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe(`a host name in connect${skipped}`, () => {
  const inNamespace = test.skipIf(!runs);

  inNamespace(
    "gives what it resolved to, on the port that is named, once it was looked up",
    async () => {
      const results = await run(`
      hosts("127.0.0.5 one.test", "127.0.0.6 two.test");
      const guest = await start(["udp:one.test:9"]);
      const other = await start(["udp:one.test:9"]);
      print([
        guest.connect("127.0.0.5"), guest.find("one.test"), guest.connect("127.0.0.5"), guest.send("127.0.0.5"),
        guest.connect("127.0.0.6"), guest.connect("127.0.0.5", 10), guest.connect("::ffff:127.0.0.5"),
        guest.find("two.test"), guest.find("ONE.test"), other.connect("127.0.0.5"),
      ]);
    `);
      expect(results).toEqual([
        ...["EACCES", ["127.0.0.5"], "reached", "reached"],
        ...["EACCES", "EACCES", "reached"],
        ...["EACCES", ["127.0.0.5"], "EACCES"],
      ]);
    },
  );

  inNamespace("gives no longer what a new answer for it left out, to no socket", async () => {
    const results = await run(`
      hosts("127.0.0.5 one.test");
      const guest = await start(["udp:one.test:*"]);
      const before = [guest.find("one.test"), guest.send("127.0.0.5"), guest.send("127.0.0.5")];
      hosts("127.0.0.8 one.test", "127.0.0.9 one.test");
      const unasked = [guest.send("127.0.0.8"), guest.send("127.0.0.5")];
      const after = [guest.find("one.test"), guest.send("127.0.0.5"), guest.send("127.0.0.8"), guest.send("127.0.0.9")];
      hosts();
      const gone = [guest.find("one.test"), guest.send("127.0.0.8")];
      print([before, unasked, after, gone]);
    `);
    expect(results).toEqual([
      [["127.0.0.5"], "reached", "reached"],
      ["EACCES", "reached"],
      [["127.0.0.8", "127.0.0.9"], "EACCES", "reached", "reached"],
      [expect.stringMatching(/^EAI_/), "reached"], // no answer does not end one
    ]);
  });

  inNamespace("holds the answers of both families side by side", async () => {
    const results = await run(`
      hosts("127.0.0.5 one.test", "fd00::5 one.test");
      const guest = await start(["udp:one.test:9"]);
      const steps = [guest.find("one.test", "inet"), guest.connect("fd00::5"), guest.find("one.test", "inet6")];
      print([...steps, guest.connect("127.0.0.5"), guest.connect("fd00::5")]);
    `);
    expect(results).toEqual([["127.0.0.5"], "EACCES", ["fd00::5"], "reached", "reached"]);
  });

  inNamespace("with * stands for the names below it alone", async () => {
    const results = await run(`
      hosts("127.0.0.5 example.test", "127.0.0.6 a.example.test", "127.0.0.7 b.a.example.test", "127.0.0.8 badexample.test");
      const guest = await start(["udp:*.example.test:9"]);
      const names = ["example.test", "a.example.test", "b.a.example.test", "badexample.test", "a.example.test.", ".example.test"];
      print([...names.map((name) => guest.find(name)), guest.connect("127.0.0.6"), guest.connect("127.0.0.7"), guest.connect("127.0.0.5")]);
    `);
    expect(results).toEqual([
      ...["EACCES", ["127.0.0.6"], ["127.0.0.7"], "EACCES", "EACCES", "EACCES"],
      ...["reached", "reached", "EACCES"],
    ]);
  });

  inNamespace("folds the case of ASCII alone", async () => {
    const results = await run(`
      hosts("127.0.0.5 k.test");
      const guest = await start(["udp:K.test:9"]);
      print([guest.find("\\u212a.test"), guest.find("\\uff4b.test"), guest.find("k.test"), guest.find("K.TEST")]);
    `);
    expect(results).toEqual(["EACCES", "EACCES", ["127.0.0.5"], ["127.0.0.5"]]);
  });

  inNamespace("beside resolve: what only resolve names is told, and not reached", async () => {
    const results = await run(`
      hosts("127.0.0.5 one.test", "127.0.0.6 two.test");
      const guest = await start(["udp:one.test:9"], { allow: { connect: ["udp:one.test:9"], resolve: ["two.test", "*.three.test"] } });
      print([guest.find("two.test"), guest.connect("127.0.0.6"), guest.find("one.test"), guest.connect("127.0.0.5")]);
    `);
    expect(results).toEqual([["127.0.0.6"], "EACCES", ["127.0.0.5"], "reached"]);
  });

  inNamespace("takes its room from the oldest answer, where there are too many", async () => {
    const results = await run(`
      hosts("127.0.0.1 a.test", "127.0.0.2 b.test", "127.0.0.3 c.test", "127.0.0.4 c.test", "127.0.0.5 d.test", "127.0.0.6 d.test", "127.0.0.7 d.test");
      const guest = await start(["udp:*.test:9"], { answers: 2 });
      const reached = () => [1, 2, 3, 4, 5, 6, 7].filter((i) => guest.send("127.0.0." + i) === "reached");
      const steps = ["a", "b", "c", "a", "d"].map((name) => [guest.find(name + ".test").length, reached()]);
      print(steps);
    `);
    expect(results).toEqual([
      [1, [1]],
      [1, [1, 2]],
      [2, [3, 4]],
      [1, [1]],
      [3, [5, 6]], // an answer that is itself too long is held in part
    ]);
  });
});

test("an AssemblyScript guest connects to the name that it was given", async () => {
  await using server = await nodeServer({ family: "inet", address: "127.0.0.1", port: 0 }, "echo");
  const { port } = server.address as { port: number };
  const program = `
    import { SOCK, connect, errno, getaddrinfo, recv, send, socket } from "wasi-sockets/assembly";
    export function main(looksUp: bool): i32 {
      let address = getaddrinfo("127.0.0.1", "${port}", null)!;
      if (looksUp) {
        const found = getaddrinfo("localhost", "${port}", null);
        if (found == null) return -1000 - errno();
        address = found;
      }
      let error = 0;
      for (let i = 0; i < address.length; i++) {
        const fd = socket(address[i].family, SOCK.STREAM, 0);
        if (connect(fd, address[i].address) == 0) {
          send(fd, Uint8Array.wrap(String.UTF8.encode("hello")), 0);
          return recv(fd, new Uint8Array(16), 0);
        }
        error = errno();
      }
      return -error;
    }
  `;
  const wasm = await compileGuest(program);
  const allow = { connect: [`tcp:localhost:${port}`] };
  using guest = await instantiate<{ main(looksUp: boolean): number }>(wasm, { allow });
  expect(guest.exports.main(false)).toBe(-13); // EACCES: nobody has said that 127.0.0.1 is localhost
  expect(guest.exports.main(true)).toBe(5);
  expect(guest.exports.main(false)).toBe(5);
});
