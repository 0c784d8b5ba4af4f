// What the files beside this one say of their systems.

/** What the host must know about an operating system. */
export interface Platform {
  /** As its maker writes it. */
  readonly name: "Linux" | "macOS" | "FreeBSD" | "Windows";
  /** The values of `process.arch` whose native layouts the codecs know. */
  readonly architectures: readonly string[];
  /** Whether the kernel has epoll(7): its sets are made of poll(2) otherwise. */
  readonly epoll: boolean;
  /** Whether struct epoll_event has no padding between its members. */
  readonly packsEpollEvents: boolean;
  /** Whether libc may have getaddrinfo_a(3): that of musl has not. Threads of Node's ask otherwise. */
  readonly getaddrinfo_a: boolean;
  /** Whether a call may wait in the kernel for a slice, and another on the same socket still does not wait at all. */
  readonly slices: boolean;
}
