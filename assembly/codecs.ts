// The codecs: what build/marshal.wasm and build/sockets.wasm have alike.

import { symbolCount, symbolName, symbolNumber } from "./codec/flags";

export * from "./codec/addrinfo";
export * from "./codec/buffers";
export * from "./codec/control";
export * from "./codec/epoll";
export * from "./codec/inet";
export * from "./codec/lookup";
export * from "./codec/message";
export { encodeOption, optionFirst, optionKind, optionSecond } from "./codec/option";
export { controlPayload } from "./codec/payload";
export * from "./codec/poll";
export * from "./codec/sockaddr";
export { symbolCount, symbolNumber };

/**
 * Writes a symbol's name as ASCII, for hosts: flags.ts gives it to AssemblyScript as a string.
 *
 * @param set a SymbolSet
 * @param index below symbolCount(set)
 * @param out where the name goes, without a NUL
 * @returns the length of the name
 */
export function symbolText(set: i32, index: i32, out: usize): i32 {
  const name = symbolName(set, index);
  for (let i = 0; i < name.length; i++) store<u8>(out + i, name.charCodeAt(i));
  return name.length;
}
