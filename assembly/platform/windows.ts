// Windows: its numbers and layouts, on x64 and arm64. Each value names the public header that it stands in: of
// mingw-w64 10.0.0, which declares what the Windows SDK's headers of these names do.

import { ABSENT } from "./absent";

/** Address families. */
export const enum AF {
  UNSPEC = 0, // winsock2.h
  UNIX = 1, // winsock2.h
  LOCAL = ABSENT,
  INET = 2, // winsock2.h
  INET6 = 23, // winsock2.h
  NETLINK = ABSENT,
  PACKET = ABSENT,
  VSOCK = ABSENT,
}

/** Socket types, and their modifiers. */
export const enum SOCK {
  STREAM = 1, // winsock2.h
  DGRAM = 2, // winsock2.h
  RAW = 3, // winsock2.h
  RDM = 4, // winsock2.h
  SEQPACKET = 5, // winsock2.h
  DCCP = ABSENT,
  PACKET = ABSENT,
  NONBLOCK = ABSENT,
  CLOEXEC = ABSENT,
}

/** Message flags. */
export const enum MSG {
  OOB = 1, // winsock2.h
  PEEK = 2, // winsock2.h
  DONTROUTE = 4, // winsock2.h
  TRYHARD = ABSENT,
  CTRUNC = 0x200, // mswsock.h
  PROXY = ABSENT,
  TRUNC = 0x100, // mswsock.h
  DONTWAIT = ABSENT,
  EOR = ABSENT,
  WAITALL = 8, // winsock2.h
  FIN = ABSENT,
  SYN = ABSENT,
  CONFIRM = ABSENT,
  RST = ABSENT,
  ERRQUEUE = ABSENT,
  NOSIGNAL = ABSENT,
  MORE = ABSENT,
  WAITFORONE = ABSENT,
  BATCH = ABSENT,
  ZEROCOPY = ABSENT,
  FASTOPEN = ABSENT,
  CMSG_CLOEXEC = ABSENT,
}

/** Flags of getaddrinfo(3). */
export const enum AI {
  PASSIVE = 1, // ws2tcpip.h
  CANONNAME = 2, // ws2tcpip.h
  NUMERICHOST = 4, // ws2tcpip.h
  V4MAPPED = 2048, // ws2tcpip.h
  ALL = 256, // ws2tcpip.h
  ADDRCONFIG = 1024, // ws2tcpip.h
  IDN = ABSENT,
  CANONIDN = ABSENT,
  IDN_ALLOW_UNASSIGNED = ABSENT,
  IDN_USE_STD3_ASCII_RULES = ABSENT,
  NUMERICSERV = 8, // ws2tcpip.h
}

/** What getaddrinfo(3) returns. */
export const enum EAI {
  BADFLAGS = 10022, // ws2tcpip.h
  NONAME = 11001, // ws2tcpip.h
  AGAIN = 11002, // ws2tcpip.h
  FAIL = 11003, // ws2tcpip.h
  NODATA = ABSENT, // EAI_NONAME there
  FAMILY = 10047, // ws2tcpip.h
  SOCKTYPE = 10044, // ws2tcpip.h
  SERVICE = 10109, // ws2tcpip.h
  ADDRFAMILY = ABSENT,
  MEMORY = 8, // ws2tcpip.h
  SYSTEM = ABSENT,
  OVERFLOW = ABSENT,
  INPROGRESS = ABSENT,
  CANCELED = ABSENT,
  NOTCANCELED = ABSENT,
  ALLDONE = ABSENT,
  INTR = ABSENT,
  IDN_ENCODE = ABSENT,
}

/** Flags of getnameinfo(3). */
export const enum NI {
  NUMERICHOST = 2, // ws2tcpip.h
  NUMERICSERV = 8, // ws2tcpip.h
  NOFQDN = 1, // ws2tcpip.h
  NAMEREQD = 4, // ws2tcpip.h
  DGRAM = 16, // ws2tcpip.h
  IDN = ABSENT,
}

