// What a WebAssembly file imports, with how many parameters: WebAssembly.Module.imports gives names alone, and
// knows no components. Read after the core specification's and the component model's binary formats.

/** A file that cannot be read as WebAssembly. */
export class WasmError extends Error {
  override readonly name = "WasmError";

  /**
   * @param offset of the byte that is wrong
   * @param reason what is wrong with it
   */
  constructor(
    readonly offset: number,
    reason: string,
  ) {
    super(`byte ${offset}: ${reason}`);
  }
}

/** An import of a core module. */
export interface Import {
  readonly module: string;
  readonly name: string;
  /** How many parameters a function has; undefined for a memory, a table, a global or a tag. */
  readonly parameters: number | undefined;
}

/** A core module. */
export interface CoreModule {
  readonly kind: "module";
  readonly imports: readonly Import[];
}

/** A component. */
export interface Component {
  readonly kind: "component";
  /** The names of its imports: "wasi:sockets/tcp@0.2.0". */
  readonly imports: readonly string[];
  /** The modules and components within it. */
  readonly parts: readonly (CoreModule | Component)[];
}

/** How deep components may lie within each other. */
const DEPTH_MAX = 32;

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const MODULE = { version: 1, layer: 0 };
const COMPONENT = { version: 0x0d, layer: 1 };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the parts of a binary one after the other. */
class Reader {
  /**
   * @param bytes the whole file
   * @param at the offset of the next byte
   * @param end the offset behind the last
   */
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  get done(): boolean {
    return this.at === this.end;
  }

  byte(what: string): number {
    if (this.done) throw new WasmError(this.at, `the end, where ${what} was expected`);
    return this.bytes[this.at++]!;
  }

  uint16(what: string): number {
    return this.byte(what) | (this.byte(what) << 8);
  }

  /** An unsigned number of 32 bits in LEB128. */
  uint32(what: string): number {
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80 && value <= 0xffffffff) return value;
    }
    throw new WasmError(start, `${what} is no number of 32 bits`);
  }

  /** Passes a number of any sign in LEB128. */
  skipNumber(what: string): void {
    const start = this.at;
    for (let length = 0; length < 10; length++) if (this.byte(what) < 0x80) return;
    throw new WasmError(start, `${what} is too long a number`);
  }

  /** The next bytes, by their number. */
  part(size: number, what: string): Reader {
    const left = this.end - this.at;
    if (size > left) {
      throw new WasmError(this.at, `${what} has ${size} bytes, and only ${left} are left`);
    }
    const part = new Reader(this.bytes, this.at, this.at + size);
    this.at += size;
    return part;
  }

  name(what: string): string {
    const { at, end } = this.part(this.uint32(`the length of ${what}`), what);
    try {
      return decoder.decode(this.bytes.subarray(at, end));
    } catch {
      throw new WasmError(at, `${what} is not UTF-8`);
    }
  }

  /** As many entries as a number says. */
  list<Entry>(what: string, read: () => Entry): Entry[] {
    const entries: Entry[] = [];
    for (let left = this.uint32(`the number of ${what}`); left > 0; left--) entries.push(read());
    return entries;
  }

  /** The next byte's meaning, or an error that names it. */
  choice<Meaning>(what: string, meanings: Readonly<Record<number, Meaning>>): Meaning {
    const start = this.at;
    const byte = this.byte(what);
    const meaning = meanings[byte];
    if (meaning !== undefined) return meaning;
    throw new WasmError(start, `0x${byte.toString(16).padStart(2, "0")} is no ${what}`);
  }
}

// Core modules

/** The types that have a reference's heap type behind them. */
const REFERENCES = [0x63, 0x64];

function skipValueType(reader: Reader): void {
  if (REFERENCES.includes(reader.byte("a type"))) reader.skipNumber("a heap type");
}

function skipField(reader: Reader): void {
  skipValueType(reader);
  reader.byte("a mutability");
}

/** A type: how many parameters it has, where it is a function's. */
interface Type {
  readonly parameters: number | undefined;
}

/** What follows the first byte of a type, and how many parameters it has where it is a function's. */
const TYPES: Readonly<Record<number, (reader: Reader) => number | undefined>> = {
  0x60: (reader) => {
    const parameters = reader.list("parameters", () => {
      skipValueType(reader);
    });
    reader.list("results", () => {
      skipValueType(reader);
    });
    return parameters.length;
  },
  0x5f: (reader) => {
    reader.list("fields", () => {
      skipField(reader);
    });
    return undefined;
  },
  0x5e: (reader) => {
    skipField(reader);
    return undefined;
  },
};

/** A type that may name its supertypes. */
function subtype(reader: Reader): Type {
  const marked = !reader.done && [0x4f, 0x50].includes(reader.bytes[reader.at]!);
  if (marked) {
    reader.byte("a subtype");
    reader.list("supertypes", () => reader.uint32("a supertype"));
  }
  return { parameters: reader.choice("type", TYPES)(reader) };
}

/** The types of a section: each has an index of its own, also those of a group. */
function types(reader: Reader): Type[] {
  const GROUP = 0x4e;
  return reader
    .list("types", () => {
      if (reader.done || reader.bytes[reader.at] !== GROUP) return [subtype(reader)];
      reader.byte("a group of types");
      return reader.list("types of a group", () => subtype(reader));
    })
    .flat();
}

