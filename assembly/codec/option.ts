// The socket options that exist, and what kind of value each takes.
//
// An option whose value carries a pointer or a descriptor of the host (SO_ATTACH_FILTER, SO_ATTACH_BPF,
// TCP_ZEROCOPY_RECEIVE…) stands in no table, and so does not exist for a guest.

import { ICMP6, IP, IPV6, MCAST, SO, SOL, TCP, UDP } from "../abi/constants";
import { Linger, Timeval, linger, timeval } from "../abi/option";
import { Rows, Table, kindOf, nothing } from "./table";

/** What the bytes of an option's value mean. */
export const enum Kind {
  NONE = -1,
  INT = 0,
  FLAG = 1,
  LINGER = 2,
  TIMEVAL = 3,
  STRING = 4,
  BYTES = 5,
  IN_ADDR = 6,
  MREQ = 7,
  MREQ_SOURCE = 8,
  IPV6_MREQ = 9,
  GROUP = 10,
  GROUP_SOURCE = 11,
  CREDENTIALS = 12,
  TCP_INFO = 13,
}

// Rows of symbol, number, kind; the first of two symbols for one number is the one that decodes.
// prettier-ignore
@lazy
const SOCKET: Table = [
  changetype<usize>("debug"), SO.DEBUG, Kind.FLAG,
  changetype<usize>("reuseaddr"), SO.REUSEADDR, Kind.FLAG,
  changetype<usize>("type"), SO.TYPE, Kind.INT,
  changetype<usize>("error"), SO.ERROR, Kind.INT,
  changetype<usize>("dontroute"), SO.DONTROUTE, Kind.FLAG,
  changetype<usize>("broadcast"), SO.BROADCAST, Kind.FLAG,
  changetype<usize>("sndbuf"), SO.SNDBUF, Kind.INT,
  changetype<usize>("rcvbuf"), SO.RCVBUF, Kind.INT,
  changetype<usize>("keepalive"), SO.KEEPALIVE, Kind.FLAG,
  changetype<usize>("oobinline"), SO.OOBINLINE, Kind.FLAG,
  changetype<usize>("no-check"), SO.NO_CHECK, Kind.FLAG,
  changetype<usize>("priority"), SO.PRIORITY, Kind.INT,
  changetype<usize>("linger"), SO.LINGER, Kind.LINGER,
  changetype<usize>("bsdcompat"), SO.BSDCOMPAT, Kind.FLAG,
  changetype<usize>("reuseport"), SO.REUSEPORT, Kind.FLAG,
  changetype<usize>("passcred"), SO.PASSCRED, Kind.FLAG,
  changetype<usize>("peercred"), SO.PEERCRED, Kind.CREDENTIALS,
  changetype<usize>("rcvlowat"), SO.RCVLOWAT, Kind.INT,
  changetype<usize>("sndlowat"), SO.SNDLOWAT, Kind.INT,
  changetype<usize>("rcvtimeo"), SO.RCVTIMEO, Kind.TIMEVAL,
  changetype<usize>("sndtimeo"), SO.SNDTIMEO, Kind.TIMEVAL,
  changetype<usize>("bindtodevice"), SO.BINDTODEVICE, Kind.STRING,
  changetype<usize>("detach-filter"), SO.DETACH_FILTER, Kind.INT,
  changetype<usize>("peername"), SO.PEERNAME, Kind.BYTES,
  changetype<usize>("timestamp"), SO.TIMESTAMP, Kind.FLAG,
  changetype<usize>("acceptconn"), SO.ACCEPTCONN, Kind.FLAG,
  changetype<usize>("peersec"), SO.PEERSEC, Kind.STRING,
  changetype<usize>("sndbufforce"), SO.SNDBUFFORCE, Kind.INT,
  changetype<usize>("rcvbufforce"), SO.RCVBUFFORCE, Kind.INT,
  changetype<usize>("passsec"), SO.PASSSEC, Kind.FLAG,
  changetype<usize>("timestampns"), SO.TIMESTAMPNS, Kind.FLAG,
  changetype<usize>("mark"), SO.MARK, Kind.INT,
  changetype<usize>("timestamping"), SO.TIMESTAMPING, Kind.INT,
  changetype<usize>("protocol"), SO.PROTOCOL, Kind.INT,
  changetype<usize>("domain"), SO.DOMAIN, Kind.INT,
  changetype<usize>("rxq-ovfl"), SO.RXQ_OVFL, Kind.FLAG,
  changetype<usize>("wifi-status"), SO.WIFI_STATUS, Kind.FLAG,
  changetype<usize>("peek-off"), SO.PEEK_OFF, Kind.INT,
  changetype<usize>("nofcs"), SO.NOFCS, Kind.FLAG,
  changetype<usize>("lock-filter"), SO.LOCK_FILTER, Kind.FLAG,
  changetype<usize>("select-err-queue"), SO.SELECT_ERR_QUEUE, Kind.FLAG,
  changetype<usize>("busy-poll"), SO.BUSY_POLL, Kind.INT,
  changetype<usize>("max-pacing-rate"), SO.MAX_PACING_RATE, Kind.INT,
  changetype<usize>("bpf-extensions"), SO.BPF_EXTENSIONS, Kind.INT,
  changetype<usize>("incoming-cpu"), SO.INCOMING_CPU, Kind.INT,
  changetype<usize>("cnx-advice"), SO.CNX_ADVICE, Kind.INT,
  changetype<usize>("meminfo"), SO.MEMINFO, Kind.BYTES,
  changetype<usize>("incoming-napi-id"), SO.INCOMING_NAPI_ID, Kind.INT,
  changetype<usize>("cookie"), SO.COOKIE, Kind.BYTES,
  changetype<usize>("peergroups"), SO.PEERGROUPS, Kind.BYTES,
  changetype<usize>("zerocopy"), SO.ZEROCOPY, Kind.FLAG,
  changetype<usize>("txtime"), SO.TXTIME, Kind.BYTES,
  changetype<usize>("bindtoifindex"), SO.BINDTOIFINDEX, Kind.INT,
  changetype<usize>("timestamp-new"), SO.TIMESTAMP_NEW, Kind.FLAG,
  changetype<usize>("timestampns-new"), SO.TIMESTAMPNS_NEW, Kind.FLAG,
  changetype<usize>("timestamping-new"), SO.TIMESTAMPING_NEW, Kind.INT,
  changetype<usize>("rcvtimeo-new"), SO.RCVTIMEO_NEW, Kind.TIMEVAL,
  changetype<usize>("sndtimeo-new"), SO.SNDTIMEO_NEW, Kind.TIMEVAL,
  changetype<usize>("detach-reuseport-bpf"), SO.DETACH_REUSEPORT_BPF, Kind.INT,
  changetype<usize>("prefer-busy-poll"), SO.PREFER_BUSY_POLL, Kind.FLAG,
  changetype<usize>("busy-poll-budget"), SO.BUSY_POLL_BUDGET, Kind.INT,
  changetype<usize>("netns-cookie"), SO.NETNS_COOKIE, Kind.BYTES,
  changetype<usize>("buf-lock"), SO.BUF_LOCK, Kind.INT,
  changetype<usize>("reserve-mem"), SO.RESERVE_MEM, Kind.INT,
  changetype<usize>("txrehash"), SO.TXREHASH, Kind.INT,
  changetype<usize>("rcvmark"), SO.RCVMARK, Kind.FLAG,
];

