// The functions that the host calls, and what each system has of them.

/** Their names on Linux: those of host/libc.ts, but for what only moves memory. */
export type Call =
  | ("socket" | "socketpair" | "close" | "shutdown" | "bind" | "connect" | "listen" | "accept4")
  | ("getsockname" | "getpeername" | "getsockopt" | "setsockopt" | "fcntl" | "ioctl" | "dup3")
  | ("send" | "recv" | "sendto" | "recvfrom" | "sendmsg" | "recvmsg" | "sendmmsg" | "recvmmsg")
  | ("read" | "write" | "open" | "lseek" | "sendfile" | "sockatmark" | "poll")
  | ("epoll_create1" | "epoll_ctl" | "epoll_wait" | "eventfd" | "eventfd_read" | "eventfd_write")
  | ("getaddrinfo" | "freeaddrinfo" | "getnameinfo" | "if_indextoname" | "if_nametoindex")
  | (
      | "getaddrinfo_a"
      | "gai_cancel"
      | "gai_error"
      | "gai_suspend"
      | "gethostname"
      | "strerror"
      | "gai_strerror"
    );

/** What a system calls them: null where it has none. One that is left out does not compile. */
export type Calls = Readonly<Record<Call, string | null>>;

/** What a system has in the place of others, by what it is for; null where nothing is needed. */
export interface Others {
  /** What is called before anything else. */
  readonly start: string | null;
  /** What gives the number of the last error. */
  readonly error: string;
  /** What makes a descriptor not wait, with its command. */
  readonly nonBlocking: string;
  /** What waits for many descriptors: poll(2) serves where there is nothing else. */
  readonly readiness: string;
}

/** What is known of the calls of a system that the host does not make yet. */
export interface System {
  /** As its maker writes it. */
  readonly name: string;
  /** The library that holds the calls; those of others stand behind theirs, as in "iphlpapi.dll!if_nametoindex". */
  readonly library: string;
  readonly calls: Calls;
  readonly others: Others;
}
