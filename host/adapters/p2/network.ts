// wasi:sockets/network and instance-network.

import { StreamFailure, type ErrorCode } from "./error.js";
import type { Host } from "./host.js";

/** wasi:sockets/network's `network`: what a component's policy allows. */
export class Network {
  /** @param host the component's */
  constructor(readonly host: Host) {}

  [Symbol.dispose](): void {
    // It holds nothing.
  }
}

/** What wasi:sockets/network says of a stream's error, undefined where it is none of a socket's. */
export function networkErrorCode(error: unknown): ErrorCode | undefined {
  return error instanceof StreamFailure ? error.code : undefined;
}
