// Which operating system this is, and whether the host can serve it.

import { darwin, freebsd } from "./bsd.js";
import { linux } from "./linux.js";
import { windows } from "./windows.js";

/** What the host must know about an operating system. */
export interface Platform {
  /** As its maker writes it. */
  readonly name: "Linux" | "macOS" | "FreeBSD" | "Windows";
  /** The values of `process.arch` whose native layouts the codecs know. */
  readonly architectures: readonly string[];
  /** Whether the kernel has epoll(7): its sets are made of poll(2) otherwise. */
  readonly epoll: boolean;
  /** Whether struct epoll_event has no padding between its members. */
  readonly packsEpollEvents: boolean;
  /** Whether a call may wait in the kernel for a slice, and another on the same socket still does not wait at all. */
  readonly slices: boolean;
}

/** By the values of `process.platform`. */
const platforms: Partial<Record<NodeJS.Platform, Platform>> = {
  linux,
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
  const known = Object.values(platforms).map(({ name }) => name);
  throw new Error(
    `wasi-sockets runs on ${known.join(", ")} (x64, arm64); this is ${process.platform} (${process.arch})`,
  );
}
