// Running a guest to its end. For now only what the command line calls it with; nothing runs yet.

import type { Allow } from "./policy.js";

/** What a guest that runs is given. */
export interface RunOptions {
  /** What it may reach. */
  readonly allow?: Allow | true | undefined;
  /** Its arguments, without its own name. */
  readonly args?: readonly string[] | undefined;
  /** Its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** How many milliseconds it may take. */
  readonly timeout?: number | undefined;
  /** Whether its calls are written to standard error, as strace(1) does. */
  readonly trace?: boolean | undefined;
  /** Sockets that listen and that it finds open, from descriptor 3 up: "127.0.0.1:8080". */
  readonly listen?: readonly string[] | undefined;
  /** What a call does that has to wait. */
  readonly wait?: "block" | "suspend" | undefined;
}

/**
 * Runs a guest.
 *
 * @param source a path, a file URL or the bytes of a module
 * @returns the exit code that it ends with
 * @throws AbortError, TimeoutError where it was ended
 */
export function run(source: string | URL | BufferSource, options: RunOptions): Promise<number> {
  return Promise.reject(new Error(`nothing runs yet: ${typeof source}, ${typeof options}`));
}
