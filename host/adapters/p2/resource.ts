// Resources, as jco's generated code has them. It asks by `instanceof` what each is, and then for the number that
// stands for it in the component's handle tables: docs/src/optimized-host-bindings.md of jco.

/** The property that holds a resource's number. */
const REPRESENTATION = Symbol.for("cabiRep");
/** The function that jco calls when the component drops a resource that it has never seen itself. */
const DISPOSE = Symbol.for("cabiDispose");

// jco numbers resources that have no number from 1 up, and preview2-shim does so with its pollables: ours are far
// from both, and within the 29 bits that a handle table has for them.
const FIRST = 0x10000000;
const MOST = 0x10000000;
/** What marks a number in a handle table as that of a resource that the component owns. */
const OWN = 1 << 30;

let last = 0;
const resources = new Map<number, WeakRef<object>>();
const errors = new Map<number, object>();
// What another implementation made tells us nothing when it is dropped.
const foreign = new FinalizationRegistry<number>((number) => resources.delete(number));

interface Numbered {
  [REPRESENTATION]?: number | undefined;
}

function next(): number {
  last = (last + 1) % MOST;
  return FIRST + last;
}

/** Gives a resource a number, where it has none. */
function represent(resource: Numbered, ours: boolean): void {
  const number = (resource[REPRESENTATION] ??= next());
  if (resources.get(number)?.deref() === resource) return;
  resources.set(number, new WeakRef(resource));
  if (!ours) foreign.register(resource, number);
}

/** The resources that this adapter makes. */
export abstract class Resource {
  /** Called when the component drops it. */
  [Symbol.dispose](): void {
    const number = (this as Numbered)[REPRESENTATION];
    if (number !== undefined) resources.delete(number);
  }
}

/** A table of a component's handles: pairs of a scope and a resource's number. */
export type HandleTable = number[];

/** The resource that a handle stands for, undefined where it is none that `instanceof` has seen. */
export function resourceOf(table: HandleTable, handle: number): object | undefined {
  return resources.get((table[(handle << 1) + 1] ?? 0) & ~OWN)?.deref();
}

/** Gives a component an error: its handle. */
export function handleOf(table: HandleTable, error: Numbered): number {
  const number = (error[REPRESENTATION] ??= next());
  errors.set(number, error);
  const free = table[0]! & ~OWN;
  if (free === 0) return (table.push(0, number | OWN) >> 1) - 1;
  table[0] = table[free << 1]!;
  table[free << 1] = 0;
  table[(free << 1) + 1] = number | OWN;
  return free;
}

/** An error that a component was given by `handleOf`, where jco knows its number alone. */
export function errorOf(error: unknown): unknown {
  return errors.get((error as Numbered)[REPRESENTATION] ?? 0) ?? error;
}

/** The right side of an `instanceof`. */
export type Likeness = abstract new () => unknown;

/**
 * Makes the class that jco's generated code asks for. A component may have the resources of several
 * implementations at once, ours and preview2-shim's: each is whatever has its methods, and its own are called.
 *
 * @param methods what a value must have to be an instance
 * @param prototype the methods that are looked for at the class, where there are any
 */
export function anyWith(methods: readonly string[], prototype: object = {}): Likeness {
  const has = (value: unknown) => {
    if (typeof value !== "object" || value === null) return false;
    const likely = methods.every((name) => typeof Reflect.get(value, name) === "function");
    if (likely) represent(value, value instanceof Resource);
    return likely;
  };
  function Any(): never {
    throw new TypeError("a resource is made by the function that gives it");
  }
  Any.prototype = prototype;
  return Object.defineProperties(Any, {
    [Symbol.hasInstance]: { value: has },
    [DISPOSE]: { value: (number: number) => errors.delete(number) },
  }) as unknown as Likeness;
}
