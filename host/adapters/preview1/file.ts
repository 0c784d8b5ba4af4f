// What node:wasi serves, in the number space of the sockets: it has numbers of its own for its files, from 3 up as
// well, and a guest's descriptor says which.

import { ForeignFile, type Descriptor } from "../../descriptors.js";
import { Errno, marshal, marshalBytes } from "../../marshal.js";
import { STREAMS } from "../../stdio.js";
import { close, fcntl, renumber } from "../../syscalls/socket.js";
import { errnoOf, type Frame } from "./frame.js";
import { checkVectors } from "./stream.js";

const { EBADF, EFAULT, EINVAL, EMFILE, ENOTDIR, ENOTSUP, ESPIPE } = Errno;
const { F, INT_SIZE, O, block, preview1, preview1_fdstat, preview1_filestat } = marshal;

/** A function whose arguments are passed on. */
type Passed = (...args: unknown[]) => unknown;

/** Which arguments of a function are descriptors, and what it is to a socket: an error number of the guest ABI. */
type Row = readonly [fds: readonly number[], ofSocket: number];

const FIRST = [0];

const ROWS: Readonly<Record<string, Row>> = {
  fd_advise: [FIRST, ESPIPE],
  fd_allocate: [FIRST, ESPIPE],
  fd_datasync: [FIRST, EINVAL],
  fd_fdstat_get: [FIRST, 0],
  fd_fdstat_set_flags: [FIRST, 0],
  fd_fdstat_set_rights: [FIRST, ENOTSUP],
  fd_filestat_get: [FIRST, 0],
  fd_filestat_set_size: [FIRST, EINVAL],
  fd_filestat_set_times: [FIRST, EINVAL],
  fd_pread: [FIRST, ESPIPE],
  fd_prestat_dir_name: [FIRST, EBADF],
  fd_prestat_get: [FIRST, EBADF], // libc looks for directories up to the first that is none
  fd_pwrite: [FIRST, ESPIPE],
  fd_read: [FIRST, 0],
  fd_readdir: [FIRST, ENOTDIR],
  fd_seek: [FIRST, ESPIPE],
  fd_sync: [FIRST, EINVAL],
  fd_tell: [FIRST, ESPIPE],
  fd_write: [FIRST, 0],
  path_create_directory: [FIRST, ENOTDIR],
  path_filestat_get: [FIRST, ENOTDIR],
  path_filestat_set_times: [FIRST, ENOTDIR],
  path_link: [[0, 4], ENOTDIR],
  path_open: [FIRST, ENOTDIR],
  path_readlink: [FIRST, ENOTDIR],
  path_remove_directory: [FIRST, ENOTDIR],
  path_rename: [[0, 3], ENOTDIR],
  path_symlink: [[2], ENOTDIR],
  path_unlink_file: [FIRST, ENOTDIR],
};

/** The argument of path_open that points to where the descriptor goes. */
const OPENED = 8;

/** The functions of one guest's files, with its own numbers for them. */
export function fileCalls(frame: Frame): Record<string, Passed> {
  const { base, guest } = frame;

  /** Puts node:wasi's numbers in the place of the guest's: 0, or -errno. */
  function translate(args: unknown[], [fds, ofSocket]: Row): number {
    for (const index of fds) {
      const fd = Number(args[index]) | 0;
      if (fd >= 0 && fd < STREAMS) continue; // the same in both
      const descriptor = guest.descriptors.get(fd);
      if (descriptor === undefined) return -EBADF;
      if (!(descriptor instanceof ForeignFile)) return -ofSocket;
      args[index] = descriptor.number;
    }
    return 0;
  }

  return Object.fromEntries(
    Object.entries(base).map(([name, call]): [string, Passed] => {
      const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
      if (row === undefined) return [name, call];
      return [
        name,
        (...args) => {
          const error = translate(args, row);
          return error < 0 ? errnoOf(error) : call(...args);
        },
      ];
    }),
  );
}

