// Where a component's bytes are while libc has them: they come and go as values, not as places in its memory.

import { GuestMemory } from "../memory.js";

const PAGE = 0x10000;
const PAGES = 2;

/** How many bytes one call moves at most. */
export const STAGING_SIZE = PAGES * PAGE;

// The first page stays empty: address 0 is NULL.
const memory = new WebAssembly.Memory({ initial: PAGES + 1, maximum: PAGES + 1 });

/** The native address of the staging area, which never moves. */
export const staging = new GuestMemory(memory).at(PAGE, STAGING_SIZE);

/** Its bytes. */
export const stagingBytes = new Uint8Array(memory.buffer, PAGE, STAGING_SIZE);
