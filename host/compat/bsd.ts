// macOS and FreeBSD. Of what only one of them has, nothing is used.

import { Library, addonPath, lastErrno, type Native } from "../native/library.js";
import { codecs, int, native, setInt, value } from "./room.js";
import type { System } from "./system.js";

const { F, FD, NumberSet, O } = codecs;

export const socketCalls = {
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
export const variadicCalls = {
  fcntl: "int fcntl(int fd, int command, ...)",
  ioctl: "int ioctl(int fd, unsigned long request, ...)",
  open: "int open(uintptr_t path, int flags, ...)",
} as const;

/** FIONREAD, sys/filio.h. */
const FIONREAD = 0x4004667f;
/** RTLD_LAZY, dlfcn.h. */
const RTLD_LAZY = 1;
const NULL_DEVICE = "/dev/null";

const library = new Library(null);
const calls = library.bind(socketCalls);
const { fcntl, ioctl, open } = library.bind<typeof variadicCalls>(
  variadicCalls,
) as unknown as Record<keyof typeof variadicCalls, Native>;

const id = process.platform === "darwin" ? codecs.System.DARWIN : codecs.System.FREEBSD;

/** A system's own number. */
function own(set: number, number: number): number {
  return codecs.numberToSystem(id, set, number);
}

const [GETFL, SETFL, SETFD] = [F.GETFL, F.SETFL, F.SETFD].map((f) => own(NumberSet.F, f));
const DUPFD_CLOEXEC = own(NumberSet.F, F.DUPFD_CLOEXEC);
const CLOEXEC = own(NumberSet.FD, FD.CLOEXEC);
const NONBLOCK = own(NumberSet.O, O.NONBLOCK);
const OPEN_CLOEXEC = own(NumberSet.O, O.CLOEXEC);
const RDWR = own(NumberSet.O, O.RDWR);
/** Descriptors that are standard streams. */
const STREAMS = 3;

/** Makes a socket one that does not wait and that no child process inherits. */
function prepared(fd: number): number {
  if (fd === -1) return fd;
  fcntl(fd, SETFD, "int", CLOEXEC);
  fcntl(fd, SETFL, "int", RDWR | NONBLOCK);
  return fd;
}

// A worker that ends would otherwise be told of its handles by code that is gone.
library.function("uintptr_t dlopen(const char *file, int mode)")(addonPath(), RTLD_LAZY);
const openPath = library.function("int open(const char *path, int flags, ...)");

export const system: System = {
  ...calls,
  id,
  error: lastErrno,
  socket: (family, type, protocol) => prepared(calls.socket(family, type, protocol)),
  accept: (fd, address, length) => prepared(calls.accept(fd, address, length)),

  socketpair(family, type, protocol, pair) {
    const result = calls.socketpair(family, type, protocol, native(pair));
    if (result === -1) return result;
    prepared(int(pair));
    prepared(int(pair + codecs.INT_SIZE));
    return result;
  },

  available(fd) {
    setInt(value, 0);
    return ioctl(fd, FIONREAD, "uintptr_t", native(value)) === -1 ? -1 : int(value);
  },

  sendmsg: (fd, header, flags) => calls.sendmsg(fd, native(header), flags),
  recvmsg: (fd, header, flags) => calls.recvmsg(fd, native(header), flags),
  poll: (list, count, timeout) => calls.poll(native(list), count, timeout),

  getFlags(fd) {
    const flags = fcntl(fd, GETFL, "int", 0);
    return flags === -1 ? -1 : codecs.flagsFromSystem(id, NumberSet.O, flags);
  },
  setFlags: (fd, flags) =>
    fcntl(fd, SETFL, "int", codecs.knownFlagsToSystem(id, NumberSet.O, flags)),
  duplicate: (fd) => fcntl(fd, DUPFD_CLOEXEC, "int", STREAMS),
  replace(from, to) {
    const result = calls.dup2(from, to);
    return result === -1 ? -1 : fcntl(to, SETFD, "int", CLOEXEC);
  },
  openNull: () => openPath(NULL_DEVICE, RDWR | OPEN_CLOEXEC),
  openFile: (path) => open(path, OPEN_CLOEXEC),
  ifNameToIndex: (name) => calls.if_nametoindex(name),
  ifIndexToName: (index, name) => calls.if_indextoname(index, name),
};
