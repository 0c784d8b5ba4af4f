// Standard streams and files, which are the C library's: no handle of a socket.

import { lastErrno, type Native } from "../../native/library.js";
import { native, text, to } from "../room.js";
import { WSAEACCES, WSAEBADF, WSAEINVAL, WSAEMFILE, crt, fail } from "./calls.js";

const wopen = crt._wopen as unknown as Native; // of a string

/** What a file's number has added, so that no socket's handle is the same. Standard streams have their own. */
const OFFSET = 0x40000000;
const STREAMS = 3;

/** fcntl.h. */
const [O_RDONLY, O_RDWR, O_NOINHERIT, O_BINARY] = [0, 2, 0x80, 0x8000];
/** The longest path, in UTF-8. */
const PATH_MAX = 4096;

/** Winsock's errors by those of the C library, errno.h. */
const ERRORS = new Map([
  [9, WSAEBADF],
  [13, WSAEACCES],
  [22, WSAEINVAL],
  [24, WSAEMFILE],
]);

function numberOf(fd: number): number {
  return fd >= OFFSET ? fd - OFFSET : fd;
}

function orError(result: number): number {
  return result === -1 ? fail(ERRORS.get(lastErrno()) ?? 0) : result;
}

function opened(number: number): number {
  return number === -1 ? orError(number) : number + OFFSET;
}

/** Whether a descriptor is a file's or a standard stream's. */
export function isFile(fd: number): boolean {
  return fd >= OFFSET || (fd >= 0 && fd < STREAMS);
}

export const files = {
  close: (fd: number): number => orError(crt._close(numberOf(fd))),
  duplicate: (fd: number): number => opened(crt._dup(numberOf(fd))),
  lseek: (fd: number, offset: number, whence: number): number =>
    isFile(fd) ? orError(crt._lseeki64(numberOf(fd), offset, whence)) : fail(WSAEBADF),
  read: (fd: number, buffer: number, size: number): number =>
    orError(crt._read(numberOf(fd), buffer, size)),
  write: (fd: number, buffer: number, size: number): number =>
    orError(crt._write(numberOf(fd), buffer, size)),

  openNull: (): number => opened(wopen("NUL", O_RDWR | O_NOINHERIT | O_BINARY, 0)),

  openFile(path: number): number {
    const length = crt.strnlen(path, PATH_MAX);
    crt.memcpy(native(to), path, length);
    return opened(wopen(text(to, length), O_RDONLY | O_NOINHERIT | O_BINARY, 0));
  },
};
