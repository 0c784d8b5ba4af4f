// Windows: data alone, which no program has run. A socket is a handle, as wide as a pointer, that only Winsock takes.

import type { System } from "./calls.js";

export const windows: System = {
  name: "Windows",
  library: "ws2_32.dll",
  calls: {
    socket: "WSASocketW", // with WSA_FLAG_NO_HANDLE_INHERIT, as SOCK_CLOEXEC
    socketpair: null, // a listener and a connection
    close: "closesocket",
    shutdown: "shutdown",
    bind: "bind",
    connect: "connect",
    listen: "listen",
    accept4: null, // accept, then SetHandleInformation
    getsockname: "getsockname",
    getpeername: "getpeername",
    getsockopt: "getsockopt",
    setsockopt: "setsockopt",
    fcntl: null, // ioctlsocket with FIONBIO, which cannot be asked back
    ioctl: "ioctlsocket",
    dup3: null, // WSADuplicateSocketW
    send: "send",
    recv: "recv",
    sendto: "sendto",
    recvfrom: "recvfrom",
    sendmsg: "WSASendMsg", // of datagrams alone
    recvmsg: null, // WSARecvMsg, which WSAIoctl gives for WSAID_WSARECVMSG
    sendmmsg: null,
    recvmmsg: null,
    read: null, // recv
    write: null, // send
    open: "ucrtbase.dll!_open",
    lseek: "ucrtbase.dll!_lseeki64",
    sendfile: "mswsock.dll!TransmitFile", // of a handle, _get_osfhandle
    sockatmark: null, // ioctlsocket with SIOCATMARK
    poll: "WSAPoll", // which tells of no failed connection before Windows 10 2004
    epoll_create1: null,
    epoll_ctl: null,
    epoll_wait: null,
    eventfd: null, // a connection of its own to loopback
    eventfd_read: null,
    eventfd_write: null,
    getaddrinfo: "getaddrinfo",
    freeaddrinfo: "freeaddrinfo",
    getnameinfo: "getnameinfo",
    if_indextoname: "iphlpapi.dll!if_indextoname",
    if_nametoindex: "iphlpapi.dll!if_nametoindex",
    getaddrinfo_a: null, // GetAddrInfoExW
    gai_cancel: null,
    gai_error: null,
    gai_suspend: null,
    gethostname: "gethostname",
    strerror: null, // FormatMessageW, of Winsock's numbers
    gai_strerror: null, // the same
  },
  others: {
    start: "WSAStartup",
    error: "WSAGetLastError",
    nonBlocking: "ioctlsocket",
    readiness: "WSAPoll",
  },
};
