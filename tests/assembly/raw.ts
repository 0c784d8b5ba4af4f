// A guest that is nothing but its imports, all that there are: a test calls each of them with whatever numbers
// it likes.

@external("bsd_sockets_v1", "socket")
export declare function socket(domain: i32, type: i32, protocol: i32): i32;


@external("bsd_sockets_v1", "socketpair")
export declare function socketpair(domain: i32, type: i32, protocol: i32, fds: i32): i32;


@external("bsd_sockets_v1", "close")
export declare function close(fd: i32): i32;


@external("bsd_sockets_v1", "shutdown")
export declare function shutdown(fd: i32, how: i32): i32;


@external("bsd_sockets_v1", "fcntl")
export declare function fcntl(fd: i32, command: i32, argument: i32): i32;


@external("bsd_sockets_v1", "bind")
export declare function bind(fd: i32, address: i32, length: i32): i32;


@external("bsd_sockets_v1", "connect")
export declare function connect(fd: i32, address: i32, length: i32): i32;


@external("bsd_sockets_v1", "listen")
export declare function listen(fd: i32, backlog: i32): i32;


@external("bsd_sockets_v1", "accept4")
export declare function accept4(fd: i32, address: i32, length: i32, flags: i32): i32;


@external("bsd_sockets_v1", "getsockname")
export declare function getsockname(fd: i32, address: i32, length: i32): i32;


@external("bsd_sockets_v1", "getpeername")
export declare function getpeername(fd: i32, address: i32, length: i32): i32;


@external("bsd_sockets_v1", "send")
export declare function send(fd: i32, buffer: i32, size: i32, flags: i32): i32;


@external("bsd_sockets_v1", "recv")
export declare function recv(fd: i32, buffer: i32, size: i32, flags: i32): i32;


@external("bsd_sockets_v1", "sendto")
export declare function sendto(
  fd: i32,
  buffer: i32,
  size: i32,
  flags: i32,
  address: i32,
  length: i32,
): i32;


@external("bsd_sockets_v1", "recvfrom")
export declare function recvfrom(
  fd: i32,
  buffer: i32,
  size: i32,
  flags: i32,
  address: i32,
  length: i32,
): i32;


@external("bsd_sockets_v1", "getsockopt")
export declare function getsockopt(fd: i32, level: i32, option: i32, value: i32, length: i32): i32;


@external("bsd_sockets_v1", "setsockopt")
export declare function setsockopt(fd: i32, level: i32, option: i32, value: i32, length: i32): i32;


@external("bsd_sockets_v1", "getaddrinfo")
export declare function getaddrinfo(
  node: i32,
  service: i32,
  hints: i32,
  out: i32,
  capacity: i32,
): i32;


@external("bsd_sockets_v1", "if_nametoindex")
export declare function if_nametoindex(name: i32): i32;


@external("bsd_sockets_v1", "sendmsg")
export declare function sendmsg(fd: i32, message: i32, flags: i32): i32;


@external("bsd_sockets_v1", "recvmsg")
export declare function recvmsg(fd: i32, message: i32, flags: i32): i32;


@external("bsd_sockets_v1", "sendmmsg")
export declare function sendmmsg(fd: i32, messages: i32, count: i32, flags: i32): i32;


@external("bsd_sockets_v1", "recvmmsg")
export declare function recvmmsg(fd: i32, messages: i32, count: i32, flags: i32, timeout: i32): i32;


@external("bsd_sockets_v1", "poll")
export declare function poll(pollfds: i32, count: i32, timeout: i32): i32;


@external("bsd_sockets_v1", "epoll_create1")
export declare function epoll_create1(flags: i32): i32;


@external("bsd_sockets_v1", "epoll_ctl")
export declare function epoll_ctl(epoll: i32, operation: i32, fd: i32, event: i32): i32;


@external("bsd_sockets_v1", "epoll_wait")
export declare function epoll_wait(epoll: i32, events: i32, count: i32, timeout: i32): i32;


@external("bsd_sockets_v1", "getnameinfo")
export declare function getnameinfo(
  address: i32,
  length: i32,
  host: i32,
  hostSize: i32,
  service: i32,
  serviceSize: i32,
  flags: i32,
): i32;


@external("bsd_sockets_v1", "if_indextoname")
export declare function if_indextoname(index: i32, name: i32): i32;


@external("bsd_sockets_v1", "gethostname")
export declare function gethostname(name: i32, size: i32): i32;


@external("bsd_sockets_v1", "sockatmark")
export declare function sockatmark(fd: i32): i32;


@external("bsd_sockets_v1", "sendfile")
export declare function sendfile(fd: i32, file: i32, offset: i32, count: i32): i32;
