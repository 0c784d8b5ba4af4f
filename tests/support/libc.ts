// Which libc this is, and what tests ask of it that the host does not.

import koffi from "koffi";

interface Report {
  readonly header: { readonly glibcVersionRuntime?: string };
}

/** Whether this is Linux with musl, which has what POSIX has, and of glibc's own not all. */
export const isMusl =
  process.platform === "linux" &&
  (process.report.getReport() as Report).header.glibcVersionRuntime === undefined;

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
  if (process.platform !== "linux" || isMusl) return undefined;
  const layout = koffi.struct(Object.fromEntries(MEMBERS.map((name) => [name, "size_t"])));
  const mallinfo = koffi.load(null).func("mallinfo2", layout, []) as () => { uordblks: number };
  return () => mallinfo().uordblks;
}
