// Entry of build/sockets.wasm, the module that `open()` instantiates: the BSD calls, the codecs, and
// the memory that a TypeScript caller's bytes lie in. Its numbers and layouts are those of build/marshal.wasm.

export * from "./bsd";
export * from "./codecs";

/**
 * Takes zeroed bytes from the heap of linear memory, malloc(3).
 *
 * @param size how many; memory grows where they do not fit
 * @returns their address
 */
export function allocate(size: u32): usize {
  const pointer = heap.alloc(size);
  memory.fill(pointer, 0, size);
  return pointer;
}

/** Gives back what `allocate` gave, free(3). */
export function release(pointer: usize): void {
  heap.free(pointer);
}
