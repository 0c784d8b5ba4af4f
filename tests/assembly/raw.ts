// A guest that is nothing but its imports: a test calls each of them with whatever numbers it likes.

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
