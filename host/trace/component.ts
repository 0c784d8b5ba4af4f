// The calls of a component, as they are printed: functions and methods by the names that WASI has for them, with
// values in the place of pointers.

import { LIST_MAX } from "./call.js";
import { addressText, list, quote } from "./text.js";

/** How many bytes of data are printed, as strace -s has it. */
const DATA_MAX = 32;
/** How many characters of a text are printed. */
const TEXT_MAX = 256;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** A variant, a result or an address, as jco has them. */
interface Variant {
  readonly tag: string;
  readonly val?: unknown;
}

/** "startConnect" as WASI has it: "start-connect". */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isVariant(value: object): value is Variant {
  return typeof (value as Partial<Variant>).tag === "string";
}

/** An address of wasi:sockets, with a port or without. */
function addressOf({ tag, val }: Variant): string | undefined {
  const numbers = (
    Array.isArray(val) ? val : (val as { address?: unknown } | undefined)?.address
  ) as readonly number[] | undefined;
  if (numbers === undefined || (tag !== "ipv4" && tag !== "ipv6")) return undefined;
  const inet6 = () => new URL(`http://[${numbers.map((word) => word.toString(16)).join(":")}]`);
  const address = tag === "ipv4" ? numbers.join(".") : inet6().hostname.slice(1, -1);
  if (Array.isArray(val)) return address;
  const { port, flowInfo, scopeId } = val as { port: number; flowInfo: number; scopeId: number };
  return tag === "ipv4"
    ? addressText({ family: "inet", address, port })
    : addressText({ family: "inet6", address, port, flowinfo: flowInfo, scope: scopeId });
}

function bytesText(bytes: Uint8Array): string {
  const text = quote(bytes.subarray(0, DATA_MAX));
  return bytes.length > DATA_MAX ? `${text}...` : text;
}

/** Prints the calls of one component. */
export class ComponentTracer {
  readonly #write: (line: string) => void;
  /** The numbers by which resources are known. */
  readonly #resources = new WeakMap<object, number>();
  #last = 0;
  #inside = false;

  /** @param write takes a line, without its end */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /**
   * Wraps a function or a method so that each call writes a line, once its result is known:
   * `tcp-socket.start-connect(#2, #1, {AF_INET, 127.0.0.1:8080}) = ok <35 µs>`. What it calls itself is not printed.
   *
   * @param resource whose method it is, undefined where it is none's
   * @param name of it, as jco has it
   */
  wrap(resource: string | undefined, name: string, call: Method): Method {
    const shown = resource === undefined ? kebab(name) : `${resource}.${kebab(name)}`;
    const traced = (at: unknown, args: readonly unknown[]): unknown => {
      if (this.#inside) return call.apply(at, [...args]);
      const begin = performance.now();
      const values = resource === undefined ? args : [at, ...args];
      const parameters = values.filter((value) => value !== undefined).map((v) => this.#text(v));
      const write = (outcome: string): void => {
        const duration = Math.round((performance.now() - begin) * 1000);
        this.#write(`${shown}(${parameters.join(", ")}) = ${outcome} <${duration} µs>`);
      };
      const fail = (error: unknown): never => {
        write(this.#failure(error));
        throw error;
      };
      let result: unknown;
      this.#inside = true;
      try {
        result = call.apply(at, [...args]);
      } catch (error) {
        return fail(error);
      } finally {
        this.#inside = false;
      }
      const settle = (value: unknown): unknown => {
        write(value === undefined ? "ok" : this.#text(value));
        return value;
      };
      return result instanceof Promise ? result.then(settle, fail) : settle(result);
    };
    return function (this: unknown, ...args) {
      return traced(this, args);
    };
  }

  /** What a call has failed of; "?" where the component is ended. */
  #failure(error: unknown): string {
    if (!(error instanceof Error) || !("payload" in error)) return "?";
    const { payload } = error;
    return typeof payload === "string" ? payload : this.#text(payload);
  }

  #text(value: unknown): string {
    if (typeof value === "string") return JSON.stringify(value.slice(0, TEXT_MAX));
    if (value instanceof Uint8Array) return bytesText(value);
    if (typeof value !== "object" || value === null) return String(value);
    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      const items = Array.from(value as ArrayLike<unknown>);
      const texts = items.slice(0, LIST_MAX).map((item) => this.#text(item));
      return list(texts, items.length > LIST_MAX);
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return this.#resource(value);
    if (isVariant(value)) {
      const { tag, val } = value;
      return addressOf(value) ?? (val === undefined ? tag : `${tag}(${this.#text(val)})`);
    }
    const fields = Object.entries(value).map(
      ([key, field]) => `${kebab(key)}=${this.#text(field)}`,
    );
    return `{${fields.join(", ")}}`;
  }

  #resource(resource: object): string {
    const number = this.#resources.get(resource) ?? ++this.#last;
    this.#resources.set(resource, number);
    return `#${number}`;
  }
}
