// Which libc this is, and what tests ask of it that the host does not.

import koffi from "koffi";
import { glibc, linux } from "./system.js";

/** Whether this is Linux with musl, which has what POSIX has, and of glibc's own not all. */
export const isMusl = linux && !glibc;

/** struct mallinfo2 of glibc's malloc.h. */
const MEMBERS = [
  ...["arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks"],
  ...["uordblks", "fordblks", "keepcost"],
];

/**
 * Makes a function that counts the bytes of libc's heap that are in use, mallinfo2(3).
 *
 * @returns undefined where libc does not count them
 */
export function heap(): (() => number) | undefined {
  if (!glibc) return undefined;
  const layout = koffi.struct(Object.fromEntries(MEMBERS.map((name) => [name, "size_t"])));
  const mallinfo = koffi.load(null).func("mallinfo2", layout, []) as () => { uordblks: number };
  return () => mallinfo().uordblks;
}
