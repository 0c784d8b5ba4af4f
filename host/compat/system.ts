// What Linux's calls are made of on another system.

/**
 * A system's own calls, with its own numbers and layouts, and addresses of native memory. Each returns what BSD's
 * does: -1 for an error, of which `error` then tells.
 */
export interface System {
  /** Which one, a System of assembly/platform/system.ts. */
  readonly id: number;
  /** The number of the last error. */
  readonly error: () => number;

  /** A socket that does not wait, and that no child process inherits; accept is given one as well. */
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly accept: (fd: number, address: number, length: number) => number;
  /** Two of them, as ints at a pointer of ./room. */
  readonly socketpair: (family: number, type: number, protocol: number, pair: number) => number;
  readonly close: (fd: number) => number;
  readonly shutdown: (fd: number, how: number) => number;
  readonly bind: (fd: number, address: number, length: number) => number;
  readonly connect: (fd: number, address: number, length: number) => number;
  readonly listen: (fd: number, backlog: number) => number;
  readonly getsockname: (fd: number, address: number, length: number) => number;
  readonly getpeername: (fd: number, address: number, length: number) => number;
  readonly getsockopt: (
    fd: number,
    level: number,
    option: number,
    value: number,
    length: number,
  ) => number;
  readonly setsockopt: (
    fd: number,
    level: number,
    option: number,
    value: number,
    length: number,
  ) => number;
  /** How many bytes can be received, FIONREAD of ioctl(2). */
  readonly available: (fd: number) => number;
  readonly sockatmark: (fd: number) => number;

  readonly send: (fd: number, buffer: number, size: number, flags: number) => number;
  readonly recv: (fd: number, buffer: number, size: number, flags: number) => number;
  readonly sendto: (
    fd: number,
    buffer: number,
    size: number,
    flags: number,
    address: number,
    length: number,
  ) => number;
  readonly recvfrom: (
    fd: number,
    buffer: number,
    size: number,
    flags: number,
    address: number,
    length: number,
  ) => number;
  /** The header is a pointer of ./room; recvmsg leaves its lengths and flags in it. */
  readonly sendmsg: (fd: number, header: number, flags: number) => number;
  readonly recvmsg: (fd: number, header: number, flags: number) => number;
  /** poll(2) of a list that is a pointer of ./room. */
  readonly poll: (list: number, count: number, timeout: number) => number;

  /** The status flags of a descriptor as Linux numbers them, F_GETFL of fcntl(2), and the setting of them: 0 or -1. */
  readonly getFlags: (fd: number) => number;
  readonly setFlags: (fd: number, flags: number) => number;
  /** A copy of a descriptor that is no socket, which no child process inherits. */
  readonly duplicate: (fd: number) => number;
  /** dup2(2), to a descriptor that no child process inherits. */
  readonly replace: (from: number, to: number) => number;
  /** The file that takes everything and gives nothing, for reading and writing. */
  readonly openNull: () => number;
  /** open(2) for reading of a path in UTF-8 with its NUL. */
  readonly openFile: (path: number) => number;
  readonly read: (fd: number, buffer: number, size: number) => number;
  readonly write: (fd: number, buffer: number, size: number) => number;
  readonly lseek: (fd: number, offset: number, whence: number) => number;

  /** 0, or the system's EAI number. */
  readonly getaddrinfo: (node: number, service: number, hints: number, result: number) => number;
  /** The same in a thread of Node's, which tells of the code by the event loop. */
  readonly getaddrinfoAside: (
    done: (code: number) => void,
    node: number,
    service: number,
    hints: number,
    result: number,
  ) => void;
  readonly freeaddrinfo: (list: number) => void;
  readonly getnameinfo: (
    address: number,
    length: number,
    host: number,
    hostSize: number,
    service: number,
    serviceSize: number,
    flags: number,
  ) => number;
  readonly gethostname: (name: number, size: number) => number;
  readonly ifNameToIndex: (name: number) => number;
  readonly ifIndexToName: (index: number, name: number) => number;

  readonly malloc: (size: number) => number;
  readonly free: (memory: number) => void;
  readonly memcpy: (to: number, from: number, size: number) => number;
  readonly strnlen: (text: number, limit: number) => number;
}
