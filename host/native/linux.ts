// libc of Linux, whose numbers and layouts are the guest's own. What other systems declare alike is in posix.ts.

import { Library, addonPath, lastErrno, type Functions, type Native } from "./library.js";
import * as posix from "./posix.js";

export { lastErrno };

/** System calls: they return -1 and set errno, which the table turns into -errno. */
const systemCalls = {
  ...posix.systemCalls,
  dup3: "int dup3(int from, int to, int flags)",
  accept4: "int accept4(int fd, uintptr_t address, uintptr_t length, int flags)",
  sendfile: "intptr_t sendfile(int fd, int file, uintptr_t offset, size_t count)",
  // Variadic in C, as are fcntl and ioctl; on Linux's x64 and arm64 the third argument travels alike either way.
  open: "int open(uintptr_t path, int flags, uint32_t mode)",
  fcntl: "int fcntl(int fd, int command, intptr_t argument)",
  ioctl: "int ioctl(int fd, size_t request, uintptr_t argument)",
  lseek: "intptr_t lseek(int fd, intptr_t offset, int whence)",
  epoll_create1: "int epoll_create1(int flags)",
  epoll_ctl: "int epoll_ctl(int epoll, int operation, int fd, uintptr_t event)",
  eventfd: "int eventfd(uint32_t value, int flags)",
  eventfd_read: "int eventfd_read(int fd, uintptr_t value)",
  eventfd_write: "int eventfd_write(int fd, uint64_t value)",
} as const;

/** Those that move bytes or wait, which a guest makes over and over. */
const transferCalls = {
  ...posix.transferCalls,
  sendmmsg: "int sendmmsg(int fd, uintptr_t messages, uint32_t count, int flags)",
  recvmmsg:
    "int recvmmsg(int fd, uintptr_t messages, uint32_t count, int flags, uintptr_t timeout)",
  poll: "int poll(uintptr_t fds, uintptr_t count, int timeout)",
  epoll_wait: "int epoll_wait(int epoll, uintptr_t events, int count, int timeout)",
} as const;

/** The resolver's library functions that do not wait, or not for long, which libc has only since glibc 2.34. */
const resolverFunctions = {
  getaddrinfo_a: "int getaddrinfo_a(int mode, uintptr_t list, int count, uintptr_t event)",
  gai_cancel: "int gai_cancel(uintptr_t request)",
  gai_error: "int gai_error(uintptr_t request)",
  gai_suspend: "int gai_suspend(uintptr_t list, int count, uintptr_t timeout)",
} as const;

/** Library functions whose result is text. */
const textFunctions = {
  strerror: "const char *strerror(int error)",
  gai_strerror: "const char *gai_strerror(int error)",
} as const;

/** libc is loaded already, as part of Node. */
const library = new Library(null);

/** RTLD_LAZY, dlfcn.h. */
const RTLD_LAZY = 1;

/** What a system call returned, or -errno. errno is read before anything else can change it. */
function orErrno(result: number): number {
  return result === -1 ? -lastErrno() : result;
}

/**
 * Makes a function that returns -errno where libc returns -1. One for each arity: a rest parameter
 * would allocate an array for every call.
 */
function checked(native: Native, arity: number): Native {
  switch (arity) {
    case 1:
      return (a) => orErrno(native(a));
    case 2:
      return (a, b) => orErrno(native(a, b));
    case 3:
      return (a, b, c) => orErrno(native(a, b, c));
    case 4:
      return (a, b, c, d) => orErrno(native(a, b, c, d));
    case 5:
      return (a, b, c, d, e) => orErrno(native(a, b, c, d, e));
    default:
      return (a, b, c, d, e, f) => orErrno(native(a, b, c, d, e, f));
  }
}

const { send, recv, sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg, poll, epoll_wait } =
  library.bind(transferCalls);

/**
 * libc's socket calls: each takes numbers and returns its result, or -errno. Those that move bytes or wait have a
 * function literal each: V8 keeps what a literal calls, and takes a longer way where that is now this, now that.
 */
