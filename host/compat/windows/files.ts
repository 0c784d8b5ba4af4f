// Standard streams and files, which are the C library's: no handle of a socket.

import { Library, lastErrno } from "../../native/library.js";
import { native, text, to } from "../room.js";
import { WSAEACCES, WSAEBADF, WSAEINVAL, WSAEMFILE, fail } from "./calls.js";

export const fileCalls = {
  _close: "int _close(int fd)",
  _dup: "int _dup(int fd)",
  _lseeki64: "int64_t _lseeki64(int fd, int64_t offset, int origin)",
  _read: "int _read(int fd, uintptr_t buffer, uint32_t size)",
  _write: "int _write(int fd, uintptr_t buffer, uint32_t size)",
} as const;

export const memoryCalls = {
  free: "void free(uintptr_t memory)",
  malloc: "uintptr_t malloc(size_t size)",
  memcpy: "uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t size)",
  strnlen: "size_t strnlen(uintptr_t text, size_t limit)",
} as const;

const crt = new Library("ucrtbase.dll");
const calls = crt.bind(fileCalls);
export const memory = crt.bind(memoryCalls);
const wopen = crt.function("int _wopen(str16 path, int flags, int mode)");

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
  close: (fd: number): number => orError(calls._close(numberOf(fd))),
  duplicate: (fd: number): number => opened(calls._dup(numberOf(fd))),
  lseek: (fd: number, offset: number, whence: number): number =>
    isFile(fd) ? orError(calls._lseeki64(numberOf(fd), offset, whence)) : fail(WSAEBADF),
  read: (fd: number, buffer: number, size: number): number =>
    orError(calls._read(numberOf(fd), buffer, size)),
  write: (fd: number, buffer: number, size: number): number =>
    orError(calls._write(numberOf(fd), buffer, size)),

  openNull: (): number => opened(wopen("NUL", O_RDWR | O_NOINHERIT | O_BINARY, 0)),

  openFile(path: number): number {
    const length = memory.strnlen(path, PATH_MAX);
    memory.memcpy(native(to), path, length);
    return opened(wopen(text(to, length), O_RDONLY | O_NOINHERIT | O_BINARY, 0));
  },
};
