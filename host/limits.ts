// How much of everything a guest may have.

import { marshal } from "./marshal.js";

/** The limits of a guest, each a positive integer. */
export interface Limits {
  /** How many sockets it may have open at once, files and epoll sets included: 1024. EMFILE above. */
  readonly descriptors: number;
  /** How many connections may wait on a listener: 4096. listen(2) cuts what is above. */
  readonly backlog: number;
  /** How many messages a call of sendmmsg(2) or recvmmsg(2) may have: 1024. What is above is left over. */
  readonly batch: number;
  /** How many vectors a message may have, IOV_MAX: 1024, which is the most. EMSGSIZE above. */
  readonly vectors: number;
  /**
   * Bytes of control data that a message may have: 16384, which is the most. ENOBUFS above where it is sent,
   * and MSG_CTRUNC where it is received.
   */
  readonly control: number;
  /** The largest SO_SNDBUF that it gets, in bytes as it asks for them: 1048576. setsockopt(2) cuts what is above. */
  readonly sndbuf: number;
  /** The same of SO_RCVBUF. */
  readonly rcvbuf: number;
  /** How many look-ups it may have under way, those that it waits for no more included: 64. EAI_AGAIN above. */
  readonly lookups: number;
  /**
   * How many bytes the host keeps of what a component of WASI 0.2 has written to a socket, until the kernel takes them:
   * 65536. check-write permits no more. Guests of no other ABI have bytes kept between two calls.
   */
  readonly unsent: number;
  /** How many addresses of host names are held for it: 256. The oldest answers end first. */
  readonly answers: number;
}

/** Each limit where nothing else is said, and the most that it can be. */
const LIMITS: Readonly<Record<keyof Limits, readonly [byDefault: number, most: number]>> = {
  descriptors: [1024, Number.MAX_SAFE_INTEGER],
  backlog: [4096, 0x7fffffff],
  batch: [1024, 0x7fffffff],
  vectors: [marshal.IOV_MAX, marshal.IOV_MAX],
  control: [marshal.CONTROL_SIZE, marshal.CONTROL_SIZE],
  sndbuf: [1 << 20, 0x7fffffff],
  rcvbuf: [1 << 20, 0x7fffffff],
  lookups: [64, 1024],
  unsent: [0x10000, 0x7fffffff],
  answers: [256, 65536],
};

/**
 * Reads the limits among a guest's options.
 *
 * @throws RangeError that names the limit and what would be valid
 */
export function readLimits(options: {
  readonly [Name in keyof Limits]?: number | undefined;
}): Limits {
  const names = Object.keys(LIMITS) as (keyof Limits)[];
  const entries = names.map((name) => {
    const [byDefault, most] = LIMITS[name];
    const { [name]: value = byDefault } = options;
    if (Number.isInteger(value) && value > 0 && value <= most) {
      return [name, value];
    }
    const range = most === Number.MAX_SAFE_INTEGER ? "" : ` of at most ${most}`;
    throw new RangeError(`${name} ${String(value)} is not a positive integer${range}`);
  });
  return Object.fromEntries(entries) as Limits;
}
