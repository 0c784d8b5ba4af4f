// How each call waits: for what, how long, and whether one that has done a part goes on.

import { NO_TIMEOUT, type Descriptor } from "../descriptors.js";
import { marshal } from "../marshal.js";
import { mayWait } from "../pending.js";

const { AF, MSG, POLL, SOCK } = marshal;

/** How many waits in a row may be in vain before the next try is put off. */
export const VAIN_WAITS = 3;
/** How long a try that no readiness announces is put off, in milliseconds. */
export const PAUSE = 1;

/** How often a look-up that has not said that it is done is asked, in milliseconds. */
export const LOOK_AGAIN = 1000;

/** The plan of a call (fd, b, c, d, e, f); each names the parameters that it reads. */
export interface Plan {
  /** What to wait for, POLL.IN or POLL.OUT. */
  readonly events: number;
  /** How long all its waits may take together, in milliseconds; NO_TIMEOUT for ever. */
  timeout(socket: Descriptor, d: number, e: number): number;
  /** Whether a call that has done so much, which is more than nothing, goes on. */
  goesOn(socket: Descriptor, done: number, c: number, d: number): boolean;
  /** Whether the kernel may do the waiting: host/slice.ts. */
  readonly inKernel: boolean;
  /** Whether every attempt sees the same bytes again, MSG_PEEK. */
  peeks(d: number): boolean;
}

const never = () => false;
const receiveTimeout = ({ receiveTimeout }: Descriptor) => receiveTimeout;
const sendTimeout = ({ sendTimeout }: Descriptor) => sendTimeout;

/** A call that is done when one attempt is, whose socket's timeouts apply, socket(7). */
function once(events: number): Plan {
  const timeout = events === POLL.IN ? receiveTimeout : sendTimeout;
  return { events, timeout, goesOn: never, inKernel: false, peeks: never };
}

/** Whether a blocking call moves a stream's bytes in parts, until it has enough of them. */
function movesParts(socket: Descriptor, flags: number): boolean {
  return socket.type === SOCK.STREAM && mayWait(socket, flags);
}

/** How many of so many bytes a receive waits for, socket(7): all with MSG_WAITALL, else as SO_RCVLOWAT says. */
function wanted({ lowWater }: Descriptor, flags: number, size: number): number {
  return (flags & MSG.WAITALL) !== 0 ? size : Math.min(size, lowWater);
}

/** connect(2). */
export const CONNECT = once(POLL.OUT);

/** accept4(2). */
export const ACCEPT: Plan = { ...once(POLL.IN), inKernel: true };

/** epoll_wait(2): (epfd, events, count, milliseconds). */
export const EPOLL_WAIT: Plan = {
  ...once(POLL.IN),
  timeout: (_epoll, milliseconds) => milliseconds,
};

/** send(2), sendto(2): (fd, buffer, size, flags…). */
export const SEND: Plan = {
  ...once(POLL.OUT),
  inKernel: true,
  goesOn: (socket, done, size, flags) => done < size >>> 0 && movesParts(socket, flags),
};

/** recv(2), recvfrom(2): (fd, buffer, size, flags…). */
export const RECEIVE: Plan = {
  ...once(POLL.IN),
  inKernel: true,
  goesOn: (socket, done, size, flags) =>
    done < wanted(socket, flags, size >>> 0) &&
    movesParts(socket, flags) &&
    !(socket.domain === AF.UNIX && (flags & MSG.PEEK) !== 0), // Linux does not wait for more there
  peeks: (flags) => (flags & MSG.PEEK) !== 0,
};

/** sendfile(2): (fd, file, offset, count). */
export const SENDFILE: Plan = {
  ...once(POLL.OUT),
  goesOn: (socket, done, _offset, count) => done < count >>> 0 && movesParts(socket, 0),
};

/** sendmsg(2): (fd, msghdr, flags), its message at hand in the codecs' batch. */
export const SENDMSG: Plan = {
  ...once(POLL.OUT),
  goesOn: (socket, done, flags) => done < marshal.messageBytes() && movesParts(socket, flags),
};

/**
 * recvmsg(2): (fd, msghdr, flags), its message at hand in the codecs' batch. What comes with control data is
 * whole: the bytes behind it are another message's, unix(7).
 */
export const RECVMSG: Plan = {
  ...once(POLL.IN),
  goesOn: (socket, done, flags) =>
    done < wanted(socket, flags, marshal.messageBytes()) &&
    (flags & MSG.PEEK) === 0 &&
    marshal.resultControlLength(0) === 0 &&
    movesParts(socket, flags),
};

/** sendmmsg(2): (fd, mmsghdrs, count, flags). */
export const SENDMMSG: Plan = {
  ...once(POLL.OUT),
  goesOn: (socket, done, count, flags) => done < count >>> 0 && mayWait(socket, flags),
};

/** recvmmsg(2): (fd, mmsghdrs, count, flags, milliseconds); one message is enough with MSG_WAITFORONE. */
export const RECVMMSG: Plan = {
  ...once(POLL.IN),
  timeout: (socket, _flags, milliseconds) =>
    milliseconds < 0 ? socket.receiveTimeout : milliseconds,
  goesOn: (socket, done, count, flags) =>
    done < count >>> 0 && mayWait(socket, flags) && (flags & MSG.WAITFORONE) === 0,
};

const forEver = () => NO_TIMEOUT;

/** read(2) of a stream that is no socket: (fd, address, size). */
export const READ: Plan = { ...once(POLL.IN), timeout: forEver };

/** write(2) to a stream that is no socket, until all is written: (fd, address, size). */
export const WRITE: Plan = {
  ...once(POLL.OUT),
  timeout: forEver,
  goesOn: (_stream, done, size) => done < size,
};

/** When waits of so many milliseconds, from now, end. */
export function deadlineOf(timeout: number): number {
  return timeout <= NO_TIMEOUT ? Infinity : performance.now() + timeout;
}
