// The embedder's functions, `allow` and `onDenied`: called in the middle of a call, and unable to break it.

import type { Address } from "../address.js";
import type { AllowFunction, Denied } from "./allow.js";
import { aside } from "./aside.js";
import type { Protocol, Use } from "./protocol.js";

/** Nobody hears of a promise that an embedder's function gives, so its failure must not end the process. */
function settle(result: unknown): void {
  if (result instanceof Promise) result.catch(() => undefined);
}

/** The functions of one guest's embedder. */
export class Embedder {
  readonly #function: AllowFunction | undefined;
  readonly #onDenied: ((event: Denied) => void) | undefined;

  /** @throws TypeError for an onDenied that is no function */
  constructor(allow: unknown, onDenied: ((event: Denied) => void) | undefined) {
    if (onDenied !== undefined && typeof (onDenied as unknown) !== "function") {
      throw new TypeError("onDenied is not a function");
    }
    this.#function = typeof allow === "function" ? (allow as AllowFunction) : undefined;
    this.#onDenied = onDenied;
  }

  /** Whether a function decides, and not lists. */
  get decides(): boolean {
    return this.#function !== undefined;
  }

  /** Asks the embedder's function. */
  ask(
    use: Use,
    protocol: Protocol | "any",
    address: Address | string | null,
    syscall: string,
  ): boolean {
    let error: unknown;
    try {
      const result: unknown = aside(() => this.#function!(use, protocol, address, syscall));
      if (result === true) return true;
      settle(result);
      if (result !== false) error = new TypeError(`allow gave ${String(result)}, no boolean`);
    } catch (thrown) {
      error = thrown ?? new Error("allow threw nothing");
    }
    return this.refuse(use, protocol, address, syscall, error);
  }

  /** Tells the embedder of a refusal: false. */
  refuse(
    use: Denied["use"],
    protocol: Protocol | "any",
    address: Address | string | null,
    syscall: string,
    error?: unknown,
  ): false {
    const onDenied = this.#onDenied;
    if (onDenied === undefined) return false;
    const event = { use, protocol, address, syscall };
    try {
      const listen: (event: Denied) => unknown = onDenied;
      settle(aside(() => listen(error === undefined ? event : { ...event, error })));
    } catch {
      // The guest's call goes on as if nobody had listened.
    }
    return false;
  }
}
