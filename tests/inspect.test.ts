// Which socket ABI a file is written against, told from real modules and components, and that no file at all can
// do more than be refused.

import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { inspect, type Inspection } from "#host/inspect";
import { WasmError, readWasm, type CoreModule } from "#host/wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { compileGuest } from "./support/guest.js";

/** Imports of a guest: its functions' names and how many parameters each has. */
type Imports = Record<string, number>;

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const COMPONENT_HEADER = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** A number in LEB128. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

/** A list in the binary format, or a string: its length and its entries. */
function list(...entries: (number | number[])[]): number[] {
  return [...leb(entries.length), ...entries.flat()];
}

function string(text: string): number[] {
  return list(...Buffer.from(text));
}

/** A module of sections: its bytes. */
function moduleOf(...sections: number[][]): Uint8Array<ArrayBuffer> {
  const bodies = sections.flatMap(([id, ...body]) => [id!, ...list(...body)]);
  return Uint8Array.from([...HEADER, ...bodies]);
}

/** A module that does nothing but import functions of i32, as the engine agrees. */
function importing(module: string, imports: Imports): Uint8Array<ArrayBuffer> {
  const I32 = 0x7f;
  const type = (count: number) => [0x60, ...list(...Array<number>(count).fill(I32)), ...list(I32)];
  const types = Array.from({ length: 16 }, (_, count) => type(count));
  const entries = Object.entries(imports);
  const functions = entries.map(([name, count]) => [...string(module), ...string(name), 0, count]);
  const bytes = moduleOf([1, ...list(...types)], [2, ...list(...functions)]);
  expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual(
    entries.map(([name]) => ({ module, name, kind: "function" })),
  );
  return bytes;
}

/** An inspection with what it needs as an object. */
function inspected(bytes: Uint8Array): Omit<Inspection, "needs"> & { needs: object } {
  const { needs, ...rest } = inspect(bytes);
  return { ...rest, needs: Object.fromEntries(needs) };
}

// Two components as wasm-tools writes them. The first imports wasi:io/poll, and of wasi:sockets 0.2.10 network,
// tcp and ip-name-lookup, and things of other kinds; a module in it calls start-connect; there is a component
// in it. The second imports types of wasi:sockets 0.3.0, and its module calls listen and, asynchronously, connect.
const COMPONENT_02 = Buffer.from(
  "AGFzbQ0AAQAHAwFCAAoYAQATd2FzaTppby9wb2xsQDAuMi4xMAUABw8BQgEEAAduZXR3b3JrAwEKIAEAG3dhc2k6c29ja2V0cy9uZXR3b3JrQDAuMi4xMAUBBgwBAwABB25ldHdvcmsHWQFCBgQACnRjcC1zb2NrZXQDAQIDAgECAWgAAWgBAUADBHNlbGYCB25ldHdvcmsDAXh5AQAEACBbbWV0aG9kXXRjcC1zb2NrZXQuc3RhcnQtY29ubmVjdAEEChwBABd3YXNpOnNvY2tldHMvdGNwQDAuMi4xMAUDBwUBQAABAAoKAQAFcGxhaW4BBAMDAVAACgoBAARtb2RsABEABwMBQgAKLgIAIndhc2k6c29ja2V0cy9pcC1uYW1lLWxvb2t1cEAwLjIuMTAFBQADdmFsAwEBaABhc20BAAAAAQcBYAN/f38AAkoCF3dhc2k6c29ja2V0cy90Y3BAMC4yLjEwIFttZXRob2RddGNwLXNvY2tldC5zdGFydC1jb25uZWN0AAADZW52Bm1lbW9yeQIAAQAJBG5hbWUAAgFtBBsAYXNtDQABAAcFAUAAAQAKCgEABWlubmVyAQAAMg5jb21wb25lbnQtbmFtZQEGABEBAQFtAQsDAQIHbmV0d29yawEMBQIBA25ldAIDdGNw",
  "base64",
);
const COMPONENT_03 = Buffer.from(
  "AGFzbQ0AAQAHPgFCBAQACnRjcC1zb2NrZXQDAQFoAAFAAQRzZWxmAQEABAAZW21ldGhvZF10Y3Atc29ja2V0Lmxpc3RlbgECCh0BABh3YXNpOnNvY2tldHMvdHlwZXNAMC4zLjAFAAGcAQBhc20BAAAAAQwCYAJ/fwF/YAJ/fwACeQIYd2FzaTpzb2NrZXRzL3R5cGVzQDAuMy4wJ1thc3luYy1sb3dlcl1bbWV0aG9kXXRjcC1zb2NrZXQuY29ubmVjdAAAGHdhc2k6c29ja2V0cy90eXBlc0AwLjMuMBlbbWV0aG9kXXRjcC1zb2NrZXQubGlzdGVuAAEACQRuYW1lAAIBbQAeDmNvbXBvbmVudC1uYW1lAQYAEQEAAW0BBQUBAAF0",
  "base64",
);

