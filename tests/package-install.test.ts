// The package as it is published: checked by publint and attw, small, and installed into an empty project, where the
// template of examples/plugin builds and runs with it, and a component that jco has transpiled, on each Node.

import { execFile } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeComponent, maps, missing, spares, transpile } from "./support/components.js";
import { linked } from "./pack/texts.js";
import { NEWER, newerNode } from "./support/nodes.js";
import { npm } from "./support/npm.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const unpacked = join(root, "build/package");
const tarball = join(root, "build/wasi-sockets.tgz");
const project = mkdtempSync(join(tmpdir(), "wasi-sockets-project-"));

async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, timeout: 120_000 });
  return stdout;
}

/** (import "wasi_snapshot_preview1" "proc_exit" …) (memory …) (func (export "_start") (call $proc_exit (i32.const 7))) */
const exits = Buffer.from(
  "0061736d0100000001080260017f0060000002240116776173695f736e617073686f745f70726576696577310970726f635f6578697400000302" +
    "01010503010001071302066d656d6f72790200065f737461727400010a08010600410710000b",
  "hex",
);

/** The entries that have a program, each with the names that this exports before it is packed. */
async function exportedNames(): Promise<[entry: string, names: string[]][]> {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string | { default: string }>;
  };
  const programs = Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === "string" ? [] : [[entry, join(root, target.default)] as const],
  );
  return Promise.all(
    programs.map(async ([entry, program]): Promise<[string, string[]]> => {
      const names = Object.keys((await import(program)) as object);
      return [entry, names.sort()];
    }),
  );
}

const bin = (name: string) => join(root, "node_modules/.bin", name);

beforeAll(async () => {
  await run(root, process.execPath, "build/tests/pack/index.js");
  cpSync(join(root, "examples/plugin"), project, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  manifest.dependencies["wasi-sockets"] = `file:${tarball}`;
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  await run(project, ...npm, "install", "--prefer-offline", "--no-audit", "--no-fund");
  await run(project, ...npm, "run", "build");
}, 240_000);

afterAll(() => {
  rmSync(project, { recursive: true });
});

test("publint finds nothing to say", async () => {
  expect(await run(root, bin("publint"), "run", unpacked, "--strict")).toMatch(/All good/);
});

test("attw finds the types of every entry that has some", async () => {
  const { exports } = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8")) as {
    exports: Record<string, string | { types: string }>;
  };
  const entries = Object.keys(exports).filter((entry) => typeof exports[entry] === "object");
  expect(entries.length).toBeGreaterThan(2);
  const args = ["--profile", "esm-only", "--format", "json", "--entrypoints", ...entries];
  const output = JSON.parse(await run(root, bin("attw"), tarball, ...args)) as {
    analysis: { problems: { resolutionKind: string }[]; entrypoints: Record<string, unknown> };
  };
  expect(Object.keys(output.analysis.entrypoints)).toEqual(entries);
  // It is ESM alone: those that load CommonJS are none of its users.
  const problems = output.analysis.problems.filter(
    ({ resolutionKind }) => !["node10", "node16-cjs"].includes(resolutionKind),
  );
  expect(problems).toEqual([]);
});

test("the types of every entry need no others, and have no value that its program has not", async () => {
  const lines = (await exportedNames()).map(([entry, names], i) => {
    const program = entry.replace(".", "wasi-sockets");
    const values = names.map((name) => `"${name}"`).join(" | ");
    return `export const same${i}: Same<keyof typeof import("${program}"), ${values}> = true;`;
  });
  expect(lines.length).toBeGreaterThan(2);
  const same =
    "type Same<One, Other> = One[] extends Other[] ? (Other[] extends One[] ? true : never) : never;";
  writeFileSync(join(project, "types.ts"), [same, ...lines].join("\n"));
  const config = {
    extends: "./tsconfig.json",
    include: ["types.ts"],
    compilerOptions: { noEmit: true },
  };
  writeFileSync(join(project, "types.json"), JSON.stringify(config));
  const tsc = join(project, "node_modules/.bin/tsc");
  const check = ["--project", "types.json", "--skipLibCheck", "false"];
  expect(await run(project, tsc, ...check, "--listFiles")).toContain("types.ts");
});

