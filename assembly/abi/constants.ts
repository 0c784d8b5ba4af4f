// The numbers of the guest ABI: Linux's, on every operating system.
//
// Each enum carries C's prefix as its name, so AF.INET6 is AF_INET6. Every member is exported by
// build/marshal.wasm under that name ("AF.INET6"), which is where the host reads it, and is held
// against the C compiler by tests/abi.test.ts.

/** Address families, socket(2). */
export const enum AF {
  UNSPEC = 0,
  UNIX = 1,
  LOCAL = 1,
  INET = 2,
  INET6 = 10,
  NETLINK = 16,
  PACKET = 17,
  VSOCK = 40,
}

/** Socket types and the two modifiers that socket(2) and accept4(2) take with them. */
export const enum SOCK {
  STREAM = 1,
  DGRAM = 2,
  RAW = 3,
  RDM = 4,
  SEQPACKET = 5,
  DCCP = 6,
  PACKET = 10,
  NONBLOCK = 0o4000,
  CLOEXEC = 0o2000000,
}

/** IP protocols, netinet/in.h. */
export const enum IPPROTO {
  IP = 0,
  ICMP = 1,
  IGMP = 2,
  IPIP = 4,
  TCP = 6,
  EGP = 8,
  PUP = 12,
  UDP = 17,
  IDP = 22,
  TP = 29,
  DCCP = 33,
  IPV6 = 41,
  RSVP = 46,
  GRE = 47,
  ESP = 50,
  AH = 51,
  ICMPV6 = 58,
  MTP = 92,
  BEETPH = 94,
  ENCAP = 98,
  PIM = 103,
  COMP = 108,
  SCTP = 132,
  UDPLITE = 136,
  MPLS = 137,
  RAW = 255,
  MPTCP = 262,
}

/** Message flags, send(2) and recv(2). */
export const enum MSG {
  OOB = 0x1,
  PEEK = 0x2,
  DONTROUTE = 0x4,
  TRYHARD = 0x4,
  CTRUNC = 0x8,
  PROXY = 0x10,
  TRUNC = 0x20,
  DONTWAIT = 0x40,
  EOR = 0x80,
  WAITALL = 0x100,
  FIN = 0x200,
  SYN = 0x400,
  CONFIRM = 0x800,
  RST = 0x1000,
  ERRQUEUE = 0x2000,
  NOSIGNAL = 0x4000,
  MORE = 0x8000,
  WAITFORONE = 0x10000,
  BATCH = 0x40000,
  ZEROCOPY = 0x4000000,
  FASTOPEN = 0x20000000,
  CMSG_CLOEXEC = 0x40000000,
}

/** Flags of getaddrinfo(3). */
export const enum AI {
  PASSIVE = 0x1,
  CANONNAME = 0x2,
  NUMERICHOST = 0x4,
  V4MAPPED = 0x8,
  ALL = 0x10,
  ADDRCONFIG = 0x20,
  IDN = 0x40,
  CANONIDN = 0x80,
  IDN_ALLOW_UNASSIGNED = 0x100,
  IDN_USE_STD3_ASCII_RULES = 0x200,
  NUMERICSERV = 0x400,
}

/** Return values of getaddrinfo(3): 0 or one of these. */
export const enum EAI {
  BADFLAGS = -1,
  NONAME = -2,
  AGAIN = -3,
  FAIL = -4,
  NODATA = -5,
  FAMILY = -6,
  SOCKTYPE = -7,
  SERVICE = -8,
  ADDRFAMILY = -9,
  MEMORY = -10,
  SYSTEM = -11,
  OVERFLOW = -12,
  INPROGRESS = -100,
  CANCELED = -101,
  NOTCANCELED = -102,
  ALLDONE = -103,
  INTR = -104,
  IDN_ENCODE = -105,
}

/** Modes of getaddrinfo_a(3). */
export const enum GAI {
  NOWAIT = 1,
}

/** Ways to tell that something is done, sigevent(7). */
export const enum SIGEV {
  NONE = 1,
  THREAD = 2,
}

/** Commands of fcntl(2). */
export const enum F {
  GETFD = 1,
  SETFD = 2,
  GETFL = 3,
  SETFL = 4,
  DUPFD_CLOEXEC = 1030,
}

/** Descriptor flags, F.GETFD and F.SETFD. */
export const enum FD {
  CLOEXEC = 1,
}

/** Flags of open(2), and file status flags, F.GETFL and F.SETFL. */
export const enum O {
  RDONLY = 0,
  RDWR = 0o2,
  APPEND = 0o2000,
  NONBLOCK = 0o4000,
  ASYNC = 0o20000,
  CLOEXEC = 0o2000000,
}

/** Requests of ioctl(2), ioctl_list(2). */
export const enum FIO {
  NREAD = 0x541b,
}

