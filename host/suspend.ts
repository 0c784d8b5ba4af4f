// Guests that are suspended while they wait, by WebAssembly's stack switching: the JavaScript Promise
// Integration (JSPI).

/** What Node has of JSPI, and TypeScript's library does not know yet. */
interface StackSwitching {
  readonly Suspending?: new (imported: Import) => object;
  readonly promising?: (exported: Export) => (...args: unknown[]) => Promise<unknown>;
}

type Import = (...args: number[]) => number | Promise<number>;
type Export = (...args: unknown[]) => unknown;

const { Suspending, promising } = WebAssembly as StackSwitching;

/** A guest's exports, each function of which returns a promise. */
export type Suspended<Exports> = {
  readonly [Name in keyof Exports]: Exports[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : Exports[Name];
};

/**
 * Fails where this Node has no JSPI.
 *
 * @throws Error that names its version
 */
export function requireSuspension(): void {
  if (Suspending !== undefined && promising !== undefined) return;
  throw new Error(
    `wait: "suspend" needs WebAssembly.Suspending, which Node ${process.versions.node} does not have; Node 24 has`,
  );
}

/**
 * Makes imports that suspend the guest where they return a promise.
 *
 * @param imports the functions of a module, of which those named in `waiting` may return one
 */
export function suspendingImports(
  imports: Readonly<Record<string, Import>>,
  waiting: readonly string[],
): WebAssembly.ModuleImports {
  return Object.fromEntries(
    Object.entries(imports).map(([name, imported]) => [
      name,
      waiting.includes(name) ? (new Suspending!(imported) as () => unknown) : imported,
    ]),
  );
}

/**
 * Makes exports that return promises. An instance has one stack in its memory, so only one of its calls is
 * under way at a time: another one that is made meanwhile waits for its turn.
 */
export function promisingExports<Exports>(exports: WebAssembly.Exports): Suspended<Exports> {
  let last: Promise<unknown> | undefined;
  const inTurn = (exported: Export) => {
    const start = promising!(exported);
    return (...args: unknown[]): Promise<unknown> => {
      const turn = last === undefined ? start(...args) : last.then(() => start(...args));
      const settled = turn.then(nothing, nothing).then(() => {
        if (last === settled) last = undefined;
      });
      last = settled;
      return turn;
    };
  };
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? inTurn(value as Export) : value,
    ]),
  ) as Suspended<Exports>;
}

function nothing(): void {
  // Whoever made the call learns how it went.
}
