// The error codes of wasi:sockets 0.3.

import { codeOf, Failure, type PosixCode } from "../../component/error.js";
import { describe } from "../../errno.js";

/** wasi:sockets/types' `error-code`. */
export type ErrorCode =
  | {
      readonly tag: Exclude<PosixCode, "concurrency-conflict" | "would-block" | "new-socket-limit">;
    }
  | { readonly tag: "other"; readonly val: string | undefined };

// What 0.2 has a code for, and 0.3 only words.
const OTHERS: readonly (PosixCode | undefined)[] = [
  "concurrency-conflict",
  "would-block",
  "new-socket-limit",
  undefined,
];

/** The code of -errno; where 0.3 has none, its name. */
export function errorCode(result: number): ErrorCode {
  const tag = codeOf(result);
  if (OTHERS.includes(tag)) return { tag: "other", val: describe(-result).code };
  return { tag } as ErrorCode;
}

/** The failure of a function that returns `result<_, error-code>`. */
export function failure(tag: Exclude<ErrorCode["tag"], "other">): Failure<ErrorCode> {
  return new Failure<ErrorCode>({ tag });
}

/** Passes a result on that is no failure, and throws one that is -errno. */
export function expect(result: number): number {
  if (result < 0) throw new Failure(errorCode(result));
  return result;
}