const modules = new Map<string, Uint8Array>();

beforeAll(async () => {
  const sources = ["tcp", "raw", "stream"].map(async (name) => {
    const source = await readFile(new URL(`assembly/${name}.ts`, import.meta.url), "utf8");
    modules.set(name, await compileGuest(source));
  });
  const built = ["sockets", "marshal"].map(async (name) => {
    modules.set(name, await readFile(new URL(`../build/${name}.wasm`, import.meta.url)));
  });
  await Promise.all([...sources, ...built]);
});

describe("imports", () => {
  test.each(["tcp", "raw", "stream", "sockets", "marshal"])(
    "of %s.wasm are those that WebAssembly names, and only functions have parameters",
    (name) => {
      const bytes = modules.get(name)!;
      const file = readWasm(bytes);
      if (file.kind !== "module") throw new Error("this is no component");
      const known = WebAssembly.Module.imports(new WebAssembly.Module(Buffer.from(bytes)));
      expect(file.imports.map(({ module, name }) => ({ module, name }))).toEqual(
        known.map(({ module, name }) => ({ module, name })),
      );
      expect(file.imports.map(({ parameters }) => parameters !== undefined)).toEqual(
        known.map(({ kind }) => kind === "function"),
      );
    },
  );

  test("have the number of parameters that a call of them passes", async () => {
    const bytes = await compileGuest(`
      @external("any", "zero") export declare function zero(): i32;
      @external("any", "one") export declare function one(a: i64): i32;
      @external("any", "nine") export declare function nine(
        a: i32, b: i32, c: f32, d: f64, e: i32, f: i32, g: i64, h: i32, i: i32): void;
    `);
    const counts: Imports = {};
    const count =
      (name: string) =>
      (...args: unknown[]) => {
        counts[name] = args.length;
      };
    const any = { zero: count("zero"), one: count("one"), nine: count("nine") };
    const { exports } = (await WebAssembly.instantiate(bytes, { any })).instance;
    (exports["zero"] as () => void)();
    (exports["one"] as (a: bigint) => void)(1n);
    (exports["nine"] as (...args: unknown[]) => void)(0, 0, 0, 0, 0, 0, 0n, 0, 0);
    expect(counts).toEqual({ zero: 0, one: 1, nine: 9 });
    const { imports } = readWasm(bytes) as CoreModule;
    expect(Object.fromEntries(imports.map((found) => [found.name, found.parameters]))).toEqual(
      counts,
    );
  });

  test("of every kind are read, and types of every kind", () => {
    // A group of a struct and an array, a subtype of a function of a reference, a function of two.
    const group = [0x4e, 2, 0x5f, 1, 0x7f, 1, 0x5e, 0x63, 0x00, 0];
    const types = [
      1,
      3,
      ...group,
      0x50,
      1,
      0,
      0x60,
      1,
      0x64,
      0x01,
      0,
      0x60,
      2,
      0x7f,
      0x7e,
      1,
      0x7f,
    ];
    const name = (text: string) => [...string("m"), ...string(text)];
    const imports = [
      ...[2, 7],
      ...[...name("a"), 0, 2],
      ...[...name("b"), 0, 3],
      ...[...name("c"), 1, 0x63, 0x70, 1, 1, 2],
      ...[...name("d"), 2, 3, 1, 0xff, 0x7f],
      ...[...name("e"), 3, 0x7f, 1],
      ...[...name("f"), 4, 0, 3],
      ...[...name("g"), 0, 3],
    ];
    expect(readWasm(moduleOf(types, imports))).toEqual({
      kind: "module",
      imports: [1, 2, undefined, undefined, undefined, undefined, 2].map((parameters, index) => ({
        module: "m",
        name: "abcdefg"[index],
        parameters,
      })),
    });
  });
});