/** How shutdown(2) shuts. */
export const enum SHUT {
  RD = 0, // winsock2.h: SD_RECEIVE
  WR = 1, // winsock2.h: SD_SEND
  RDWR = 2, // winsock2.h: SD_BOTH
}

/** Events of poll(2). */
export const enum POLL {
  IN = 768, // winsock2.h
  PRI = 1024, // winsock2.h
  OUT = 16, // winsock2.h
  ERR = 1, // winsock2.h
  HUP = 2, // winsock2.h
  NVAL = 4, // winsock2.h
  RDNORM = 256, // winsock2.h
  RDBAND = 512, // winsock2.h
  WRNORM = 16, // winsock2.h
  WRBAND = 32, // winsock2.h
  RDHUP = ABSENT,
}

/** Control messages of SOL.SOCKET. */
export const enum SCM {
  RIGHTS = ABSENT,
  CREDENTIALS = ABSENT,
  TIMESTAMP = ABSENT,
  TIMESTAMPNS = ABSENT,
  TIMESTAMPING = ABSENT,
}

/** Levels of options and control messages. */
export const enum SOL {
  IP = 0, // ws2def.h: IPPROTO_IP
  SOCKET = 65535, // winsock2.h
  TCP = 6, // ws2def.h: IPPROTO_TCP
  UDP = 17, // ws2def.h: IPPROTO_UDP
  IPV6 = 41, // ws2def.h: IPPROTO_IPV6
  ICMPV6 = 58, // ws2def.h: IPPROTO_ICMPV6
}

/** Options of SOL.SOCKET. */
export const enum SO {
  DEBUG = 1, // winsock2.h
  REUSEADDR = 4, // winsock2.h
  TYPE = 0x1008, // winsock2.h
  ERROR = 0x1007, // winsock2.h
  DONTROUTE = 0x10, // winsock2.h
  BROADCAST = 0x20, // winsock2.h
  SNDBUF = 0x1001, // winsock2.h
  RCVBUF = 0x1002, // winsock2.h
  KEEPALIVE = 8, // winsock2.h
  OOBINLINE = 0x100, // winsock2.h
  NO_CHECK = ABSENT,
  PRIORITY = ABSENT,
  LINGER = 0x80, // winsock2.h
  BSDCOMPAT = ABSENT,
  REUSEPORT = ABSENT,
  PASSCRED = ABSENT,
  PEERCRED = ABSENT,
  RCVLOWAT = 0x1004, // winsock2.h
  SNDLOWAT = 0x1003, // winsock2.h
  RCVTIMEO = 0x1006, // winsock2.h
  SNDTIMEO = 0x1005, // winsock2.h
  BINDTODEVICE = ABSENT,
  DETACH_FILTER = ABSENT,
  PEERNAME = ABSENT,
  TIMESTAMP = ABSENT,
  ACCEPTCONN = 2, // winsock2.h
  PEERSEC = ABSENT,
  SNDBUFFORCE = ABSENT,
  RCVBUFFORCE = ABSENT,
  PASSSEC = ABSENT,
  TIMESTAMPNS = ABSENT,
  MARK = ABSENT,
  TIMESTAMPING = ABSENT,
  PROTOCOL = ABSENT,
  DOMAIN = ABSENT,
  RXQ_OVFL = ABSENT,
  WIFI_STATUS = ABSENT,
  PEEK_OFF = ABSENT,
  NOFCS = ABSENT,
  LOCK_FILTER = ABSENT,
  SELECT_ERR_QUEUE = ABSENT,
  BUSY_POLL = ABSENT,
  MAX_PACING_RATE = ABSENT,
  BPF_EXTENSIONS = ABSENT,
  INCOMING_CPU = ABSENT,
  CNX_ADVICE = ABSENT,
  MEMINFO = ABSENT,
  INCOMING_NAPI_ID = ABSENT,
  COOKIE = ABSENT,
  PEERGROUPS = ABSENT,
  ZEROCOPY = ABSENT,
  TXTIME = ABSENT,
  BINDTOIFINDEX = ABSENT,
  TIMESTAMP_NEW = ABSENT,
  TIMESTAMPNS_NEW = ABSENT,
  TIMESTAMPING_NEW = ABSENT,
  RCVTIMEO_NEW = ABSENT,
  SNDTIMEO_NEW = ABSENT,
  DETACH_REUSEPORT_BPF = ABSENT,
  PREFER_BUSY_POLL = ABSENT,
  BUSY_POLL_BUDGET = ABSENT,
  NETNS_COOKIE = ABSENT,
  BUF_LOCK = ABSENT,
  RESERVE_MEM = ABSENT,
  TXREHASH = ABSENT,
  RCVMARK = ABSENT,
}

