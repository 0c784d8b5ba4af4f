// `wasi-sockets/p3`: WASI 0.3's sockets for components that jco has transpiled.

import { interfaces, named, type Interfaces } from "../adapters/p3/index.js";
import { Guest, type GuestOptions } from "../guest.js";

/** The permissions and limits of a component; what `allow` does not name is refused. */
export type ComponentOptions = GuestOptions;

export type { Interfaces } from "../adapters/p3/index.js";

/** What a component is given, and how to end it. */
export interface Component {
  /** What `wasi-sockets/p3/sockets` exports, for this component alone. */
  readonly interfaces: Interfaces;
  /** `wasi:sockets/types` and `wasi:sockets/ip-name-lookup`, for the `instantiate` that jco writes. */
  readonly imports: Record<string, Record<string, unknown>>;
  /** Closes every socket that the component left open. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Makes the imports of one component.
 *
 * @param options what it may reach, nothing where `allow` is absent; its limits
 * @throws TypeError, RangeError for options that cannot be read
 */
export function component(options: ComponentOptions = {}): Component {
  const guest = new Guest(options);
  const made = interfaces(() => guest);
  const dispose = () => {
    guest.dispose();
  };
  return { interfaces: made, imports: named(made), dispose, [Symbol.dispose]: dispose };
}

let current: Guest | undefined;

/**
 * Says what the components may reach that import `wasi-sockets/p3/sockets` by `jco transpile --map`. It is to be
 * called before they run; until then they may reach nothing. Sockets that are open keep what they had.
 *
 * @throws TypeError, RangeError for options that cannot be read
 */
export function configure(options: ComponentOptions): void {
  current = new Guest(options);
}

/** The interfaces of the components that are mapped to this package's modules. */
export const shared = interfaces(() => (current ??= new Guest({})));