// prettier-ignore
@lazy
const INET: Table = [
  changetype<usize>("tos"), IP.TOS, Kind.INT,
  changetype<usize>("ttl"), IP.TTL, Kind.INT,
  changetype<usize>("hdrincl"), IP.HDRINCL, Kind.FLAG,
  changetype<usize>("options"), IP.OPTIONS, Kind.BYTES,
  changetype<usize>("router-alert"), IP.ROUTER_ALERT, Kind.INT,
  changetype<usize>("recvopts"), IP.RECVOPTS, Kind.FLAG,
  changetype<usize>("retopts"), IP.RETOPTS, Kind.FLAG,
  changetype<usize>("recvretopts"), IP.RECVRETOPTS, Kind.FLAG,
  changetype<usize>("pktinfo"), IP.PKTINFO, Kind.FLAG,
  changetype<usize>("mtu-discover"), IP.MTU_DISCOVER, Kind.INT,
  changetype<usize>("recverr"), IP.RECVERR, Kind.FLAG,
  changetype<usize>("recvttl"), IP.RECVTTL, Kind.FLAG,
  changetype<usize>("recvtos"), IP.RECVTOS, Kind.FLAG,
  changetype<usize>("mtu"), IP.MTU, Kind.INT,
  changetype<usize>("freebind"), IP.FREEBIND, Kind.FLAG,
  changetype<usize>("passsec"), IP.PASSSEC, Kind.FLAG,
  changetype<usize>("transparent"), IP.TRANSPARENT, Kind.FLAG,
  changetype<usize>("recvorigdstaddr"), IP.RECVORIGDSTADDR, Kind.FLAG,
  changetype<usize>("minttl"), IP.MINTTL, Kind.INT,
  changetype<usize>("nodefrag"), IP.NODEFRAG, Kind.FLAG,
  changetype<usize>("checksum"), IP.CHECKSUM, Kind.FLAG,
  changetype<usize>("bind-address-no-port"), IP.BIND_ADDRESS_NO_PORT, Kind.FLAG,
  changetype<usize>("recvfragsize"), IP.RECVFRAGSIZE, Kind.FLAG,
  changetype<usize>("recverr-rfc4884"), IP.RECVERR_RFC4884, Kind.FLAG,
  changetype<usize>("multicast-if"), IP.MULTICAST_IF, Kind.IN_ADDR,
  changetype<usize>("multicast-ttl"), IP.MULTICAST_TTL, Kind.INT,
  changetype<usize>("multicast-loop"), IP.MULTICAST_LOOP, Kind.FLAG,
  changetype<usize>("add-membership"), IP.ADD_MEMBERSHIP, Kind.MREQ,
  changetype<usize>("drop-membership"), IP.DROP_MEMBERSHIP, Kind.MREQ,
  changetype<usize>("unblock-source"), IP.UNBLOCK_SOURCE, Kind.MREQ_SOURCE,
  changetype<usize>("block-source"), IP.BLOCK_SOURCE, Kind.MREQ_SOURCE,
  changetype<usize>("add-source-membership"), IP.ADD_SOURCE_MEMBERSHIP, Kind.MREQ_SOURCE,
  changetype<usize>("drop-source-membership"), IP.DROP_SOURCE_MEMBERSHIP, Kind.MREQ_SOURCE,
  changetype<usize>("msfilter"), IP.MSFILTER, Kind.BYTES,
  changetype<usize>("multicast-all"), IP.MULTICAST_ALL, Kind.FLAG,
  changetype<usize>("unicast-if"), IP.UNICAST_IF, Kind.INT,
  changetype<usize>("mcast-join-group"), MCAST.JOIN_GROUP, Kind.GROUP,
  changetype<usize>("mcast-leave-group"), MCAST.LEAVE_GROUP, Kind.GROUP,
  changetype<usize>("mcast-join-source-group"), MCAST.JOIN_SOURCE_GROUP, Kind.GROUP_SOURCE,
  changetype<usize>("mcast-leave-source-group"), MCAST.LEAVE_SOURCE_GROUP, Kind.GROUP_SOURCE,
  changetype<usize>("mcast-block-source"), MCAST.BLOCK_SOURCE, Kind.GROUP_SOURCE,
  changetype<usize>("mcast-unblock-source"), MCAST.UNBLOCK_SOURCE, Kind.GROUP_SOURCE,
];

