// Socket addresses as they lie in linear memory, byte for byte Linux's own.
//
// Each struct stands twice: as an @unmanaged class, for AssemblyScript, and as an enum of its
// offsets, which build/marshal.wasm exports so that the host and the tests know them too.

/** What every address fits in, sizeof(struct sockaddr_storage). */
export const SOCKADDR_MAX: i32 = 128;

/**
 * struct sockaddr_in, ip(7); port and address in network byte order.
 *
 *      0        2        4                 8                         16
 *      +--------+--------+-----------------+-------------------------+
 *      | family |  port  |     address     |  zero                   |
 *      +--------+--------+-----------------+-------------------------+
 */
@unmanaged
export class SockaddrIn {
  sin_family: u16;
  sin_port: u16;
  sin_addr: u32;
  sin_zero: u64;
}

export const enum sockaddr_in {
  sin_family = offsetof<SockaddrIn>("sin_family"),
  sin_port = offsetof<SockaddrIn>("sin_port"),
  sin_addr = offsetof<SockaddrIn>("sin_addr"),
  sin_zero = offsetof<SockaddrIn>("sin_zero"),
  sizeof = offsetof<SockaddrIn>(),
}

/**
 * struct sockaddr_in6, ipv6(7); all but the scope in network byte order.
 *
 *      0        2        4          8                       24         28
 *      +--------+--------+----------+-----------------------+----------+
 *      | family |  port  | flowinfo |  address (16 bytes)   | scope_id |
 *      +--------+--------+----------+-----------------------+----------+
 */
@unmanaged
export class SockaddrIn6 {
  sin6_family: u16;
  sin6_port: u16;
  sin6_flowinfo: u32;
  sin6_addr: u32; // the first of four words
  sin6_addr_1: u32;
  sin6_addr_2: u32;
  sin6_addr_3: u32;
  sin6_scope_id: u32;
}

export const enum sockaddr_in6 {
  sin6_family = offsetof<SockaddrIn6>("sin6_family"),
  sin6_port = offsetof<SockaddrIn6>("sin6_port"),
  sin6_flowinfo = offsetof<SockaddrIn6>("sin6_flowinfo"),
  sin6_addr = offsetof<SockaddrIn6>("sin6_addr"),
  sin6_scope_id = offsetof<SockaddrIn6>("sin6_scope_id"),
  sizeof = offsetof<SockaddrIn6>(),
}

/**
 * struct sockaddr_un, unix(7). The path ends at its NUL or, at full length, without one; a first
 * byte of NUL names the abstract namespace, where every byte up to the length counts.
 *
 *      0        2                                                    110
 *      +--------+----------------------------------------------------+
 *      | family |  path (108 bytes)                                  |
 *      +--------+----------------------------------------------------+
 */
export const enum sockaddr_un {
  sun_family = 0,
  sun_path = 2,
  sizeof = 110,
}
