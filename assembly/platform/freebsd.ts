// FreeBSD: its numbers and layouts, on 64-bit machines. Each value names the public header that it stands in, of
// FreeBSD 14.

import { ABSENT } from "./absent";

/** Address families. */
export const enum AF {
  UNSPEC = 0, // sys/socket.h
  UNIX = 1, // sys/socket.h
  LOCAL = 1, // sys/socket.h
  INET = 2, // sys/socket.h
  INET6 = 28, // sys/socket.h
  NETLINK = ABSENT,
  PACKET = ABSENT,
  VSOCK = ABSENT,
}

/** Socket types, and their modifiers. */
export const enum SOCK {
  STREAM = 1, // sys/socket.h
  DGRAM = 2, // sys/socket.h
  RAW = 3, // sys/socket.h
  RDM = 4, // sys/socket.h
  SEQPACKET = 5, // sys/socket.h
  DCCP = ABSENT,
  PACKET = ABSENT,
  NONBLOCK = 0x20000000, // sys/socket.h
  CLOEXEC = 0x10000000, // sys/socket.h
}

/** Message flags. */
export const enum MSG {
  OOB = 1, // sys/socket.h
  PEEK = 2, // sys/socket.h
  DONTROUTE = 4, // sys/socket.h
  TRYHARD = ABSENT,
  CTRUNC = 0x20, // sys/socket.h
  PROXY = ABSENT,
  TRUNC = 0x10, // sys/socket.h
  DONTWAIT = 0x80, // sys/socket.h
  EOR = 8, // sys/socket.h
  WAITALL = 0x40, // sys/socket.h
  FIN = ABSENT,
  SYN = ABSENT,
  CONFIRM = ABSENT,
  RST = ABSENT,
  ERRQUEUE = ABSENT,
  NOSIGNAL = 0x20000, // sys/socket.h
  MORE = ABSENT,
  WAITFORONE = 0x80000, // sys/socket.h
  BATCH = ABSENT,
  ZEROCOPY = ABSENT,
  FASTOPEN = ABSENT,
  CMSG_CLOEXEC = 0x40000, // sys/socket.h
}

/** Flags of getaddrinfo(3). */
export const enum AI {
  PASSIVE = 1, // netdb.h
  CANONNAME = 2, // netdb.h
  NUMERICHOST = 4, // netdb.h
  V4MAPPED = 2048, // netdb.h
  ALL = 256, // netdb.h
  ADDRCONFIG = 1024, // netdb.h
  IDN = ABSENT,
  CANONIDN = ABSENT,
  IDN_ALLOW_UNASSIGNED = ABSENT,
  IDN_USE_STD3_ASCII_RULES = ABSENT,
  NUMERICSERV = 8, // netdb.h
}

/** What getaddrinfo(3) returns. */
export const enum EAI {
  BADFLAGS = 3, // netdb.h
  NONAME = 8, // netdb.h
  AGAIN = 2, // netdb.h
  FAIL = 4, // netdb.h
  NODATA = ABSENT,
  FAMILY = 5, // netdb.h
  SOCKTYPE = 10, // netdb.h
  SERVICE = 9, // netdb.h
  ADDRFAMILY = ABSENT,
  MEMORY = 6, // netdb.h
  SYSTEM = 11, // netdb.h
  OVERFLOW = 14, // netdb.h
  INPROGRESS = ABSENT,
  CANCELED = ABSENT,
  NOTCANCELED = ABSENT,
  ALLDONE = ABSENT,
  INTR = ABSENT,
  IDN_ENCODE = ABSENT,
}

/** Flags of getnameinfo(3). */
export const enum NI {
  NUMERICHOST = 2, // netdb.h
  NUMERICSERV = 8, // netdb.h
  NOFQDN = 1, // netdb.h
  NAMEREQD = 4, // netdb.h
  DGRAM = 16, // netdb.h
  IDN = ABSENT,
}

/** How shutdown(2) shuts. */
export const enum SHUT {
  RD = 0, // sys/socket.h
  WR = 1, // sys/socket.h
  RDWR = 2, // sys/socket.h
}

/** Events of poll(2). */
export const enum POLL {
  IN = 1, // sys/poll.h
  PRI = 2, // sys/poll.h
  OUT = 4, // sys/poll.h
  ERR = 8, // sys/poll.h
  HUP = 16, // sys/poll.h
  NVAL = 32, // sys/poll.h
  RDNORM = 64, // sys/poll.h
  RDBAND = 128, // sys/poll.h
  WRNORM = 4, // sys/poll.h
  WRBAND = 256, // sys/poll.h
  RDHUP = 0x4000, // sys/poll.h
}