// prettier-ignore
@lazy
const INET6: Table = [
  changetype<usize>("addrform"), IPV6.ADDRFORM, Kind.INT,
  changetype<usize>("checksum"), IPV6.CHECKSUM, Kind.INT,
  changetype<usize>("flowinfo"), IPV6.FLOWINFO, Kind.FLAG,
  changetype<usize>("unicast-hops"), IPV6.UNICAST_HOPS, Kind.INT,
  changetype<usize>("multicast-if"), IPV6.MULTICAST_IF, Kind.INT,
  changetype<usize>("multicast-hops"), IPV6.MULTICAST_HOPS, Kind.INT,
  changetype<usize>("multicast-loop"), IPV6.MULTICAST_LOOP, Kind.FLAG,
  changetype<usize>("join-group"), IPV6.JOIN_GROUP, Kind.IPV6_MREQ,
  changetype<usize>("add-membership"), IPV6.ADD_MEMBERSHIP, Kind.IPV6_MREQ,
  changetype<usize>("leave-group"), IPV6.LEAVE_GROUP, Kind.IPV6_MREQ,
  changetype<usize>("drop-membership"), IPV6.DROP_MEMBERSHIP, Kind.IPV6_MREQ,
  changetype<usize>("router-alert"), IPV6.ROUTER_ALERT, Kind.INT,
  changetype<usize>("mtu-discover"), IPV6.MTU_DISCOVER, Kind.INT,
  changetype<usize>("mtu"), IPV6.MTU, Kind.INT,
  changetype<usize>("recverr"), IPV6.RECVERR, Kind.FLAG,
  changetype<usize>("v6only"), IPV6.V6ONLY, Kind.FLAG,
  changetype<usize>("join-anycast"), IPV6.JOIN_ANYCAST, Kind.IPV6_MREQ,
  changetype<usize>("leave-anycast"), IPV6.LEAVE_ANYCAST, Kind.IPV6_MREQ,
  changetype<usize>("multicast-all"), IPV6.MULTICAST_ALL, Kind.FLAG,
  changetype<usize>("router-alert-isolate"), IPV6.ROUTER_ALERT_ISOLATE, Kind.FLAG,
  changetype<usize>("recverr-rfc4884"), IPV6.RECVERR_RFC4884, Kind.FLAG,
  changetype<usize>("flowinfo-send"), IPV6.FLOWINFO_SEND, Kind.FLAG,
  changetype<usize>("hdrincl"), IPV6.HDRINCL, Kind.FLAG,
  changetype<usize>("recvpktinfo"), IPV6.RECVPKTINFO, Kind.FLAG,
  changetype<usize>("pktinfo"), IPV6.PKTINFO, Kind.BYTES,
  changetype<usize>("recvhoplimit"), IPV6.RECVHOPLIMIT, Kind.FLAG,
  changetype<usize>("recvhopopts"), IPV6.RECVHOPOPTS, Kind.FLAG,
  changetype<usize>("hopopts"), IPV6.HOPOPTS, Kind.BYTES,
  changetype<usize>("rxhopopts"), IPV6.RXHOPOPTS, Kind.BYTES,
  changetype<usize>("rthdrdstopts"), IPV6.RTHDRDSTOPTS, Kind.BYTES,
  changetype<usize>("recvrthdr"), IPV6.RECVRTHDR, Kind.FLAG,
  changetype<usize>("rthdr"), IPV6.RTHDR, Kind.BYTES,
  changetype<usize>("recvdstopts"), IPV6.RECVDSTOPTS, Kind.FLAG,
  changetype<usize>("dstopts"), IPV6.DSTOPTS, Kind.BYTES,
  changetype<usize>("rxdstopts"), IPV6.RXDSTOPTS, Kind.BYTES,
  changetype<usize>("recvpathmtu"), IPV6.RECVPATHMTU, Kind.FLAG,
  changetype<usize>("pathmtu"), IPV6.PATHMTU, Kind.BYTES,
  changetype<usize>("dontfrag"), IPV6.DONTFRAG, Kind.FLAG,
  changetype<usize>("recvtclass"), IPV6.RECVTCLASS, Kind.FLAG,
  changetype<usize>("tclass"), IPV6.TCLASS, Kind.INT,
  changetype<usize>("autoflowlabel"), IPV6.AUTOFLOWLABEL, Kind.FLAG,
  changetype<usize>("addr-preferences"), IPV6.ADDR_PREFERENCES, Kind.INT,
  changetype<usize>("minhopcount"), IPV6.MINHOPCOUNT, Kind.INT,
  changetype<usize>("recvorigdstaddr"), IPV6.RECVORIGDSTADDR, Kind.FLAG,
  changetype<usize>("transparent"), IPV6.TRANSPARENT, Kind.FLAG,
  changetype<usize>("unicast-if"), IPV6.UNICAST_IF, Kind.INT,
  changetype<usize>("recvfragsize"), IPV6.RECVFRAGSIZE, Kind.FLAG,
  changetype<usize>("freebind"), IPV6.FREEBIND, Kind.FLAG,
  changetype<usize>("mcast-join-group"), MCAST.JOIN_GROUP, Kind.GROUP,
  changetype<usize>("mcast-leave-group"), MCAST.LEAVE_GROUP, Kind.GROUP,
  changetype<usize>("mcast-join-source-group"), MCAST.JOIN_SOURCE_GROUP, Kind.GROUP_SOURCE,
  changetype<usize>("mcast-leave-source-group"), MCAST.LEAVE_SOURCE_GROUP, Kind.GROUP_SOURCE,
  changetype<usize>("mcast-block-source"), MCAST.BLOCK_SOURCE, Kind.GROUP_SOURCE,
  changetype<usize>("mcast-unblock-source"), MCAST.UNBLOCK_SOURCE, Kind.GROUP_SOURCE,
];

