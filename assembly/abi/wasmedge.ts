// What WasmEdge's sockets add to `wasi_snapshot_preview1`, its api.hpp: the numbers and structs of both versions.

/** Address families. */
export const enum wasmedge_af {
  UNSPEC = 0,
  INET4 = 1,
  INET6 = 2,
  UNIX = 3,
}

/** Socket types. */
export const enum wasmedge_sock {
  ANY = 0,
  DGRAM = 1,
  STREAM = 2,
}

/** Protocols of getaddrinfo's hints. */
export const enum wasmedge_ipproto {
  IP = 0,
  TCP = 1,
  UDP = 2,
}

/** Flags of getaddrinfo. */
export const enum wasmedge_ai {
  PASSIVE = 1,
  CANONNAME = 2,
  NUMERICHOST = 4,
  NUMERICSERV = 8,
  V4MAPPED = 16,
  ALL = 32,
  ADDRCONFIG = 64,
}

/** Levels of options: SOCKET is WasmEdge's own, LIBC what wasi-libc's headers have for it. */
export const enum wasmedge_sol {
  SOCKET = 0,
  TCP = 6,
  LIBC = 0x7fffffff,
}

/** Options of level SOCKET, and the one that wasi-go adds at level TCP. */
export const enum wasmedge_so {
  REUSEADDR = 0,
  TYPE = 1,
  ERROR = 2,
  DONTROUTE = 3,
  BROADCAST = 4,
  SNDBUF = 5,
  RCVBUF = 6,
  KEEPALIVE = 7,
  OOBINLINE = 8,
  LINGER = 9,
  RCVLOWAT = 10,
  RCVTIMEO = 11,
  SNDTIMEO = 12,
  ACCEPTCONN = 13,
  BINDTODEVICE = 14,
  TCP_NODELAY = 15,
}

/** What the first version calls an address's type. */
export const enum wasmedge_type {
  INET4 = 4,
  INET6 = 6,
}

/**
 * address_t, where an address is, or has room.
 *
 *      0     4         8
 *      +-----+---------+
 *      | buf | buf_len |
 *      +-----+---------+
 */
@unmanaged
class Address {
  buf: u32;
  buf_len: u32;
}

export const enum wasmedge_address {
  buf = offsetof<Address>("buf"),
  buf_len = offsetof<Address>("buf_len"),
  sizeof = offsetof<Address>(),
}

/**
 * The address itself, where there are 128 bytes for it; in fewer there is no family: they are 4 or 16.
 *
 *      0        2                                         128
 *      +--------+-----------------------------------------+
 *      | family | address (4 or 16 bytes), or path        |
 *      +--------+-----------------------------------------+
 */
export const enum wasmedge_storage {
  family = 0,
  address = 2,
  sizeof = 128,
}

/**
 * sockaddr_t, an address of getaddrinfo's answer. Its data are a sockaddr_in or sockaddr_in6 without the family.
 *
 *      0        4             8         12
 *      +--------+-------------+---------+
 *      | family | sa_data_len | sa_data |
 *      +--------+-------------+---------+
 */
@unmanaged
export class WasmedgeSockaddr {
  family: u8;
  sa_data_len: u32;
  sa_data: u32;
}

export const enum wasmedge_sockaddr {
  family = offsetof<WasmedgeSockaddr>("family"),
  sa_data_len = offsetof<WasmedgeSockaddr>("sa_data_len"),
  sa_data = offsetof<WasmedgeSockaddr>("sa_data"),
  sizeof = offsetof<WasmedgeSockaddr>(),
}

/**
 * addrinfo_t, an entry of getaddrinfo's answer: the guest has made the list, with room for what it points to.
 *
 *      0       2        3          4          8         12     16          20       24     28
 *      +-------+--------+----------+----------+---------+------+-----------+--------+------+
 *      | flags | family | socktype | protocol | addrlen | addr | canonname | length | next |
 *      +-------+--------+----------+----------+---------+------+-----------+--------+------+
 */
@unmanaged
export class WasmedgeAddrinfo {
  ai_flags: u16;
  ai_family: u8;
  ai_socktype: u8;
  ai_protocol: u32; // a byte, and three that nothing stands in
  ai_addrlen: u32;
  ai_addr: u32;
  ai_canonname: u32;
  ai_canonname_len: u32;
  ai_next: u32;
}

export const enum wasmedge_addrinfo {
  ai_flags = offsetof<WasmedgeAddrinfo>("ai_flags"),
  ai_family = offsetof<WasmedgeAddrinfo>("ai_family"),
  ai_socktype = offsetof<WasmedgeAddrinfo>("ai_socktype"),
  ai_protocol = offsetof<WasmedgeAddrinfo>("ai_protocol"),
  ai_addrlen = offsetof<WasmedgeAddrinfo>("ai_addrlen"),
  ai_addr = offsetof<WasmedgeAddrinfo>("ai_addr"),
  ai_canonname = offsetof<WasmedgeAddrinfo>("ai_canonname"),
  ai_canonname_len = offsetof<WasmedgeAddrinfo>("ai_canonname_len"),
  ai_next = offsetof<WasmedgeAddrinfo>("ai_next"),
  sizeof = offsetof<WasmedgeAddrinfo>(),
}