/** Control messages of SOL.SOCKET. */
export const enum SCM {
  RIGHTS = 1, // sys/socket.h
  CREDENTIALS = ABSENT,
  TIMESTAMP = 2, // sys/socket.h
  TIMESTAMPNS = ABSENT,
  TIMESTAMPING = ABSENT,
}

/** Levels of options and control messages. */
export const enum SOL {
  IP = 0, // netinet/in.h: IPPROTO_IP
  SOCKET = 65535, // sys/socket.h
  TCP = 6, // netinet/in.h: IPPROTO_TCP
  UDP = 17, // netinet/in.h: IPPROTO_UDP
  IPV6 = 41, // netinet/in.h: IPPROTO_IPV6
  ICMPV6 = 58, // netinet/in.h: IPPROTO_ICMPV6
}

/** Options of SOL.SOCKET. */
export const enum SO {
  DEBUG = 1, // sys/socket.h
  REUSEADDR = 4, // sys/socket.h
  TYPE = 0x1008, // sys/socket.h
  ERROR = 0x1007, // sys/socket.h
  DONTROUTE = 0x10, // sys/socket.h
  BROADCAST = 0x20, // sys/socket.h
  SNDBUF = 0x1001, // sys/socket.h
  RCVBUF = 0x1002, // sys/socket.h
  KEEPALIVE = 8, // sys/socket.h
  OOBINLINE = 0x100, // sys/socket.h
  NO_CHECK = ABSENT,
  PRIORITY = ABSENT,
  LINGER = 0x80, // sys/socket.h
  BSDCOMPAT = ABSENT,
  REUSEPORT = 0x200, // sys/socket.h
  PASSCRED = ABSENT,
  PEERCRED = ABSENT,
  RCVLOWAT = 0x1004, // sys/socket.h
  SNDLOWAT = 0x1003, // sys/socket.h
  RCVTIMEO = 0x1006, // sys/socket.h
  SNDTIMEO = 0x1005, // sys/socket.h
  BINDTODEVICE = ABSENT,
  DETACH_FILTER = ABSENT,
  PEERNAME = ABSENT,
  TIMESTAMP = 0x400, // sys/socket.h
  ACCEPTCONN = 2, // sys/socket.h
  PEERSEC = ABSENT,
  SNDBUFFORCE = ABSENT,
  RCVBUFFORCE = ABSENT,
  PASSSEC = ABSENT,
  TIMESTAMPNS = ABSENT,
  MARK = ABSENT,
  TIMESTAMPING = ABSENT,
  PROTOCOL = 0x1016, // sys/socket.h
  DOMAIN = 0x1019, // sys/socket.h
  RXQ_OVFL = ABSENT,
  WIFI_STATUS = ABSENT,
  PEEK_OFF = ABSENT,
  NOFCS = ABSENT,
  LOCK_FILTER = ABSENT,
  SELECT_ERR_QUEUE = ABSENT,
  BUSY_POLL = ABSENT,
  MAX_PACING_RATE = 0x1018, // sys/socket.h
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
  TOS = 3, // netinet/in.h
  TTL = 4, // netinet/in.h
  HDRINCL = 2, // netinet/in.h
  OPTIONS = 1, // netinet/in.h
  ROUTER_ALERT = ABSENT,
  RECVOPTS = 5, // netinet/in.h
  RETOPTS = ABSENT, // IP_RETOPTS there is another thing: options of each packet
  RECVRETOPTS = 6, // netinet/in.h
  PKTINFO = ABSENT,
  PKTOPTIONS = ABSENT,
  MTU_DISCOVER = ABSENT,
  RECVERR = ABSENT,
  RECVTTL = 65, // netinet/in.h
  RECVTOS = 68, // netinet/in.h
  MTU = ABSENT,
  FREEBIND = ABSENT,
  PASSSEC = ABSENT,
  TRANSPARENT = ABSENT,
  RECVORIGDSTADDR = 27, // netinet/in.h
  MINTTL = 66, // netinet/in.h
  NODEFRAG = ABSENT,
  CHECKSUM = ABSENT,
  BIND_ADDRESS_NO_PORT = ABSENT,
  RECVFRAGSIZE = ABSENT,
  RECVERR_RFC4884 = ABSENT,
  MULTICAST_IF = 9, // netinet/in.h
  MULTICAST_TTL = 10, // netinet/in.h
  MULTICAST_LOOP = 11, // netinet/in.h
  ADD_MEMBERSHIP = 12, // netinet/in.h
  DROP_MEMBERSHIP = 13, // netinet/in.h
  UNBLOCK_SOURCE = 73, // netinet/in.h
  BLOCK_SOURCE = 72, // netinet/in.h
  ADD_SOURCE_MEMBERSHIP = 70, // netinet/in.h
  DROP_SOURCE_MEMBERSHIP = 71, // netinet/in.h
  MSFILTER = ABSENT, // a struct of another layout
  MULTICAST_ALL = ABSENT,
  UNICAST_IF = ABSENT,
}

