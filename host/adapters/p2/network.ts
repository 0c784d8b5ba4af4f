// wasi:sockets/network and instance-network.

import { StreamFailure, type ErrorCode } from "./error.js";
import type { Host } from "./host.js";
import { Resource, errorOf } from "./resource.js";

/** wasi:sockets/network's `network`: what a component's policy allows. */
export class Network extends Resource {
  /** @internal */
  readonly host: Host;

  /**
   * @param host the component's
   * @internal
   */
  constructor(host: Host) {
    super();
    this.host = host;
  }
}

/** What wasi:sockets/network says of a stream's error, undefined where it is none of a socket's. */
export function networkErrorCode(error: unknown): ErrorCode | undefined {
  const known = errorOf(error);
  return known instanceof StreamFailure ? known.code : undefined;
}
