// The third kind of fuzzing: modules that no compiler would write. Some are made of calls in any order, some are
// real ones with bytes changed.

import { ABIS } from "./abi.js";
import type { ModulesJob } from "./job.js";
import { Generator } from "./generator.js";
import { functionsOf, signed, unsigned, write, type Imported, type Parts } from "./module.js";
import { Random } from "./random.js";

/** Instructions: see the core specification, "Binary Format". */
const CODE = { loop: 0x03, br: 0x0c, call: 0x10, drop: 0x1a, end: 0x0b, nothing: 0x40 } as const;
const MEMORY = { store8: [0x3a, 0, 0], grow: [0x40, 0], size: [0x3f, 0] } as const;
const CONST = { i32: 0x41, i64: 0x42, f32: 0x43, f64: 0x44 } as const;
/** Bytes of a section's number, and the numbers that there are. */
const HEADER_SIZE = 8;
const SECTIONS = 13;

/** Pushes a constant. */
function constant(type: keyof typeof CONST, value: number): number[] {
  if (type === "f32" || type === "f64") {
    return [CONST[type], ...new Array<number>(type === "f32" ? 4 : 8).fill(value & 0xff)];
  }
  return [CONST[type], ...signed(value)];
}

/** Calls an import with numbers, and forgets the result. */
function call(imports: readonly Imported[], index: number, generator: Generator): number[] {
  const { parameters, result } = imports[index]!;
  const args = parameters.flatMap((type) => constant(type, generator.integer()));
  return [...args, CODE.call, ...unsigned(index), ...(result === undefined ? [] : [CODE.drop])];
}

/** Calls, writes and growth in any order; now and then without end. */
function body(imports: readonly Imported[], hasMemory: boolean, generator: Generator): number[] {
  const { random } = generator;
  const code: number[] = [];
  for (let i = random.below(40); i > 0; i--) {
    const kind = random.below(8);
    if (hasMemory && kind === 0) {
      code.push(
        ...constant("i32", random.below(65536)),
        ...constant("i32", random.integer()),
        ...MEMORY.store8,
      );
    } else if (hasMemory && kind === 1) {
      code.push(...constant("i32", random.below(3)), ...MEMORY.grow, CODE.drop);
    } else if (imports.length > 0) {
      code.push(...call(imports, random.below(imports.length), generator));
    }
  }
  return random.once(60) ? [CODE.loop, CODE.nothing, ...code, CODE.br, 0, CODE.end] : code;
}

/** What `instantiate` gives to every guest. */
const all = functionsOf(ABIS.filter(({ host }) => host === undefined));

/** A module that is valid, or nearly: what it imports may have other types than there are. */
function generate(random: Random): Uint8Array<ArrayBuffer> {
  const generator = new Generator(random);
  const imports = all.filter(() => !random.once(3));
  if (random.once(6) && imports.length > 0) {
    const index = random.below(imports.length);
    const { module, name } = imports[index]!;
    const odd = random.oneOf([name, "no_such_call", "__proto__", "constructor", "toString", ""]);
    imports[index] = {
      module: random.once(3) ? "no_such_module" : module,
      name: odd,
      parameters: ["i64", "f64"],
    };
  }
  const memory: Parts["memory"] = random.once(6)
    ? undefined
    : [random.below(3), 3 + random.below(5)];
  const bodies = Array.from({ length: 1 + random.below(4) }, () =>
    body(imports, memory !== undefined, generator),
  );
  const functions = bodies.map((_, i) => [`f${i}`, "function", imports.length + i] as const);
  const named = random.once(10) ? "function" : "memory";
  const exported =
    named === "memory" && memory === undefined ? [] : [["memory", named, 0] as const];
  return write({
    imports,
    bodies,
    memory,
    exports: random.once(10) ? functions : [...functions, ...exported],
    start: random.once(5) ? imports.length + random.below(bodies.length) : undefined,
  });
}

/** Where the sections of a module begin, and where the last one ends. */
function sectionsOf(bytes: Uint8Array): number[] {
  const starts = [HEADER_SIZE];
  let at = HEADER_SIZE;
  while (at < bytes.length) {
    let size = 0;
    let shift = 0;
    at++;
    for (;;) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) break;
    }
    at += size;
    starts.push(Math.min(at, bytes.length));
  }
  return starts;
}

/** Changes a module: bits, bytes, lengths, whole sections. */
function mutate(random: Random, original: Uint8Array): Uint8Array<ArrayBuffer> {
  let bytes = Buffer.from(original);
  for (let edits = 1 + random.below(random.once(2) ? 2 : 8); edits > 0; edits--) {
    const starts = sectionsOf(bytes);
    const section = random.below(Math.max(1, starts.length - 1));
    const [start, end] = [starts[section]!, starts[section + 1] ?? bytes.length];
    const at = Math.min(start + random.below(Math.max(1, end - start)), bytes.length - 1);
    switch (random.below(24)) {
      case 0: // a section twice, or elsewhere
        bytes = Buffer.concat([
          bytes.subarray(0, random.oneOf(starts)),
          bytes.subarray(start, end),
          bytes.subarray(start),
        ]);
        break;
      case 1: // none of it
        bytes = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
        break;
      case 2: // another kind of it
        bytes[start] = random.below(SECTIONS);
        break;
      case 3: // a number that goes on
        bytes[at] = bytes[at]! | 0x80;
        break;
      case 4: // a number that is large
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]),
          bytes.subarray(at + 1),
        ]);
        break;
      case 5: // what stands in its place
        bytes[at] = random.below(256);
        break;
      case 6: // one bit
        bytes[at] = bytes[at]! ^ (1 << random.below(8));
        break;
      default: {
        // the number that an instruction pushes, perhaps
        const pushes = bytes.indexOf(CONST.i32, random.below(bytes.length));
        const number = bytes[pushes + 1];
        if (pushes >= 0 && number !== undefined) {
          bytes[pushes + 1] = (number & 0x80) | random.below(0x80);
        }
      }
    }
    if (bytes.length <= HEADER_SIZE) return new Uint8Array(bytes);
  }
  if (random.once(20)) bytes = bytes.subarray(0, random.below(bytes.length));
  return new Uint8Array(bytes);
}

/** A module of a run, and how it was made. */
export interface Made {
  readonly how: "generated" | "mutated" | "kept";
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Makes a module.
 *
 * @param number of the module within its run
 * @param sources real modules
 */
export function makeModule(
  { seed, unchanged = false }: Pick<ModulesJob, "seed" | "unchanged">,
  number: number,
  sources: readonly Uint8Array[],
): Made {
  if (unchanged) return { how: "kept", bytes: new Uint8Array(sources[number]!) };
  const random = new Random(seed, number, sources.length);
  if (random.once(2)) return { how: "generated", bytes: generate(random) };
  const source = random.once(4) ? generate(random) : random.oneOf(sources);
  return { how: "mutated", bytes: mutate(random, source) };
}
