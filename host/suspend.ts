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
 * @param what needs it
 * @throws Error that names its version
 */
export function requireSuspension(what = 'wait: "suspend"'): void {
  if (Suspending !== undefined && promising !== undefined) return;
  throw new Error(
    `${what} needs WebAssembly.Suspending, which Node ${process.versions.node} does not have; Node 24 has`,
  );
}

/**
 * Makes clear what happened to a module whose start function made a call that can wait: whether it had to or
 * not, nothing can suspend that function.
 *
 * @param error what its instantiation failed with
 * @returns it, or one that says what to do
 */
export function startError(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "SuspendError") return error;
  const message =
    "the module's start function cannot be suspended, but made a call that can wait: export it (asc --exportStart)";
  return new Error(message, { cause: error });
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
 * under way at a time: those that are made meanwhile, by an import of the embedder's as well, wait for their turn.
 */
export function promisingExports<Exports>(exports: WebAssembly.Exports): Suspended<Exports> {
  const turns = new Turns();
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === "function" ? turns.of(promising!(value as Export)) : value,
    ]),
  ) as Suspended<Exports>;
}

/** One call at a time; the others wait, first come first served. */
class Turns {
  #busy = false;
  readonly #waiting: (() => void)[] = [];

  /** Makes a function that waits for its turn and gives what it came to; another's failure is none of its own. */
  of(start: (...args: unknown[]) => Promise<unknown>) {
    return async (...args: unknown[]): Promise<unknown> => {
      if (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#busy = true; // it is already where another call has left the turn to this one
      try {
        return await start(...args);
      } finally {
        const next = this.#waiting.shift();
        if (next === undefined) this.#busy = false;
        else next();
      }
    };
  }
}
