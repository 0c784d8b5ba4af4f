// Error numbers: their names and messages.

import { ctext } from "./libc.js";
import { Errno, marshal } from "./marshal.js";

/** A failure in the three forms that people know it by. */
export interface ErrnoDescription {
  /** "ECONNREFUSED", or "EAI_NONAME" of a resolver. */
  readonly code: string;
  /** 111 as of errno(3), or a negative EAI number of getaddrinfo(3). */
  readonly errno: number;
  /** libc's own words: "Connection refused". */
  readonly message: string;
}

const names = new Map<number, string>();
// The first name of a number wins: EAGAIN before EWOULDBLOCK.
for (const [name, number] of Object.entries(Errno)) {
  if (!names.has(number as number)) names.set(number as number, name);
}
for (const [name, number] of Object.entries(marshal.EAI))
  names.set(number as number, `EAI_${name}`);

/**
 * Describes an error number.
 *
 * @param errno a positive error number of the guest ABI, or a negative EAI number
 */
export function describe(errno: number): ErrnoDescription {
  const message = errno < 0 ? ctext.gai_strerror(errno) : ctext.strerror(errno);
  return { code: names.get(errno) ?? `E${errno}`, errno, message };
}