describe("a module's ABI and needs", () => {
  const P1 = "wasi_snapshot_preview1";
  const cases: [what: string, module: string, imports: Imports, needs: object][] = [
    [
      "bsd_sockets_v1",
      "bsd_sockets_v1",
      { socket: 3, connect: 3, sendmsg: 3, listen: 2, getaddrinfo: 5, recv: 4 },
      { connect: ["connect", "sendmsg"], bind: ["listen"], resolve: ["getaddrinfo"] },
    ],
    [P1, P1, { sock_accept: 3, sock_recv: 6, sock_shutdown: 2 }, { listen: ["sock_accept"] }],
    [
      `${P1} with WasmEdge's sockets, version 1`,
      P1,
      { sock_open: 3, sock_accept: 2, sock_recv: 6, sock_listen: 2 },
      { bind: ["sock_listen"] },
    ],
    [
      `${P1} with WasmEdge's sockets, version 2`,
      P1,
      { sock_accept_v2: 3, sock_recv_from: 8, sock_connect: 3 },
      { connect: ["sock_connect"] },
    ],
    [
      `${P1} with WasmEdge's sockets, version 1 and 2`,
      P1,
      { sock_getlocaladdr: 4, sock_recv_from: 8, sock_getaddrinfo: 8 },
      { resolve: ["sock_getaddrinfo"] },
    ],
    [
      `${P1} with WasmEdge's sockets`,
      P1,
      { sock_open: 3, sock_bind: 3, sock_send_to: 7 },
      { connect: ["sock_send_to"], bind: ["sock_bind"] },
    ],
    [
      `${P1} with WAMR's sockets`,
      P1,
      { sock_open: 4, sock_connect: 2, sock_set_tcp_no_delay: 2, sock_addr_resolve: 6 },
      { connect: ["sock_connect"], resolve: ["sock_addr_resolve"] },
    ],
    [
      `${P1} with sockets of WasmEdge or WAMR`,
      P1,
      { sock_listen: 2, sock_accept: 3 },
      { bind: ["sock_listen"] },
    ],
    [
      "wasi:sockets@0.2.0",
      "wasi:sockets/tcp@0.2.0",
      { "[method]tcp-socket.start-connect": 15, "[method]tcp-socket.start-bind": 15 },
      {
        connect: ["[method]tcp-socket.start-connect"],
        bind: ["[method]tcp-socket.start-bind"],
      },
    ],
  ];

  test.each(cases)("%s", (name, module, imports, needs) => {
    const found = inspected(importing(module, imports));
    expect(found).toEqual({
      kind: "module",
      abis: [{ name, hosted: !name.startsWith("wasi:"), functions: Object.keys(imports).sort() }],
      needs,
      others: [],
      unknown: [],
    });
  });

  test("none, where it imports no sockets", () => {
    const found = inspected(importing("wasi_snapshot_preview1", { fd_write: 4 }));
    expect(found).toMatchObject({ abis: [], needs: {}, others: ["wasi_snapshot_preview1"] });
    expect(inspected(Uint8Array.from(HEADER))).toMatchObject({ abis: [], others: [] });
  });

  test("a socket function with other parameters is named as unknown", () => {
    const found = inspected(importing("wasi_snapshot_preview1", { sock_open: 9, sock_x: 1 }));
    const unknown = ["sock_open with 9 parameters", "sock_x with 1 parameter"];
    expect(found).toMatchObject({ abis: [], unknown, others: [] });
  });

  test("names that every object has are no functions", () => {
    const found = inspected(importing("bsd_sockets_v1", { constructor: 0, toString: 0 }));
    expect(found).toMatchObject({ needs: {} });
  });

  test("of an AssemblyScript program come from what it uses of the library", () => {
    const { abis, needs } = inspected(modules.get("stream")!);
    expect(abis).toMatchObject([{ name: "bsd_sockets_v1", hosted: true }]);
    expect(needs).toEqual({ connect: ["connect"], bind: ["bind", "listen"] });
  });
});

describe("a component's ABI and needs", () => {
  test("wasi:sockets 0.2, by what a module in it calls", () => {
    expect(inspected(COMPONENT_02)).toEqual({
      kind: "component",
      abis: [
        {
          name: "wasi:sockets@0.2.10",
          hosted: true,
          functions: ["ip-name-lookup", "network", "tcp"],
        },
      ],
      needs: { connect: ["[method]tcp-socket.start-connect"] },
      others: ["modl", "plain", "val", "wasi:io/poll@0.2.10"],
      unknown: [],
    });
  });

  test("wasi:sockets 0.3", () => {
    expect(inspected(COMPONENT_03)).toMatchObject({
      abis: [{ name: "wasi:sockets@0.3.0", functions: ["types"] }],
      needs: {
        connect: ["[async-lower][method]tcp-socket.connect"],
        bind: ["[method]tcp-socket.listen"],
      },
    });
  });

  test("all that its interfaces offer, where no module in it calls any", () => {
    const text = "wasi:sockets/ip-name-lookup@0.2.0";
    const attribute = [1, 1, 2, 0x2e, 0x31];
    const body = [1, 2, text.length, ...Buffer.from(text), ...attribute, 5, 0];
    const component = Uint8Array.from([...COMPONENT_HEADER, 10, body.length, ...body]);
    expect(inspected(component)).toMatchObject({ needs: { resolve: ["ip-name-lookup"] } });
  });
});