// prettier-ignore
@lazy
const STREAM: Table = [
  changetype<usize>("nodelay"), TCP.NODELAY, Kind.FLAG,
  changetype<usize>("maxseg"), TCP.MAXSEG, Kind.INT,
  changetype<usize>("cork"), TCP.CORK, Kind.FLAG,
  changetype<usize>("keepidle"), TCP.KEEPIDLE, Kind.INT,
  changetype<usize>("keepintvl"), TCP.KEEPINTVL, Kind.INT,
  changetype<usize>("keepcnt"), TCP.KEEPCNT, Kind.INT,
  changetype<usize>("syncnt"), TCP.SYNCNT, Kind.INT,
  changetype<usize>("linger2"), TCP.LINGER2, Kind.INT,
  changetype<usize>("defer-accept"), TCP.DEFER_ACCEPT, Kind.INT,
  changetype<usize>("window-clamp"), TCP.WINDOW_CLAMP, Kind.INT,
  changetype<usize>("info"), TCP.INFO, Kind.TCP_INFO,
  changetype<usize>("quickack"), TCP.QUICKACK, Kind.FLAG,
  changetype<usize>("congestion"), TCP.CONGESTION, Kind.STRING,
  changetype<usize>("md5sig"), TCP.MD5SIG, Kind.BYTES,
  changetype<usize>("thin-linear-timeouts"), TCP.THIN_LINEAR_TIMEOUTS, Kind.FLAG,
  changetype<usize>("thin-dupack"), TCP.THIN_DUPACK, Kind.FLAG,
  changetype<usize>("user-timeout"), TCP.USER_TIMEOUT, Kind.INT,
  changetype<usize>("repair"), TCP.REPAIR, Kind.INT,
  changetype<usize>("repair-queue"), TCP.REPAIR_QUEUE, Kind.INT,
  changetype<usize>("queue-seq"), TCP.QUEUE_SEQ, Kind.INT,
  changetype<usize>("fastopen"), TCP.FASTOPEN, Kind.INT,
  changetype<usize>("timestamp"), TCP.TIMESTAMP, Kind.INT,
  changetype<usize>("notsent-lowat"), TCP.NOTSENT_LOWAT, Kind.INT,
  changetype<usize>("cc-info"), TCP.CC_INFO, Kind.BYTES,
  changetype<usize>("save-syn"), TCP.SAVE_SYN, Kind.FLAG,
  changetype<usize>("saved-syn"), TCP.SAVED_SYN, Kind.BYTES,
  changetype<usize>("fastopen-connect"), TCP.FASTOPEN_CONNECT, Kind.FLAG,
  changetype<usize>("ulp"), TCP.ULP, Kind.STRING,
  changetype<usize>("fastopen-key"), TCP.FASTOPEN_KEY, Kind.BYTES,
  changetype<usize>("fastopen-no-cookie"), TCP.FASTOPEN_NO_COOKIE, Kind.FLAG,
  changetype<usize>("inq"), TCP.INQ, Kind.FLAG,
  changetype<usize>("tx-delay"), TCP.TX_DELAY, Kind.INT,
];

