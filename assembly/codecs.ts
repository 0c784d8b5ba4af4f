// The guest ABI's numbers and layouts, and the codecs over them: what build/marshal.wasm and build/sockets.wasm have
// alike.
//
// Enums are exported member by member, as globals named "AF.INET" or "sockaddr_in.sin_port".

import { SymbolSet, symbolCount, symbolName, symbolNumber } from "./codec/flags";

export * from "./abi/constants";
export { Errno } from "./abi/errno";
export {
  SOCKADDR_MAX,
  sockaddr_in,
  sockaddr_in6,
  sockaddr_ll,
  sockaddr_nl,
  sockaddr_un,
  sockaddr_vm,
} from "./abi/sockaddr";
export { addrinfo, native_addrinfo } from "./abi/addrinfo";
export { native_gaicb, native_sigevent } from "./abi/gaicb";
export { linger, timeval } from "./abi/option";
export { pollfd } from "./abi/poll";
export { tcp_info } from "./abi/tcp";
export { in6_pktinfo, in_pktinfo, sock_extended_err, ucred } from "./abi/control";
export { epoll_event, packed_epoll_event } from "./abi/epoll";
export { group_req, group_source_req, ip_mreq_source, ip_mreqn, ipv6_mreq } from "./abi/multicast";
export {
  cmsghdr,
  iovec,
  mmsghdr,
  msghdr,
  native_cmsghdr,
  native_iovec,
  native_mmsghdr,
  native_msghdr,
} from "./abi/msghdr";

export * from "./codec/addrinfo";
export * from "./codec/buffers";
export * from "./codec/control";
export * from "./codec/epoll";
export * from "./codec/inet";
export * from "./codec/lookup";
export * from "./codec/message";
export { Kind, encodeOption, optionFirst, optionKind, optionSecond } from "./codec/option";
export { Payload, controlPayload } from "./codec/payload";
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