test("what is imported from it has its comments, and nothing that is internal", () => {
  const files = readdirSync(unpacked, { recursive: true, encoding: "utf8" });
  const types = files
    .filter((file) => file.endsWith(".d.ts"))
    .map((file) => readFileSync(join(unpacked, file), "utf8"))
    .join("");
  expect(types).toContain("* Opens a socket, socket(2).");
  expect(types).toContain("/** The permissions and limits of a guest. */");
  expect(types).not.toMatch(/@internal|\bprotected\b|class (Guest|Policy|DescriptorTable|Caller) /);
  for (const file of ["assembly/bsd.ts", "assembly/codec/flags.ts"])
    expect(readFileSync(join(unpacked, file), "utf8")).toBe(readFileSync(join(root, file), "utf8"));
});

test("unpacked, without koffi, it has less than 600 kB", () => {
  const files = readdirSync(unpacked, { recursive: true, encoding: "utf8" });
  const sizes = files.map((file) => statSync(join(unpacked, file))).filter((stat) => stat.isFile());
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(600_000);
});

test("its sources are those that a guest imports, and no other", () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    const source = readFileSync(join(unpacked, file), "utf8");
    for (const [, name] of source.matchAll(/from "(\.[^"]+)"/g))
      visit(`${join(dirname(file), name!)}.ts`);
  };
  visit("assembly/index.ts");
  const there = readdirSync(join(unpacked, "assembly"), { recursive: true, encoding: "utf8" })
    .map((file) => join("assembly", file))
    .filter((file) => file.endsWith(".ts"));
  expect(there.sort()).toEqual([...reached].sort());
});