/** Options of SOL.IP. */
export const enum IP {
  TOS = 3, // ws2ipdef.h
  TTL = 4, // ws2ipdef.h
  HDRINCL = 2, // ws2ipdef.h
  OPTIONS = 1, // ws2ipdef.h
  ROUTER_ALERT = ABSENT,
  RECVOPTS = ABSENT,
  RETOPTS = ABSENT,
  RECVRETOPTS = ABSENT,
  PKTINFO = 19, // ws2ipdef.h
  PKTOPTIONS = ABSENT,
  MTU_DISCOVER = ABSENT, // IP_MTU_DISCOVER there takes other values
  RECVERR = 75, // ws2ipdef.h
  RECVTTL = 21, // ws2ipdef.h
  RECVTOS = 40, // ws2ipdef.h
  MTU = 73, // ws2ipdef.h
  FREEBIND = ABSENT,
  PASSSEC = ABSENT,
  TRANSPARENT = ABSENT,
  RECVORIGDSTADDR = ABSENT,
  MINTTL = ABSENT,
  NODEFRAG = ABSENT,
  CHECKSUM = ABSENT,
  BIND_ADDRESS_NO_PORT = ABSENT,
  RECVFRAGSIZE = ABSENT,
  RECVERR_RFC4884 = ABSENT,
  MULTICAST_IF = 9, // ws2ipdef.h
  MULTICAST_TTL = 10, // ws2ipdef.h
  MULTICAST_LOOP = 11, // ws2ipdef.h
  ADD_MEMBERSHIP = 12, // ws2ipdef.h
  DROP_MEMBERSHIP = 13, // ws2ipdef.h
  UNBLOCK_SOURCE = 18, // ws2ipdef.h
  BLOCK_SOURCE = 17, // ws2ipdef.h
  ADD_SOURCE_MEMBERSHIP = 15, // ws2ipdef.h
  DROP_SOURCE_MEMBERSHIP = 16, // ws2ipdef.h
  MSFILTER = ABSENT,
  MULTICAST_ALL = ABSENT,
  UNICAST_IF = 31, // ws2ipdef.h
}

/** Options of SOL.IP and SOL.IPV6, RFC 3678. */
export const enum MCAST {
  JOIN_GROUP = 41, // ws2ipdef.h
  BLOCK_SOURCE = 43, // ws2ipdef.h
  UNBLOCK_SOURCE = 44, // ws2ipdef.h
  LEAVE_GROUP = 42, // ws2ipdef.h
  JOIN_SOURCE_GROUP = 45, // ws2ipdef.h
  LEAVE_SOURCE_GROUP = 46, // ws2ipdef.h
}

