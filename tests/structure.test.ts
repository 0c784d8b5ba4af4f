// The rules of ARCHITECTURE.md about who may import whom.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix"; // as imports have them, on every system
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Every source file of the given folders, by its path from the root, with what it imports. */
const imports = new Map<string, string[]>(
  ["assembly", "host", "examples", "bench", "docs"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        join(folder, file.replaceAll("\\", "/")),
      ),
    )
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file, importsOf(file)]),
);

/** What a file imports: a relative path as the source file it names, a package by its name. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  const specifiers = source.matchAll(
    /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return Array.from(specifiers, ([, fixed, dynamic]) => (fixed ?? dynamic)!).map((specifier) =>
    specifier.startsWith(".") ? sourceOf(join(dirname(file), specifier)) : specifier,
  );
}

function sourceOf(path: string): string {
  return `${normalize(path).replace(/\.(js|ts)$/, "")}.ts`;
}

/** The files under a path. */
function filesUnder(path: string): [file: string, imported: string[]][] {
  return [...imports].filter(([file]) => file.startsWith(path));
}

test("the sources are found", () => {
  expect(filesUnder("host/").length).toBeGreaterThan(20);
  expect(filesUnder("assembly/").length).toBeGreaterThan(10);
  expect(imports.get("host/adapters/bsd/transfer.ts")).toContain("host/syscalls/transfer.ts");
});

/** A folder or file, what it may not import, and what of that it may after all. */
const rules: readonly { of: string; not: RegExp; but?: RegExp }[] = [
  { of: "assembly/abi/", not: /./, but: /^assembly\/abi\// },
  { of: "assembly/platform/", not: /./, but: /^assembly\/(abi|platform)\// },
  { of: "assembly/codec/", not: /./, but: /^assembly\/(abi|codec|platform)\// },
  { of: "assembly/", not: /^(?!assembly\/)/ },
  {
    of: "host/syscalls/",
    not: /^host\/(memory|waker|instantiate)\.ts$|^host\/(adapters|wait|api)\//,
  },
  { of: "host/adapters/", not: /^host\/libc\.ts/ },
  { of: "host/adapters/bsd/", not: /^host\/adapters\/(?!bsd\/)/ },
  { of: "host/adapters/preview1/", not: /^host\/adapters\/(?!preview1\/)/ },
  { of: "host/adapters/assemblyscript.ts", not: /^host\/adapters\// },
  { of: "host/adapters/p2/", not: /^host\/adapters\/(?!p2\/)/ },
  { of: "host/adapters/p3/", not: /^host\/adapters\/(?!p3\/)/ },
  { of: "host/component/", not: /^host\/(adapters|wait|api)\/|^host\/libc\.ts/ },
  { of: "host/wait/", not: /^host\/(adapters|syscalls|api)\/|^host\/memory\.ts/ },
  {
    of: "host/trace",
    not: /^host\/(?!trace\/)/,
    but: /^host\/(address|errno|marshal|memory|policy\/index)\.ts$/,
  },
  { of: "host/wasm.ts", not: /./ },
  { of: "host/inspect.ts", not: /./, but: /^host\/wasm\.ts$/ },
  { of: "host/cli", not: /^host\/(?!cli\/|(inspect|wasm|policy\/index|run\/index)\.ts)/ },
  { of: "host/native/", not: /^host\//, but: /^host\/(native|platform)\// },
  {
    of: "host/compat/",
    not: /^host\//,
    but: /^host\/(compat|native)\/|^host\/(codecs|loader)\.ts$/,
  },
  { of: "host/platform/", not: /./, but: /^host\/platform\// },
  { of: "examples/", not: /^(host|assembly|build)\/|^#/ },
  { of: "bench/", not: /^(host|assembly|build)\/|^#/ },
  { of: "docs/", not: /^(host|assembly|build)\/|^#/, but: /^build\/marshal\.wasm/ },
];

test.each(rules)("$of imports only what it may", ({ of, not, but }) => {
  const broken = filesUnder(of).flatMap(([file, imported]) =>
    imported
      .filter((name) => not.test(name) && !but?.test(name))
      .map((name) => `${file} imports ${name}`),
  );
  expect(broken).toEqual([]);
});

test.each([
  ["koffi", "host/native/library.ts", "host/native/loop.ts", "host/native/uv.ts"],
  ["@assemblyscript/loader", "host/loader.ts"],
  [
    "host/native/linux.ts",
    "host/libc.ts",
    "host/compat/index.ts",
    "host/native/epoll.ts",
    "host/native/uv.ts",
  ],
  ["host/compat/index.ts", "host/libc.ts"],
])("%s is imported by %s alone", (name, ...files) => {
  const importers = [...imports]
    .filter(([, imported]) => imported.includes(name))
    .map(([importer]) => importer);
  expect(importers).toEqual(files);
});

test("no file knows both a guest's memory and libc, but the one that finds its address", () => {
  const both = filesUnder("host/").filter(
    ([, imported]) => imported.includes("host/memory.ts") && imported.includes("host/libc.ts"),
  );
  expect(both.map(([file]) => file)).toEqual([]);
  expect(imports.get("host/memory.ts")).toEqual(["host/libc.ts"]);
});

test("no file is imported for its effects alone, which tests/pack relies on", () => {
  const effects = filesUnder("host/").filter(([file]) =>
    /^import "\./m.test(readFileSync(join(root, file), "utf8")),
  );
  expect(effects.map(([file]) => file)).toEqual([]);
});

test("nothing is imported in a circle", () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    expect(path, `${[...path, file].join(" → ")} is a circle`).not.toContain(file);
    if (done.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
});
