// poll(2). The list passes through the host's `block` scratch area.

import type { Guest } from "../guest.js";
import { marshal } from "../marshal.js";
import { setWord, word } from "../scratch.js";

const { block, pollfd } = marshal;

/**
 * Puts the real descriptors of a guest's struct pollfds, in the scratch area, in the place of its numbers.
 *
 * @returns how many are no descriptors: poll(2) then must not wait
 */
export function translatePollfds(guest: Guest, count: number): number {
  let invalid = 0;
  for (let i = 0; i < count; i++) {
    const at = block + i * pollfd.sizeof;
    const fd = word(at + pollfd.fd);
    const descriptor = guest.descriptors.get(fd);
    // Negative ones are passed over, as poll(2) does; others are told from them afterwards, by number.
    setWord(at + pollfd.fd, descriptor?.native ?? -1);
    if (descriptor === undefined && fd >= 0) invalid++;
  }
  return invalid;
}
