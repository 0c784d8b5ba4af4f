// The BSD calls with their C prototypes, each directly below the import that serves it. A pointer is
// an address in linear memory. Every function returns -1 and sets errno() where the host answers
// with a negative error number; getaddrinfo alone returns EAI codes.

let lastError: i32 = 0;

/** The error number of the last call that failed, errno(3). */
export function errno(): i32 {
  return lastError;
}

/** Sets errno(), for library functions that fail before they reach the host. */
export function setErrno(error: i32): void {
  lastError = error;
}

/** What C gives for what the host gave. */
@inline
function result(value: i32): i32 {
  if (value >= 0) return value;
  lastError = -value;
  return -1;
}

// socket(2)
@external("bsd_sockets_v1", "socket")
declare function bsd_socket(domain: i32, type: i32, protocol: i32): i32;

/** socket(2): a descriptor, or -1. */
export function socket(domain: i32, type: i32, protocol: i32): i32 {
  return result(bsd_socket(domain, type, protocol));
}

// close(2)
@external("bsd_sockets_v1", "close")
declare function bsd_close(fd: i32): i32;

/** close(2): 0, or -1. */
export function close(fd: i32): i32 {
  return result(bsd_close(fd));
}

// shutdown(2)
@external("bsd_sockets_v1", "shutdown")
declare function bsd_shutdown(fd: i32, how: i32): i32;

/** shutdown(2): 0, or -1. */
export function shutdown(fd: i32, how: i32): i32 {
  return result(bsd_shutdown(fd, how));
}

// bind(2)
@external("bsd_sockets_v1", "bind")
declare function bsd_bind(fd: i32, address: usize, length: u32): i32;

/** bind(2): 0, or -1. */
export function bind(fd: i32, address: usize, length: u32): i32 {
  return result(bsd_bind(fd, address, length));
}

// connect(2)
@external("bsd_sockets_v1", "connect")
declare function bsd_connect(fd: i32, address: usize, length: u32): i32;

/** connect(2): 0, or -1. */
export function connect(fd: i32, address: usize, length: u32): i32 {
  return result(bsd_connect(fd, address, length));
}

// listen(2)
@external("bsd_sockets_v1", "listen")
declare function bsd_listen(fd: i32, backlog: i32): i32;

/** listen(2): 0, or -1. */
export function listen(fd: i32, backlog: i32): i32 {
  return result(bsd_listen(fd, backlog));
}

// accept4(2)
@external("bsd_sockets_v1", "accept4")
declare function bsd_accept4(fd: i32, address: usize, length: usize, flags: i32): i32;

/** accept4(2): a descriptor, or -1. address and length may both be 0. */
export function accept4(fd: i32, address: usize, length: usize, flags: i32): i32 {
  return result(bsd_accept4(fd, address, length, flags));
}

// getsockname(2)
@external("bsd_sockets_v1", "getsockname")
declare function bsd_getsockname(fd: i32, address: usize, length: usize): i32;

/** getsockname(2): 0, or -1. */
export function getsockname(fd: i32, address: usize, length: usize): i32 {
  return result(bsd_getsockname(fd, address, length));
}

// getpeername(2)
@external("bsd_sockets_v1", "getpeername")
declare function bsd_getpeername(fd: i32, address: usize, length: usize): i32;

/** getpeername(2): 0, or -1. */
export function getpeername(fd: i32, address: usize, length: usize): i32 {
  return result(bsd_getpeername(fd, address, length));
}

// send(2)
@external("bsd_sockets_v1", "send")
declare function bsd_send(fd: i32, buffer: usize, size: u32, flags: i32): i32;

/** send(2): how many bytes were taken, or -1. */
export function send(fd: i32, buffer: usize, size: u32, flags: i32): i32 {
  return result(bsd_send(fd, buffer, size, flags));
}

// recv(2)
@external("bsd_sockets_v1", "recv")
declare function bsd_recv(fd: i32, buffer: usize, size: u32, flags: i32): i32;

/** recv(2): how many bytes came, 0 at the end of the stream, or -1. */
export function recv(fd: i32, buffer: usize, size: u32, flags: i32): i32 {
  return result(bsd_recv(fd, buffer, size, flags));
}

// sendto(2)
@external("bsd_sockets_v1", "sendto")
declare function bsd_sendto(
  fd: i32,
  buffer: usize,
  size: u32,
  flags: i32,
  address: usize,
  length: u32,
): i32;

