// Entry of build/marshal.wasm: the guest ABI's numbers and layouts, and the codecs over them. It
// imports nothing, so it runs, and can be tested, wherever there is WebAssembly.
//
// Enums are exported member by member, as globals named "AF.INET" or "sockaddr_in.sin_port".

import { SymbolSet, symbolCount, symbolName, symbolNumber } from "./codec/flags";

export * from "./abi/constants";
export { Errno } from "./abi/errno";
export { SOCKADDR_MAX, sockaddr_in, sockaddr_in6, sockaddr_un } from "./abi/sockaddr";
export { addrinfo, native_addrinfo } from "./abi/addrinfo";
export { linger, timeval } from "./abi/option";
export { pollfd } from "./abi/poll";

export * from "./codec/addrinfo";
export * from "./codec/buffers";
export * from "./codec/inet";
export { Kind, encodeOption, optionFirst, optionKind, optionSecond } from "./codec/option";
export * from "./codec/poll";
export * from "./codec/sockaddr";
export { SymbolSet, symbolCount, symbolNumber };

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