describe("what cannot be read is refused with the offset of it", () => {
  const deep = (levels: number): number[] => {
    let bytes = COMPONENT_HEADER;
    for (let i = 0; i < levels; i++) {
      const size = [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
      bytes = [...COMPONENT_HEADER, 4, ...size, ...bytes];
    }
    return bytes;
  };
  const malformed: [what: string, bytes: ArrayLike<number>, offset: number, reason: RegExp][] = [
    ["nothing", [], 0, /the end/],
    ["text", Buffer.from("(module)"), 0, /not WebAssembly/],
    ["half a header", HEADER.slice(0, 6), 6, /the end, where a layer/],
    ["another version", [...HEADER.slice(0, 4), 2, 0, 0, 0], 4, /version 2 of layer 0 is neither/],
    [
      "a section that is cut",
      [...HEADER, 1, 5, 0],
      10,
      /section 1 has 5 bytes, and only 1 are left/,
    ],
    ["a section without a size", [...HEADER, 1], 9, /the end, where the size of a section/],
    ["a size of too many bits", [...HEADER, 1, 255, 255, 255, 255, 255, 0], 9, /no number of 32/],
    ["a type of no kind", moduleOf([1, 1, 0x41]), 11, /0x41 is no type/],
    ["more types than there are", moduleOf([1, 2, 0x60, 0, 0]), 14, /the end, where/],
    [
      "a name that is not UTF-8",
      moduleOf([2, 1, 1, 0xff, 0]),
      12,
      /the module of an import is not UTF-8/,
    ],
    [
      "an import of no type",
      moduleOf([2, 1, 0, 0, 0, 7]),
      14,
      /type 7 of an import is no function's/,
    ],
    ["an import of no kind", moduleOf([2, 1, 0, 0, 9]), 13, /0x09 is no kind of an import/],
    ["components without end", deep(40), 11 * 33, /components lie within each other 33 deep/],
  ];

  test.each(malformed)("%s", (_, bytes, offset, reason) => {
    const attempt = () => inspect(Uint8Array.from(bytes));
    expect(attempt).toThrow(WasmError);
    expect(attempt).toThrow(reason);
    expect(attempt).toThrow(expect.objectContaining({ offset }) as Error);
    expect(attempt).toThrow(`byte ${offset}: `);
  });

  /** Whether a file was refused as it should be; anything but a result or a WasmError fails the test. */
  function refused(bytes: Uint8Array): boolean {
    try {
      inspect(bytes);
      return false;
    } catch (error) {
      if (error instanceof WasmError) return true;
      throw error;
    }
  }

  test("every file that is cut short of a section", () => {
    for (const bytes of [modules.get("tcp")!, COMPONENT_02, COMPONENT_03]) {
      const cuts = Array.from(bytes.subarray(0, 4096), (_, size) =>
        refused(bytes.subarray(0, size)),
      );
      expect(cuts.slice(0, 8)).toEqual(Array<boolean>(8).fill(true));
      // What ends where a section does is whole: all others are refused.
      expect(cuts.filter((cut) => !cut).length).toBeLessThan(32);
    }
  });

  test("whatever bytes are changed, there is a result or a WasmError", () => {
    const sources = ["tcp", "raw", "sockets"].map((name) => modules.get(name)!.subarray(0, 2048));
    const files = [...sources, COMPONENT_02, COMPONENT_03];
    const edit = fc.record({ at: fc.nat(2047), byte: fc.nat(255) });
    const edits = fc.array(edit, { minLength: 1, maxLength: 8 });
    let refusals = 0;
    const property = fc.property(fc.constantFrom(...files), edits, (file, changes) => {
      const bytes = Uint8Array.from(file);
      for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
      if (refused(bytes)) refusals++;
    });
    fc.assert(property, { numRuns: 5000 });
    expect(refusals).toBeGreaterThan(100);
  });

  test("whatever bytes follow a header, there is a result or a WasmError", () => {
    const header = fc.constantFrom(HEADER, COMPONENT_HEADER);
    const body = fc.uint8Array({ maxLength: 64 });
    const property = fc.property(header, body, (first, rest) => {
      refused(Uint8Array.from([...first, ...rest]));
    });
    fc.assert(property, { numRuns: 5000 });
  });
});
