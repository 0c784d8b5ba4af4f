// What the TypeScript API throws.

import type { Address } from "./address.js";
import { describe } from "./errno.js";

/** What a call was about, for the properties that Node's own system errors have. */
export interface ErrorContext {
  readonly address?: Address | undefined;
  readonly hostname?: string | undefined;
}

/**
 * A system call that failed, in the shape of Node's system errors; `errno` has the sign that C gives it.
 */
export class SocketError extends Error {
  override readonly name = "SocketError";
  /** "ECONNREFUSED", "EAI_NONAME"… */
  readonly code: string;
  /** 111 as of errno(3), or a negative EAI number of getaddrinfo(3). */
  readonly errno: number;
  /** The call that failed, "connect". */
  readonly syscall: string;
  /** The Internet address or the path that the call was about. */
  declare readonly address?: string;
  /** The port that the call was about. */
  declare readonly port?: number;
  /** The name that getaddrinfo was asked for. */
  declare readonly hostname?: string;

  constructor(syscall: string, errno: number, { address, hostname }: ErrorContext = {}) {
    const { code, message } = describe(errno);
    super(`${syscall} ${code}: ${message}${about(address, hostname)}`);
    this.syscall = syscall;
    this.code = code;
    this.errno = errno;
    if (hostname !== undefined) this.hostname = hostname;
    if (address === undefined) return;
    if ("path" in address) this.address = address.path;
    if ("port" in address && "address" in address) {
      this.address = address.address;
      this.port = address.port;
    }
  }
}

function about(address: Address | undefined, hostname: string | undefined): string {
  if (hostname !== undefined) return ` (${hostname})`;
  if (address === undefined) return "";
  if ("path" in address) return ` (${JSON.stringify(address.path)})`;
  if ("port" in address && "address" in address)
    return ` (${address.address} port ${address.port})`;
  return ` (family ${address.family})`;
}