function skipLimits(reader: Reader): void {
  const MAXIMUM = 1;
  const PAGE_SIZE = 8;
  const flags = reader.byte("limits");
  reader.skipNumber("a minimum");
  if (flags & MAXIMUM) reader.skipNumber("a maximum");
  if (flags & PAGE_SIZE) reader.skipNumber("a page size");
}

function functionParameters(reader: Reader, known: readonly Type[]): number {
  const start = reader.at;
  const index = reader.uint32("the type of a function");
  const parameters = known[index]?.parameters;
  if (parameters !== undefined) return parameters;
  throw new WasmError(start, `type ${index} of an import is no function's`);
}

/** What follows the kind of an import: how many parameters a function has. */
const IMPORTS: Readonly<
  Record<number, (reader: Reader, known: readonly Type[]) => number | undefined>
> = {
  0: functionParameters,
  1: (reader) => {
    skipValueType(reader);
    skipLimits(reader);
    return undefined;
  },
  2: (reader) => {
    skipLimits(reader);
    return undefined;
  },
  3: (reader) => {
    skipField(reader);
    return undefined;
  },
  4: (reader) => {
    reader.byte("an attribute");
    reader.uint32("the type of a tag");
    return undefined;
  },
};

function coreModule(reader: Reader): CoreModule {
  const known: Type[] = [];
  const imports: Import[] = [];
  for (const [id, section] of sections(reader)) {
    if (id === 1) known.push(...types(section));
    if (id !== 2) continue;
    section.list("imports", () => {
      const module = section.name("the module of an import");
      const name = section.name("the name of an import");
      const parameters = section.choice("kind of an import", IMPORTS)(section, known);
      imports.push({ module, name, parameters });
    });
  }
  return { kind: "module", imports };
}

// Components

/** What follows the type byte of a component's import. */
const EXTERN_TYPES: Readonly<Record<number, (reader: Reader) => void>> = {
  0: (reader) => {
    reader.byte("a sort");
    reader.uint32("the type of a module");
  },
  1: (reader) => {
    reader.uint32("the type of a function");
  },
  2: (reader) => {
    reader.byte("the bound of a value");
    reader.skipNumber("the type of a value");
  },
  3: (reader) => {
    const EQUAL = 0;
    if (reader.byte("the bound of a type") === EQUAL) reader.uint32("a type");
  },
  4: (reader) => {
    reader.uint32("the type of a component");
  },
  5: (reader) => {
    reader.uint32("the type of an instance");
  },
};

function componentImport(reader: Reader): string {
  const ATTRIBUTES = 2;
  const form = reader.choice("form of an import's name", { 0: 0, 1: 1, 2: ATTRIBUTES });
  const name = reader.name("the name of an import");
  if (form === ATTRIBUTES) {
    reader.list("attributes", () => {
      reader.byte("an attribute");
      reader.name("the value of an attribute");
    });
  }
  reader.choice("type of an import", EXTERN_TYPES)(reader);
  return name;
}

function component(reader: Reader, depth: number): Component {
  const imports: string[] = [];
  const parts: (CoreModule | Component)[] = [];
  for (const [id, section] of sections(reader)) {
    if (id === 1 || id === 4) parts.push(binary(section, depth + 1));
    if (id === 10) imports.push(...section.list("imports", () => componentImport(section)));
  }
  return { kind: "component", imports, parts };
}

// Both

/** The sections of a module or component: their ids, and their contents. */
function* sections(reader: Reader): Generator<[id: number, contents: Reader]> {
  while (!reader.done) {
    const id = reader.byte("a section");
    const size = reader.uint32("the size of a section");
    yield [id, reader.part(size, `section ${id}`)];
  }
}

function binary(reader: Reader, depth: number): CoreModule | Component {
  const start = reader.at;
  if (depth > DEPTH_MAX)
    throw new WasmError(start, `components lie within each other ${depth} deep`);
  for (const expected of MAGIC) {
    if (reader.byte("\\0asm") === expected) continue;
    throw new WasmError(start, "this is not WebAssembly, which begins with \\0asm");
  }
  const at = reader.at;
  const version = reader.uint16("a version");
  const layer = reader.uint16("a layer");
  if (version === MODULE.version && layer === MODULE.layer) return coreModule(reader);
  if (version === COMPONENT.version && layer === COMPONENT.layer) return component(reader, depth);
  throw new WasmError(
    at,
    `version ${version} of layer ${layer} is neither that of a module, 1 of 0, nor of a component, 13 of 1`,
  );
}

/** Whether a file says that it is a component: the version and the layer behind its magic number. */
export function isComponent(bytes: Uint8Array): boolean {
  const { version, layer } = COMPONENT;
  const header = [...MAGIC, version, version >> 8, layer, layer >> 8];
  return header.every((byte, at) => bytes[at] === byte);
}

/**
 * Reads what a module or a component imports.
 *
 * @param bytes of the file
 * @throws WasmError that names the offset of what cannot be read
 */
export function readWasm(bytes: Uint8Array): CoreModule | Component {
  return binary(new Reader(bytes, 0, bytes.length), 0);
}
