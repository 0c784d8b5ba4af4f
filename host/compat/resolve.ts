// getaddrinfo(3), getnameinfo(3) and the names of interfaces.

import { PROTOCOLS } from "./option.js";
import {
  address,
  codecs,
  from,
  int,
  native,
  setAddress,
  setInt,
  to,
  value,
  type Translator,
} from "./room.js";
import type { System } from "./system.js";

const { ABSENT, EAI, Errno, NumberSet, SOCKADDR_MAX, native_addrinfo } = codecs;

/** Every flag of getnameinfo(3). */
const NI_FLAGS = (Object.values(codecs.NI) as number[]).reduce((all, flag) => all | flag, 0);
/** The longest canonical name with its NUL, netdb.h. */
const NI_MAXHOST = 1025;
const POINTER_SIZE = 8;
/** An entry of an answer as it is given: Linux's, its address, its name. */
const ADDRESS = native_addrinfo.sizeof;
const NAME = ADDRESS + SOCKADDR_MAX;

/** Where an entry of the system's stands while it is translated: its address has the place before it. */
const THEIRS = to + SOCKADDR_MAX;
const OURS = from + SOCKADDR_MAX;

export function resolveCalls(system: System, translator: Translator) {
  let last = 0;

  /** Takes down an error where a name or an index is none: not every system has a number for it. */
  function found(result: number, errno: number): number {
    if (result === 0) last = errno;
    return result;
  }

  /** Linux's EAI number of the system's. */
  function resultOf(code: number): number {
    if (code === 0) return 0;
    const ours = codecs.numberFromSystem(system.id, NumberSet.EAI, code);
    if (ours === EAI.SYSTEM) last = translator.errno();
    return ours === ABSENT ? EAI.FAIL : ours;
  }

  /** Frees a list that `copied` made. */
  function freeaddrinfo(list: number): number {
    for (let entry = list; entry !== 0;) {
      translator.take(from, entry, native_addrinfo.sizeof);
      const next = address(from + native_addrinfo.ai_next);
      system.free(entry);
      entry = next;
    }
    return 0;
  }

  /** A copy of an entry of the system's as Linux has it, in memory of its own; 0 where there is none left. */
  function copied(theirs: number): number {
    translator.take(THEIRS, theirs, native_addrinfo.sizeof);
    codecs.addrinfoFromSystem(system.id, THEIRS, OURS);
    const [name, named] = [address(OURS + native_addrinfo.ai_canonname), NAME];
    const nameLength = name === 0 ? 0 : system.strnlen(name, NI_MAXHOST - 1) + 1;
    const entry = system.malloc(NAME + nameLength);
    if (entry === 0) return 0;
    const length = int(OURS + native_addrinfo.ai_addrlen);
    translator.take(to, address(OURS + native_addrinfo.ai_addr), Math.min(length, SOCKADDR_MAX));
    const size = translator.addressFrom(to, length, entry + ADDRESS, SOCKADDR_MAX);
    if (nameLength > 0) system.memcpy(entry + named, name, nameLength);
    setInt(OURS + native_addrinfo.ai_addrlen, size);
    setAddress(OURS + native_addrinfo.ai_addr, entry + ADDRESS);
    setAddress(OURS + native_addrinfo.ai_canonname, name === 0 ? 0 : entry + named);
    setAddress(OURS + native_addrinfo.ai_next, 0);
    // Windows leaves that of a type to socket(2).
    const protocol = OURS + native_addrinfo.ai_protocol;
    const type = int(OURS + native_addrinfo.ai_socktype);
    if (int(protocol) === 0) setInt(protocol, PROTOCOLS.get(type) ?? 0);
    translator.give(entry, OURS, native_addrinfo.sizeof);
    return entry;
  }

  /** A copy of a whole list as Linux has it; 0 where there is no memory. What Linux does not know is left out. */
  function listOf(theirs: number): number {
    let [first, end] = [0, 0];
    for (let at = theirs; at !== 0;) {
      const entry = copied(at);
      if (entry === 0) {
        freeaddrinfo(first);
        return 0;
      }
      translator.take(THEIRS, at, native_addrinfo.sizeof);
      codecs.addrinfoFromSystem(system.id, THEIRS, OURS);
      at = address(OURS + native_addrinfo.ai_next);
      if (first === 0) first = entry;
      else {
        setAddress(value, entry);
        translator.give(end + native_addrinfo.ai_next, value, POINTER_SIZE);
      }
      end = entry;
    }
    return first;
  }

  /** Puts hints into `THEIRS`: 0, or what is wrong with them. */
  function takeHints(hints: number): number {
    translator.take(OURS, hints, native_addrinfo.sizeof);
    if (codecs.hintsToSystem(system.id, OURS, THEIRS)) return 0;
    const family = int(OURS + native_addrinfo.ai_family);
    return translator.number(NumberSet.AF, family) === ABSENT ? EAI.FAMILY : EAI.BADFLAGS;
  }

  /**
   * Puts a copy of an answer in the place of the system's.
   *
   * @param result native address of the pointer to it
   */
  function giveAnswer(code: number, result: number): number {
    if (code !== 0) return resultOf(code);
    translator.take(value, result, POINTER_SIZE);
    const theirs = address(value);
    const list = listOf(theirs);
    system.freeaddrinfo(theirs);
    setAddress(value, list);
    translator.give(result, value, POINTER_SIZE);
    return list === 0 ? EAI.MEMORY : 0;
  }

  /**
   * getaddrinfo(3) in a thread of Node's: see ../native/linux.
   *
   * @param hints native address of what is translated where it is
   */
  function getaddrinfoAside(
    node: number,
    service: number,
    hints: number,
    result: number,
    done: (code: number, errno: number) => void,
  ): void {
    const wrong = hints === 0 ? 0 : takeHints(hints);
    if (wrong !== 0) {
      setImmediate(() => {
        done(wrong, 0);
      });
      return;
    }
    if (hints !== 0) translator.give(hints, THEIRS, native_addrinfo.sizeof);
    const answered = (code: number): void => {
      done(giveAnswer(code, result), last);
    };
    system.getaddrinfoAside(answered, node, service, hints, result);
  }

  const getaddrinfo: System["getaddrinfo"] = (node, service, hints, result) => {
    const wrong = hints === 0 ? 0 : takeHints(hints);
    if (wrong !== 0) return wrong;
    const theirs = hints === 0 ? 0 : native(THEIRS);
    return giveAnswer(system.getaddrinfo(node, service, theirs, result), result);
  };

  const getnameinfo: System["getnameinfo"] = (
    source,
    length,
    host,
    hostSize,
    service,
    room,
    flags,
  ) => {
    if ((flags & ~NI_FLAGS) !== 0) return EAI.BADFLAGS; // which other systems pass over
    const size = translator.addressTo(source, length, to);
    if (size < 0) return EAI.FAMILY;
    const theirs = translator.flags(NumberSet.NI, flags);
    return resultOf(system.getnameinfo(native(to), size, host, hostSize, service, room, theirs));
  };

  const calls = {
    getaddrinfo,
    freeaddrinfo,
    getnameinfo,
    if_indextoname: (index: number, name: number): number =>
      found(system.if_indextoname(index, name), Errno.ENXIO),
    if_nametoindex: (name: number): number => found(system.if_nametoindex(name), Errno.ENODEV),
  };
  return { calls, getaddrinfoAside, lastErrno: () => last };
}