// prettier-ignore
@lazy
const DATAGRAM: Table = [
  changetype<usize>("cork"), UDP.CORK, Kind.FLAG,
  changetype<usize>("encap"), UDP.ENCAP, Kind.INT,
  changetype<usize>("no-check6-tx"), UDP.NO_CHECK6_TX, Kind.FLAG,
  changetype<usize>("no-check6-rx"), UDP.NO_CHECK6_RX, Kind.FLAG,
  changetype<usize>("segment"), UDP.SEGMENT, Kind.INT,
  changetype<usize>("gro"), UDP.GRO, Kind.FLAG,
];

// prettier-ignore
@lazy
const ICMPV6: Table = [
  changetype<usize>("filter"), ICMP6.FILTER, Kind.BYTES,
];

/** The options of a level: rows of symbol, number, Kind. */
export function optionsOf(level: i32): Rows {
  switch (level) {
    case SOL.SOCKET:
      return changetype<Rows>(SOCKET);
    case SOL.IP:
      return changetype<Rows>(INET);
    case SOL.IPV6:
      return changetype<Rows>(INET6);
    case SOL.TCP:
      return changetype<Rows>(STREAM);
    case SOL.UDP:
      return changetype<Rows>(DATAGRAM);
    case SOL.ICMPV6:
      return changetype<Rows>(ICMPV6);
    default:
      return nothing();
  }
}

