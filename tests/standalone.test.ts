// `wasi-sockets/marshal`: addresses as bytes for every system, without a host; and marshal.wasm with nothing but
// WebAssembly.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { marshal, type Address, type SystemName } from "../build/host/standalone.js";
import { dumpInet } from "../build/examples/hexdump.js";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const wasm = readFileSync(join(root, "build/marshal.wasm"));
const document = readFileSync(join(root, "docs/marshal.md"), "utf8");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const inet6 = {
  family: "inet6",
  address: "2001:db8::1",
  port: 443,
  flowinfo: 7,
  scope: 3,
} as const;
const rest = "01bb0000000720010db800000000000000000000000103000000";

test.each<[SystemName, string]>([
  ["linux", "0a00"],
  ["darwin", "1c1e"],
  ["freebsd", "1c1c"],
  ["win32", "1700"],
])("an IPv6 address on %s, there and back", async (system, start) => {
  const { encode, decode } = await marshal();
  expect(hex(encode(inet6, system))).toBe(start + rest);
  expect(decode(encode(inet6, system), system)).toEqual(inet6);
});

test.each<[Address, string | RegExp, SystemName?]>([
  [{ family: "unix", path: "\0abstract" }, /is no address on darwin: EINVAL/, "darwin"],
  [
    { family: "packet", protocol: 3, interface: 1 },
    /is no address on win32: EAFNOSUPPORT/,
    "win32",
  ],
  [{ family: "inet", address: "1.2.3", port: 1 }, /"1.2.3" is not an IPv4 address/],
  [{ family: "inet6", address: "::1", port: 1, scope: "eth0" }, /"eth0" has no index here/],
  [
    { family: "inet", address: "1.2.3.4", port: 1 },
    /system "beos" is none of linux, darwin/,
    "beos" as SystemName,
  ],
])("encode of %j says what would be valid", async (address, message, system) => {
  const { encode } = await marshal();
  expect(() => encode(address, system)).toThrow(message);
});

test("decode of too many bytes, and of none", async () => {
  const { decode } = await marshal();
  expect(() => decode(new Uint8Array(129))).toThrow(/at most 128 bytes, not 129/);
  expect(decode(new Uint8Array(0))).toBe(null);
  expect(decode(Uint8Array.of(16, 99), "freebsd")).toBe(null);
});

test("the module comes from bytes, a compiled module, a response or a URL", async () => {
  const url = pathToFileURL(join(root, "build/marshal.wasm"));
  const response = new Response(wasm, { headers: { "content-type": "application/wasm" } });
  const sources = [wasm, new WebAssembly.Module(wasm), response, Promise.resolve(new Response(wasm)), url, url.href]; // prettier-ignore
  for (const source of sources) {
    const { encode } = await marshal(source);
    expect(hex(encode({ family: "inet", address: "192.0.2.1", port: 8080 })).slice(0, 16)).toBe(
      "02001f90c0000201",
    );
  }
});

test("it imports no host, no libc and nothing of Node's, but to read its own file", () => {
  const seen = new Map<string, string[]>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    const source = readFileSync(file, "utf8");
    const found = Array.from(source.matchAll(/\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)/g), (m) => (m[1] ?? m[2])!); // prettier-ignore
    seen.set(file, found);
    for (const name of found) if (name.startsWith(".")) visit(join(dirname(file), name));
  };
  visit(join(root, "build/host/standalone.js"));
  const outside = [...seen.values()].flat().filter((name) => !name.startsWith("."));
  expect(outside).toEqual(["node:fs/promises"]);
  expect(seen.size).toBe(4);
});

test("it runs where there is nothing of Node's", () => {
  const program = `
    const { stdout } = process;
    const { readFileSync } = await import("node:fs");
    const wasm = readFileSync("build/marshal.wasm");
    void Response; // which Node makes of its own modules when it is asked for
    for (const name of ["process", "Buffer", "setImmediate"]) delete globalThis[name];
    const { marshal } = await import("./build/host/standalone.js");
    const { encode } = await marshal(wasm);
    const bytes = encode({ family: "inet", address: "127.0.0.1", port: 1 }, "darwin");
    stdout.write(Array.from(bytes).join(" "));`;
  const options = { cwd: root, encoding: "utf8" } as const;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", program], options);
  expect(said).toBe("16 2 0 1 127 0 0 1 0 0 0 0 0 0 0 0");
});

test("examples/hexdump loads marshal.wasm with nothing but WebAssembly", async () => {
  expect(
    (await dumpInet("192.0.2.1", 8080)).map((line) => line.trim().replace(/ +/g, " ")),
  ).toEqual([
    "0 02 00 sin_family",
    "2 1f 90 sin_port",
    "4 c0 00 02 01 sin_addr",
    "8 00 00 00 00 00 00 00 00 sin_zero",
  ]);
});

test("docs/marshal.md lists every function with its parameters, and no other", () => {
  const listed = Array.from(
    document.matchAll(/^\| `(\w+)\(([^)]*)\)`/gm),
    ([, name, parameters]) =>
      [name!, parameters === "" ? 0 : parameters!.split(",").length] as const,
  );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  const functions = Object.entries(exports).flatMap(([name, value]) =>
    typeof value === "function" ? [[name, value.length] as const] : [],
  );
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(functions));
});

test("its snippets run", () => {
  const snippets = Array.from(document.matchAll(/```(ts|js)\n([^]*?)```/g), ([, , code]) => code!);
  const [package_, plain] = snippets as [string, string];
  const run = (code: string) =>
    execFileSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: root,
      encoding: "utf8",
    });
  expect(run(package_)).toMatch(/28, 30,[^]*family: 'inet6',\s+address: '::1',\s+port: 80/);
  const load = `import { readFileSync } from "node:fs"; const bytesOfMarshalWasm = readFileSync("build/marshal.wasm");`;
  expect(run(load + plain)).toMatch(/2,\s+0,\s+31,\s+144,\s+192,\s+0,\s+2,\s+1,/);
});