/** Where an offset of lseek(2) counts from. */
export const enum SEEK {
  CUR = 1,
}

/** Directions of shutdown(2). */
export const enum SHUT {
  RD = 0,
  WR = 1,
  RDWR = 2,
}

/** Events of poll(2). */
export const enum POLL {
  IN = 0x1,
  PRI = 0x2,
  OUT = 0x4,
  ERR = 0x8,
  HUP = 0x10,
  NVAL = 0x20,
  RDNORM = 0x40,
  RDBAND = 0x80,
  WRNORM = 0x100,
  WRBAND = 0x200,
  RDHUP = 0x2000,
}

/** Operations of epoll_ctl(2). */
export const enum EPOLL_CTL {
  ADD = 1,
  DEL = 2,
  MOD = 3,
}

/** Events of epoll_ctl(2) beyond those of poll(2), whose numbers it shares. */
export const enum EPOLL {
  CLOEXEC = 0o2000000,
  EXCLUSIVE = 1 << 28,
  WAKEUP = 1 << 29,
  ONESHOT = 1 << 30,
  ET = 1 << 31,
}

/** Flags of getnameinfo(3). */
export const enum NI {
  NUMERICHOST = 1,
  NUMERICSERV = 2,
  NOFQDN = 4,
  NAMEREQD = 8,
  DGRAM = 16,
  IDN = 32,
}

/** Types of control messages at level SOL.SOCKET, unix(7) and socket(7). */
export const enum SCM {
  RIGHTS = 1,
  CREDENTIALS = 2,
  TIMESTAMP = 29,
  TIMESTAMPNS = 35,
  TIMESTAMPING = 37,
}

/** Levels of getsockopt(2). */
export const enum SOL {
  IP = 0,
  SOCKET = 1,
  TCP = 6,
  UDP = 17,
  IPV6 = 41,
  ICMPV6 = 58,
}

/** Options of level SOL.ICMPV6, RFC 3542. */
export const enum ICMP6 {
  FILTER = 1,
}

/** Options of level SOL.SOCKET, socket(7). */
export const enum SO {
  DEBUG = 1,
  REUSEADDR = 2,
  TYPE = 3,
  ERROR = 4,
  DONTROUTE = 5,
  BROADCAST = 6,
  SNDBUF = 7,
  RCVBUF = 8,
  KEEPALIVE = 9,
  OOBINLINE = 10,
  NO_CHECK = 11,
  PRIORITY = 12,
  LINGER = 13,
  BSDCOMPAT = 14,
  REUSEPORT = 15,
  PASSCRED = 16,
  PEERCRED = 17,
  RCVLOWAT = 18,
  SNDLOWAT = 19,
  RCVTIMEO = 20,
  SNDTIMEO = 21,
  BINDTODEVICE = 25,
  DETACH_FILTER = 27,
  PEERNAME = 28,
  TIMESTAMP = 29,
  ACCEPTCONN = 30,
  PEERSEC = 31,
  SNDBUFFORCE = 32,
  RCVBUFFORCE = 33,
  PASSSEC = 34,
  TIMESTAMPNS = 35,
  MARK = 36,
  TIMESTAMPING = 37,
  PROTOCOL = 38,
  DOMAIN = 39,
  RXQ_OVFL = 40,
  WIFI_STATUS = 41,
  PEEK_OFF = 42,
  NOFCS = 43,
  LOCK_FILTER = 44,
  SELECT_ERR_QUEUE = 45,
  BUSY_POLL = 46,
  MAX_PACING_RATE = 47,
  BPF_EXTENSIONS = 48,
  INCOMING_CPU = 49,
  CNX_ADVICE = 53,
  MEMINFO = 55,
  INCOMING_NAPI_ID = 56,
  COOKIE = 57,
  PEERGROUPS = 59,
  ZEROCOPY = 60,
  TXTIME = 61,
  BINDTOIFINDEX = 62,
  TIMESTAMP_NEW = 63,
  TIMESTAMPNS_NEW = 64,
  TIMESTAMPING_NEW = 65,
  RCVTIMEO_NEW = 66,
  SNDTIMEO_NEW = 67,
  DETACH_REUSEPORT_BPF = 68,
  PREFER_BUSY_POLL = 69,
  BUSY_POLL_BUDGET = 70,
  NETNS_COOKIE = 71,
  BUF_LOCK = 72,
  RESERVE_MEM = 73,
  TXREHASH = 74,
  RCVMARK = 75,
}

