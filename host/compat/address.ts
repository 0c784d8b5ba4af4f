// bind(2), connect(2), getsockname(2), getpeername(2), accept4(2): calls with addresses.

import type { Sockets } from "./sockets.js";
import { codecs, from, int, native, setInt, to, value, type Translator } from "./room.js";
import type { System } from "./system.js";

const { Errno, INT_SIZE, NumberSet, POLL, SO, SOCKADDR_MAX, SOL } = codecs;

/** A call that fills in an address and its length. */
type Fills = (fd: number, address: number, length: number) => number;

export function addressCalls(system: System, translator: Translator, sockets: Sockets) {
  /** Calls what fills in an address, and gives it to Linux's side. */
  function named(call: Fills, fd: number, address: number, length: number): number {
    if (address === 0) return translator.orErrno(call(fd, 0, 0));
    setInt(value, SOCKADDR_MAX);
    const result = translator.orErrno(call(fd, native(to), native(value)));
    if (result >= 0) translator.answerAddress(to, int(value), address, length);
    return result;
  }

  /** The name of a socket that has none yet: the unspecified address, as Linux has it. */
  function unnamed(fd: number, address: number, length: number): number {
    const size = translator.unspecified(sockets.domain(fd), to);
    translator.answerAddress(to, size, address, length);
    return 0;
  }

  /** The outcome of a connection that is under way, as a second connect(2) tells it on Linux. */
  function outcome(fd: number): number {
    codecs.pollEntry(from, 0, fd, POLL.OUT);
    codecs.pollToSystem(system.id, from, 1, to);
    if (system.poll(to, 1, 0) === 0) return -Errno.EALREADY;
    sockets.connecting.delete(fd);
    setInt(value, INT_SIZE);
    const error = translator.number(NumberSet.SO, SO.ERROR);
    const level = translator.number(NumberSet.SOL, SOL.SOCKET);
    const result = system.getsockopt(fd, level, error, native(to), native(value));
    if (result === -1) return -translator.errno();
    const errno = int(to);
    return errno === 0 ? 0 : -codecs.errnoFromSystem(system.id, errno);
  }

  return {
    outcome,

    bind(fd: number, address: number, length: number): number {
      const size = translator.addressTo(address, length, to);
      return size < 0 ? size : translator.orErrno(system.bind(fd, native(to), size));
    },

    connect(fd: number, address: number, length: number): number {
      if (sockets.connecting.has(fd)) return outcome(fd);
      const size = translator.addressTo(address, length, to);
      if (size < 0) return size;
      const result = translator.orErrno(system.connect(fd, native(to), size));
      // Windows says of a connection that is under way what it says of everything that would wait.
      if (result !== -Errno.EINPROGRESS && result !== -Errno.EAGAIN) return result;
      sockets.connecting.add(fd);
      return -Errno.EINPROGRESS;
    },

    getsockname(fd: number, address: number, length: number): number {
      const result = named(system.getsockname, fd, address, length);
      // Windows knows no name before bind(2).
      return result === -Errno.EINVAL ? unnamed(fd, address, length) : result;
    },

    getpeername(fd: number, address: number, length: number): number {
      return named(system.getpeername, fd, address, length);
    },

    /** What is accepted never waits, and no child process inherits it, whatever the flags. */
    accept4(fd: number, address: number, length: number): number {
      const result = named(system.accept, fd, address, length);
      if (result >= 0) sockets.accepted(result, fd);
      return result;
    },
  };
}