/** Options of SOL.IPV6. */
export const enum IPV6 {
  ADDRFORM = ABSENT,
  CHECKSUM = 26, // ws2ipdef.h
  FLOWINFO = ABSENT,
  MULTICAST_IF = 9, // ws2ipdef.h
  UNICAST_HOPS = 4, // ws2ipdef.h
  MULTICAST_HOPS = 10, // ws2ipdef.h
  MULTICAST_LOOP = 11, // ws2ipdef.h
  JOIN_GROUP = 12, // ws2ipdef.h
  ADD_MEMBERSHIP = 12, // ws2ipdef.h
  LEAVE_GROUP = 13, // ws2ipdef.h
  DROP_MEMBERSHIP = 13, // ws2ipdef.h
  ROUTER_ALERT = ABSENT,
  MTU_DISCOVER = ABSENT, // IPV6_MTU_DISCOVER there takes other values
  MTU = 72, // ws2ipdef.h
  RECVERR = 75, // ws2ipdef.h
  V6ONLY = 27, // ws2ipdef.h
  JOIN_ANYCAST = ABSENT,
  LEAVE_ANYCAST = ABSENT,
  MULTICAST_ALL = ABSENT,
  ROUTER_ALERT_ISOLATE = ABSENT,
  RECVERR_RFC4884 = ABSENT,
  FLOWINFO_SEND = ABSENT,
  HDRINCL = 2, // ws2ipdef.h
  RECVPKTINFO = 19, // ws2ipdef.h: IPV6_PKTINFO
  PKTINFO = 19, // ws2ipdef.h
  RECVHOPLIMIT = 21, // ws2ipdef.h: IPV6_HOPLIMIT
  HOPLIMIT = 21, // ws2ipdef.h
  RECVHOPOPTS = ABSENT,
  HOPOPTS = 1, // ws2ipdef.h
  RXHOPOPTS = ABSENT,
  RTHDRDSTOPTS = ABSENT,
  RECVRTHDR = 38, // ws2ipdef.h
  RTHDR = 32, // ws2ipdef.h
  RECVDSTOPTS = ABSENT,
  DSTOPTS = ABSENT,
  RXDSTOPTS = ABSENT,
  RECVPATHMTU = ABSENT,
  PATHMTU = ABSENT,
  DONTFRAG = 14, // ws2ipdef.h
  RECVTCLASS = 40, // ws2ipdef.h
  TCLASS = 39, // ws2ipdef.h
  AUTOFLOWLABEL = ABSENT,
  ADDR_PREFERENCES = ABSENT,
  MINHOPCOUNT = ABSENT,
  RECVORIGDSTADDR = ABSENT,
  TRANSPARENT = ABSENT,
  UNICAST_IF = 31, // ws2ipdef.h
  RECVFRAGSIZE = ABSENT,
  FREEBIND = ABSENT,
}

/** Options of SOL.TCP. */
export const enum TCP {
  NODELAY = 1, // winsock2.h
  MAXSEG = 4, // ws2ipdef.h of the Windows SDK 10.0.19041
  CORK = ABSENT,
  KEEPIDLE = 3, // ws2ipdef.h of the Windows SDK 10.0.19041
  KEEPINTVL = 17, // ws2ipdef.h of the Windows SDK 10.0.19041
  KEEPCNT = 16, // ws2ipdef.h of the Windows SDK 10.0.19041
  SYNCNT = ABSENT,
  LINGER2 = ABSENT,
  DEFER_ACCEPT = ABSENT,
  WINDOW_CLAMP = ABSENT,
  INFO = ABSENT,
  QUICKACK = ABSENT,
  CONGESTION = ABSENT,
  MD5SIG = ABSENT,
  THIN_LINEAR_TIMEOUTS = ABSENT,
  THIN_DUPACK = ABSENT,
  USER_TIMEOUT = ABSENT,
  REPAIR = ABSENT,
  REPAIR_QUEUE = ABSENT,
  QUEUE_SEQ = ABSENT,
  FASTOPEN = 15, // ws2ipdef.h of the Windows SDK 10.0.19041
  TIMESTAMP = ABSENT,
  NOTSENT_LOWAT = ABSENT,
  CC_INFO = ABSENT,
  SAVE_SYN = ABSENT,
  SAVED_SYN = ABSENT,
  FASTOPEN_CONNECT = ABSENT,
  ULP = ABSENT,
  FASTOPEN_KEY = ABSENT,
  FASTOPEN_NO_COOKIE = ABSENT,
  INQ = ABSENT,
  TX_DELAY = ABSENT,
}

