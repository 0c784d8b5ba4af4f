// Multicast groups for AssemblyScript, RFC 3678: the same functions for IPv4 and IPv6.

import { AF, IP, IPV6, MCAST, SOL } from "./abi/constants";
import { IpMreqn, group_req, group_source_req, ip_mreqn } from "./abi/multicast";
import { SocketAddress } from "./address";
import * as bsd from "./bsd";

const request = memory.data(group_source_req.sizeof, 8);

/** Sets an option whose value is a group, and where it has one a source. */
function change(
  fd: i32,
  option: i32,
  group: SocketAddress,
  source: SocketAddress | null,
  index: u32,
): i32 {
  memory.fill(request, 0, group_source_req.sizeof);
  store<u32>(request, index, group_source_req.gsr_interface);
  memory.copy(request + group_source_req.gsr_group, group.pointer, group.length);
  if (source != null) {
    memory.copy(request + group_source_req.gsr_source, source.pointer, source.length);
  }
  const level = group.family == AF.INET6 ? SOL.IPV6 : SOL.IP;
  const size = source == null ? group_req.sizeof : group_source_req.sizeof;
  return bsd.setsockopt(fd, level, option, request, size);
}

/**
 * Joins a multicast group, MCAST_JOIN_GROUP of RFC 3678.
 *
 * @param group an Inet or Inet6; its port does not matter
 * @param index the interface, if_nametoindex's; 0 lets the kernel choose
 * @returns 0, or -1 with EADDRINUSE, EADDRNOTAVAIL, ENODEV…
 */
export function joinGroup(fd: i32, group: SocketAddress, index: u32 = 0): i32 {
  return change(fd, MCAST.JOIN_GROUP, group, null, index);
}

/** Leaves a multicast group: 0, or -1 with EADDRNOTAVAIL, ENODEV. */
export function leaveGroup(fd: i32, group: SocketAddress, index: u32 = 0): i32 {
  return change(fd, MCAST.LEAVE_GROUP, group, null, index);
}

/**
 * Joins a multicast group for what one source sends to it, MCAST_JOIN_SOURCE_GROUP of RFC 3678.
 *
 * @returns 0, or -1 with EADDRNOTAVAIL, ENODEV…
 */
export function joinSourceGroup(
  fd: i32,
  group: SocketAddress,
  source: SocketAddress,
  index: u32 = 0,
): i32 {
  return change(fd, MCAST.JOIN_SOURCE_GROUP, group, source, index);
}

/** Leaves what joinSourceGroup joined: 0, or -1 with EADDRNOTAVAIL, ENODEV. */
export function leaveSourceGroup(
  fd: i32,
  group: SocketAddress,
  source: SocketAddress,
  index: u32 = 0,
): i32 {
  return change(fd, MCAST.LEAVE_SOURCE_GROUP, group, source, index);
}

/**
 * Chooses the interface that multicast goes out by, IP_MULTICAST_IF of ip(7) and IPV6_MULTICAST_IF of
 * ipv6(7).
 *
 * @param family of the socket, AF.INET or AF.INET6
 * @param index the interface, if_nametoindex's; 0 lets the kernel choose
 * @returns 0, or -1 with ENODEV, EADDRNOTAVAIL…
 */
export function setMulticastInterface(fd: i32, family: i32, index: u32): i32 {
  if (family == AF.INET6) {
    store<u32>(request, index);
    return bsd.setsockopt(fd, SOL.IPV6, IPV6.MULTICAST_IF, request, sizeof<u32>());
  }
  memory.fill(request, 0, ip_mreqn.sizeof);
  changetype<IpMreqn>(request).imr_ifindex = index;
  return bsd.setsockopt(fd, SOL.IP, IP.MULTICAST_IF, request, ip_mreqn.sizeof);
}