test("its README links to no file that it has not", () => {
  const text = readFileSync(join(unpacked, "README.md"), "utf8").replace(/^```[^]*?^```$/gm, "");
  expect(text).toMatch(/^# /);
  const links = Array.from(text.matchAll(/\]\(([^)]*)\)/g), ([, target]) => target);
  expect(links.filter((link) => !/^(https?:|#)/.test(link!))).toEqual([]);
});

test("once its repository is known, it links there", () => {
  const repository = { url: "git+https://github.com/owner/name.git" };
  const there = "[one](README.md), [two](#errors), [three](https://example.com)";
  const code = "```ts\nlist[0](SECURITY.md);\n```\n";
  const text = `${there}\n\n![A picture](bench/a.svg)\n\n[four](docs/abi.md#errors)\n\n${code}`;
  const web = (kind: string) => `https://github.com/owner/name/${kind}/v1.2.3`;
  const picture = `![A picture](${web("raw")}/bench/a.svg)`;
  expect(linked(text, unpacked, { version: "1.2.3", repository })).toBe(
    `${there}\n\n${picture}\n\n[four](${web("blob")}/docs/abi.md#errors)\n\n${code}`,
  );
  expect(linked(text, unpacked, { version: "1.2.3" })).toBe(`${there}\n\nfour\n\n${code}`);
});

const nodes = [process.execPath, ...NEWER.flatMap((major) => newerNode(major) ?? [])];

test.each(nodes)(
  "the plugin of examples/plugin asks, and is denied what is not allowed: %s",
  async (node) => {
    const lines = (await run(project, node, "build/host.js")).split("\n");
    expect(lines).toEqual([
      "the server says: you asked: how are you?",
      "ask returned 0",
      "denied: tcp-connect",
      "ask returned -13",
      "",
    ]);
  },
);

test.each(nodes)(
  "every entry exports what it did before it was packed, and serves: %s",
  async (node) => {
    writeFileSync(
      join(project, "entries.js"),
      `import { once } from "node:events";
    import { createServer } from "node:net";
    const manifest = JSON.parse(await (await import("node:fs/promises")).readFile("node_modules/wasi-sockets/package.json"));
    for (const [entry, { default: program }] of Object.entries(manifest.exports)) {
      if (program === undefined) continue;
      const names = Object.keys(await import(entry.replace(".", "wasi-sockets")));
      console.log(entry, names.sort().join(" "));
    }
    const { open } = await import("wasi-sockets/promises");
    const { marshal } = await import("wasi-sockets/marshal");
    const server = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const net = await open();
    const fd = net.socket("inet", "stream");
    const address = { family: "inet", address: "127.0.0.1", port: server.address().port };
    await net.connect(fd, address);
    const bytes = new Uint8Array(9);
    console.log(new TextDecoder().decode(bytes.subarray(0, await net.recv(fd, bytes))));
    console.log((await marshal()).encode(address, "darwin").length);
    net.dispose();
    server.close();`,
    );
    const before = (await exportedNames()).map(([entry, names]) => `${entry} ${names.join(" ")}`);
    const lines = (await run(project, node, "entries.js")).trimEnd().split("\n");
    expect(lines).toEqual([...before, "hello", "16"]);
  },
);

test.each(nodes)(
  "its command runs a guest in a thread, to the guest's exit code: %s",
  async (node) => {
    const cli = join(project, "node_modules/wasi-sockets/build/host/cli.js");
    const guest = join(project, "build/exits.wasm");
    writeFileSync(guest, exits);
    const options = { cwd: project, timeout: 60_000 };
    const failed = await promisify(execFile)(node, [cli, "run", guest], options).catch(
      (error: unknown) => error,
    );
    expect((failed as { code: number }).code).toBe(7);
  },
);

const why = missing === undefined ? "" : ` (${missing})`;

describe.skipIf(missing !== undefined)(`a component that jco has transpiled${why}`, () => {
  beforeAll(async () => {
    const component = await makeComponent(project);
    await transpile(component, join(project, "guest"), [
      ...maps.flatMap((map) => ["--map", map]),
      ...spares,
    ]);
    writeFileSync(
      join(project, "component.js"),
      `import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      import { configure } from "wasi-sockets/p2";
      import { pingpong } from "./guest/guest.js";
      const echo = \`
        const { createServer } = require("node:net");
        const { parentPort } = require("node:worker_threads");
        const server = createServer((socket) => socket.pipe(socket));
        server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));\`;
      const worker = new Worker(echo, { eval: true });
      const [port] = await once(worker, "message");
      configure({ allow: { connect: [\`tcp:127.0.0.1:\${port}\`] } });
      console.log(pingpong(port, 7));
      configure({});
      try {
        pingpong(port, 1);
      } catch (error) {
        console.log(error.constructor.name);
      }
      await worker.terminate();`,
    );
  }, 120_000);

  test.each(nodes)("reaches what it is allowed, and nothing else: %s", async (node) => {
    expect(await run(project, node, "component.js")).toBe("7\nRuntimeError\n");
  });
});

test("two copies of it share a koffi", async () => {
  const modules = join(project, "node_modules");
  cpSync(join(modules, "wasi-sockets"), join(modules, "other-sockets"), { recursive: true });
  const program = `for (const name of ["wasi-sockets", "other-sockets"]) {
    const { open } = await import(name + "/promises");
    const bsd = await open();
    const [fd, peer] = bsd.socketpair("unix", "stream");
    const bytes = new Uint8Array(16);
    const received = bsd.recv(fd, bytes);
    await bsd.send(peer, Buffer.from(name));
    console.log(Buffer.from(bytes.subarray(0, await received)).toString());
  }`;
  const output = await run(project, process.execPath, "--input-type=module", "--eval", program);
  expect(output).toBe("wasi-sockets\nother-sockets\n");
});

test("the command of the package inspects the plugin", async () => {
  const command = join(project, "node_modules/.bin/wasi-sockets");
  expect(await run(project, command, "inspect", "build/plugin.wasm")).toMatch(
    /bsd_sockets_v1, which wasi-sockets hosts/,
  );
});
