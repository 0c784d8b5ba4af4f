// A guest that is nothing but its imports, those of messages, readiness and names: a test calls each of them
// with whatever numbers it likes.

@external("bsd_sockets_v1", "socket")
export declare function socket(domain: i32, type: i32, protocol: i32): i32;


@external("bsd_sockets_v1", "socketpair")
export declare function socketpair(domain: i32, type: i32, protocol: i32, fds: i32): i32;


@external("bsd_sockets_v1", "close")
export declare function close(fd: i32): i32;


@external("bsd_sockets_v1", "send")
export declare function send(fd: i32, buffer: i32, size: i32, flags: i32): i32;


@external("bsd_sockets_v1", "recv")
export declare function recv(fd: i32, buffer: i32, size: i32, flags: i32): i32;


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