/** The kind of value that an option takes; Kind.NONE where no such option exists. */
export function optionKind(level: i32, option: i32): i32 {
  return kindOf(optionsOf(level), option, Kind.NONE);
}

/**
 * Writes the value of an option that is made of numbers.
 *
 * @param kind Kind.INT, FLAG, LINGER or TIMEVAL
 * @param out where at most 16 bytes go
 * @param first the int or flag; linger's l_onoff; seconds
 * @param second linger's l_linger in seconds; microseconds
 * @returns the length of the value, 0 for a kind that is not made of numbers
 */
export function encodeOption(kind: i32, out: usize, first: f64, second: f64): i32 {
  if (kind == Kind.INT || kind == Kind.FLAG) {
    store<i32>(out, <i32>(<i64>first));
    return sizeof<i32>();
  }
  if (kind == Kind.LINGER) {
    const value = changetype<Linger>(out);
    value.l_onoff = <i32>first;
    value.l_linger = <i32>second;
    return linger.sizeof;
  }
  if (kind == Kind.TIMEVAL) {
    const value = changetype<Timeval>(out);
    value.tv_sec = <i64>first;
    value.tv_usec = <i64>second;
    return timeval.sizeof;
  }
  return 0;
}

/** The first number of an option's value: see encodeOption. */
export function optionFirst(kind: i32, value: usize): f64 {
  if (kind == Kind.LINGER) return changetype<Linger>(value).l_onoff;
  if (kind == Kind.TIMEVAL) return <f64>changetype<Timeval>(value).tv_sec;
  return load<i32>(value);
}

/** The second number of an option's value, 0 where it has only one: see encodeOption. */
export function optionSecond(kind: i32, value: usize): f64 {
  if (kind == Kind.LINGER) return changetype<Linger>(value).l_linger;
  if (kind == Kind.TIMEVAL) return <f64>changetype<Timeval>(value).tv_usec;
  return 0;
}