/** sendto(2): how many bytes were taken, or -1. */
export function sendto(
  fd: i32,
  buffer: usize,
  size: u32,
  flags: i32,
  address: usize,
  length: u32,
): i32 {
  return result(bsd_sendto(fd, buffer, size, flags, address, length));
}

// recvfrom(2)
@external("bsd_sockets_v1", "recvfrom")
declare function bsd_recvfrom(
  fd: i32,
  buffer: usize,
  size: u32,
  flags: i32,
  address: usize,
  length: usize,
): i32;

/** recvfrom(2): how many bytes came, or -1. address and length may both be 0. */
export function recvfrom(
  fd: i32,
  buffer: usize,
  size: u32,
  flags: i32,
  address: usize,
  length: usize,
): i32 {
  return result(bsd_recvfrom(fd, buffer, size, flags, address, length));
}

// sockatmark(3)
@external("bsd_sockets_v1", "sockatmark")
declare function bsd_sockatmark(fd: i32): i32;

/** sockatmark(3): 1 where the next byte is the one behind the urgent data, else 0; or -1. */
export function sockatmark(fd: i32): i32 {
  return result(bsd_sockatmark(fd));
}

// sendfile(2)
@external("bsd_sockets_v1", "sendfile")
declare function bsd_sendfile(fd: i32, file: i32, offset: usize, count: u32): i32;

/** sendfile(2): how many bytes were taken, or -1. offset points to an i64, or is 0. */
export function sendfile(fd: i32, file: i32, offset: usize, count: u32): i32 {
  return result(bsd_sendfile(fd, file, offset, count));
}

// getsockopt(2)
@external("bsd_sockets_v1", "getsockopt")
declare function bsd_getsockopt(fd: i32, level: i32, option: i32, value: usize, length: usize): i32;

/** getsockopt(2): 0, or -1. */
export function getsockopt(fd: i32, level: i32, option: i32, value: usize, length: usize): i32 {
  return result(bsd_getsockopt(fd, level, option, value, length));
}

// setsockopt(2)
@external("bsd_sockets_v1", "setsockopt")
declare function bsd_setsockopt(fd: i32, level: i32, option: i32, value: usize, length: u32): i32;

/** setsockopt(2): 0, or -1. */
export function setsockopt(fd: i32, level: i32, option: i32, value: usize, length: u32): i32 {
  return result(bsd_setsockopt(fd, level, option, value, length));
}

// fcntl(2)
@external("bsd_sockets_v1", "fcntl")
declare function bsd_fcntl(fd: i32, command: i32, argument: i32): i32;

/** fcntl(2) with the commands of F: the flags that a get command asks for, 0, or -1. */
export function fcntl(fd: i32, command: i32, argument: i32): i32 {
  return result(bsd_fcntl(fd, command, argument));
}

// socketpair(2)
@external("bsd_sockets_v1", "socketpair")
declare function bsd_socketpair(domain: i32, type: i32, protocol: i32, fds: usize): i32;

/** socketpair(2): 0 with two descriptors at fds, or -1. */
export function socketpair(domain: i32, type: i32, protocol: i32, fds: usize): i32 {
  return result(bsd_socketpair(domain, type, protocol, fds));
}

// getaddrinfo(3)
@external("bsd_sockets_v1", "getaddrinfo")
declare function bsd_getaddrinfo(
  node: usize,
  service: usize,
  hints: usize,
  out: usize,
  capacity: u32,
): i32;

/**
 * getaddrinfo(3), its list as one flat block whose first bytes are the first struct addrinfo.
 *
 * @param node pointer to a NUL-terminated name, or 0
 * @param service pointer to a NUL-terminated service name or port, or 0
 * @param hints pointer to a struct addrinfo, or 0
 * @param out where the block goes; nothing is written where it does not fit
 * @param capacity bytes at out
 * @returns the size of the block, above capacity where it did not fit; a negative EAI code, with
 *   errno() where that is EAI.SYSTEM: the host then leaves the error number in the word at out
 */
export function getaddrinfo(
  node: usize,
  service: usize,
  hints: usize,
  out: usize,
  capacity: u32,
): i32 {
  return bsd_getaddrinfo(node, service, hints, out, capacity);
}

// if_nametoindex(3)
@external("bsd_sockets_v1", "if_nametoindex")
declare function bsd_if_nametoindex(name: usize): i32;

/** if_nametoindex(3): the index of the interface with a NUL-terminated name, or -1. */
export function if_nametoindex(name: usize): i32 {
  return result(bsd_if_nametoindex(name));
}

// if_indextoname(3)
@external("bsd_sockets_v1", "if_indextoname")
declare function bsd_if_indextoname(index: u32, name: usize): i32;

