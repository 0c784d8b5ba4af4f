// Files that an embedder opens for a guest, open(2): a guest can send them, and nothing else.

import { Descriptor, NO_SOCKET } from "./descriptors.js";
import { SocketError } from "./error.js";
import { libc } from "./libc.js";
import { marshal, marshalBytes, writeText } from "./marshal.js";
import { scratch } from "./scratch.js";

const { O } = marshal;

/**
 * Opens a file for reading.
 *
 * @param path of the file
 * @param own makes its descriptor somebody's, and gives the number that it has then
 * @throws SocketError ENOENT, EACCES, EMFILE…
 */
export function preopen(path: string, own = (native: number) => native): Descriptor {
  writeText(marshal, marshalBytes, `${path}\0`);
  const native = libc.open(scratch.text, O.RDONLY | O.CLOEXEC, 0);
  if (native >= 0) return new Descriptor(own(native), NO_SOCKET, NO_SOCKET, 0);
  throw new SocketError("open", -native, { address: { family: "unix", path } });
}
