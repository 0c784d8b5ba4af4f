// The examples of the README and of docs/guests.md, run as they stand there: only their port is replaced.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { write } from "./fuzz/module.js";
import { compileGuest } from "./support/guest.js";
import { newerNode, suspends } from "./support/nodes.js";

const text = ["README.md", "docs/guests.md"]
  .map((file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8"))
  .join("\n");
const snippets = Array.from(text.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code!);
/** What they show of output. */
const outputs = Array.from(text.matchAll(/```console\n([^]*?)```/g), ([, text]) => text!);

// Inside the package, where its own name resolves.
const directory = mkdtempSync(join(import.meta.dirname, "../build/readme-"));
const execute = promisify(execFile);
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
  const guest = await compileGuest(snippet("export function main"));
  writeFileSync(join(directory, "guest.wasm"), guest);
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** The one example that holds a text, or output that does. */
function snippet(text: string, from = snippets): string {
  const found = from.filter((code) => code.includes(text));
  expect(found).toHaveLength(1);
  return found[0]!.replaceAll("7000", String(port));
}

/** Runs TypeScript in a process of its own, and gives what it prints. */
async function run(
  code: string,
  node = process.execPath,
): Promise<{ stdout: string; stderr: string }> {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const file = join(directory, "example.mjs");
  writeFileSync(file, ts.transpileModule(code, { compilerOptions }).outputText);
  return execute(node, [file], { cwd: directory });
}

test("the TypeScript example gets its bytes back from an echo server", async () => {
  expect((await run(snippet("net.buffer(512)"))).stdout).toBe("hello\n");
});

test("the example of promises gets its bytes back from an echo server", async () => {
  expect((await run(snippet("AbortSignal.timeout"))).stdout).toBe("a promise\n");
});

test("the example of ports echoes through two of them, and ends", async () => {
  expect((await run(snippet("net.listenPort("))).stdout).toBe("through a port\n");
});

test("the AssemblyScript example runs in the example that hosts it", async () => {
  expect((await run(snippet("console.log(guest.exports.main"))).stdout).toBe("5\n");
});

test("its calls are traced as it is shown, but for the time that they take", async () => {
  const traced = snippet("console.log(guest.exports.main").replace(
    "allow:",
    "trace: console.error, allow:",
  );
  const timeless = (text: string) => text.replace(/<\d+ µs>/g, "");
  const shown = timeless(snippet("MSG_NOSIGNAL) = 5", outputs));
  expect(timeless((await run(traced)).stderr)).toBe(
    `socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 \n${shown}`,
  );
});

test("inspect says of it what is shown", async () => {
  const cli = fileURLToPath(new URL("../build/host/cli.js", import.meta.url));
  const { stdout } = await execute(process.execPath, [cli, "inspect", "guest.wasm"], {
    cwd: directory,
  });
  const shown = snippet("$ wasi-sockets inspect", outputs);
  expect(`$ wasi-sockets inspect guest.wasm\n${stdout}`).toBe(shown);
});

test("the example that runs a guest gives it its socket and its output, and gets its exit code", async () => {
  const guest = await compileGuest(`
    import { AF, getsockname } from "wasi-sockets/assembly";
    export function main(): i32 {
      console.log([getsockname(3)!.family == AF.INET, getsockname(4)!.family == AF.UNIX].join(" "));
      return 3;
    }`);
  writeFileSync(join(directory, "server.wasm"), guest);
  expect(await run(snippet("await run("))).toEqual({
    stdout: "true true\nit ended with 3\n",
    stderr: "",
  });
});

test("WASI of wasi-sockets/preview1 stands in the place of node:wasi's, with a listener behind the directory", async () => {
  const command = write({
    imports: [],
    bodies: [[]],
    memory: [1, 1],
    exports: [
      ["memory", "memory", 0],
      ["_start", "function", 0],
    ],
  });
  writeFileSync(join(directory, "server.wasm"), command);
  expect((await run(snippet("using wasi = new WASI"))).stdout).toBe("[ 4 ]\n0\n");
});

const suspending = suspends ? process.execPath : newerNode(24);
const title = "the example of a suspended guest runs on a Node that can";
if (suspending === undefined) test.skip(`${title} (npm run nodes brings one)`);
else
  test(title, async () => {
    const { stdout } = await run(snippet('wait: "suspend"'), suspending);
    expect(stdout).toBe("5\n");
  });
