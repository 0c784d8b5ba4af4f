// Entry of build/sockets.wasm, the module that `open()` instantiates: the BSD calls, the memory that a TypeScript
// caller's bytes lie in, and the codecs that write there. The numbers, layouts and tables are those of build/marshal.wasm.

export * from "./bsd";
export * from "./codec/buffers";
export { control } from "./codec/control";
export * from "./codec/inet";
export { headers, iovecs, messageName } from "./codec/message";
export { encodeOption, optionFirst, optionSecond } from "./codec/option";
export * from "./codec/sockaddr";

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
