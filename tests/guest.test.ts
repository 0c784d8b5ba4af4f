// The guest library as AssemblyScript programs see it, and what a module may come from and import.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { instantiate, type Allow } from "wasi-sockets";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { guestSuite } from "./support/guest-suite.js";
import { compileFile, compileGuest, textOf } from "./support/guest.js";
import { errnoOf } from "./support/sockets.js";

type Exports = Record<string, (...args: number[]) => number> & { memory: WebAssembly.Memory };

guestSuite(async (wasm, allow) => {
  const guest = await instantiate<Exports>(wasm, { allow });
  const { exports } = guest;
  const number = (name: string, ...args: number[]) => Promise.resolve(exports[name]!(...args));
  return {
    number,
    text: async (name, ...args) => textOf(exports.memory, await number(name, ...args)),
    [Symbol.asyncDispose]: () => {
      guest.dispose();
      return Promise.resolve();
    },
  };
});

let local: WebAssembly.Module;
beforeAll(async () => {
  local = await WebAssembly.compile(await compileFile("local"));
});

async function start(allow: Allow = {}): Promise<Exports> {
  const guest = await instantiate<Exports>(local, { allow });
  onTestFinished(() => {
    guest.dispose();
  });
  return guest.exports;
}

test("a name that is not among those of allow.resolve is EAI_SYSTEM with EACCES", async () => {
  const guest = await start({ resolve: ["example.com"] });
  const answer = textOf(guest.memory, guest["localhost"]!());
  expect(answer).toBe(`eai -11 errno ${errnoOf("EACCES")}`);
});

describe("AssemblyScript's own runtime", () => {
  test("console.log prints, and abort is an Error with message and place", async () => {
    const guest = await start();
    const log = vi.spyOn(console, "log").mockReturnValue();
    try {
      expect(() => guest["fail"]!()).toThrow(/on purpose.*guest\.ts:\d+:\d+/);
      expect(log).toHaveBeenCalledWith("about to fail");
    } finally {
      log.mockRestore();
    }
  });

  test("an embedder's own imports take the place of the runtime's, never of the sockets", async () => {
    const wasm = local;
    const lines: number[] = [];
    const imports = {
      env: { "console.log": (line: number) => lines.push(line) },
      bsd_sockets_v1: { socket: () => 77 },
    };
    using guest = await instantiate<Exports>(wasm, { imports, allow: {} });
    expect(() => guest.exports["fail"]!()).toThrow(Error);
    expect(lines).toHaveLength(1);
    expect(guest.exports["unknownFamily"]!()).toBe(errnoOf("EACCES"));
  });
});

describe("a module comes from", () => {
  test("a path, a file URL, bytes, or already compiled", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-source-"));
    try {
      const bytes = await compileGuest("export function answer(): i32 { return 42; }");
      const path = join(directory, "guest.wasm");
      await writeFile(path, bytes);
      for (const source of [path, pathToFileURL(path), bytes, new WebAssembly.Module(bytes)]) {
        using guest = await instantiate<Exports>(source);
        expect(guest.exports["answer"]!()).toBe(42);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test.each([
    ["that does not exist", "/nowhere/guest.wasm", /ENOENT/],
    ["that is no module", Buffer.from("not a module"), WebAssembly.CompileError],
  ])("nothing %s", async (_, source, error) => {
    await expect(instantiate(source)).rejects.toThrow(error);
  });

  test("none that imports what nobody gives", async () => {
    const wasm = await compileGuest(`
      @external("somewhere", "else") declare function missing(): void;
      export function call(): void { missing(); }
    `);
    await expect(instantiate(wasm)).rejects.toThrow(/somewhere/);
  });
});

test("Messages are as many as were made, whatever is asked of them", async () => {
  const wasm = await compileGuest(`
    import { AF, MSG, Messages, SOCK, socketpair } from "wasi-sockets/assembly";
    const CAPACITY = 2;
    const out = new Messages(CAPACITY);
    const back = new Messages(CAPACITY);
    for (let i = 0; i < CAPACITY; i++) {
      out.set(i, new Uint8Array(i + 1));
      back.set(i, new Uint8Array(8));
    }
    let to: i32 = -1;
    export function send(count: i32): i32 {
      const pair = socketpair(AF.UNIX, SOCK.DGRAM, 0)!;
      to = pair[1];
      return out.sendMany(pair[0], count);
    }
    export function receive(count: i32): i32 { return back.receiveMany(to, count, MSG.DONTWAIT); }
    export function length(index: i32): i32 { return back.length(index); }
    export function set(index: i32): void { back.set(index, new Uint8Array(8)); }
  `);
  using guest = await instantiate<Exports>(wasm);
  const call = guest.exports as Required<typeof guest.exports>;
  expect(call["send"]!(3)).toBe(2);
  expect(call["receive"]!(100)).toBe(2);
  expect([call["length"]!(0), call["length"]!(1)]).toEqual([1, 2]);
  for (const index of [2, -1]) expect(() => call["set"]!(index)).toThrow(/Index out of range/);
});
