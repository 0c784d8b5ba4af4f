// What control messages carry, cmsg(3); each is laid out alike on wasm32 and on a 64-bit Linux.

/**
 * struct ucred, SCM_CREDENTIALS of unix(7).
 *
 *      0     4     8     12
 *      +-----+-----+-----+
 *      | pid | uid | gid |
 *      +-----+-----+-----+
 */
@unmanaged
export class Ucred {
  pid: i32;
  uid: u32;
  gid: u32;
}

export const enum ucred {
  pid = offsetof<Ucred>("pid"),
  uid = offsetof<Ucred>("uid"),
  gid = offsetof<Ucred>("gid"),
  sizeof = offsetof<Ucred>(),
}

/**
 * struct in_pktinfo, IP_PKTINFO of ip(7); addresses in network byte order.
 *
 *      0         4          8      12
 *      +---------+----------+------+
 *      | ifindex | spec_dst | addr |
 *      +---------+----------+------+
 */
@unmanaged
export class InPktinfo {
  ipi_ifindex: i32;
  ipi_spec_dst: u32;
  ipi_addr: u32;
}

export const enum in_pktinfo {
  ipi_ifindex = offsetof<InPktinfo>("ipi_ifindex"),
  ipi_spec_dst = offsetof<InPktinfo>("ipi_spec_dst"),
  ipi_addr = offsetof<InPktinfo>("ipi_addr"),
  sizeof = offsetof<InPktinfo>(),
}

/**
 * struct in6_pktinfo, IPV6_PKTINFO of ipv6(7).
 *
 *      0                       16        20
 *      +-----------------------+---------+
 *      |  addr (16 bytes)      | ifindex |
 *      +-----------------------+---------+
 */
export const enum in6_pktinfo {
  ipi6_addr = 0,
  ipi6_ifindex = 16,
  sizeof = 20,
}

/**
 * struct sock_extended_err, IP_RECVERR of ip(7); a sockaddr of the offender follows it.
 *
 *      0       4        5      6      7     8      12     16
 *      +-------+--------+------+------+-----+------+------+----------
 *      | errno | origin | type | code | pad | info | data | sockaddr…
 *      +-------+--------+------+------+-----+------+------+----------
 */
@unmanaged
export class SockExtendedErr {
  ee_errno: u32;
  ee_origin: u8;
  ee_type: u8;
  ee_code: u8;
  ee_pad: u8;
  ee_info: u32;
  ee_data: u32;
}

export const enum sock_extended_err {
  ee_errno = offsetof<SockExtendedErr>("ee_errno"),
  ee_origin = offsetof<SockExtendedErr>("ee_origin"),
  ee_type = offsetof<SockExtendedErr>("ee_type"),
  ee_code = offsetof<SockExtendedErr>("ee_code"),
  ee_info = offsetof<SockExtendedErr>("ee_info"),
  ee_data = offsetof<SockExtendedErr>("ee_data"),
  sizeof = offsetof<SockExtendedErr>(),
}
