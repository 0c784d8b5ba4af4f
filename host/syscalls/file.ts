// sendfile(2).

import type { Descriptor } from "../descriptors.js";
import { libc } from "../libc.js";
import { Errno } from "../marshal.js";
import { mayWait, pending } from "../pending.js";
import { scratch } from "../scratch.js";
import { unblock } from "../slice.js";

const { EAGAIN } = Errno;

/**
 * sendfile(2), one try. An offset passes through the host's `value` scratch area, both ways.
 *
 * @param hasOffset whether there is one, or the file's own position counts
 * @param count how many bytes at most
 */
export function sendfile(
  descriptor: Descriptor,
  file: Descriptor,
  hasOffset: boolean,
  count: number,
): number {
  unblock(descriptor); // it takes no flag that says so
  const offset = hasOffset ? scratch.value : 0;
  const result = libc.sendfile(descriptor.native, file.native, offset, count);
  return result === -EAGAIN && mayWait(descriptor, 0) ? pending(EAGAIN) : result;
}