/** Commands of fcntl(2). */
export const enum F {
  GETFD = ABSENT,
  SETFD = ABSENT,
  GETFL = ABSENT,
  SETFL = ABSENT,
  DUPFD_CLOEXEC = ABSENT,
}

/** Flags of a descriptor. */
export const enum FD {
  CLOEXEC = ABSENT,
}

/** Flags of an open file. */
export const enum O {
  RDONLY = ABSENT,
  RDWR = ABSENT,
  APPEND = ABSENT,
  NONBLOCK = ABSENT,
  ASYNC = ABSENT,
  CLOEXEC = ABSENT,
}

/** Error numbers. */
export const enum Errno {
  EPERM = ABSENT,
  ENOENT = ABSENT,
  ESRCH = ABSENT,
  EINTR = 10004, // psdk_inc/_wsa_errnos.h
  EIO = ABSENT,
  ENXIO = ABSENT,
  E2BIG = ABSENT,
  ENOEXEC = ABSENT,
  EBADF = 10009, // psdk_inc/_wsa_errnos.h
  ECHILD = ABSENT,
  EAGAIN = 10035, // winerror.h: WSAEWOULDBLOCK
  ENOMEM = 8, // winerror.h: WSA_NOT_ENOUGH_MEMORY
  EACCES = 10013, // psdk_inc/_wsa_errnos.h
  EFAULT = 10014, // psdk_inc/_wsa_errnos.h
  ENOTBLK = ABSENT,
  EBUSY = ABSENT,
  EEXIST = ABSENT,
  EXDEV = ABSENT,
  ENODEV = ABSENT,
  ENOTDIR = ABSENT,
  EISDIR = ABSENT,
  EINVAL = 10022, // psdk_inc/_wsa_errnos.h
  ENFILE = ABSENT,
  EMFILE = 10024, // psdk_inc/_wsa_errnos.h
  ENOTTY = ABSENT,
  ETXTBSY = ABSENT,
  EFBIG = ABSENT,
  ENOSPC = ABSENT,
  ESPIPE = ABSENT,
  EROFS = ABSENT,
  EMLINK = ABSENT,
  EPIPE = ABSENT,
  EDOM = ABSENT,
  ERANGE = ABSENT,
  EDEADLK = ABSENT,
  ENAMETOOLONG = 10063, // psdk_inc/_wsa_errnos.h
  ENOLCK = ABSENT,
  ENOSYS = ABSENT,
  ENOTEMPTY = 10066, // psdk_inc/_wsa_errnos.h
  ELOOP = 10062, // psdk_inc/_wsa_errnos.h
  ENOMSG = ABSENT,
  EIDRM = ABSENT,
  ECHRNG = ABSENT,
  EL2NSYNC = ABSENT,
  EL3HLT = ABSENT,
  EL3RST = ABSENT,
  ELNRNG = ABSENT,
  EUNATCH = ABSENT,
  ENOCSI = ABSENT,
  EL2HLT = ABSENT,
  EBADE = ABSENT,
  EBADR = ABSENT,
  EXFULL = ABSENT,
  ENOANO = ABSENT,
  EBADRQC = ABSENT,
  EBADSLT = ABSENT,
  EBFONT = ABSENT,
  ENOSTR = ABSENT,
  ENODATA = ABSENT,
  ETIME = ABSENT,
  ENOSR = ABSENT,
  ENONET = ABSENT,
  ENOPKG = ABSENT,
  EREMOTE = 10071, // psdk_inc/_wsa_errnos.h
  ENOLINK = ABSENT,
  EADV = ABSENT,
  ESRMNT = ABSENT,
  ECOMM = ABSENT,
  EPROTO = ABSENT,
  EMULTIHOP = ABSENT,
  EDOTDOT = ABSENT,
  EBADMSG = ABSENT,
  EOVERFLOW = ABSENT,
  ENOTUNIQ = ABSENT,
  EBADFD = ABSENT,
  EREMCHG = ABSENT,
  ELIBACC = ABSENT,
  ELIBBAD = ABSENT,
  ELIBSCN = ABSENT,
  ELIBMAX = ABSENT,
  ELIBEXEC = ABSENT,
  EILSEQ = ABSENT,
  ERESTART = ABSENT,
  ESTRPIPE = ABSENT,
  EUSERS = 10068, // psdk_inc/_wsa_errnos.h
  ENOTSOCK = 10038, // psdk_inc/_wsa_errnos.h
  EDESTADDRREQ = 10039, // psdk_inc/_wsa_errnos.h
  EMSGSIZE = 10040, // psdk_inc/_wsa_errnos.h
  EPROTOTYPE = 10041, // psdk_inc/_wsa_errnos.h
  ENOPROTOOPT = 10042, // psdk_inc/_wsa_errnos.h
  EPROTONOSUPPORT = 10043, // psdk_inc/_wsa_errnos.h
  ESOCKTNOSUPPORT = 10044, // psdk_inc/_wsa_errnos.h
  EOPNOTSUPP = 10045, // psdk_inc/_wsa_errnos.h
  EPFNOSUPPORT = 10046, // psdk_inc/_wsa_errnos.h
  EAFNOSUPPORT = 10047, // psdk_inc/_wsa_errnos.h
  EADDRINUSE = 10048, // psdk_inc/_wsa_errnos.h
  EADDRNOTAVAIL = 10049, // psdk_inc/_wsa_errnos.h
  ENETDOWN = 10050, // psdk_inc/_wsa_errnos.h
  ENETUNREACH = 10051, // psdk_inc/_wsa_errnos.h
  ENETRESET = 10052, // psdk_inc/_wsa_errnos.h
  ECONNABORTED = 10053, // psdk_inc/_wsa_errnos.h
  ECONNRESET = 10054, // psdk_inc/_wsa_errnos.h
  ENOBUFS = 10055, // psdk_inc/_wsa_errnos.h
  EISCONN = 10056, // psdk_inc/_wsa_errnos.h
  ENOTCONN = 10057, // psdk_inc/_wsa_errnos.h
  ESHUTDOWN = 10058, // psdk_inc/_wsa_errnos.h
  ETOOMANYREFS = 10059, // psdk_inc/_wsa_errnos.h
  ETIMEDOUT = 10060, // psdk_inc/_wsa_errnos.h
  ECONNREFUSED = 10061, // psdk_inc/_wsa_errnos.h
  EHOSTDOWN = 10064, // psdk_inc/_wsa_errnos.h
  EHOSTUNREACH = 10065, // psdk_inc/_wsa_errnos.h
  EALREADY = 10037, // psdk_inc/_wsa_errnos.h
  EINPROGRESS = 10036, // psdk_inc/_wsa_errnos.h
  ESTALE = 10070, // psdk_inc/_wsa_errnos.h
  EUCLEAN = ABSENT,
  ENOTNAM = ABSENT,
  ENAVAIL = ABSENT,
  EISNAM = ABSENT,
  EREMOTEIO = ABSENT,
  EDQUOT = 10069, // psdk_inc/_wsa_errnos.h
  ENOMEDIUM = ABSENT,
  EMEDIUMTYPE = ABSENT,
  ECANCELED = 10111, // winerror.h: WSA_E_CANCELLED
  ENOKEY = ABSENT,
  EKEYEXPIRED = ABSENT,
  EKEYREVOKED = ABSENT,
  EKEYREJECTED = ABSENT,
  EOWNERDEAD = ABSENT,
  ENOTRECOVERABLE = ABSENT,
  ERFKILL = ABSENT,
  EHWPOISON = ABSENT,
  EWOULDBLOCK = 10035, // psdk_inc/_wsa_errnos.h
  ENOTSUP = ABSENT,
}

