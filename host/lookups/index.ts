// Look-ups that other threads have in hand: libc's, where it has getaddrinfo_a(3), and Node's elsewhere.

import { resolver } from "../libc.js";
import type { Platform } from "../platform/index.js";
import * as libcs from "./getaddrinfo_a.js";
import type { LookUps } from "./lookup.js";
import * as nodes from "./threads.js";

export { LookUp, type Answer, type LookUps, type Waiting } from "./lookup.js";

/**
 * Makes the look-ups of one guest.
 *
 * @param platform the machine
 * @param requests where the native address of each stands for as long as it is under way, so that another thread can
 *   take over what this one leaves; as many as there may be
 */
export function lookUpsOf({ getaddrinfo_a }: Platform, requests: Float64Array): LookUps {
  if (!getaddrinfo_a || resolver === null) return new nodes.ThreadLookUps(requests);
  return new libcs.LibcLookUps(requests);
}

/**
 * Takes over the look-ups of a guest whose thread is gone.
 *
 * @param requests as its LookUps had them; they are all 0 afterwards
 */
export function takeOver(requests: Float64Array): void {
  if (resolver === null) nodes.takeOver(requests);
  else libcs.takeOver(requests);
}
