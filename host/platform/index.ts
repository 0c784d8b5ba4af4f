// Which operating system this is, and whether the host can serve it.

import type { System } from "./calls.js";
import { darwin } from "./darwin.js";
import { freebsd } from "./freebsd.js";
import { linux } from "./linux.js";
import { windows } from "./windows.js";

/** What the host must know about an operating system. */
export interface Platform {
  /** The library that holds the socket calls, null for the process's own symbols. */
  readonly library: string | null;
  /** The library that may hold getaddrinfo_a(3) where that one does not; null where there is no getaddrinfo_a(3). */
  readonly resolver: string | null;
  /** RTLD_LAZY of dlfcn.h. */
  readonly lazy: number;
  /** The values of `process.arch` whose native layouts the codecs know. */
  readonly architectures: readonly string[];
  /** Whether the kernel has epoll(7): its sets are made of poll(2) otherwise. */
  readonly epoll: boolean;
  /** Whether struct epoll_event has no padding between its members. */
  readonly packsEpollEvents: boolean;
}

const platforms: Partial<Record<NodeJS.Platform, Platform>> = { linux };

/** Systems whose numbers, layouts and names are known, and whose calls nobody makes yet. */
export const systems: Partial<Record<NodeJS.Platform, System>> = {
  darwin,
  freebsd,
  win32: windows,
};

/**
 * Finds the platform of this process.
 *
 * @throws Error in one line that names the platform, where it is not supported
 */
export function currentPlatform(): Platform {
  const platform = platforms[process.platform];
  if (platform?.architectures.includes(process.arch)) return platform;
  const here = `${process.platform} (${process.arch})`;
  const known = systems[process.platform];
  const data =
    known === undefined ? "" : `: of ${known.name} it has the codecs, wasi-sockets/marshal`;
  throw new Error(`wasi-sockets runs on Linux (x64, arm64); this is ${here}${data}`);
}
