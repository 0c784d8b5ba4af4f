// send(2), recv(2), sendto(2), recvfrom(2): their bytes go where they are, only flags and addresses are translated.

import { SIZE, codecs, from, int, native, setInt, to, value, type Translator } from "./room.js";
import type { Sockets } from "./sockets.js";
import type { System } from "./system.js";

const { AF, Errno, MSG, NumberSet, SOCK, SOCKADDR_MAX } = codecs;

/** The flags of a call there, by the flags here. */
export class MessageFlags {
  readonly #known = new Map<number, number>();
  readonly #translator: Translator;

  constructor(translator: Translator) {
    this.#translator = translator;
  }

  /**
   * What the system does not have is left out: it does not wait in any case, raises no signal in Node, and hints may go
   * unheard. Whoever waits for all bytes asks again for the rest, and a length that was cut is told by ./message.
   */
  of(flags: number): number {
    let theirs = this.#known.get(flags);
    if (theirs === undefined) {
      theirs = this.#translator.flags(NumberSet.MSG, flags & ~(MSG.WAITALL | MSG.TRUNC));
      this.#known.set(flags, theirs);
    }
    return theirs;
  }
}

/** What Linux says where another system says something else, by the type of the socket. */
type Errors = ReadonlyMap<number, ReadonlyMap<number, number>>;

const SEND_ERRORS: Errors = new Map([
  [
    SOCK.STREAM,
    new Map([
      [Errno.ESHUTDOWN, Errno.EPIPE],
      [Errno.ENOTCONN, Errno.EPIPE],
    ]),
  ],
  [
    SOCK.DGRAM,
    new Map([
      [Errno.ENOTCONN, Errno.EDESTADDRREQ],
      [Errno.ECONNRESET, Errno.ECONNREFUSED],
    ]),
  ],
]);

const RECEIVE_ERRORS: Errors = new Map([
  [SOCK.STREAM, new Map([[Errno.ESHUTDOWN, 0]])], // the end
  [
    SOCK.DGRAM,
    new Map([
      [Errno.ESHUTDOWN, 0],
      [Errno.EINVAL, Errno.EAGAIN], // nothing can come before bind(2)
      [Errno.ECONNRESET, Errno.ECONNREFUSED],
    ]),
  ],
]);

/** Gives what a send or a receive returned, of which Linux says the same. */
export class Outcomes {
  readonly #translator: Translator;
  readonly #sockets: Sockets;
  readonly #connection: (fd: number) => number;

  /** @param connection tells how a connection goes that was under way: 0, or -errno */
  constructor(translator: Translator, sockets: Sockets, connection: (fd: number) => number) {
    this.#translator = translator;
    this.#sockets = sockets;
    this.#connection = connection;
  }

  #error(errors: Errors, fd: number): number {
    const errno = this.#translator.errno();
    // While a connection is being made Linux says EAGAIN, and once that has failed, of what: others say ENOTCONN of both.
    const failed = this.#sockets.connecting.has(fd) ? this.#connection(fd) : 0;
    if (failed !== 0) return failed === -Errno.EALREADY ? -Errno.EAGAIN : failed;
    // Unix sockets without a peer say that everywhere.
    if (errno === Errno.ENOTCONN && this.#sockets.domain(fd) === AF.UNIX) return -errno;
    return -(errors.get(this.#sockets.type(fd))?.get(errno) ?? errno);
  }

  sent(fd: number, result: number): number {
    return result === -1 ? this.#error(SEND_ERRORS, fd) : result;
  }

  received(fd: number, result: number): number {
    return result === -1 ? this.#error(RECEIVE_ERRORS, fd) : result;
  }
}

export function transferCalls(
  system: System,
  translator: Translator,
  sockets: Sockets,
  flagsOf: MessageFlags,
  outcomes: Outcomes,
) {
  /** What a receive of `size` bytes returned. A datagram that was cut is an error on Windows. */
  function received(fd: number, result: number, size: number): number {
    const outcome = outcomes.received(fd, result);
    return outcome === -Errno.EMSGSIZE ? size : outcome;
  }

  /** Receives somewhere else with MSG_TRUNC, which tells a datagram's length, and drops the bytes of a stream. */
  function receiveWhole(
    fd: number,
    buffer: number,
    size: number,
    call: (buffer: number, size: number) => number,
  ): number {
    const drops = sockets.type(fd) === SOCK.STREAM;
    const room = drops ? Math.min(size, SIZE) : SIZE;
    const result = received(fd, call(native(from), room), room);
    if (result > 0 && !drops) translator.give(buffer, from, Math.min(result, size));
    return result;
  }

  function recv(fd: number, buffer: number, size: number, flags: number): number {
    if ((flags & MSG.ERRQUEUE) !== 0) return -Errno.EAGAIN; // no such queue: nothing is in it
    const theirs = flagsOf.of(flags);
    if ((flags & MSG.TRUNC) === 0) return received(fd, system.recv(fd, buffer, size, theirs), size);
    return receiveWhole(fd, buffer, size, (at, room) => system.recv(fd, at, room, theirs));
  }

  const sendto: System["sendto"] = (fd, buffer, size, flags, address, length) => {
    const bytes = translator.addressTo(address, length, to);
    if (bytes < 0) return bytes;
    const at = bytes === 0 ? 0 : native(to); // no other address has no bytes
    return outcomes.sent(fd, system.sendto(fd, buffer, size, flagsOf.of(flags), at, bytes));
  };

  const recvfrom: System["recvfrom"] = (fd, buffer, size, flags, address, length) => {
    if ((flags & MSG.ERRQUEUE) !== 0) return -Errno.EAGAIN;
    const theirs = flagsOf.of(flags);
    const call = (at: number, room: number): number => {
      setInt(value, SOCKADDR_MAX);
      return system.recvfrom(fd, at, room, theirs, native(to), native(value));
    };
    const result =
      (flags & MSG.TRUNC) === 0
        ? received(fd, call(buffer, size), size)
        : receiveWhole(fd, buffer, size, call);
    if (result >= 0) translator.answerAddress(to, int(value), address, length);
    return result;
  };

  const send: System["send"] = (fd, buffer, size, flags) =>
    outcomes.sent(fd, system.send(fd, buffer, size, flagsOf.of(flags)));

  return { send, recv, sendto, recvfrom };
}
