// `wasi_snapshot_preview1`: its error numbers, and what it tells of a socket.

import { EAI, SOCK } from "../abi/constants";
import { Errno } from "../abi/errno";
import {
  Fdstat,
  Filestat,
  preview1,
  preview1_errno as wasi,
  preview1_fdstat,
  preview1_filestat,
  preview1_rights as rights,
} from "../abi/preview1";
import { block } from "./buffers";

// Rows of an error number of Linux and preview1's. The last ones have no name there: they get that of what a
// program would do about them.
// prettier-ignore
@lazy
const ERRNOS: StaticArray<i32> = [
  Errno.E2BIG, wasi.E2BIG,
  Errno.EACCES, wasi.ACCES,
  Errno.EADDRINUSE, wasi.ADDRINUSE,
  Errno.EADDRNOTAVAIL, wasi.ADDRNOTAVAIL,
  Errno.EAFNOSUPPORT, wasi.AFNOSUPPORT,
  Errno.EAGAIN, wasi.AGAIN,
  Errno.EALREADY, wasi.ALREADY,
  Errno.EBADF, wasi.BADF,
  Errno.EBADMSG, wasi.BADMSG,
  Errno.EBUSY, wasi.BUSY,
  Errno.ECANCELED, wasi.CANCELED,
  Errno.ECHILD, wasi.CHILD,
  Errno.ECONNABORTED, wasi.CONNABORTED,
  Errno.ECONNREFUSED, wasi.CONNREFUSED,
  Errno.ECONNRESET, wasi.CONNRESET,
  Errno.EDEADLK, wasi.DEADLK,
  Errno.EDESTADDRREQ, wasi.DESTADDRREQ,
  Errno.EDOM, wasi.DOM,
  Errno.EDQUOT, wasi.DQUOT,
  Errno.EEXIST, wasi.EXIST,
  Errno.EFAULT, wasi.FAULT,
  Errno.EFBIG, wasi.FBIG,
  Errno.EHOSTUNREACH, wasi.HOSTUNREACH,
  Errno.EIDRM, wasi.IDRM,
  Errno.EILSEQ, wasi.ILSEQ,
  Errno.EINPROGRESS, wasi.INPROGRESS,
  Errno.EINTR, wasi.INTR,
  Errno.EINVAL, wasi.INVAL,
  Errno.EIO, wasi.IO,
  Errno.EISCONN, wasi.ISCONN,
  Errno.EISDIR, wasi.ISDIR,
  Errno.ELOOP, wasi.LOOP,
  Errno.EMFILE, wasi.MFILE,
  Errno.EMLINK, wasi.MLINK,
  Errno.EMSGSIZE, wasi.MSGSIZE,
  Errno.EMULTIHOP, wasi.MULTIHOP,
  Errno.ENAMETOOLONG, wasi.NAMETOOLONG,
  Errno.ENETDOWN, wasi.NETDOWN,
  Errno.ENETRESET, wasi.NETRESET,
  Errno.ENETUNREACH, wasi.NETUNREACH,
  Errno.ENFILE, wasi.NFILE,
  Errno.ENOBUFS, wasi.NOBUFS,
  Errno.ENODEV, wasi.NODEV,
  Errno.ENOENT, wasi.NOENT,
  Errno.ENOEXEC, wasi.NOEXEC,
  Errno.ENOLCK, wasi.NOLCK,
  Errno.ENOLINK, wasi.NOLINK,
  Errno.ENOMEM, wasi.NOMEM,
  Errno.ENOMSG, wasi.NOMSG,
  Errno.ENOPROTOOPT, wasi.NOPROTOOPT,
  Errno.ENOSPC, wasi.NOSPC,
  Errno.ENOSYS, wasi.NOSYS,
  Errno.ENOTCONN, wasi.NOTCONN,
  Errno.ENOTDIR, wasi.NOTDIR,
  Errno.ENOTEMPTY, wasi.NOTEMPTY,
  Errno.ENOTRECOVERABLE, wasi.NOTRECOVERABLE,
  Errno.ENOTSOCK, wasi.NOTSOCK,
  Errno.ENOTSUP, wasi.NOTSUP,
  Errno.ENOTTY, wasi.NOTTY,
  Errno.ENXIO, wasi.NXIO,
  Errno.EOVERFLOW, wasi.OVERFLOW,
  Errno.EOWNERDEAD, wasi.OWNERDEAD,
  Errno.EPERM, wasi.PERM,
  Errno.EPIPE, wasi.PIPE,
  Errno.EPROTO, wasi.PROTO,
  Errno.EPROTONOSUPPORT, wasi.PROTONOSUPPORT,
  Errno.EPROTOTYPE, wasi.PROTOTYPE,
  Errno.ERANGE, wasi.RANGE,
  Errno.EROFS, wasi.ROFS,
  Errno.ESPIPE, wasi.SPIPE,
  Errno.ESRCH, wasi.SRCH,
  Errno.ESTALE, wasi.STALE,
  Errno.ETIMEDOUT, wasi.TIMEDOUT,
  Errno.ETXTBSY, wasi.TXTBSY,
  Errno.EXDEV, wasi.XDEV,
  Errno.ESHUTDOWN, wasi.PIPE,
  Errno.EPFNOSUPPORT, wasi.AFNOSUPPORT,
  Errno.ESOCKTNOSUPPORT, wasi.PROTOTYPE,
  Errno.EHOSTDOWN, wasi.HOSTUNREACH,
  Errno.ENONET, wasi.NETUNREACH,
  Errno.ETIME, wasi.TIMEDOUT,
  Errno.EREMOTEIO, wasi.IO,
  Errno.EUSERS, wasi.NOBUFS,
  Errno.ENODATA, wasi.NOMSG,
];

