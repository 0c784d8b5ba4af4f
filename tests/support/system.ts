// What system the tests run on, as far as they ask for it: what they need of it stands in needs.ts.

import { existsSync, readdirSync } from "node:fs";
import { arch, env, platform, report } from "node:process";

export const linux = platform === "linux";
export const windows = platform === "win32";

/** Whether Windows is Wine's: tests/windows says so to it. */
export const wine = windows && env["WINEPREFIX"] !== undefined;

/** Whether libc is glibc. */
export const glibc =
  linux && "glibcVersionRuntime" in (report.getReport() as { header: object }).header;

/** Whether this is CI on Debian or Ubuntu, where .ci/run brings all that the tests need: nothing may be missing. */
export const complete = Boolean(env["CI"]) && glibc && existsSync("/usr/bin/apt-get");

/** Whether npm has the Nodes that the tests bring, and Debian has Wine. */
export const published = linux && arch === "x64";

/**
 * The descriptors of this process, as text. Windows lists none: there nothing is found, and that a descriptor has been closed
 * is for the other systems to see.
 */
export const descriptors = (): string[] =>
  windows ? [] : readdirSync(linux ? "/proc/self/fd" : "/dev/fd");
