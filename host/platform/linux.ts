// Linux, x64 and arm64, glibc or musl. The guest ABI uses Linux's own numbers and layouts, so nothing is
// translated: what stands here is all that the host must know about the machine.

export const linux = {
  library: null, // libc is loaded already, as part of Node
  resolver: "libanl.so.1", // part of libc since glibc 2.34; musl has none
  lazy: 1,
  architectures: ["x64", "arm64"],
  epoll: true,
  /** Whether struct epoll_event has no padding, sys/epoll.h. */
  packsEpollEvents: process.arch === "x64",
};
