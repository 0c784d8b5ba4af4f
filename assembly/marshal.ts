// Entry of build/marshal.wasm: the codecs, the guest ABI's numbers and layouts, and what hosts of WASI and of other
// systems need besides. It imports nothing, so it runs, and can be tested, wherever there is WebAssembly.
//
// Enums are exported member by member, as globals named "AF.INET" or "sockaddr_in.sin_port".

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

// The guest ABI's.
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
export { Kind } from "./codec/option";
export { Payload } from "./codec/payload";
export { SymbolSet } from "./codec/flags";

// WASI's, and its extensions'.
export { result_list, result_tag, result_u64, stream_error } from "./abi/canonical";
export {
  preview1,
  preview1_errno,
  preview1_event,
  preview1_fdstat,
  preview1_filestat,
  preview1_rights,
  preview1_subscription,
} from "./abi/preview1";
export { wamr_addr, wamr_addr_info, wamr_addr_ip, wamr_hints } from "./abi/wamr";
export {
  wasmedge_address,
  wasmedge_addrinfo,
  wasmedge_af,
  wasmedge_ai,
  wasmedge_ipproto,
  wasmedge_so,
  wasmedge_sock,
  wasmedge_sockaddr,
  wasmedge_sol,
  wasmedge_storage,
} from "./abi/wasmedge";
export * from "./codec/preview1";
export * from "./codec/wamr";
export * from "./codec/wasmedge";

// Other systems'.
export { ABSENT } from "./platform/absent";
export { System } from "./platform/system";
export * from "./codec/native/address";
export * from "./codec/native/addrinfo";
export * from "./codec/native/control";
export * from "./codec/native/message";
export * from "./codec/native/option";
export * from "./codec/native/poll";
export * from "./codec/numbers";

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