/** Makes a file of node:wasi's the guest's. The caller has checked that there is room. */
export function adoptFile({ guest }: Frame, number: number): number {
  return guest.descriptors.add(new ForeignFile(number));
}

/** The functions that know both files and sockets. */
export function descriptorCalls(frame: Frame, files: Record<string, Passed>) {
  const { base, guest, memory, stdio } = frame;

  function positioned(call: Passed): Passed {
    return (...args) => {
      const error = checkVectors(frame, Number(args[1]), Number(args[2]));
      return error < 0 ? errnoOf(error) : call(...args);
    };
  }

  /** Closes what had a number in the table, and has it no more. */
  function closeFile({ number }: ForeignFile): number {
    return Number(base["fd_close"]!(number));
  }

  return {
    fd_pread: positioned(files["fd_pread"]!),
    fd_pwrite: positioned(files["fd_pwrite"]!),

    fd_close(fd: number): number {
      const descriptor = guest.descriptors.get(fd);
      if (descriptor instanceof ForeignFile) {
        guest.descriptors.remove(fd);
        return closeFile(descriptor);
      }
      if (descriptor !== undefined) return errnoOf(close(guest, fd, descriptor));
      if (fd < 0 || fd >= STREAMS) return errnoOf(-EBADF);
      stdio.forget(fd); // node:wasi is about to close it
      return Number(base["fd_close"]!(fd));
    },

    /** dup2(2), but that both must be open, and neither a standard stream. */
    fd_renumber(from: number, to: number): number {
      const { descriptors } = guest;
      if (from < STREAMS || to < STREAMS) {
        const open = [from, to].every(
          (fd) => (stdio.stream(fd) ?? descriptors.get(fd)) !== undefined,
        );
        return errnoOf(open ? -ENOTSUP : -EBADF);
      }
      if (descriptors.get(from) === undefined || descriptors.get(to) === undefined) {
        return errnoOf(-EBADF);
      }
      if (from === to) return 0;
      const replaced = renumber(guest, from, to);
      return replaced instanceof ForeignFile ? closeFile(replaced) : 0;
    },

    fd_fdstat_get(fd: number, out: number): unknown {
      const socket = frame.socket(fd);
      if (socket === undefined) return files["fd_fdstat_get"]!(fd, out);
      marshal.socketFdstat(socket.type, socket.nonBlocking);
      return errnoOf(memory.write(out, preview1_fdstat.sizeof, marshalBytes, block) ? 0 : -EFAULT);
    },

    fd_fdstat_set_flags(fd: number, flags: number): unknown {
      const socket = frame.socket(fd);
      if (socket !== undefined) return setFlags(socket, flags);
      // A stream may be somebody else's as well, who wants it as it is.
      if (fd >= 0 && fd < STREAMS) return errnoOf(-ENOTSUP);
      return files["fd_fdstat_set_flags"]!(fd, flags);
    },

    fd_filestat_get(fd: number, out: number): unknown {
      const socket = frame.socket(fd);
      if (socket === undefined) return files["fd_filestat_get"]!(fd, out);
      marshal.socketFilestat(socket.type);
      return errnoOf(
        memory.write(out, preview1_filestat.sizeof, marshalBytes, block) ? 0 : -EFAULT,
      );
    },

    path_open: (...args: unknown[]): unknown => {
      const out = Number(args[OPENED]) | 0;
      if (!memory.holds(out, INT_SIZE)) return errnoOf(-EFAULT);
      if (guest.descriptors.room < 1) return errnoOf(-EMFILE);
      const error = files["path_open"]!(...args);
      if (error === 0) memory.setInt32(out, adoptFile(frame, memory.int32(out)));
      return error;
    },
  };
}

function setFlags(socket: Descriptor, flags: number): number {
  if ((flags & ~preview1.FDFLAGS_NONBLOCK) !== 0) return errnoOf(-EINVAL);
  return errnoOf(fcntl(socket, F.SETFL, flags === 0 ? 0 : O.NONBLOCK));
}