// Rows of a code of getaddrinfo(3) and WasmEdge's.
// prettier-ignore
@lazy
const LOOKUP_ERRORS: StaticArray<i32> = [
  EAI.ADDRFAMILY, wasi.AIADDRFAMILY,
  EAI.AGAIN, wasi.AIAGAIN,
  EAI.BADFLAGS, wasi.AIBADFLAG,
  EAI.FAIL, wasi.AIFAIL,
  EAI.FAMILY, wasi.AIFAMILY,
  EAI.MEMORY, wasi.AIMEMORY,
  EAI.NODATA, wasi.AINODATA,
  EAI.NONAME, wasi.AINONAME,
  EAI.SERVICE, wasi.AISERVICE,
  EAI.SOCKTYPE, wasi.AISOCKTYPE,
  EAI.SYSTEM, wasi.AISYSTEM,
];

// Rows of a code of getaddrinfo(3) and of what is nearest to it where there are no such codes.
// prettier-ignore
@lazy
const PLAIN_ERRORS: StaticArray<i32> = [
  EAI.ADDRFAMILY, wasi.AFNOSUPPORT,
  EAI.AGAIN, wasi.AGAIN,
  EAI.BADFLAGS, wasi.INVAL,
  EAI.FAMILY, wasi.AFNOSUPPORT,
  EAI.MEMORY, wasi.NOMEM,
  EAI.NODATA, wasi.NOENT,
  EAI.NONAME, wasi.NOENT,
  EAI.SERVICE, wasi.NOENT,
  EAI.SOCKTYPE, wasi.PROTOTYPE,
];

/** The second column of the row of a number, or what stands for all that have none. */
function second(table: StaticArray<i32>, number: i32, otherwise: i32): i32 {
  for (let i = 0; i < table.length; i += 2) {
    if (unchecked(table[i]) == number) return unchecked(table[i + 1]);
  }
  return otherwise;
}

/** preview1's error number for one of Linux; IO where it has none. */
export function wasiErrno(errno: i32): i32 {
  return errno == 0 ? wasi.SUCCESS : second(ERRNOS, errno, wasi.IO);
}

/** WasmEdge's error number for a code of getaddrinfo(3). */
export function wasiLookUpError(code: i32): i32 {
  return second(LOOKUP_ERRORS, code, wasi.AIFAIL);
}

/** preview1's error number for a code of getaddrinfo(3). */
export function wasiPlainLookUpError(code: i32): i32 {
  return second(PLAIN_ERRORS, code, wasi.IO);
}

/** The filetype of a socket, by its type of socket(2). */
function filetypeOf(type: i32): u8 {
  if (type == SOCK.STREAM || type == SOCK.SEQPACKET) return <u8>preview1.FILETYPE_SOCKET_STREAM;
  return type < 0 ? <u8>preview1.FILETYPE_UNKNOWN : <u8>preview1.FILETYPE_SOCKET_DGRAM;
}

/**
 * Writes the fdstat of a socket into `block`.
 *
 * @param type of socket(2), negative for what is no socket
 * @param nonBlocking whether the guest set O_NONBLOCK
 */
export function socketFdstat(type: i32, nonBlocking: bool): void {
  memory.fill(block, 0, preview1_fdstat.sizeof);
  const stat = changetype<Fdstat>(block);
  stat.filetype = filetypeOf(type);
  stat.flags = nonBlocking ? <u16>preview1.FDFLAGS_NONBLOCK : 0;
  stat.rights =
    rights.FD_READ |
    rights.FD_FDSTAT_SET_FLAGS |
    rights.FD_WRITE |
    rights.FD_FILESTAT_GET |
    rights.POLL_FD_READWRITE |
    rights.SOCK_SHUTDOWN |
    rights.SOCK_ACCEPT;
  stat.inheriting = stat.rights; // an accepted socket can do what its listener can
}

/** Writes the filestat of a socket, which has a type and nothing else, into `block`. */
export function socketFilestat(type: i32): void {
  memory.fill(block, 0, preview1_filestat.sizeof);
  changetype<Filestat>(block).filetype = filetypeOf(type);
}