/** struct sockaddr_in, ws2def.h. */
export const enum sockaddr_in {
  sin_family = 0,
  sin_port = 2,
  sin_addr = 4,
  sin_zero = 8,
  sizeof = 16,
}

/** struct sockaddr_in6, ws2ipdef.h. */
export const enum sockaddr_in6 {
  sin6_family = 0,
  sin6_port = 2,
  sin6_flowinfo = 4,
  sin6_addr = 8,
  sin6_scope_id = 24,
  sizeof = 28,
}

/** struct sockaddr_un, afunix.h. */
export const enum sockaddr_un {
  sun_family = 0,
  sun_path = 2,
  sizeof = 110,
}

/** struct addrinfo, ws2def.h: ai_addrlen is a size_t, the name before the address. */
export const enum addrinfo {
  ai_flags = 0,
  ai_family = 4,
  ai_socktype = 8,
  ai_protocol = 12,
  ai_addrlen = 16,
  ai_canonname = 24,
  ai_addr = 32,
  ai_next = 40,
  sizeof = 48,
}

/** WSABUF, ws2def.h: its length, a ULONG, before its bytes. */
export const enum iovec {
  iov_len = 0,
  iov_base = 8,
  sizeof = 16,
}

/** WSAMSG, ws2def.h: the control data is a WSABUF, and stands behind the count of the buffers. */
export const enum msghdr {
  msg_name = 0,
  msg_namelen = 8,
  msg_iov = 16,
  msg_iovlen = 24,
  msg_controllen = 32,
  msg_control = 40,
  msg_flags = 48,
  sizeof = 56,
}

