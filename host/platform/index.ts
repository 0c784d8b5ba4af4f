// Which operating system this is, and whether the host can serve it.

import { darwin, freebsd } from "./bsd.js";
import { linux } from "./linux.js";
import type { Platform } from "./platform.js";
import { windows } from "./windows.js";

export type { Platform } from "./platform.js";

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
