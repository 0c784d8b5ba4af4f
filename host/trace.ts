// strace(1) for a guest: a wrapper around an adapter's imports that prints every call.

import type { GuestMemory } from "./memory.js";
import type { Denied } from "./policy/index.js";
import { TracedCall } from "./trace/call.js";
import type { Row } from "./trace/calls.js";
import { addressText } from "./trace/text.js";

/** An import of a guest: i32 parameters, an i32 result, or a promise of one where the guest is suspended. */
type Import = (...args: number[]) => number | Promise<number>;

/** A parameter as an i32: a guest's own types may be others, or it may pass fewer than there are. */
function int32(value: unknown): number {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) | 0 : 0;
}

/** Prints the calls of one guest. */
export class Tracer {
  readonly #memory: GuestMemory;
  readonly #write: (line: string) => void;

  /**
   * @param memory the guest's
   * @param write takes a line, without its end
   */
  constructor(memory: GuestMemory, write: (line: string) => void) {
    this.#memory = memory;
    this.#write = write;
  }

  /**
   * Wraps imports so that each call writes a line, once its result is known:
   * `connect(3, {AF_INET, 127.0.0.1:8080}, 16) = 0 <35 µs>`.
   *
   * @param imports by their names; what stands behind a "/" is not printed
   * @param rows what their parameters and results are; one without a row is not printed
   */
  wrap<Name extends string>(
    imports: Readonly<Record<Name, Import>>,
    rows: Readonly<Partial<Record<NoInfer<Name>, Row>>>,
  ): Record<Name, Import> {
    const names = Object.keys(imports) as Name[];
    return Object.fromEntries(
      names.map((name) => {
        const row: Row | undefined = rows[name];
        return [name, row ? this.#traced(name.split("/")[0]!, imports[name], row) : imports[name]];
      }),
    ) as Record<Name, Import>;
  }

  /** Writes what a policy refused: `--- denied tcp-connect tcp {AF_INET, 10.0.0.1:80} ---`. */
  denied({ use, protocol, address }: Pick<Denied, "use" | "protocol" | "address">): void {
    const place =
      typeof address === "string" ? JSON.stringify(address) : address && addressText(address);
    const words = [use, protocol, place].filter((word) => word !== null);
    this.#write(`--- denied ${words.join(" ")} ---`);
  }

  #traced(name: string, call: Import, [kinds, result, failed]: Row): Import {
    return (...args) => {
      const traced = new TracedCall(
        this.#memory,
        kinds.map((_, index) => int32(args[index])),
      );
      const parameters = kinds.map((kind, index) => kind(traced, index));
      const begin = performance.now();

      const write = (outcome: () => string): void => {
        const duration = Math.round((performance.now() - begin) * 1000);
        const texts = parameters.map((text) => (typeof text === "string" ? text : text()));
        const shown = texts.filter((text) => text !== "").join(", ");
        this.#write(`${name}(${shown}) = ${outcome()} <${duration} µs>`);
      };
      const settle = (value: number): number => {
        traced.result = failed === undefined ? value : failed(value);
        write(() => result(traced));
        return value;
      };
      // A call that does not return, because the guest is ended, has a line as well.
      const fail = (error: unknown): never => {
        traced.result = -1;
        write(() => "?");
        throw error;
      };

      let value: number | Promise<number>;
      try {
        value = call(...args);
      } catch (error) {
        return fail(error);
      }
      return typeof value === "number" ? settle(value) : value.then(settle, fail);
    };
  }
}
