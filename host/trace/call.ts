// One call as it is printed: its numbers, and what they point to in the guest's memory. Whatever a guest
// passed, reading it fails softly: a pointer to what is not there is printed as the number that it is.

import { decodeAddress } from "../address.js";
import { marshal, marshalBytes } from "../marshal.js";
import type { GuestMemory } from "../memory.js";
import { hex } from "./symbols.js";
import { addressText, quote } from "./text.js";

const { INT_SIZE, SOCKADDR_MAX } = marshal;

/** How many bytes of data are printed, as strace -s has it. */
const DATA_MAX = 32;
/** How many bytes of a name are read. */
const NAME_MAX = 256;
/** How many entries of a list are printed. */
export const LIST_MAX = 16;

/** A pointer as a number. */
export function pointerText(pointer: number): string {
  return pointer === 0 ? "NULL" : hex(pointer);
}

/** A call of a guest. */
export class TracedCall {
  /** What it returned, once it has. */
  result = 0;

  /**
   * @param memory the guest's
   * @param args what it passed, as i32
   */
  constructor(
    readonly memory: GuestMemory,
    readonly args: readonly number[],
  ) {}

  /** A parameter, 0 where the call has none there. */
  arg(index: number): number {
    return this.args[index] ?? 0;
  }

  /** Copies out of the guest's memory: undefined where that does not hold all of it. */
  bytes(pointer: number, size: number): Uint8Array | undefined {
    if (!this.memory.holds(pointer, size)) return undefined;
    const bytes = new Uint8Array(size);
    this.memory.read(pointer, size, bytes, 0);
    return bytes;
  }

  /** A copy of a struct, as above. */
  struct(pointer: number, size: number): DataView | undefined {
    const bytes = this.bytes(pointer, size);
    return bytes && new DataView(bytes.buffer);
  }

  /** A copy of an int or a socklen_t, as above. */
  int(pointer: number): number | undefined {
    return this.struct(pointer, INT_SIZE)?.getInt32(0, true);
  }

  /** Data of a size: its first bytes as a string. */
  data(pointer: number, size: number): string {
    const length = size >>> 0;
    if (pointer === 0 || !this.memory.holds(pointer, length)) return pointerText(pointer);
    const text = quote(this.bytes(pointer, Math.min(length, DATA_MAX))!);
    return length > DATA_MAX ? `${text}...` : text;
  }

  /** A C string. */
  name(pointer: number, room = NAME_MAX): string {
    const limit = Math.min(room >>> 0, NAME_MAX);
    const bytes = new Uint8Array(limit);
    const length = limit === 0 ? -1 : this.memory.readString(pointer, limit, bytes, 0);
    if (length < 0) return pointerText(pointer);
    const text = quote(bytes.subarray(0, length));
    return length === limit ? `${text}...` : text;
  }

  /** A socket address. */
  address(pointer: number, length: number): string {
    if (length <= 0 || length > SOCKADDR_MAX) return pointerText(pointer);
    if (!this.memory.read(pointer, length, marshalBytes, marshal.address)) {
      return pointerText(pointer);
    }
    const address = decodeAddress(marshal, marshalBytes, marshal.address, length);
    return address === null ? pointerText(pointer) : addressText(address);
  }

  /**
   * The entries of an array of structs, at most LIST_MAX, and whether there are more.
   *
   * @returns undefined where the memory does not hold all of the array
   */
  array(
    pointer: number,
    count: number,
    size: number,
  ): { entries: DataView[]; more: boolean } | undefined {
    const length = count >>> 0;
    if (length * size > 0xffffffff || !this.memory.holds(pointer, length * size)) return undefined;
    const shown = Math.min(length, LIST_MAX);
    const bytes = this.bytes(pointer, shown * size)!;
    const entries = Array.from({ length: shown }, (_, i) => new DataView(bytes.buffer, i * size));
    return { entries, more: length > LIST_MAX };
  }
}
