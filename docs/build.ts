// Builds the site into build/docs, of what `npm run build` has left: a page that needs nothing but its own files.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { Application, type DocumentationEntryPoint } from "typedoc";
import ts from "typescript";

const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
const out = "build/docs";

/** Files of assembly/platform by the names of `process.platform`. */
const platforms = { darwin: "darwin", freebsd: "freebsd", win32: "windows" };

type Numbers = Record<string, Record<string, number>>;

/** Every enum of a file in assembly/platform, whose members are globals of it once it is compiled: "iovec.iov_len". */
async function numbersOf(file: string, directory: string): Promise<Numbers> {
  const wasm = join(directory, `${file}.wasm`);
  const options = ["--bindings", "raw", "--runtime", "stub", "--use", "abort=", "--outFile", wasm];
  await promisify(execFile)(process.execPath, [asc, `assembly/platform/${file}.ts`, ...options]);
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {});
  const found: Numbers = {};
  for (const [name, value] of Object.entries(instance.exports)) {
    const [group, member] = name.split(".") as [string, string?];
    if (member === undefined || !(value instanceof WebAssembly.Global)) continue;
    (found[group] ??= {})[member] = Number(value.value);
  }
  return found;
}

/** The structs among them, which C writes in small letters. Where a cmsghdr's data is, is no field of it. */
async function layouts(): Promise<Record<string, Numbers>> {
  const directory = await mkdtemp(join(tmpdir(), "wasi-sockets-docs-"));
  try {
    const entries = Object.entries(platforms).map(async ([name, file]) => {
      const structs = Object.entries(await numbersOf(file, directory)).filter(([struct]) =>
        /^[a-z]/.test(struct),
      );
      return [name, Object.fromEntries(structs)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function playground(): Promise<void> {
  const from = "docs/playground";
  const to = join(out, "playground");
  await mkdir(to, { recursive: true });
  await build({
    entryPoints: [join(from, "main.ts")],
    outfile: join(to, "playground.js"),
    bundle: true,
    minify: true,
    format: "iife", // which a page from a disk may run, unlike a module
    target: "es2022",
    loader: { ".wasm": "binary" },
    external: ["node:fs/promises"], // for the package's own file, which the page brings itself
    define: { LAYOUTS: JSON.stringify(await layouts()), "import.meta.url": "location.href" },
    logLevel: "warning",
  });
  for (const file of ["index.html", "style.css"]) await cp(join(from, file), join(to, file));
}

/** What the package exports to TypeScript: the names of its modules by their sources. */
async function entries(): Promise<Map<string, string>> {
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as {
    name: string;
    exports: Record<string, string | { types?: string }>;
  };
  const found = Object.entries(manifest.exports).flatMap(([path, target]) => {
    const types = typeof target === "string" ? undefined : target.types;
    if (types === undefined) return [];
    const source = types.replace("./build/", "").replace(/\.d\.ts$/, ".ts");
    return [[source, manifest.name + path.slice(1)] as const];
  });
  return new Map(found);
}

/**
 * The guest library, `wasi-sockets/assembly`. TypeScript reads it with the types that AssemblyScript has for editors;
 * whether it is right asc alone can tell, which compiles it.
 */
function guestLibrary(): DocumentationEntryPoint {
  const source = "assembly/index.ts";
  const config = { extends: "assemblyscript/std/assembly.json", files: [source] };
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const host = ts.createCompilerHost(options);
  // What is a number there has a name of its own, which would be TypeScript's number else: i32, u16, usize.
  const readAsItIs = host.readFile.bind(host);
  host.readFile = (file) =>
    readAsItIs(file)?.replace(
      /^declare type (\w+) = (number|boolean \| number);$/gm,
      "interface $1 {}",
    );
  const program = ts.createProgram(fileNames, options, host);
  const sourceFile = program.getSourceFile(source);
  if (sourceFile === undefined) throw new Error(`TypeScript does not find ${source}`);
  return { displayName: "wasi-sockets/assembly", program, sourceFile };
}

/** The pages of the API and of docs/guides, by typedoc.json. */
async function pages(): Promise<void> {
  const modules = await entries();
  const app = await Application.bootstrapWithPlugins({ entryPoints: [...modules.keys()] });
  const programs = app.getEntryPoints();
  if (programs === undefined) throw new Error("typedoc found no program to document");
  const project = app.converter.convert([...programs, guestLibrary()]);
  for (const [source, name] of modules) {
    // typedoc calls a module by its path below host.
    const known = source.replace(/^host\//, "").replace(/\.ts$/, "").replace(/(?<=.)\/index$/, ""); // prettier-ignore
    const module = project.children?.find((child) => child.name === known);
    if (module === undefined) throw new Error(`typedoc has no ${known}`);
    module.name = name;
  }
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error("typedoc complained of what stands above");
  }
  // A link of every page is relative to the first of them.
  for (const file of await readdir(out, { recursive: true })) {
    const depth = file.split(sep).length - 1;
    if (!file.endsWith(".html") || depth === 0) continue;
    const path = join(out, file);
    const html = await readFile(path, "utf8");
    const link = 'href="playground/index.html"';
    await writeFile(
      path,
      html.replaceAll(link, `href="${"../".repeat(depth)}playground/index.html"`),
    );
  }
}

await rm(out, { recursive: true, force: true });
await pages();
await playground();