/** Options of SOL.IP and SOL.IPV6, RFC 3678. */
export const enum MCAST {
  JOIN_GROUP = 80, // netinet/in.h
  BLOCK_SOURCE = 84, // netinet/in.h
  UNBLOCK_SOURCE = 85, // netinet/in.h
  LEAVE_GROUP = 81, // netinet/in.h
  JOIN_SOURCE_GROUP = 82, // netinet/in.h
  LEAVE_SOURCE_GROUP = 83, // netinet/in.h
}

/** Options of SOL.IPV6. */
export const enum IPV6 {
  ADDRFORM = ABSENT,
  CHECKSUM = 26, // netinet6/in6.h
  FLOWINFO = ABSENT,
  MULTICAST_IF = 9, // netinet6/in6.h
  UNICAST_HOPS = 4, // netinet6/in6.h
  MULTICAST_HOPS = 10, // netinet6/in6.h
  MULTICAST_LOOP = 11, // netinet6/in6.h
  JOIN_GROUP = 12, // netinet6/in6.h
  ADD_MEMBERSHIP = ABSENT,
  LEAVE_GROUP = 13, // netinet6/in6.h
  DROP_MEMBERSHIP = ABSENT,
  ROUTER_ALERT = ABSENT,
  MTU_DISCOVER = ABSENT,
  MTU = ABSENT,
  RECVERR = ABSENT,
  V6ONLY = 27, // netinet6/in6.h
  JOIN_ANYCAST = ABSENT,
  LEAVE_ANYCAST = ABSENT,
  MULTICAST_ALL = ABSENT,
  ROUTER_ALERT_ISOLATE = ABSENT,
  RECVERR_RFC4884 = ABSENT,
  FLOWINFO_SEND = ABSENT,
  HDRINCL = ABSENT,
  RECVPKTINFO = 36, // netinet6/in6.h
  PKTINFO = 46, // netinet6/in6.h
  RECVHOPLIMIT = 37, // netinet6/in6.h
  HOPLIMIT = 47, // netinet6/in6.h
  RECVHOPOPTS = 39, // netinet6/in6.h
  HOPOPTS = 49, // netinet6/in6.h
  RXHOPOPTS = ABSENT,
  RTHDRDSTOPTS = 35, // netinet6/in6.h
  RECVRTHDR = 38, // netinet6/in6.h
  RTHDR = 51, // netinet6/in6.h
  RECVDSTOPTS = 40, // netinet6/in6.h
  DSTOPTS = 50, // netinet6/in6.h
  RXDSTOPTS = ABSENT,
  RECVPATHMTU = 43, // netinet6/in6.h
  PATHMTU = 44, // netinet6/in6.h
  DONTFRAG = 62, // netinet6/in6.h
  RECVTCLASS = 57, // netinet6/in6.h
  TCLASS = 61, // netinet6/in6.h
  AUTOFLOWLABEL = 59, // netinet6/in6.h
  ADDR_PREFERENCES = ABSENT,
  MINHOPCOUNT = ABSENT,
  RECVORIGDSTADDR = 72, // netinet6/in6.h
  TRANSPARENT = ABSENT,
  UNICAST_IF = ABSENT,
  RECVFRAGSIZE = ABSENT,
  FREEBIND = ABSENT,
}

/** Options of SOL.TCP. */
export const enum TCP {
  NODELAY = 1, // netinet/tcp.h
  MAXSEG = 2, // netinet/tcp.h
  CORK = ABSENT,
  KEEPIDLE = 256, // netinet/tcp.h
  KEEPINTVL = 512, // netinet/tcp.h
  KEEPCNT = 1024, // netinet/tcp.h
  SYNCNT = ABSENT,
  LINGER2 = ABSENT,
  DEFER_ACCEPT = ABSENT,
  WINDOW_CLAMP = ABSENT,
  INFO = ABSENT, // a struct of another layout
  QUICKACK = ABSENT,
  CONGESTION = 64, // netinet/tcp.h
  MD5SIG = ABSENT, // a flag there, a struct on Linux
  THIN_LINEAR_TIMEOUTS = ABSENT,
  THIN_DUPACK = ABSENT,
  USER_TIMEOUT = ABSENT,
  REPAIR = ABSENT,
  REPAIR_QUEUE = ABSENT,
  QUEUE_SEQ = ABSENT,
  FASTOPEN = 1025, // netinet/tcp.h
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
  GETFD = 1, // fcntl.h
  SETFD = 2, // fcntl.h
  GETFL = 3, // fcntl.h
  SETFL = 4, // fcntl.h
  DUPFD_CLOEXEC = 17, // fcntl.h
}

