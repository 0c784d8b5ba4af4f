// What a component is told of a failure: the error codes of wasi:sockets, and how a function throws one.

import { Errno } from "../marshal.js";

/** The error codes that wasi:sockets 0.2 and 0.3 have of POSIX's. */
export type PosixCode =
  | "access-denied"
  | "not-supported"
  | "invalid-argument"
  | "out-of-memory"
  | "timeout"
  | "concurrency-conflict"
  | "would-block"
  | "invalid-state"
  | "new-socket-limit"
  | "address-not-bindable"
  | "address-in-use"
  | "remote-unreachable"
  | "connection-refused"
  | "connection-broken"
  | "connection-reset"
  | "connection-aborted"
  | "datagram-too-large";

// prettier-ignore
const CODES: readonly [PosixCode, ...number[]][] = [
  ["access-denied", Errno.EACCES, Errno.EPERM],
  ["not-supported", Errno.EOPNOTSUPP, Errno.ENOPROTOOPT, Errno.EPROTONOSUPPORT, Errno.ESOCKTNOSUPPORT,
    Errno.EPFNOSUPPORT, Errno.EAFNOSUPPORT],
  ["invalid-argument", Errno.EINVAL, Errno.EDESTADDRREQ, Errno.EFAULT, Errno.ENODEV],
  ["out-of-memory", Errno.ENOMEM, Errno.ENOBUFS],
  ["timeout", Errno.ETIMEDOUT],
  ["concurrency-conflict", Errno.EALREADY],
  ["would-block", Errno.EAGAIN, Errno.EINPROGRESS],
  ["invalid-state", Errno.EISCONN, Errno.ENOTCONN],
  ["new-socket-limit", Errno.EMFILE, Errno.ENFILE],
  ["address-not-bindable", Errno.EADDRNOTAVAIL],
  ["address-in-use", Errno.EADDRINUSE],
  ["remote-unreachable", Errno.EHOSTUNREACH, Errno.EHOSTDOWN, Errno.ENETUNREACH, Errno.ENETDOWN,
    Errno.ENETRESET, Errno.ENONET],
  ["connection-refused", Errno.ECONNREFUSED],
  ["connection-broken", Errno.EPIPE],
  ["connection-reset", Errno.ECONNRESET],
  ["connection-aborted", Errno.ECONNABORTED],
  ["datagram-too-large", Errno.EMSGSIZE],
];

const codes = new Map(CODES.flatMap(([code, ...errnos]) => errnos.map((errno) => [errno, code])));

/**
 * The error code of a result.
 *
 * @param result -errno
 * @returns undefined where wasi:sockets has no code for it
 */
export function codeOf(result: number): PosixCode | undefined {
  return codes.get(-result);
}

/**
 * connect(2)'s result, whose EADDRNOTAVAIL says that there is no port left for the implicit bind, and whose
 * EAFNOSUPPORT and ENETUNREACH of a family speak of the address.
 */
export function connectResult(result: number): number {
  if (result === -Errno.EADDRNOTAVAIL) return -Errno.EADDRINUSE;
  return result === -Errno.EAFNOSUPPORT ? -Errno.EINVAL : result;
}

// What accept4(2) says of the connection that it would have given: the listener itself is as it was.
const LOST: readonly number[] = [
  Errno.ENETDOWN,
  Errno.EPROTO,
  Errno.ENOPROTOOPT,
  Errno.EHOSTDOWN,
  Errno.ENONET,
  Errno.EHOSTUNREACH,
  Errno.EOPNOTSUPP,
  Errno.ENETUNREACH,
  Errno.ECONNRESET,
];

/** accept4(2)'s result: a connection that was lost before it was accepted is one that was aborted. */
export function acceptResult(result: number): number {
  return LOST.includes(-result) ? -Errno.ECONNABORTED : result;
}

/**
 * A failure that the function's result type has: jco gives its payload to the guest. Any other error that a
 * function throws ends the guest, as a trap does.
 */
export class Failure<Payload> extends Error {
  override readonly name = "Failure";

  /** @param payload the `err` case of the function's result */
  constructor(readonly payload: Payload) {
    super(typeof payload === "string" ? payload : JSON.stringify(payload));
  }
}
