// The functions of Windows that the host calls, by their prototypes: winsock2.h, ws2tcpip.h, netioapi.h, io.h, stdlib.h,
// string.h, libloaderapi.h, synchapi.h.

/** A socket is a handle of 32 bits that count, in 64: INVALID_SOCKET is -1. */
const winsock = {
  WSAStartup: "int WSAStartup(int version, uintptr_t data)",
  WSAGetLastError: "int WSAGetLastError()",
  WSASetLastError: "void WSASetLastError(int error)",
  WSASocketW:
    "intptr_t WSASocketW(int family, int type, int protocol, uintptr_t info, uint32_t group, uint32_t flags)",
  accept: "intptr_t accept(intptr_t s, uintptr_t address, uintptr_t length)",
  bind: "int bind(intptr_t s, uintptr_t address, int length)",
  closesocket: "int closesocket(intptr_t s)",
  connect: "int connect(intptr_t s, uintptr_t address, int length)",
  freeaddrinfo: "void freeaddrinfo(uintptr_t list)",
  getaddrinfo:
    "int getaddrinfo(uintptr_t node, uintptr_t service, uintptr_t hints, uintptr_t result)",
  gethostname: "int gethostname(uintptr_t name, int size)",
  getnameinfo:
    "int getnameinfo(uintptr_t address, int length, uintptr_t host, uint32_t hostSize, uintptr_t service, uint32_t serviceSize, int flags)",
  getpeername: "int getpeername(intptr_t s, uintptr_t address, uintptr_t length)",
  getsockname: "int getsockname(intptr_t s, uintptr_t address, uintptr_t length)",
  getsockopt:
    "int getsockopt(intptr_t s, int level, int option, uintptr_t value, uintptr_t length)",
  ioctlsocket: "int ioctlsocket(intptr_t s, int32_t command, uintptr_t argument)",
  listen: "int listen(intptr_t s, int backlog)",
  recv: "int recv(intptr_t s, uintptr_t buffer, int size, int flags)",
  recvfrom:
    "int recvfrom(intptr_t s, uintptr_t buffer, int size, int flags, uintptr_t address, uintptr_t length)",
  send: "int send(intptr_t s, uintptr_t buffer, int size, int flags)",
  sendto:
    "int sendto(intptr_t s, uintptr_t buffer, int size, int flags, uintptr_t address, int length)",
  setsockopt: "int setsockopt(intptr_t s, int level, int option, uintptr_t value, int length)",
  shutdown: "int shutdown(intptr_t s, int how)",
  WSAIoctl:
    "int WSAIoctl(intptr_t s, uint32_t code, uintptr_t in, uint32_t inSize, uintptr_t out, uint32_t outSize, uintptr_t returned, uintptr_t overlapped, uintptr_t routine)",
  WSAPoll: "int WSAPoll(uintptr_t fds, uint32_t count, int timeout)",
  WSARecvFrom:
    "int WSARecvFrom(intptr_t s, uintptr_t buffers, uint32_t count, uintptr_t received, uintptr_t flags, uintptr_t address, uintptr_t length, uintptr_t overlapped, uintptr_t routine)",
  WSASendMsg:
    "int WSASendMsg(intptr_t s, uintptr_t message, uint32_t flags, uintptr_t sent, uintptr_t overlapped, uintptr_t routine)",
  WSASendTo:
    "int WSASendTo(intptr_t s, uintptr_t buffers, uint32_t count, uintptr_t sent, uint32_t flags, uintptr_t address, int length, uintptr_t overlapped, uintptr_t routine)",
} as const;

const iphlpapi = {
  if_indextoname: "uintptr_t if_indextoname(uint32_t index, uintptr_t name)",
  if_nametoindex: "uint32_t if_nametoindex(uintptr_t name)",
} as const;

/** The C library's: its files have numbers that no socket has. */
const files = {
  _close: "int _close(int fd)",
  _dup: "int _dup(int fd)",
  _lseeki64: "int64_t _lseeki64(int fd, int64_t offset, int origin)",
  _read: "int _read(int fd, uintptr_t buffer, uint32_t size)",
  _wopen: "int _wopen(str16 path, int flags, int mode)",
  _write: "int _write(int fd, uintptr_t buffer, uint32_t size)",
} as const;

const memory = {
  free: "void free(uintptr_t memory)",
  malloc: "uintptr_t malloc(size_t size)",
  memcpy: "uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t size)",
  strnlen: "size_t strnlen(uintptr_t text, size_t limit)",
} as const;

const kernel = {
  LoadLibraryW: "uintptr_t LoadLibraryW(str16 name)",
  Sleep: "void Sleep(uint32_t milliseconds)",
} as const;

/** By the libraries that they are in. */
export const prototypes = {
  "ws2_32.dll": winsock,
  "iphlpapi.dll": iphlpapi,
  "ucrtbase.dll": { ...files, ...memory },
  "kernel32.dll": kernel,
} as const;
