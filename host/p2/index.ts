// `wasi-sockets/p2`: WASI 0.2's sockets for components that jco has transpiled.

import { Host } from "../adapters/p2/host.js";
import { interfaces, named, type ComponentImports, type Interfaces } from "../adapters/p2/index.js";
import { Guest, type GuestOptions } from "../guest.js";
import type { Waker } from "../waker.js";

/** The permissions and limits of a component; what `allow` does not name is refused. */
export interface ComponentOptions extends GuestOptions {
  /** The descriptor of a Waker that ends its waits. */
  readonly wake?: Waker["descriptor"] | undefined;
}

export type { ComponentImports, Interfaces } from "../adapters/p2/index.js";

/** What a component is given, and how to end it. */
export interface Component {
  /** The same by module: what `wasi-sockets/p2/sockets`, `/io` and `/clocks` export, for this component alone. */
  readonly interfaces: Interfaces;
  /** `wasi:sockets/tcp` and the others, for the `instantiate` that `jco transpile --instantiation` writes. */
  readonly imports: ComponentImports;
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
export function component({ wake, ...options }: ComponentOptions = {}): Component {
  const host = new Host(new Guest(options), wake);
  const dispose = () => {
    host.guest.dispose();
  };
  const made = interfaces(() => host);
  return { interfaces: made, imports: named(made), dispose, [Symbol.dispose]: dispose };
}

let configured: ComponentOptions = {};
let current: Host | undefined;

/**
 * Says what the components may reach that import `wasi-sockets/p2/sockets` by `jco transpile --map`. It is to be
 * called before they run; until then they may reach nothing. Sockets that are open keep what they had.
 *
 * @throws TypeError, RangeError for options that cannot be read
 */
export function configure(options: ComponentOptions): void {
  const { wake, ...rest } = options;
  current = new Host(new Guest(rest), wake);
  configured = options;
}

/** The interfaces of the components that are mapped to this package's modules. */
export const shared = interfaces(() => {
  if (current === undefined) configure(configured);
  return current!;
});
