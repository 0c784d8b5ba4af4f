// macOS and FreeBSD. Of what only one of them has, nothing is used.

import { Library, addonPath, lastErrno, type Native } from "../../native/library.js";
import { prototypes, variadic } from "./prototypes.js";
import { codecs, int, native, setInt, value } from "../room.js";
import type { System } from "../system.js";

const { F, FD, NumberSet, O } = codecs;

/** FIONREAD, sys/filio.h. */
const FIONREAD = 0x4004667f;
/** RTLD_LAZY, dlfcn.h. */
const RTLD_LAZY = 1;
const NULL_DEVICE = "/dev/null";

const library = new Library(null);
const calls = library.bind(prototypes);
const { fcntl, ioctl, open } = library.bind<typeof variadic>(variadic) as unknown as Record<
  keyof typeof variadic,
  Native
>;

const id = process.platform === "darwin" ? codecs.System.DARWIN : codecs.System.FREEBSD;

/** A system's own number. */
function own(set: number, number: number): number {
  return codecs.numberToSystem(id, set, number);
}

const [GETFL, SETFL, SETFD] = [F.GETFL, F.SETFL, F.SETFD].map((f) => own(NumberSet.F, f));
const DUPFD_CLOEXEC = own(NumberSet.F, F.DUPFD_CLOEXEC);
const CLOEXEC = own(NumberSet.FD, FD.CLOEXEC);
const NONBLOCK = own(NumberSet.O, O.NONBLOCK);
const OPEN_CLOEXEC = own(NumberSet.O, O.CLOEXEC);
const RDWR = own(NumberSet.O, O.RDWR);
/** Descriptors that are standard streams. */
const STREAMS = 3;

/** Makes a socket one that does not wait and that no child process inherits. */
function prepared(fd: number): number {
  if (fd === -1) return fd;
  fcntl(fd, SETFD, "int", CLOEXEC);
  fcntl(fd, SETFL, "int", RDWR | NONBLOCK);
  return fd;
}

// A worker that ends would otherwise be told of its handles by code that is gone.
library.function("uintptr_t dlopen(const char *file, int mode)")(addonPath(), RTLD_LAZY);
const openPath = library.function("int open(const char *path, int flags, ...)");

export const system: System = {
  ...calls,
  id,
  error: lastErrno,
  socket: (family, type, protocol) => prepared(calls.socket(family, type, protocol)),
  accept: (fd, address, length) => prepared(calls.accept(fd, address, length)),

  socketpair(family, type, protocol, pair) {
    const result = calls.socketpair(family, type, protocol, native(pair));
    if (result === -1) return result;
    prepared(int(pair));
    prepared(int(pair + codecs.INT_SIZE));
    return result;
  },

  available(fd) {
    setInt(value, 0);
    return ioctl(fd, FIONREAD, "uintptr_t", native(value)) === -1 ? -1 : int(value);
  },

  sendmsg: (fd, header, flags) => calls.sendmsg(fd, native(header), flags),
  recvmsg: (fd, header, flags) => calls.recvmsg(fd, native(header), flags),
  poll: (list, count, timeout) => calls.poll(native(list), count, timeout),

  getFlags(fd) {
    const flags = fcntl(fd, GETFL, "int", 0);
    return flags === -1 ? -1 : codecs.flagsFromSystem(id, NumberSet.O, flags);
  },
  setFlags: (fd, flags) =>
    fcntl(fd, SETFL, "int", codecs.knownFlagsToSystem(id, NumberSet.O, flags)),
  duplicate: (fd) => fcntl(fd, DUPFD_CLOEXEC, "int", STREAMS),
  replace(from, to) {
    const result = calls.dup2(from, to);
    return result === -1 ? -1 : fcntl(to, SETFD, "int", CLOEXEC);
  },
  getaddrinfoAside: library.aside(prototypes.getaddrinfo),
  openNull: () => openPath(NULL_DEVICE, RDWR | OPEN_CLOEXEC),
  openFile: (path) => open(path, OPEN_CLOEXEC),
};