/** Options of level SOL.IP, ip(7). */
export const enum IP {
  TOS = 1,
  TTL = 2,
  HDRINCL = 3,
  OPTIONS = 4,
  ROUTER_ALERT = 5,
  RECVOPTS = 6,
  RETOPTS = 7,
  RECVRETOPTS = 7,
  PKTINFO = 8,
  PKTOPTIONS = 9,
  MTU_DISCOVER = 10,
  RECVERR = 11,
  RECVTTL = 12,
  RECVTOS = 13,
  MTU = 14,
  FREEBIND = 15,
  PASSSEC = 18,
  TRANSPARENT = 19,
  RECVORIGDSTADDR = 20,
  MINTTL = 21,
  NODEFRAG = 22,
  CHECKSUM = 23,
  BIND_ADDRESS_NO_PORT = 24,
  RECVFRAGSIZE = 25,
  RECVERR_RFC4884 = 26,
  MULTICAST_IF = 32,
  MULTICAST_TTL = 33,
  MULTICAST_LOOP = 34,
  ADD_MEMBERSHIP = 35,
  DROP_MEMBERSHIP = 36,
  UNBLOCK_SOURCE = 37,
  BLOCK_SOURCE = 38,
  ADD_SOURCE_MEMBERSHIP = 39,
  DROP_SOURCE_MEMBERSHIP = 40,
  MSFILTER = 41,
  MULTICAST_ALL = 49,
  UNICAST_IF = 50,
}

/** Options of levels SOL.IP and SOL.IPV6 alike, RFC 3678. */
export const enum MCAST {
  JOIN_GROUP = 42,
  BLOCK_SOURCE = 43,
  UNBLOCK_SOURCE = 44,
  LEAVE_GROUP = 45,
  JOIN_SOURCE_GROUP = 46,
  LEAVE_SOURCE_GROUP = 47,
}

/** Options of level SOL.IPV6, ipv6(7). */
export const enum IPV6 {
  ADDRFORM = 1,
  CHECKSUM = 7,
  FLOWINFO = 11,
  MULTICAST_IF = 17,
  UNICAST_HOPS = 16,
  MULTICAST_HOPS = 18,
  MULTICAST_LOOP = 19,
  JOIN_GROUP = 20,
  ADD_MEMBERSHIP = 20,
  LEAVE_GROUP = 21,
  DROP_MEMBERSHIP = 21,
  ROUTER_ALERT = 22,
  MTU_DISCOVER = 23,
  MTU = 24,
  RECVERR = 25,
  V6ONLY = 26,
  JOIN_ANYCAST = 27,
  LEAVE_ANYCAST = 28,
  MULTICAST_ALL = 29,
  ROUTER_ALERT_ISOLATE = 30,
  RECVERR_RFC4884 = 31,
  FLOWINFO_SEND = 33,
  HDRINCL = 36,
  RECVPKTINFO = 49,
  PKTINFO = 50,
  RECVHOPLIMIT = 51,
  HOPLIMIT = 52,
  RECVHOPOPTS = 53,
  HOPOPTS = 54,
  RXHOPOPTS = 54,
  RTHDRDSTOPTS = 55,
  RECVRTHDR = 56,
  RTHDR = 57,
  RECVDSTOPTS = 58,
  DSTOPTS = 59,
  RXDSTOPTS = 59,
  RECVPATHMTU = 60,
  PATHMTU = 61,
  DONTFRAG = 62,
  RECVTCLASS = 66,
  TCLASS = 67,
  AUTOFLOWLABEL = 70,
  ADDR_PREFERENCES = 72,
  MINHOPCOUNT = 73,
  RECVORIGDSTADDR = 74,
  TRANSPARENT = 75,
  UNICAST_IF = 76,
  RECVFRAGSIZE = 77,
  FREEBIND = 78,
}

/** Options of level SOL.TCP, tcp(7). */
export const enum TCP {
  NODELAY = 1,
  MAXSEG = 2,
  CORK = 3,
  KEEPIDLE = 4,
  KEEPINTVL = 5,
  KEEPCNT = 6,
  SYNCNT = 7,
  LINGER2 = 8,
  DEFER_ACCEPT = 9,
  WINDOW_CLAMP = 10,
  INFO = 11,
  QUICKACK = 12,
  CONGESTION = 13,
  MD5SIG = 14,
  THIN_LINEAR_TIMEOUTS = 16,
  THIN_DUPACK = 17,
  USER_TIMEOUT = 18,
  REPAIR = 19,
  REPAIR_QUEUE = 20,
  QUEUE_SEQ = 21,
  FASTOPEN = 23,
  TIMESTAMP = 24,
  NOTSENT_LOWAT = 25,
  CC_INFO = 26,
  SAVE_SYN = 27,
  SAVED_SYN = 28,
  FASTOPEN_CONNECT = 30,
  ULP = 31,
  FASTOPEN_KEY = 33,
  FASTOPEN_NO_COOKIE = 34,
  INQ = 36,
  TX_DELAY = 37,
}

/** Options of level SOL.UDP, udp(7). */
export const enum UDP {
  CORK = 1,
  ENCAP = 100,
  NO_CHECK6_TX = 101,
  NO_CHECK6_RX = 102,
  SEGMENT = 103,
  GRO = 104,
}
