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

/**
 * struct sockaddr_ll, packet(7); the protocol in network byte order.
 *
 *      0        2          4         8        10        11      12                20
 *      +--------+----------+---------+--------+---------+-------+-----------------+
 *      | family | protocol | ifindex | hatype | pkttype | halen |  addr (8 bytes) |
 *      +--------+----------+---------+--------+---------+-------+-----------------+
 */
@unmanaged
export class SockaddrLl {
  sll_family: u16;
  sll_protocol: u16;
  sll_ifindex: i32;
  sll_hatype: u16;
  sll_pkttype: u8;
  sll_halen: u8;
  sll_addr: u32; // the first of two words
  sll_addr_1: u32;
}

export const enum sockaddr_ll {
  sll_family = offsetof<SockaddrLl>("sll_family"),
  sll_protocol = offsetof<SockaddrLl>("sll_protocol"),
  sll_ifindex = offsetof<SockaddrLl>("sll_ifindex"),
  sll_hatype = offsetof<SockaddrLl>("sll_hatype"),
  sll_pkttype = offsetof<SockaddrLl>("sll_pkttype"),
  sll_halen = offsetof<SockaddrLl>("sll_halen"),
  sll_addr = offsetof<SockaddrLl>("sll_addr"),
  sizeof = offsetof<SockaddrLl>(),
}

/**
 * struct sockaddr_nl, netlink(7).
 *
 *      0        2     4     8        12
 *      +--------+-----+-----+--------+
 *      | family | pad | pid | groups |
 *      +--------+-----+-----+--------+
 */
@unmanaged
export class SockaddrNl {
  nl_family: u16;
  nl_pad: u16;
  nl_pid: u32;
  nl_groups: u32;
}

export const enum sockaddr_nl {
  nl_family = offsetof<SockaddrNl>("nl_family"),
  nl_pid = offsetof<SockaddrNl>("nl_pid"),
  nl_groups = offsetof<SockaddrNl>("nl_groups"),
  sizeof = offsetof<SockaddrNl>(),
}

/**
 * struct sockaddr_vm, vsock(7).
 *
 *      0        2          4      8     12     16
 *      +--------+----------+------+-----+------+
 *      | family | reserved | port | cid | zero |
 *      +--------+----------+------+-----+------+
 */
@unmanaged
export class SockaddrVm {
  svm_family: u16;
  svm_reserved1: u16;
  svm_port: u32;
  svm_cid: u32;
  svm_zero: u32;
}

export const enum sockaddr_vm {
  svm_family = offsetof<SockaddrVm>("svm_family"),
  svm_port = offsetof<SockaddrVm>("svm_port"),
  svm_cid = offsetof<SockaddrVm>("svm_cid"),
  sizeof = offsetof<SockaddrVm>(),
}
