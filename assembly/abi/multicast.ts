// What a multicast group is joined and left with; addresses in network byte order.

import { SOCKADDR_MAX } from "./sockaddr";

/**
 * struct ip_mreqn, IP_ADD_MEMBERSHIP of ip(7).
 *
 *      0           4         8         12
 *      +-----------+---------+---------+
 *      | multiaddr | address | ifindex |
 *      +-----------+---------+---------+
 */
@unmanaged
export class IpMreqn {
  imr_multiaddr: u32;
  imr_address: u32;
  imr_ifindex: i32;
}

export const enum ip_mreqn {
  imr_multiaddr = offsetof<IpMreqn>("imr_multiaddr"),
  imr_address = offsetof<IpMreqn>("imr_address"),
  imr_ifindex = offsetof<IpMreqn>("imr_ifindex"),
  sizeof = offsetof<IpMreqn>(),
}

/**
 * struct ip_mreq_source, IP_ADD_SOURCE_MEMBERSHIP of ip(7).
 *
 *      0           4           8            12
 *      +-----------+-----------+------------+
 *      | multiaddr | interface | sourceaddr |
 *      +-----------+-----------+------------+
 */
@unmanaged
export class IpMreqSource {
  imr_multiaddr: u32;
  imr_interface: u32;
  imr_sourceaddr: u32;
}

export const enum ip_mreq_source {
  imr_multiaddr = offsetof<IpMreqSource>("imr_multiaddr"),
  imr_interface = offsetof<IpMreqSource>("imr_interface"),
  imr_sourceaddr = offsetof<IpMreqSource>("imr_sourceaddr"),
  sizeof = offsetof<IpMreqSource>(),
}

/**
 * struct ipv6_mreq, IPV6_JOIN_GROUP of ipv6(7).
 *
 *      0                        16          20
 *      +------------------------+-----------+
 *      |  multiaddr (16 bytes)  | interface |
 *      +------------------------+-----------+
 */
export const enum ipv6_mreq {
  ipv6mr_multiaddr = 0,
  ipv6mr_interface = 16,
  sizeof = 20,
}

/**
 * struct group_source_req, RFC 3678, for either family; struct group_req is all of it but the source.
 *
 *      0           4     8                   136                  264
 *      +-----------+-----+-------------------+--------------------+
 *      | interface | pad |  group (sockaddr) |  source (sockaddr) |
 *      +-----------+-----+-------------------+--------------------+
 */
export const enum group_source_req {
  gsr_interface = 0,
  gsr_group = 8,
  gsr_source = 8 + SOCKADDR_MAX,
  sizeof = 8 + 2 * SOCKADDR_MAX,
}

export const enum group_req {
  gr_interface = 0,
  gr_group = 8,
  sizeof = 8 + SOCKADDR_MAX,
}