/** Flags of a descriptor. */
export const enum FD {
  CLOEXEC = 1, // fcntl.h
}

/** Flags of an open file. */
export const enum O {
  RDONLY = 0, // fcntl.h
  RDWR = 2, // fcntl.h
  APPEND = 8, // fcntl.h
  NONBLOCK = 4, // fcntl.h
  ASYNC = 0x40, // fcntl.h
  CLOEXEC = 0x100000, // fcntl.h
}

/** Error numbers. */
export const enum Errno {
  EPERM = 1, // errno.h
  ENOENT = 2, // errno.h
  ESRCH = 3, // errno.h
  EINTR = 4, // errno.h
  EIO = 5, // errno.h
  ENXIO = 6, // errno.h
  E2BIG = 7, // errno.h
  ENOEXEC = 8, // errno.h
  EBADF = 9, // errno.h
  ECHILD = 10, // errno.h
  EAGAIN = 35, // errno.h
  ENOMEM = 12, // errno.h
  EACCES = 13, // errno.h
  EFAULT = 14, // errno.h
  ENOTBLK = 15, // errno.h
  EBUSY = 16, // errno.h
  EEXIST = 17, // errno.h
  EXDEV = 18, // errno.h
  ENODEV = 19, // errno.h
  ENOTDIR = 20, // errno.h
  EISDIR = 21, // errno.h
  EINVAL = 22, // errno.h
  ENFILE = 23, // errno.h
  EMFILE = 24, // errno.h
  ENOTTY = 25, // errno.h
  ETXTBSY = 26, // errno.h
  EFBIG = 27, // errno.h
  ENOSPC = 28, // errno.h
  ESPIPE = 29, // errno.h
  EROFS = 30, // errno.h
  EMLINK = 31, // errno.h
  EPIPE = 32, // errno.h
  EDOM = 33, // errno.h
  ERANGE = 34, // errno.h
  EDEADLK = 11, // errno.h
  ENAMETOOLONG = 63, // errno.h
  ENOLCK = 77, // errno.h
  ENOSYS = 78, // errno.h
  ENOTEMPTY = 66, // errno.h
  ELOOP = 62, // errno.h
  ENOMSG = 83, // errno.h
  EIDRM = 82, // errno.h
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
  EREMOTE = 71, // errno.h
  ENOLINK = 91, // errno.h
  EADV = ABSENT,
  ESRMNT = ABSENT,
  ECOMM = ABSENT,
  EPROTO = 92, // errno.h
  EMULTIHOP = 90, // errno.h
  EDOTDOT = ABSENT,
  EBADMSG = 89, // errno.h
  EOVERFLOW = 84, // errno.h
  ENOTUNIQ = ABSENT,
  EBADFD = ABSENT,
  EREMCHG = ABSENT,
  ELIBACC = ABSENT,
  ELIBBAD = ABSENT,
  ELIBSCN = ABSENT,
  ELIBMAX = ABSENT,
  ELIBEXEC = ABSENT,
  EILSEQ = 86, // errno.h
  ERESTART = ABSENT,
  ESTRPIPE = ABSENT,
  EUSERS = 68, // errno.h
  ENOTSOCK = 38, // errno.h
  EDESTADDRREQ = 39, // errno.h
  EMSGSIZE = 40, // errno.h
  EPROTOTYPE = 41, // errno.h
  ENOPROTOOPT = 42, // errno.h
  EPROTONOSUPPORT = 43, // errno.h
  ESOCKTNOSUPPORT = 44, // errno.h
  EOPNOTSUPP = 45, // errno.h
  EPFNOSUPPORT = 46, // errno.h
  EAFNOSUPPORT = 47, // errno.h
  EADDRINUSE = 48, // errno.h
  EADDRNOTAVAIL = 49, // errno.h
  ENETDOWN = 50, // errno.h
  ENETUNREACH = 51, // errno.h
  ENETRESET = 52, // errno.h
  ECONNABORTED = 53, // errno.h
  ECONNRESET = 54, // errno.h
  ENOBUFS = 55, // errno.h
  EISCONN = 56, // errno.h
  ENOTCONN = 57, // errno.h
  ESHUTDOWN = 58, // errno.h
  ETOOMANYREFS = 59, // errno.h
  ETIMEDOUT = 60, // errno.h
  ECONNREFUSED = 61, // errno.h
  EHOSTDOWN = 64, // errno.h
  EHOSTUNREACH = 65, // errno.h
  EALREADY = 37, // errno.h
  EINPROGRESS = 36, // errno.h
  ESTALE = 70, // errno.h
  EUCLEAN = ABSENT,
  ENOTNAM = ABSENT,
  ENAVAIL = ABSENT,
  EISNAM = ABSENT,
  EREMOTEIO = ABSENT,
  EDQUOT = 69, // errno.h
  ENOMEDIUM = ABSENT,
  EMEDIUMTYPE = ABSENT,
  ECANCELED = 85, // errno.h
  ENOKEY = ABSENT,
  EKEYEXPIRED = ABSENT,
  EKEYREVOKED = ABSENT,
  EKEYREJECTED = ABSENT,
  EOWNERDEAD = 96, // errno.h
  ENOTRECOVERABLE = 95, // errno.h
  ERFKILL = ABSENT,
  EHWPOISON = ABSENT,
  EWOULDBLOCK = 35, // errno.h
  ENOTSUP = 45, // errno.h
}

