// WebAssembly modules byte by byte: what a guest needs to call its imports, and what a hostile one might be.

import type { Abi, ValueType } from "./abi.js";

const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const SECTION = { type: 1, import: 2, function: 3, memory: 5, export: 7, start: 8, code: 10 };
const KIND = { function: 0, memory: 2 };
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A number as LEB128 without a sign. */
export function unsigned(value: number): number[] {
  const bytes = [];
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A 32-bit number as LEB128 with a sign. */
export function signed(value: number): number[] {
  const bytes = [];
  let rest = value | 0;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest & 0x7f];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = vector(items);
  return items.length === 0 ? [] : [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = [...Buffer.from(value)];
  return [...unsigned(bytes.length), ...bytes];
}

/** A function that a module imports. */
export interface Imported {
  readonly module: string;
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType | undefined;
}

/** The functions of some ABIs. */
export function functionsOf(abis: readonly Abi[]): Imported[] {
  return abis.flatMap(({ module, imports }) =>
    Object.entries(imports).map(([name, { parameters, result }]) => ({
      module,
      name,
      parameters,
      result,
    })),
  );
}

/** What a module is made of. */
export interface Parts {
  readonly imports: readonly Imported[];
  /** Bodies of functions that take and give nothing, without their end. */
  readonly bodies?: readonly (readonly number[])[];
  /** The pages of its memory, and their maximum; none where it is absent. */
  readonly memory?: readonly [initial: number, maximum: number] | undefined;
  /** Exports, by kind of name and index; the imports are the first functions. */
  readonly exports: readonly (readonly [name: string, kind: keyof typeof KIND, index: number])[];
  /** The function that runs first. */
  readonly start?: number | undefined;
}

/** Writes a module. */
export function write({
  imports,
  bodies = [],
  memory,
  exports,
  start,
}: Parts): Uint8Array<ArrayBuffer> {
  const signatures = imports.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [TYPES[type]])),
    ...vector(result === undefined ? [] : [[TYPES[result]]]),
  ]);
  const nothing = [0x60, 0, 0];
  const bodiesWithSize = bodies.map((body) => [...unsigned(body.length + 2), 0, ...body, 0x0b]);
  return Uint8Array.from([
    ...HEADER,
    ...section(SECTION.type, [...signatures, nothing]),
    ...section(
      SECTION.import,
      imports.map(({ module, name }, i) => [
        ...text(module),
        ...text(name),
        KIND.function,
        ...unsigned(i),
      ]),
    ),
    ...section(
      SECTION.function,
      bodies.map(() => unsigned(imports.length)),
    ),
    ...section(
      SECTION.memory,
      memory === undefined ? [] : [[1, ...unsigned(memory[0]), ...unsigned(memory[1])]],
    ),
    ...section(
      SECTION.export,
      exports.map(([name, kind, index]) => [...text(name), KIND[kind], ...unsigned(index)]),
    ),
    ...(start === undefined ? [] : [SECTION.start, unsigned(start).length, ...unsigned(start)]),
    ...section(SECTION.code, bodiesWithSize),
  ]);
}

/** A guest that gives its imports away under "module.name": who holds it calls them as its code would. */
export function forwarding(
  abis: readonly Abi[],
  pages: readonly [number, number],
): Uint8Array<ArrayBuffer> {
  const imports = functionsOf(abis);
  const names = imports.map(({ module, name }, i) => [`${module}.${name}`, "function", i] as const);
  return write({ imports, memory: pages, exports: [...names, ["memory", "memory", 0]] });
}
