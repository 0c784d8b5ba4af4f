// poll(2), and eventfd(2) by a socket that is connected to itself: what it is sent wakes whoever polls it.

import {
  codecs,
  from,
  int,
  native,
  setInt,
  short,
  startLoopback,
  to,
  value,
  type Translator,
} from "./room.js";
import type { System } from "./system.js";

const { AF, Errno, INT_SIZE, NumberSet, POLL, SOCK, SOCKADDR_MAX, pollfd } = codecs;

/** What poll(2) finds where the peer sends no more: Windows calls that a hang-up, which Linux calls one of both sides. */
function halfClosed(events: number, asked: number): number {
  const heard = asked & (POLL.IN | POLL.RDHUP);
  return heard === 0 ? events : (events & ~POLL.HUP) | heard;
}

export function pollCalls(system: System, translator: Translator) {
  const hangsUp = system.id === codecs.System.WINDOWS;
  return {
    poll(fds: number, count: number, timeout: number): number {
      const size = count * pollfd.sizeof;
      translator.take(from, fds, size);
      codecs.pollToSystem(system.id, from, count, to);
      const result = translator.orErrno(system.poll(to, count, timeout));
      if (result < 0) return result;
      codecs.pollFromSystem(system.id, to, count, from);
      let found = 0;
      for (let i = 0; i < count; i++) {
        const events = codecs.pollRevents(from, i);
        const asked = short(from + i * pollfd.sizeof + pollfd.events);
        if (hangsUp && (events & POLL.HUP) !== 0)
          codecs.pollFound(from, i, halfClosed(events, asked));
        if (events !== 0) found++;
      }
      translator.give(fds, from, size);
      return found;
    },
  };
}

export function eventCalls(system: System, translator: Translator) {
  /** Connects a socket to an address of its own on loopback: 0 or -1. */
  function connectToItself(fd: number): number {
    const length = codecs.sockaddrToSystem(system.id, from, startLoopback(from), to);
    setInt(value, SOCKADDR_MAX);
    return (
      system.bind(fd, native(to), length) ||
      system.getsockname(fd, native(to), native(value)) ||
      system.connect(fd, native(to), int(value))
    );
  }

  return {
    eventfd(): number {
      const family = translator.number(NumberSet.AF, AF.INET);
      const fd = translator.orErrno(system.socket(family, SOCK.DGRAM, 0));
      if (fd < 0 || connectToItself(fd) === 0) return fd;
      const errno = translator.errno();
      system.close(fd);
      return -errno;
    },

    /** One datagram, whatever the count. */
    eventfd_write: (fd: number): number =>
      translator.orErrno(system.send(fd, native(value), 1, 0)) < 0 ? -Errno.EAGAIN : 0,

    /** Takes all that have arrived. */
    eventfd_read(fd: number): number {
      let count = 0;
      while (system.recv(fd, native(value), INT_SIZE, 0) > 0) count++;
      return count > 0 ? 0 : -Errno.EAGAIN;
    },
  };
}