/** if_indextoname(3): 0 with the NUL-terminated name in the IF_NAMESIZE bytes at name, or -1. */
export function if_indextoname(index: u32, name: usize): i32 {
  return result(bsd_if_indextoname(index, name));
}

// getnameinfo(3)
@external("bsd_sockets_v1", "getnameinfo")
declare function bsd_getnameinfo(
  address: usize,
  length: u32,
  host: usize,
  hostSize: u32,
  service: usize,
  serviceSize: u32,
  flags: i32,
): i32;

/**
 * getnameinfo(3): 0 with NUL-terminated names in host and service, either of which may be 0; or a
 * negative EAI code, with the error number behind EAI.SYSTEM in the word at host.
 */
export function getnameinfo(
  address: usize,
  length: u32,
  host: usize,
  hostSize: u32,
  service: usize,
  serviceSize: u32,
  flags: i32,
): i32 {
  return bsd_getnameinfo(address, length, host, hostSize, service, serviceSize, flags);
}

// gethostname(2)
@external("bsd_sockets_v1", "gethostname")
declare function bsd_gethostname(name: usize, size: u32): i32;

/** gethostname(2): 0 with the NUL-terminated name of this host at name, or -1. */
export function gethostname(name: usize, size: u32): i32 {
  return result(bsd_gethostname(name, size));
}

// sendmsg(2)
@external("bsd_sockets_v1", "sendmsg")
declare function bsd_sendmsg(fd: i32, message: usize, flags: i32): i32;

/** sendmsg(2): how many bytes were taken, or -1. */
export function sendmsg(fd: i32, message: usize, flags: i32): i32 {
  return result(bsd_sendmsg(fd, message, flags));
}

// recvmsg(2)
@external("bsd_sockets_v1", "recvmsg")
declare function bsd_recvmsg(fd: i32, message: usize, flags: i32): i32;

/** recvmsg(2): how many bytes came, or -1. */
export function recvmsg(fd: i32, message: usize, flags: i32): i32 {
  return result(bsd_recvmsg(fd, message, flags));
}

// sendmmsg(2)
@external("bsd_sockets_v1", "sendmmsg")
declare function bsd_sendmmsg(fd: i32, messages: usize, count: u32, flags: i32): i32;

/** sendmmsg(2): how many messages were sent, or -1. */
export function sendmmsg(fd: i32, messages: usize, count: u32, flags: i32): i32 {
  return result(bsd_sendmmsg(fd, messages, count, flags));
}

// recvmmsg(2)
@external("bsd_sockets_v1", "recvmmsg")
declare function bsd_recvmmsg(fd: i32, messages: usize, count: u32, flags: i32, timeout: i32): i32;

/** recvmmsg(2): how many messages came, or -1. timeout in milliseconds, -1 for none. */
export function recvmmsg(fd: i32, messages: usize, count: u32, flags: i32, timeout: i32): i32 {
  return result(bsd_recvmmsg(fd, messages, count, flags, timeout));
}

// poll(2)
@external("bsd_sockets_v1", "poll")
declare function bsd_poll(pollfds: usize, count: u32, timeout: i32): i32;

/** poll(2): how many descriptors are ready, 0 after timeout milliseconds (-1 for none), or -1. */
export function poll(pollfds: usize, count: u32, timeout: i32): i32 {
  return result(bsd_poll(pollfds, count, timeout));
}

// epoll_create1(2)
@external("bsd_sockets_v1", "epoll_create1")
declare function bsd_epoll_create1(flags: i32): i32;

/** epoll_create1(2): a descriptor, or -1. */
export function epoll_create1(flags: i32): i32 {
  return result(bsd_epoll_create1(flags));
}

// epoll_ctl(2)
@external("bsd_sockets_v1", "epoll_ctl")
declare function bsd_epoll_ctl(epfd: i32, operation: i32, fd: i32, event: usize): i32;

/** epoll_ctl(2): 0, or -1. */
export function epoll_ctl(epfd: i32, operation: i32, fd: i32, event: usize): i32 {
  return result(bsd_epoll_ctl(epfd, operation, fd, event));
}

// epoll_wait(2)
@external("bsd_sockets_v1", "epoll_wait")
declare function bsd_epoll_wait(epfd: i32, events: usize, count: i32, timeout: i32): i32;

/** epoll_wait(2): how many events came, 0 after timeout milliseconds (-1 for none), or -1. */
export function epoll_wait(epfd: i32, events: usize, count: i32, timeout: i32): i32 {
  return result(bsd_epoll_wait(epfd, events, count, timeout));
}
