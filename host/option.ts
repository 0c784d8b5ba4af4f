// The values of socket options as TypeScript has them.

import type { Caller } from "./caller.js";
import { readText, type Codecs } from "./marshal.js";
import { levels, optionsOf, type One } from "./symbols.js";

/** SO_LINGER, socket(7). */
export interface Linger {
  readonly on: boolean;
  readonly seconds: number;
}

/** A timeout, SO_RCVTIMEO and SO_SNDTIMEO of socket(7); zero is none. */
export interface Timeval {
  readonly seconds: number;
  readonly microseconds: number;
}

/** The value of an option. A number that sets a timeout counts milliseconds. */
export type OptionValue = number | boolean | string | Linger | Timeval | Uint8Array;

const encoder = new TextEncoder();

/** JavaScript passes null where the types do not let it. */
function isRecord(value: OptionValue): value is Linger | Timeval | Uint8Array {
  return typeof value === "object" && (value as unknown) !== null;
}

/** Whether a number can be one of an option's value: an int, or an unsigned one. */
function fits(number: number): boolean {
  return Number.isInteger(number) && number >= -0x80000000 && number <= 0xffffffff;
}

/** The two numbers that a kind of value is made of; undefined where the value is not of that kind. */
function numbers(codecs: Codecs, kind: number, value: OptionValue): [number, number] | undefined {
  const { Kind } = codecs;
  switch (kind) {
    case Kind.LINGER:
      if (!isRecord(value) || !("on" in value)) return undefined;
      return [Number(value.on), value.seconds];
    case Kind.TIMEVAL:
      if (typeof value === "number")
        return [Math.floor(value / 1000), Math.floor((value % 1000) * 1000)];
      if (!isRecord(value) || !("microseconds" in value)) return undefined;
      return [value.seconds, value.microseconds];
    case Kind.STRING:
    case Kind.BYTES:
      return undefined;
    default:
      if (typeof value !== "number" && typeof value !== "boolean") return undefined;
      return [Number(value), 0];
  }
}

function takes(codecs: Codecs, kind: number): string {
  const { Kind } = codecs;
  const words: Record<number, string> = {
    [Kind.LINGER]: "{on, seconds}",
    [Kind.TIMEVAL]: "{seconds, microseconds} or milliseconds",
    [Kind.STRING]: "a string",
    [Kind.BYTES]: "a Uint8Array",
  };
  return words[kind] ?? "a 32-bit integer or a boolean";
}

/**
 * Writes an option's value into an instance's `block` scratch area.
 *
 * @param kind one of the codecs' Kind; NONE is an option that only the kernel may know
 * @param name the option, for the error message
 * @returns the length of the value in bytes
 * @throws TypeError, RangeError for a value that the option does not take
 */
function encodeOption(
  codecs: Codecs,
  bytes: Uint8Array,
  kind: number,
  name: unknown,
  value: OptionValue,
): number {
  const { Kind, block, BLOCK_SIZE } = codecs;
  const raw = typeof value === "string" && kind === Kind.STRING ? encoder.encode(value) : value;
  if (raw instanceof Uint8Array) {
    if (raw.length > BLOCK_SIZE)
      throw new RangeError(`a value of ${raw.length} bytes is too long: at most ${BLOCK_SIZE} fit`);
    bytes.set(raw, block);
    return raw.length;
  }
  const pair = numbers(codecs, kind, value);
  if (pair?.every(fits)) {
    return codecs.encodeOption(kind === Kind.NONE ? Kind.INT : kind, block, ...pair);
  }
  throw new TypeError(
    `option ${JSON.stringify(name)} takes ${takes(codecs, kind)}, not ${JSON.stringify(value)}`,
  );
}

/**
 * Reads an option's value from an instance's `block` scratch area.
 *
 * @param length of the value in bytes
 */
function decodeOption(
  codecs: Codecs,
  bytes: Uint8Array,
  kind: number,
  length: number,
): OptionValue {
  const { Kind, block, INT_SIZE } = codecs;
  const first = () => codecs.optionFirst(kind, block);
  const second = () => codecs.optionSecond(kind, block);
  switch (kind) {
    case Kind.LINGER:
      return { on: first() !== 0, seconds: second() };
    case Kind.TIMEVAL:
      return { seconds: first(), microseconds: second() };
    case Kind.STRING: {
      const end = bytes.subarray(block, block + length).indexOf(0);
      return readText(bytes, block, end < 0 ? length : end);
    }
    case Kind.FLAG:
      return first() !== 0;
    case Kind.INT:
      if (length === INT_SIZE) return first();
  }
  return bytes.slice(block, block + length);
}

/** setsockopt(2): see Net.setsockopt. */
export function setOption(
  caller: Caller,
  fd: number,
  level: One<string>,
  optname: One<string>,
  optval: OptionValue,
  optlen: number | undefined,
): void {
  const { wasm, pool } = caller;
  const number = levels.encode(level);
  const option = optionsOf(number).encode(optname);
  const kind = wasm.optionKind(number, option);
  const length = encodeOption(wasm, pool.bytes, kind, optname, optval);
  if (optlen !== undefined && !(Number.isInteger(optlen) && optlen >= 0 && optlen <= length)) {
    throw new RangeError(`optlen ${optlen} is not an integer from 0 to ${length}`);
  }
  caller.expect("setsockopt", wasm.setsockopt(fd, number, option, wasm.block, optlen ?? length));
}

/** getsockopt(2): see Net.getsockopt. */
export function getOption(
  caller: Caller,
  fd: number,
  level: One<string>,
  optname: One<string>,
): OptionValue {
  const { wasm, pool } = caller;
  const number = levels.encode(level);
  const option = optionsOf(number).encode(optname);
  pool.setWord(wasm.length, wasm.BLOCK_SIZE);
  caller.expect("getsockopt", wasm.getsockopt(fd, number, option, wasm.block, wasm.length));
  return decodeOption(wasm, pool.bytes, wasm.optionKind(number, option), pool.word(wasm.length));
}
