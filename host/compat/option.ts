// getsockopt(2) and setsockopt(2).

import { SIZE, codecs, from, int, native, setInt, to, value, type Translator } from "./room.js";
import type { Sockets } from "./sockets.js";
import type { System } from "./system.js";

const { ABSENT, AF, Errno, INT_SIZE, IPPROTO, NumberSet, SO, SOCK, SOL } = codecs;

/** The sets that the options of a level are of. */
const SETS = new Map<number, readonly number[]>([
  [SOL.SOCKET, [NumberSet.SO]],
  [SOL.IP, [NumberSet.IP, NumberSet.MCAST]],
  [SOL.IPV6, [NumberSet.IPV6, NumberSet.MCAST]],
  [SOL.TCP, [NumberSet.TCP]],
]);

/** Sizes that Linux doubles for what it keeps beside the bytes, and tells so, socket(7): whoever asks for one halves it. */
const DOUBLED: readonly number[] = [SO.SNDBUF, SO.RCVBUF];

/** The protocols of the internet by the types of their sockets. */
export const PROTOCOLS = new Map<number, number>([
  [SOCK.STREAM, IPPROTO.TCP],
  [SOCK.DGRAM, IPPROTO.UDP],
]);

/** Room for any value. */
const VALUE_MAX = 4096;

function doubled(size: number): number {
  return Math.min(2 * size, 0x7fffffff);
}

export function optionCalls(system: System, translator: Translator, sockets: Sockets) {
  /** The option there, or ABSENT. */
  function optionOf(level: number, option: number): number {
    for (const set of SETS.get(level) ?? []) {
      const number = translator.number(set, option);
      if (number !== ABSENT) return number;
    }
    return ABSENT;
  }

  /**
   * Whether the system's own SO_REUSEADDR is not what Linux means by it. On Windows it lets a stranger take a port that is
   * in use, and what it does on Linux, to pass over connections that are over, Windows does without.
   */
  function isReuse(fd: number, level: number, option: number): boolean {
    return (
      system.id === codecs.System.WINDOWS &&
      level === SOL.SOCKET &&
      option === SO.REUSEADDR &&
      sockets.type(fd) !== SOCK.DGRAM
    );
  }

  /** Gives a value of `size` bytes in `from`, cut to the room that is there. */
  function answer(size: number, target: number, length: number, room: number): number {
    const given = Math.min(size, room);
    translator.give(target, from, given);
    setInt(value, given);
    translator.give(length, value, INT_SIZE);
    return 0;
  }

  /** What Linux tells of a socket, and not every other system. */
  function own(fd: number, option: number): number {
    switch (option) {
      case SO.DOMAIN:
        return sockets.domain(fd);
      case SO.TYPE:
        return sockets.type(fd);
      case SO.PROTOCOL:
        return sockets.domain(fd) === AF.UNIX ? 0 : (PROTOCOLS.get(sockets.type(fd)) ?? 0);
      default:
        return 0;
    }
  }

  return {
    getsockopt(fd: number, level: number, option: number, target: number, length: number): number {
      translator.take(value, length, INT_SIZE);
      const room = int(value);
      if (isReuse(fd, level, option)) {
        setInt(from, Number(sockets.reusing.has(fd)));
        return answer(INT_SIZE, target, length, room);
      }
      const known = level === SOL.SOCKET ? own(fd, option) : 0;
      if (known !== 0) {
        setInt(from, known);
        return answer(INT_SIZE, target, length, room);
      }
      const theirs = optionOf(level, option);
      if (theirs === ABSENT) return -Errno.ENOPROTOOPT;
      setInt(value, Math.min(Math.max(room, VALUE_MAX), SIZE));
      const at = translator.number(NumberSet.SOL, level);
      const result = translator.orErrno(
        system.getsockopt(fd, at, theirs, native(to), native(value)),
      );
      if (result < 0) return result;
      const size = codecs.optionFromSystem(system.id, level, option, to, int(value), from);
      if (level === SOL.SOCKET && DOUBLED.includes(option)) setInt(from, doubled(int(from)));
      return answer(size, target, length, room);
    },

    setsockopt(fd: number, level: number, option: number, source: number, length: number): number {
      if (length > VALUE_MAX) return -Errno.EINVAL;
      translator.take(from, source, length);
      // Linux takes no int in fewer bytes than it has; others take a byte for a flag.
      if (level === SOL.SOCKET && option !== SO.BINDTODEVICE && length < INT_SIZE)
        return -Errno.EINVAL;
      if (isReuse(fd, level, option)) {
        if (int(from) !== 0) sockets.reusing.add(fd);
        else sockets.reusing.delete(fd);
        return 0;
      }
      const theirs = optionOf(level, option);
      if (theirs === ABSENT) return -Errno.ENOPROTOOPT;
      const size = codecs.optionToSystem(system.id, level, option, from, length, to);
      if (size < 0) return size;
      const at = translator.number(NumberSet.SOL, level);
      const result = translator.orErrno(system.setsockopt(fd, at, theirs, native(to), size));
      // Windows says that of a value that is too short: the pointer is ours.
      return result === -Errno.EFAULT ? -Errno.EINVAL : result;
    },
  };
}
