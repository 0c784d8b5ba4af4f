// read(2), write(2), open(2), fcntl(2)…: standard streams and files.

import { SIZE, address, codecs, native, setAddress, to, value, type Translator } from "./room.js";
import type { System } from "./system.js";
import type { MessageFlags } from "./transfer.js";

const { Errno, F, INT_SIZE, MSG, O, SEEK } = codecs;

/** From a file's start, lseek(2): the same everywhere, as SEEK_CUR is. */
const SEEK_SET = 0;

export function fileCalls(system: System, translator: Translator, flagsOf: MessageFlags) {
  /** Reads from an offset, or where the file's own position is, and leaves it there. */
  function pread(file: number, offset: number, count: number): number {
    const own = system.lseek(file, 0, SEEK.CUR);
    if (own === -1 || system.lseek(file, offset < 0 ? own : offset, SEEK_SET) === -1) return -1;
    const result = system.read(file, native(to), Math.min(count, SIZE));
    if (system.lseek(file, own, SEEK_SET) === -1) return -1;
    return result;
  }

  return {
    read: (fd: number, buffer: number, size: number): number =>
      translator.orErrno(system.read(fd, buffer, size)),

    write: (fd: number, buffer: number, size: number): number =>
      translator.orErrno(system.write(fd, buffer, size)),

    lseek: (fd: number, offset: number, whence: number): number =>
      translator.orErrno(system.lseek(fd, offset, whence)),

    /** Of files for reading; what is opened for writing as well is the one that gives nothing. */
    open: (path: number, flags: number): number =>
      translator.orErrno((flags & O.RDWR) !== 0 ? system.openNull() : system.openFile(path)),

    fcntl(fd: number, command: number, argument: number): number {
      switch (command) {
        case F.GETFL:
          return translator.orErrno(system.getFlags(fd));
        case F.SETFL:
          return translator.orErrno(system.setFlags(fd, argument));
        case F.DUPFD_CLOEXEC:
          return translator.orErrno(system.duplicate(fd));
        default:
          return -Errno.EINVAL;
      }
    },

    dup3: (from: number, to: number): number => translator.orErrno(system.replace(from, to)),

    /** Through memory: sendfile(2) of BSD, and TransmitFile of Windows, wait or take other parameters. */
    sendfile(fd: number, file: number, offsetAt: number, count: number): number {
      if (offsetAt !== 0) translator.take(value, offsetAt, 2 * INT_SIZE);
      const offset = offsetAt === 0 ? -1 : address(value);
      const size = translator.orErrno(pread(file, offset, count));
      if (size <= 0) return size;
      const sent = translator.orErrno(
        system.send(fd, native(to), size, flagsOf.of(MSG.NOSIGNAL | MSG.DONTWAIT)),
      );
      if (sent <= 0) return sent;
      if (offsetAt === 0) {
        system.lseek(file, sent, SEEK.CUR);
        return sent;
      }
      setAddress(value, offset + sent);
      translator.give(offsetAt, value, 2 * INT_SIZE);
      return sent;
    },
  };
}
