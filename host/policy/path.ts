// Where a path in the file system leads, path_resolution(7). Paths are text of a character for each byte:
// what is no UTF-8 is a path as well.

import { realpathSync } from "node:fs";

/** Bytes as text, a character for each. */
export function bytesOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(Buffer.from(path, "latin1"), "buffer").toString("latin1");
  } catch {
    return undefined; // there is nothing, or nothing that we may look at
  }
}

/**
 * The absolute path of a socket, without links, "." or "..", as far as the file system knows it.
 *
 * @param path not empty
 * @param followsLast whether a link that the path itself is counts: connect(2) follows it, bind(2) does not
 */
export function resolvePath(path: string, followsLast: boolean): string {
  const cut = path.lastIndexOf("/");
  const last = path.slice(cut + 1);
  if (followsLast || last === "." || last === "..") {
    const real = realPath(path);
    if (real !== undefined || path === "." || path === "/") return real ?? path;
  }
  const parent = resolvePath(cut < 0 ? "." : path.slice(0, cut) || "/", true);
  return `${parent === "/" ? "" : parent}/${last}`;
}