/** WSACMSGHDR, ws2def.h: cmsg_len is a SIZE_T; where WSA_CMSG_DATA starts, and to what WSA_CMSG_NXTHDR aligns. */
export const enum cmsghdr {
  cmsg_len = 0,
  cmsg_level = 8,
  cmsg_type = 12,
  sizeof = 16,
  data = 16,
  alignment = 8,
}

/** struct linger, winsock2.h: two u_shorts. */
export const enum linger {
  l_onoff = 0,
  l_linger = 2,
  sizeof = 4,
}

/** What SO_RCVTIMEO and SO_SNDTIMEO take, winsock2.h: a DWORD of milliseconds. */
export const enum timeval {
  milliseconds = 0,
  sizeof = 4,
}

/** struct ip_mreq, ws2ipdef.h: an index is an address of 0.0.0.0/8 in the place of the interface. */
export const enum ip_mreqn {
  imr_multiaddr = 0,
  imr_address = 4,
  sizeof = 8,
}

/** struct ip_mreq_source, ws2ipdef.h: the source before the interface. */
export const enum ip_mreq_source {
  imr_multiaddr = 0,
  imr_sourceaddr = 4,
  imr_interface = 8,
  sizeof = 12,
}

/** struct ipv6_mreq, ws2ipdef.h. */
export const enum ipv6_mreq {
  ipv6mr_multiaddr = 0,
  ipv6mr_interface = 16,
  sizeof = 20,
}

/** struct group_source_req, ws2ipdef.h. */
export const enum group_source_req {
  gsr_interface = 0,
  gsr_group = 8,
  gsr_source = 136,
  sizeof = 264,
}

/** WSAPOLLFD, winsock2.h: the socket is a pointer in size. */
export const enum pollfd {
  fd = 0,
  events = 8,
  revents = 10,
  sizeof = 16,
}

/** struct in_pktinfo, ws2ipdef.h: one address, of this machine. */
export const enum in_pktinfo {
  ipi_addr = 0,
  ipi_ifindex = 4,
  sizeof = 8,
}

/** struct in6_pktinfo, ws2ipdef.h. */
export const enum in6_pktinfo {
  ipi6_addr = 0,
  ipi6_ifindex = 16,
  sizeof = 20,
}
