// Entry of build/marshal.wasm: the codecs, and what hosts of WASI and of other systems need besides. It imports nothing,
// so it runs, and can be tested, wherever there is WebAssembly.

export * from "./codecs";

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
