// What jco's generated code asks for by `instanceof`, so that a component may have the resources of several
// implementations at once, ours and preview2-shim's: each is whatever has its methods, and its own are called.

/** The right side of an `instanceof`. */
export type Likeness = abstract new () => unknown;

/**
 * Makes one.
 *
 * @param methods what a value must have to be an instance
 */
export function anyWith(...methods: readonly string[]): Likeness {
  const has = (value: unknown) =>
    typeof value === "object" &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");
  function Resource(): never {
    throw new TypeError("a resource is made by the function that gives it");
  }
  return Object.defineProperty(Resource, Symbol.hasInstance, { value: has }) as unknown as Likeness;
}
