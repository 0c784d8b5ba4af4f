// The error codes of wasi:sockets 0.2, and wasi:io/error.

import { codeOf, Failure, type PosixCode } from "../../component/error.js";
import { Resource, anyWith, errorOf } from "./resource.js";

/** wasi:sockets/network's `error-code`. */
export type ErrorCode =
  | Exclude<PosixCode, "connection-broken">
  | "unknown"
  | "not-in-progress"
  | "name-unresolvable"
  | "temporary-resolver-failure"
  | "permanent-resolver-failure";

/** The code of -errno: 0.2 has none for a connection whose other direction is shut, EPIPE, but that it is ended. */
export function errorCode(result: number): ErrorCode {
  const code = codeOf(result) ?? "unknown";
  return code === "connection-broken" ? "connection-aborted" : code;
}

/** The failure of a function that returns `result<_, error-code>`. */
export function failure(code: ErrorCode): Failure<ErrorCode> {
  return new Failure(code);
}

/** Passes a result on that is no failure, and throws one that is -errno. */
export function expect(result: number): number {
  if (result < 0) throw failure(errorCode(result));
  return result;
}

/** wasi:io/error's `error`: why an operation of a stream failed. */
export class StreamFailure extends Resource {
  /** @param code what network-error-code says of it */
  constructor(readonly code: ErrorCode) {
    super();
  }

  /** Words for people. */
  toDebugString(): string {
    return this.code;
  }
}

/** wasi:io/error's `error`, of any implementation. */
export const IoError = anyWith(["toDebugString"], {
  toDebugString(): string {
    const error = errorOf(this);
    return error instanceof StreamFailure ? error.toDebugString() : String(error);
  },
});
