// The host of plugins among the examples: a directory of guests, each by its own policy, of which one is changed while the
// others run.

import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Example } from "./support/examples.js";
import { compileGuest } from "./support/guest.js";

const source = readFileSync(new URL("../examples/assembly/plugin.ts", import.meta.url), "utf8");
const EACCES = 13;

/** The guest, in two versions. */
const versions: Uint8Array[] = [];
let server: Server;
let port: number;
let directory: string;

beforeAll(async () => {
  for (const version of ["1", "2"]) {
    const text = source.replace("VERSION: i32 = 1", `VERSION: i32 = ${version}`);
    versions.push(await compileGuest(text));
  }
});

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "wasi-sockets-plugins-"));
  server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** Puts a file into the directory, whole from its first moment on. */
function put(name: string, content: string | Uint8Array): void {
  const draft = join(directory, `${name}.draft`);
  writeFileSync(draft, content);
  for (const end = Date.now() + 5000; ;) {
    try {
      renameSync(draft, join(directory, name));
      return;
    } catch (error) {
      // Windows replaces no file that is open, as it is while the host reads it.
      if ((error as NodeJS.ErrnoException).code !== "EPERM" || Date.now() > end) throw error;
    }
  }
}

const policy = (...destinations: number[]) =>
  JSON.stringify({
    allow: { connect: destinations.map((destination) => `tcp:127.0.0.1:${destination}`) },
    listen: ["127.0.0.1:0"],
  });

/** Lines as they are said, by the plugin that says them: which of several speaks first is open. */
class Said {
  readonly #lines: [name: string, text: string][] = [];
  readonly #host: Example;

  constructor(host: Example) {
    this.#host = host;
  }

  /** The next line of a plugin, which must be as the pattern says: the pattern's first group. */
  async of(name: string, pattern: RegExp): Promise<string> {
    for (;;) {
      const at = this.#lines.findIndex(([speaker]) => speaker === name);
      if (at >= 0) {
        const [[, text]] = this.#lines.splice(at, 1) as [[string, string]];
        expect(text).toMatch(pattern);
        return pattern.exec(text)![1] ?? "";
      }
      const line = await this.#host.line(/^(\[\w+\] .*)$/);
      const [, speaker, text] = /^\[(\w+)\] (.*)$/.exec(line)!;
      this.#lines.push([speaker!, text!]);
    }
  }
}

const LISTENS = /^version \d listens on (\d+)$/;

/** A connection to a plugin. */
async function connected(to: string): Promise<Socket> {
  const socket = connect(Number(to), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** What a plugin says of the port of the test's server: its version and an error number. */
async function ask(socket: Socket): Promise<string> {
  const lines = createInterface(socket);
  socket.write(`${port}\n`);
  const [line] = (await once(lines, "line")) as [string];
  return line;
}

/** The same, by a connection of its own. */
async function askOnce(to: string): Promise<string> {
  const socket = await connected(to);
  const answer = await ask(socket);
  socket.destroy();
  return answer;
}

test("each guest has its own policy, and one that changes is reloaded while the other goes on", async () => {
  put("trusted.json", policy(port));
  put("other.json", policy());
  put("trusted.wasm", versions[0]!);
  put("other.wasm", versions[0]!);
  await using host = new Example("plugins", [directory]);
  const said = new Said(host);
  const trusted = await said.of("trusted", LISTENS);
  const other = await connected(await said.of("other", LISTENS));
  expect(await askOnce(trusted)).toBe("1 0");
  expect(await ask(other)).toBe(`1 ${EACCES}`);

  // Another program by the same policy.
  put("trusted.wasm", versions[1]!);
  await said.of("trusted", /^stopped$/);
  const reloaded = await said.of("trusted", LISTENS);
  expect(await askOnce(reloaded)).toBe("2 0");
  expect(await ask(other)).toBe(`1 ${EACCES}`); // by the connection that it had

  // Another policy for the same program: what it has had is gone.
  put("trusted.json", policy());
  await said.of("trusted", /^stopped$/);
  expect(await askOnce(await said.of("trusted", LISTENS))).toBe(`2 ${EACCES}`);
  other.destroy();

  host.interrupt();
  for (const name of ["trusted", "other"]) await said.of(name, /^stopped$/);
  expect(await host.rest()).toEqual([]);
});

test("a guest that comes is started and one that goes is ended, with all of its sockets", async () => {
  await using host = new Example("plugins", [directory]);
  const said = new Said(host);
  put("late.json", policy(port));
  put("late.wasm", versions[0]!);
  // Whether its policy was there when it was first seen is for the file system to say.
  const socket = await connected(await said.of("late", LISTENS));
  expect(await ask(socket)).toBe("1 0");
  rmSync(join(directory, "late.wasm"));
  const ended = once(socket, "close");
  socket.resume();
  await said.of("late", /^stopped$/);
  await ended;
  host.interrupt();
  expect(await host.rest()).toEqual([]);
});

test.each([
  ["no module", "guest.wasm", "no module", /^is left as it is: CompileError/],
  ["no JSON", "guest.json", "{", /^is left as it is: SyntaxError/],
  ["a term that there is not", "guest.json", '{"stdout": 1}', /^is left as it is: TypeError: a policy has no "stdout": it has allow, listen/], // prettier-ignore
])(
  "what is no plugin is said to be none, and the guest that ran goes on: %s",
  async (_, file, content, complaint) => {
    // prettier-ignore
    put("guest.json", policy(port));
    put("guest.wasm", versions[0]!);
    await using host = new Example("plugins", [directory]);
    const said = new Said(host);
    const at = await said.of("guest", LISTENS);
    put(file, content);
    await said.of("guest", complaint);
    expect(await askOnce(at)).toBe("1 0");
    put("guest.json", policy());
    put("guest.wasm", versions[1]!);
    host.interrupt();
  },
);

test("a policy that names no endpoint fails, and a guest without a policy has no listener", async () => {
  put("wrong.json", JSON.stringify({ allow: { connect: ["nowhere at all"] } }));
  put("wrong.wasm", versions[0]!);
  put("bare.wasm", versions[0]!);
  await using host = new Example("plugins", [directory]);
  const said = new Said(host);
  await said.of("wrong", /^failed: .*"nowhere at all"/);
  await said.of("bare", /^ended with 9$/); // EBADF
  host.interrupt();
  for (const name of ["wrong", "bare"]) await said.of(name, /^stopped$/);
});
