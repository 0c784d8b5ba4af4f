// What descriptors and clocks need of `wasi_snapshot_preview1`, its typenames.witx.

/** Error numbers; those from AIADDRFAMILY on are WasmEdge's, of getaddrinfo(3). */
export const enum preview1_errno {
  SUCCESS = 0,
  E2BIG = 1,
  ACCES = 2,
  ADDRINUSE = 3,
  ADDRNOTAVAIL = 4,
  AFNOSUPPORT = 5,
  AGAIN = 6,
  ALREADY = 7,
  BADF = 8,
  BADMSG = 9,
  BUSY = 10,
  CANCELED = 11,
  CHILD = 12,
  CONNABORTED = 13,
  CONNREFUSED = 14,
  CONNRESET = 15,
  DEADLK = 16,
  DESTADDRREQ = 17,
  DOM = 18,
  DQUOT = 19,
  EXIST = 20,
  FAULT = 21,
  FBIG = 22,
  HOSTUNREACH = 23,
  IDRM = 24,
  ILSEQ = 25,
  INPROGRESS = 26,
  INTR = 27,
  INVAL = 28,
  IO = 29,
  ISCONN = 30,
  ISDIR = 31,
  LOOP = 32,
  MFILE = 33,
  MLINK = 34,
  MSGSIZE = 35,
  MULTIHOP = 36,
  NAMETOOLONG = 37,
  NETDOWN = 38,
  NETRESET = 39,
  NETUNREACH = 40,
  NFILE = 41,
  NOBUFS = 42,
  NODEV = 43,
  NOENT = 44,
  NOEXEC = 45,
  NOLCK = 46,
  NOLINK = 47,
  NOMEM = 48,
  NOMSG = 49,
  NOPROTOOPT = 50,
  NOSPC = 51,
  NOSYS = 52,
  NOTCONN = 53,
  NOTDIR = 54,
  NOTEMPTY = 55,
  NOTRECOVERABLE = 56,
  NOTSOCK = 57,
  NOTSUP = 58,
  NOTTY = 59,
  NXIO = 60,
  OVERFLOW = 61,
  OWNERDEAD = 62,
  PERM = 63,
  PIPE = 64,
  PROTO = 65,
  PROTONOSUPPORT = 66,
  PROTOTYPE = 67,
  RANGE = 68,
  ROFS = 69,
  SPIPE = 70,
  SRCH = 71,
  STALE = 72,
  TIMEDOUT = 73,
  TXTBSY = 74,
  XDEV = 75,
  NOTCAPABLE = 76,
  AIADDRFAMILY = 77,
  AIAGAIN = 78,
  AIBADFLAG = 79,
  AIFAIL = 80,
  AIFAMILY = 81,
  AIMEMORY = 82,
  AINODATA = 83,
  AINONAME = 84,
  AISERVICE = 85,
  AISOCKTYPE = 86,
  AISYSTEM = 87,
}

/** Kinds of events, clocks, and flags. */
export const enum preview1 {
  EVENTTYPE_CLOCK = 0,
  EVENTTYPE_FD_READ = 1,
  EVENTTYPE_FD_WRITE = 2,
  CLOCKID_REALTIME = 0,
  CLOCKID_MONOTONIC = 1,
  SUBCLOCKFLAGS_ABSTIME = 1,
  EVENTRWFLAGS_HANGUP = 1,
  RIFLAGS_PEEK = 1,
  RIFLAGS_WAITALL = 2,
  ROFLAGS_TRUNCATED = 1,
  SDFLAGS_RD = 1,
  SDFLAGS_WR = 2,
  FDFLAGS_NONBLOCK = 4,
  FILETYPE_UNKNOWN = 0,
  FILETYPE_SOCKET_DGRAM = 5,
  FILETYPE_SOCKET_STREAM = 6,
}

/** Rights that a socket has, those of fd_fdstat_get: the bits of a u64 whose upper word is 0. */
export const enum preview1_rights {
  FD_READ = 1 << 1,
  FD_FDSTAT_SET_FLAGS = 1 << 3,
  FD_WRITE = 1 << 6,
  FD_FILESTAT_GET = 1 << 21,
  POLL_FD_READWRITE = 1 << 27,
  SOCK_SHUTDOWN = 1 << 28,
  SOCK_ACCEPT = 1 << 29,
}

/**
 * subscription, what poll_oneoff waits for: a time of a clock, or a descriptor in the place of the clock's
 * number.
 *
 *      0          8      16            24        32          40      48
 *      +----------+------+-------------+---------+-----------+-------+
 *      | userdata | type | clock or fd | timeout | precision | flags |
 *      +----------+------+-------------+---------+-----------+-------+
 */
@unmanaged
class Subscription {
  userdata: u64;
  type: u64;
  id: u64;
  timeout: u64;
  precision: u64;
  flags: u64;
}

export const enum preview1_subscription {
  userdata = offsetof<Subscription>("userdata"),
  type = offsetof<Subscription>("type"),
  id = offsetof<Subscription>("id"),
  timeout = offsetof<Subscription>("timeout"),
  flags = offsetof<Subscription>("flags"),
  sizeof = offsetof<Subscription>(),
}

/**
 * event, what poll_oneoff found.
 *
 *      0          8       10     16       24      32
 *      +----------+-------+------+--------+-------+
 *      | userdata | errno | type | nbytes | flags |
 *      +----------+-------+------+--------+-------+
 */
@unmanaged
class Event {
  userdata: u64;
  errno: u16;
  type: u16;
  nbytes: u64;
  flags: u64;
}

export const enum preview1_event {
  userdata = offsetof<Event>("userdata"),
  errno = offsetof<Event>("errno"),
  type = offsetof<Event>("type"),
  nbytes = offsetof<Event>("nbytes"),
  flags = offsetof<Event>("flags"),
  sizeof = offsetof<Event>(),
}

/**
 * fdstat, what fd_fdstat_get tells of a descriptor.
 *
 *      0          2       4     8        16           24
 *      +----------+-------+-----+--------+------------+
 *      | filetype | flags | pad | rights | inheriting |
 *      +----------+-------+-----+--------+------------+
 */
@unmanaged
export class Fdstat {
  filetype: u8;
  flags: u16;
  rights: u64;
  inheriting: u64;
}

export const enum preview1_fdstat {
  filetype = offsetof<Fdstat>("filetype"),
  flags = offsetof<Fdstat>("flags"),
  rights = offsetof<Fdstat>("rights"),
  inheriting = offsetof<Fdstat>("inheriting"),
  sizeof = offsetof<Fdstat>(),
}

/**
 * filestat, what fd_filestat_get tells of a descriptor.
 *
 *      0     8     16         24      32     40     48     56     64
 *      +-----+-----+----------+-------+------+------+------+------+
 *      | dev | ino | filetype | nlink | size | atim | mtim | ctim |
 *      +-----+-----+----------+-------+------+------+------+------+
 */
@unmanaged
export class Filestat {
  dev: u64;
  ino: u64;
  filetype: u64;
  nlink: u64;
  size: u64;
  atim: u64;
  mtim: u64;
  ctim: u64;
}

export const enum preview1_filestat {
  filetype = offsetof<Filestat>("filetype"),
  nlink = offsetof<Filestat>("nlink"),
  size = offsetof<Filestat>("size"),
  sizeof = offsetof<Filestat>(),
}