/** struct sockaddr_in, netinet/in.h; sin_len is the struct's own length, as in all of them. */
export const enum sockaddr_in {
  sin_len = 0,
  sin_family = 1,
  sin_port = 2,
  sin_addr = 4,
  sin_zero = 8,
  sizeof = 16,
}

/** struct sockaddr_in6, netinet6/in6.h. */
export const enum sockaddr_in6 {
  sin6_len = 0,
  sin6_family = 1,
  sin6_port = 2,
  sin6_flowinfo = 4,
  sin6_addr = 8,
  sin6_scope_id = 24,
  sizeof = 28,
}

/** struct sockaddr_un, sys/un.h. */
export const enum sockaddr_un {
  sun_len = 0,
  sun_family = 1,
  sun_path = 2,
  sizeof = 106,
}

/** struct addrinfo, netdb.h: the name before the address, and padding behind ai_addrlen. */
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

/** struct iovec, sys/uio.h. */
export const enum iovec {
  iov_base = 0,
  iov_len = 8,
  sizeof = 16,
}

/** struct msghdr, sys/socket.h: msg_iovlen is an int, msg_controllen a socklen_t. */
export const enum msghdr {
  msg_name = 0,
  msg_namelen = 8,
  msg_iov = 16,
  msg_iovlen = 24,
  msg_control = 32,
  msg_controllen = 40,
  msg_flags = 44,
  sizeof = 48,
}

/** struct cmsghdr, sys/socket.h: cmsg_len is a socklen_t; where CMSG_DATA starts, and to what CMSG_NXTHDR aligns. */
export const enum cmsghdr {
  cmsg_len = 0,
  cmsg_level = 4,
  cmsg_type = 8,
  sizeof = 12,
  data = 16,
  alignment = 8,
}

/** struct linger, sys/socket.h. */
export const enum linger {
  l_onoff = 0,
  l_linger = 4,
  sizeof = 8,
}

/** struct timeval, sys/_timeval.h: tv_usec has 8 bytes. */
export const enum timeval {
  tv_sec = 0,
  tv_usec = 8,
  sizeof = 16,
}

/** struct ip_mreqn, netinet/in.h. */
export const enum ip_mreqn {
  imr_multiaddr = 0,
  imr_address = 4,
  imr_ifindex = 8,
  sizeof = 12,
}

/** struct ip_mreq_source, netinet/in.h: the source before the interface. */
export const enum ip_mreq_source {
  imr_multiaddr = 0,
  imr_sourceaddr = 4,
  imr_interface = 8,
  sizeof = 12,
}

/** struct ipv6_mreq, netinet6/in6.h. */
export const enum ipv6_mreq {
  ipv6mr_multiaddr = 0,
  ipv6mr_interface = 16,
  sizeof = 20,
}

/** struct group_source_req, netinet/in.h. */
export const enum group_source_req {
  gsr_interface = 0,
  gsr_group = 8,
  gsr_source = 136,
  sizeof = 264,
}

/** struct pollfd, sys/poll.h. */
export const enum pollfd {
  fd = 0,
  events = 4,
  revents = 6,
  sizeof = 8,
}

/** struct in6_pktinfo, netinet6/in6.h. */
export const enum in6_pktinfo {
  ipi6_addr = 0,
  ipi6_ifindex = 16,
  sizeof = 20,
}
