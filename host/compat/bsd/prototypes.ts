// The functions of macOS and FreeBSD that the host calls, by their prototypes. What only one of them has is not used.

export const prototypes = {
  accept: "int accept(int fd, uintptr_t address, uintptr_t length)",
  bind: "int bind(int fd, uintptr_t address, uint32_t length)",
  close: "int close(int fd)",
  connect: "int connect(int fd, uintptr_t address, uint32_t length)",
  dup2: "int dup2(int from, int to)",
  free: "void free(uintptr_t memory)",
  freeaddrinfo: "void freeaddrinfo(uintptr_t list)",
  getaddrinfo:
    "int getaddrinfo(uintptr_t node, uintptr_t service, uintptr_t hints, uintptr_t result)",
  gethostname: "int gethostname(uintptr_t name, size_t size)",
  getnameinfo:
    "int getnameinfo(uintptr_t address, uint32_t length, uintptr_t host, uint32_t hostSize, uintptr_t service, uint32_t serviceSize, int flags)",
  getpeername: "int getpeername(int fd, uintptr_t address, uintptr_t length)",
  getsockname: "int getsockname(int fd, uintptr_t address, uintptr_t length)",
  getsockopt: "int getsockopt(int fd, int level, int option, uintptr_t value, uintptr_t length)",
  if_indextoname: "uintptr_t if_indextoname(uint32_t index, uintptr_t name)",
  if_nametoindex: "uint32_t if_nametoindex(uintptr_t name)",
  listen: "int listen(int fd, int backlog)",
  lseek: "int64_t lseek(int fd, int64_t offset, int whence)",
  malloc: "uintptr_t malloc(size_t size)",
  memcpy: "uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t size)",
  poll: "int poll(uintptr_t fds, uint32_t count, int timeout)",
  read: "intptr_t read(int fd, uintptr_t buffer, size_t size)",
  recv: "intptr_t recv(int fd, uintptr_t buffer, size_t size, int flags)",
  recvfrom:
    "intptr_t recvfrom(int fd, uintptr_t buffer, size_t size, int flags, uintptr_t address, uintptr_t length)",
  recvmsg: "intptr_t recvmsg(int fd, uintptr_t message, int flags)",
  send: "intptr_t send(int fd, uintptr_t buffer, size_t size, int flags)",
  sendmsg: "intptr_t sendmsg(int fd, uintptr_t message, int flags)",
  sendto:
    "intptr_t sendto(int fd, uintptr_t buffer, size_t size, int flags, uintptr_t address, uint32_t length)",
  setsockopt: "int setsockopt(int fd, int level, int option, uintptr_t value, uint32_t length)",
  shutdown: "int shutdown(int fd, int how)",
  sockatmark: "int sockatmark(int fd)",
  socket: "int socket(int family, int type, int protocol)",
  socketpair: "int socketpair(int family, int type, int protocol, uintptr_t fds)",
  strnlen: "size_t strnlen(uintptr_t text, size_t limit)",
  write: "intptr_t write(int fd, uintptr_t buffer, size_t size)",
} as const;

/** Those with an ellipsis, whose arguments travel on the stack on Apple's arm64: koffi must know them for what they are. */
export const variadic = {
  fcntl: "int fcntl(int fd, int command, ...)",
  ioctl: "int ioctl(int fd, unsigned long request, ...)",
  open: "int open(uintptr_t path, int flags, ...)",
} as const;
