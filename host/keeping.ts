// Descriptors of a worker thread, which can be ended at any moment by whoever started it: no JavaScript of its own
// runs then, but Node closes the files that it opened by node:fs. So each descriptor takes the place of one. What is
// lost is the one that a thread was about to open at that moment: `run` is what loses none.

import { closeSync, openSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { libc } from "./libc.js";
import { Errno, marshal } from "./marshal.js";

const { EIO } = Errno;

/** Any file will do: only its number is used. */
const PLACEHOLDER = "/dev/null";

/** What Node closes with this thread. */
const kept = new Set<number>();

/**
 * Has Node close a descriptor with this thread. The main thread ends with its process, which closes all.
 *
 * @param native a descriptor that nobody else knows yet; it is closed where it gets another number
 * @returns its number from now on: the same where there is no room for a second one, and it is then not kept
 */
export function keep(native: number): number {
  if (isMainThread) return native;
  let number: number;
  try {
    number = openSync(PLACEHOLDER, "r");
  } catch {
    return native;
  }
  // dup3(2) and not dup2(2), so that no child process of another thread ever has it.
  if (libc.dup3(native, number, marshal.O.CLOEXEC) < 0) {
    closeSync(number);
    return native;
  }
  libc.close(native);
  kept.add(number);
  return number;
}

/** Closes a descriptor, kept or not: 0, or -errno. */
export function release(native: number): number {
  if (!kept.delete(native)) return libc.close(native);
  try {
    closeSync(native); // and Node forgets it: its number may be somebody else's next
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? -EIO;
  }
}
