// The functions of libc that Linux, macOS and FreeBSD have alike, by their prototypes. What differs in a type, is
// variadic in one of them or missing stands with each.

/** System calls, which return -1 and set errno. */
export const systemCalls = {
  socket: "int socket(int domain, int type, int protocol)",
  socketpair: "int socketpair(int domain, int type, int protocol, uintptr_t fds)",
  sockatmark: "int sockatmark(int fd)",
  close: "int close(int fd)",
  read: "intptr_t read(int fd, uintptr_t buffer, size_t size)",
  write: "intptr_t write(int fd, uintptr_t buffer, size_t size)",
  shutdown: "int shutdown(int fd, int how)",
  bind: "int bind(int fd, uintptr_t address, uint32_t length)",
  connect: "int connect(int fd, uintptr_t address, uint32_t length)",
  listen: "int listen(int fd, int backlog)",
  getsockname: "int getsockname(int fd, uintptr_t address, uintptr_t length)",
  getpeername: "int getpeername(int fd, uintptr_t address, uintptr_t length)",
  getsockopt: "int getsockopt(int fd, int level, int option, uintptr_t value, uintptr_t length)",
  setsockopt: "int setsockopt(int fd, int level, int option, uintptr_t value, uint32_t length)",
  gethostname: "int gethostname(uintptr_t name, size_t size)",
} as const;

/** Those that move bytes, which a guest makes over and over. */
export const transferCalls = {
  send: "intptr_t send(int fd, uintptr_t buffer, size_t size, int flags)",
  recv: "intptr_t recv(int fd, uintptr_t buffer, size_t size, int flags)",
  sendto:
    "intptr_t sendto(int fd, uintptr_t buffer, size_t size, int flags, uintptr_t address, uint32_t length)",
  recvfrom:
    "intptr_t recvfrom(int fd, uintptr_t buffer, size_t size, int flags, uintptr_t address, uintptr_t length)",
  sendmsg: "intptr_t sendmsg(int fd, uintptr_t message, int flags)",
  recvmsg: "intptr_t recvmsg(int fd, uintptr_t message, int flags)",
} as const;

/** Library functions, whose results are their own. */
export const libraryFunctions = {
  getaddrinfo:
    "int getaddrinfo(uintptr_t node, uintptr_t service, uintptr_t hints, uintptr_t result)",
  freeaddrinfo: "void freeaddrinfo(uintptr_t list)",
  getnameinfo:
    "int getnameinfo(uintptr_t address, uint32_t length, uintptr_t host, uint32_t hostSize, uintptr_t service, uint32_t serviceSize, int flags)",
  if_indextoname: "uintptr_t if_indextoname(uint32_t index, uintptr_t name)",
  if_nametoindex: "uint32_t if_nametoindex(uintptr_t name)",
  free: "void free(uintptr_t memory)",
  malloc: "uintptr_t malloc(size_t size)",
  memcpy: "uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t size)",
  strnlen: "size_t strnlen(uintptr_t text, size_t limit)",
} as const;
