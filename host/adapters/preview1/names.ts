// How the ABIs write addresses: a strategy for each, between a guest's memory and the host's scratch memory.

import type { Descriptor } from "../../descriptors.js";

/** Where a guest has an address, or room for one: two parameters of a call, of which an ABI may use only one. */
export interface Names {
  /**
   * Turns a guest's address into a socket address.
   *
   * @param pointer to the address
   * @param port its port, where the ABI has that as a parameter
   * @param out where the socket address goes, in the scratch memory
   * @returns its length, or -errno
   */
  read(pointer: number, port: number, out: number): number;
  /**
   * Checks the room for an address of a socket, and remembers it: what is received may lie over where it is said.
   *
   * @returns 0, or -errno
   */
  check(descriptor: Descriptor, pointer: number, portPointer: number): number;
  /**
   * Writes a socket address into the room that was checked.
   *
   * @param at where the socket address stands in the scratch memory
   * @param length bytes of it, 0 where there is none
   */
  write(at: number, length: number): void;
}
