// socket(2), socketpair(2), close(2) and what else opens and closes; and what Linux remembers of a socket, and another
// system does not.

import { codecs, int, native, setInt, to, value, type Translator } from "./room.js";
import type { System } from "./system.js";

const { ABSENT, AF, Errno, INT_SIZE, IPV6, NumberSet, SOCK, SOL } = codecs;

/** What is known of the sockets of this thread, by their descriptors. */
export class Sockets {
  /** Those whose connection is under way. */
  readonly connecting = new Set<number>();
  /** Those with SO_REUSEADDR, where the system's own means something else. */
  readonly reusing = new Set<number>();
  readonly #kinds = new Map<number, readonly [domain: number, type: number]>();

  opened(fd: number, domain: number, type: number): void {
    this.closed(fd); // by somebody else, who had the number before
    this.#kinds.set(fd, [domain, type]);
  }

  /** One more, of the kind of its listener. */
  accepted(fd: number, listener: number): void {
    this.closed(fd);
    const kind = this.#kinds.get(listener);
    if (kind !== undefined) this.#kinds.set(fd, kind);
  }

  closed(fd: number): void {
    this.connecting.delete(fd);
    this.reusing.delete(fd);
    this.#kinds.delete(fd);
  }

  /** The domain as Linux numbers it, AF_UNSPEC of a socket that another thread opened. */
  domain(fd: number): number {
    return this.#kinds.get(fd)?.[0] ?? codecs.AF.UNSPEC;
  }

  /** The type as Linux numbers it, 0 of a socket that another thread opened. */
  type(fd: number): number {
    return this.#kinds.get(fd)?.[1] ?? 0;
  }
}

export function socketCalls(system: System, translator: Translator, sockets: Sockets) {
  /** The domain and the type there, or -errno. */
  function kindOf(domain: number, type: number): readonly [number, number] | number {
    const family = translator.number(NumberSet.AF, domain);
    if (family === ABSENT) return -Errno.EAFNOSUPPORT;
    const kind = translator.number(NumberSet.SOCK, type & ~(SOCK.NONBLOCK | SOCK.CLOEXEC));
    return kind === ABSENT ? -Errno.EINVAL : [family, kind];
  }

  /** Has a socket of IPv6 hear IPv4 as well, ipv6(7): Windows and FreeBSD start the other way. */
  function hearBoth(fd: number): void {
    setInt(value, 0);
    const level = translator.number(NumberSet.SOL, SOL.IPV6);
    const option = translator.number(NumberSet.IPV6, IPV6.V6ONLY);
    system.setsockopt(fd, level, option, native(value), INT_SIZE);
  }

  /** Binds a socket to any address, as listen(2) of Linux does where nobody has: 0 or -1. */
  function bindAny(fd: number): number {
    return system.bind(fd, native(to), translator.unspecified(sockets.domain(fd), to));
  }

  return {
    socket(domain: number, type: number, protocol: number): number {
      const kind = kindOf(domain, type);
      if (typeof kind === "number") return kind;
      const fd = translator.orErrno(system.socket(kind[0], kind[1], protocol));
      if (fd < 0) return fd;
      sockets.opened(fd, domain, kind[1]);
      if (domain === AF.INET6) hearBoth(fd);
      return fd;
    },

    socketpair(domain: number, type: number, protocol: number, fds: number): number {
      const kind = kindOf(domain, type);
      if (typeof kind === "number") return kind;
      const result = translator.orErrno(system.socketpair(kind[0], kind[1], protocol, to));
      if (result < 0) return result;
      sockets.opened(int(to), domain, kind[1]);
      sockets.opened(int(to + INT_SIZE), domain, kind[1]);
      translator.give(fds, to, 2 * INT_SIZE);
      return 0;
    },

    close(fd: number): number {
      sockets.closed(fd);
      return translator.orErrno(system.close(fd));
    },

    shutdown(fd: number, how: number): number {
      const theirs = translator.number(NumberSet.SHUT, how);
      return theirs === ABSENT ? -Errno.EINVAL : translator.orErrno(system.shutdown(fd, theirs));
    },

    listen(fd: number, backlog: number): number {
      const result = translator.orErrno(system.listen(fd, backlog));
      // Windows wants a name first.
      if (result !== -Errno.EINVAL || bindAny(fd) !== 0) return result;
      return translator.orErrno(system.listen(fd, backlog));
    },

    sockatmark: (fd: number): number => translator.orErrno(system.sockatmark(fd)),

    /** FIONREAD alone: the host asks for nothing else. */
    ioctl(fd: number, request: number, argument: number): number {
      if (request !== codecs.FIO.NREAD) return -Errno.ENOTTY;
      const result = translator.orErrno(system.available(fd));
      if (result < 0) return result;
      setInt(value, result);
      translator.give(argument, value, INT_SIZE);
      return 0;
    },
  };
}
