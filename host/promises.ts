// The package's public API on the event loop: wasi-sockets/promises.

import type { AsyncNet } from "./api/promises.js";
import type { GuestOptions } from "./guest.js";
import { currentPlatform } from "./platform/index.js";

export type { AsyncNet, WaitOptions } from "./api/promises.js";

/**
 * Opens the BSD socket API for this program's own use, with promises where a call has to wait.
 *
 * @param options `allow`, `descriptors`, `preopens`; everything is allowed where `allow` is absent
 * @throws Error on a platform that is not supported; TypeError for options that cannot be read
 */
export async function open(options: GuestOptions = {}): Promise<AsyncNet> {
  currentPlatform();
  const { AsyncNet } = await import("./api/promises.js");
  return new AsyncNet(options);
}