export const libc: Functions<typeof systemCalls & typeof transferCalls, number> = {
  ...library.bind(systemCalls, checked),
  send: (fd, buffer, size, flags) => orErrno(send(fd, buffer, size, flags)),
  recv: (fd, buffer, size, flags) => orErrno(recv(fd, buffer, size, flags)),
  sendto: (fd, buffer, size, flags, address, length) =>
    orErrno(sendto(fd, buffer, size, flags, address, length)),
  recvfrom: (fd, buffer, size, flags, address, length) =>
    orErrno(recvfrom(fd, buffer, size, flags, address, length)),
  sendmsg: (fd, message, flags) => orErrno(sendmsg(fd, message, flags)),
  recvmsg: (fd, message, flags) => orErrno(recvmsg(fd, message, flags)),
  sendmmsg: (fd, messages, count, flags) => orErrno(sendmmsg(fd, messages, count, flags)),
  recvmmsg: (fd, messages, count, flags, timeout) =>
    orErrno(recvmmsg(fd, messages, count, flags, timeout)),
  poll: (fds, count, timeout) => orErrno(poll(fds, count, timeout)),
  epoll_wait: (epoll, events, count, timeout) => orErrno(epoll_wait(epoll, events, count, timeout)),
};

const sendOf = library.function(
  "intptr_t send(int fd, const void *view, size_t size, int flags)",
) as unknown as (fd: number, view: Uint8Array, size: number, flags: number) => number;

/** send(2) of the bytes of a view, whose address koffi finds in half the time that `addressOf` takes. */
export function sendView(fd: number, view: Uint8Array, size: number, flags: number): number {
  return orErrno(sendOf(fd, view, size, flags));
}

/** libc's other functions, with the results that their manual pages give. */
export const clib = library.bind(posix.libraryFunctions);

/** The resolver's functions, with the results that their manual page gives; null where nothing has them. */
export const resolver: Functions<typeof resolverFunctions, number> | null =
  withResolver()?.bind(resolverFunctions) ?? null;

/** The library that has them: libc itself since glibc 2.34, none with musl. */
function withResolver(): Library | null {
  if (library.has("getaddrinfo_a")) return library;
  try {
    return new Library("libanl.so.1");
  } catch {
    return null;
  }
}

const ask = library.aside(posix.libraryFunctions.getaddrinfo);

/**
 * getaddrinfo(3) in a thread of Node's. Node ends this thread, and the process, only once that one is done.
 *
 * @param done is told of the code, and of the error number behind EAI_SYSTEM, by the event loop. Until then the memory
 *   of all four addresses belongs to the other thread
 */
export function getaddrinfoAside(
  node: number,
  service: number,
  hints: number,
  result: number,
  done: (code: number, errno: number) => void,
): void {
  ask(
    (code) => {
      done(code, lastErrno()); // here, and nowhere later, it is that of the call
    },
    node,
    service,
    hints,
    result,
  );
}

/** The native address of close(2), for the resolver's functions to call; 0 where there are none. */
export const closeAddress = resolver === null ? 0 : library.address("close");

/** libc's functions that return text. */
export const ctext = library.bind<typeof textFunctions, string>(textFunctions);

/**
 * Keeps koffi's addon loaded for as long as the process lives, dlopen(3). Node unloads it with the last thread
 * that has it, and only then does a worker that ends tell it that its handles are closed.
 */
function keepLoaded(): void {
  const dlopen = library.function("uintptr_t dlopen(const char *file, int mode)") as unknown as (
    file: string,
    mode: number,
  ) => number;
  dlopen(addonPath(), RTLD_LAZY);
}

keepLoaded();

/** PTHREAD_CANCEL_DISABLE and PTHREAD_CANCEL_ASYNCHRONOUS, pthread.h. */
const DISABLE = 1;
const ASYNCHRONOUS = 1;

/**
 * Makes this thread one that cannot be cancelled, pthread_setcancelstate(3). Nobody cancels a thread of Node's, but where there
 * are several, libc prepares for it around each call that may wait, by two atomic operations: a fiftieth of a datagram.
 * It is spared that by the state since glibc 2.41 and in musl, before by the type, which means nothing then.
 */
function refuseCancellation(): void {
  const { pthread_setcancelstate, pthread_setcanceltype } = library.bind({
    pthread_setcancelstate: "int pthread_setcancelstate(int state, uintptr_t old)",
    pthread_setcanceltype: "int pthread_setcanceltype(int type, uintptr_t old)",
  } as const);
  pthread_setcancelstate(DISABLE, 0);
  pthread_setcanceltype(ASYNCHRONOUS, 0);
}

refuseCancellation();
