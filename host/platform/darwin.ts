// macOS: data alone, which no program has run. fcntl(2), ioctl(2) and open(2) are variadic, and on arm64 their last
// argument travels on the stack there.

import type { System } from "./calls.js";

export const darwin: System = {
  name: "macOS",
  library: "libSystem.B.dylib",
  calls: {
    socket: "socket",
    socketpair: "socketpair",
    close: "close",
    shutdown: "shutdown",
    bind: "bind",
    connect: "connect",
    listen: "listen",
    accept4: null, // accept(2), then fcntl(2): a fork(2) between them inherits it
    getsockname: "getsockname",
    getpeername: "getpeername",
    getsockopt: "getsockopt",
    setsockopt: "setsockopt",
    fcntl: "fcntl",
    ioctl: "ioctl",
    dup3: null, // dup2(2), then fcntl(2)
    send: "send",
    recv: "recv",
    sendto: "sendto",
    recvfrom: "recvfrom",
    sendmsg: "sendmsg",
    recvmsg: "recvmsg",
    sendmmsg: null, // sendmsg(2) of each
    recvmmsg: null, // recvmsg(2) of each
    read: "read",
    write: "write",
    open: "open",
    lseek: "lseek",
    sendfile: "sendfile", // of other parameters: the file before the socket
    sockatmark: "sockatmark",
    poll: "poll",
    epoll_create1: null,
    epoll_ctl: null,
    epoll_wait: null,
    eventfd: null, // pipe(2)
    eventfd_read: null,
    eventfd_write: null,
    getaddrinfo: "getaddrinfo",
    freeaddrinfo: "freeaddrinfo",
    getnameinfo: "getnameinfo",
    if_indextoname: "if_indextoname",
    if_nametoindex: "if_nametoindex",
    getaddrinfo_a: null, // a thread
    gai_cancel: null,
    gai_error: null,
    gai_suspend: null,
    gethostname: "gethostname",
    strerror: "strerror",
    gai_strerror: "gai_strerror",
  },
  others: { start: null, error: "__error", nonBlocking: "fcntl", readiness: "kqueue" },
};
