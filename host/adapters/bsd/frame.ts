// What every function of `bsd_sockets_v1` works with: a guest, its memory, and how socket addresses pass
// between that memory and the host's `address` scratch area.

import type { Descriptor, DescriptorTable } from "../../descriptors.js";
import type { Guest } from "../../guest.js";
import { Errno, marshal, marshalBytes } from "../../marshal.js";
import type { GuestMemory } from "../../memory.js";

const { EFAULT, EINVAL } = Errno;
const { INT_SIZE, MSG, SOCKADDR_MAX } = marshal;

/** One guest as an adapter sees it. */
export class Frame {
  /** How many bytes of sockaddr the guest takes: what it receives may lie over where it says so. */
  #capacity = 0;
  /** The guest's: nearly every call begins with it. */
  readonly #descriptors: DescriptorTable;

  /**
   * @param guest its descriptors and its policy
   * @param memory its linear memory
   */
  constructor(
    readonly guest: Guest,
    readonly memory: GuestMemory,
  ) {
    guest.policy.memory = memory;
    this.#descriptors = guest.descriptors;
  }

  /** The socket that a guest's number stands for. */
  descriptor(fd: number): Descriptor | undefined {
    return this.#descriptors.get(fd);
  }

  /** Whether a receive certainly needs no more than its first attempt gave, socket(7). */
  isEnough(result: number, fd: number, flags: number): boolean {
    return result > 0 && (flags & MSG.WAITALL) === 0 && result >= this.descriptor(fd)!.lowWater;
  }

  /** Copies a sockaddr from the guest into the scratch area: its length, or -errno. */
  readAddress(pointer: number, length: number): number {
    if (length >>> 0 > SOCKADDR_MAX) return -EINVAL;
    return this.memory.read(pointer, length, marshalBytes, marshal.address) ? length : -EFAULT;
  }

  /** Whether a sockaddr can be written, up to the capacity at lengthPointer: 0, or -errno. */
  checkAddress(pointer: number, lengthPointer: number): number {
    if (pointer === 0) return 0; // the guest does not ask for one
    if (!this.memory.holds(lengthPointer, INT_SIZE)) return -EFAULT;
    const capacity = this.memory.int32(lengthPointer);
    if (capacity < 0) return -EINVAL;
    this.#capacity = Math.min(capacity, SOCKADDR_MAX);
    return this.memory.holds(pointer, this.#capacity) ? 0 : -EFAULT;
  }

  /** Writes the sockaddr in the scratch area, cut to the capacity that was checked, and its true length. */
  writeAddress(pointer: number, lengthPointer: number, length: number): void {
    if (pointer === 0) return;
    const size = Math.min(this.#capacity, length);
    this.memory.write(pointer, size, marshalBytes, marshal.address);
    this.memory.setInt32(lengthPointer, length);
  }
}
