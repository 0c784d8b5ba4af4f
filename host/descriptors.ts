// A guest's descriptors: its own small numbers for the process's real ones.

import type { Registration } from "./registration.js";

/** The first number that a guest's socket can have: 0, 1 and 2 are its standard streams. */
export const FIRST_SOCKET = 3;

/** Waiting without end. */
export const NO_TIMEOUT = -1;

/** What the domain and the type of a descriptor say that is no socket: an epoll set, a file. */
export const NO_SOCKET = -1;

/** What an epoll set that is made of poll(2) keeps for one of its descriptors: host/pollset.ts. */
export interface Watcher {
  /** The set. */
  readonly set: Descriptor;
  /** So many bytes of a stream were received. */
  received(count: number): void;
  /** Events, as of poll(2), that are news when they are seen next. */
  renewed(events: number): void;
  /** The descriptor is about to be closed. */
  closed(): void;
}

/** One open socket. What the guest set and the kernel must not be told is kept here. */
export class Descriptor {
  // What a send or a receive looks at stands first: two lines of the cache, and not four.

  /** O_NONBLOCK as the guest set it: the real socket never blocks. */
  nonBlocking = false;
  /** Whether the real socket blocks, for a slice: only a send, a receive or an accept that may wait relies on it. */
  blocks = false;
  /** How many calls were left to the kernel. */
  kernelWaits = 0;
  /** Whether a wait just found the socket ready. */
  ready = false;
  /**
   * How many more receives should wait before they try. A receive that found nothing predicts that
   * the next will not either, and waiting first then saves the system call that would say so.
   */
  waitFirst = 0;
  /** SO_RCVLOWAT in bytes: how many a receive on a stream waits for. */
  lowWater = 1;
  /** SO_RCVTIMEO in milliseconds, or NO_TIMEOUT. */
  receiveTimeout = NO_TIMEOUT;
  /** SO_SNDTIMEO in milliseconds, or NO_TIMEOUT. */
  sendTimeout = NO_TIMEOUT;
  /** Its place in the set that the event loop watches, once something has waited there for it. */
  registration: Registration | undefined;

  /** How many sends, receives and accepts had to wait for it: host/slice.ts. */
  waits = 0;
  /** Whether the real socket has a slice's timeouts, which are nobody's to see. */
  sliced = false;
  /** Whether somebody else may have the same open file, SCM_RIGHTS. */
  shared = false;
  /** Whether it is closed: its number may be another's, also the real one. */
  closed = false;
  /** FD_CLOEXEC as the guest set it: the real descriptor always has it. */
  closeOnExec = false;
  /**
   * Whether bind(2) was called, or the socket was made with a name: a policy judges the implicit bind of
   * listen(2) otherwise, and who may send to a port that nobody named.
   */
  bound = false;
  /** Whether SO_ZEROCOPY lets the kernel read what is sent after the call. */
  zeroCopies = false;
  /** Whether SO_LINGER asks close(2) to wait. */
  lingers = false;
  /** Whether a call with MSG_FASTOPEN has started to connect, and goes on to send. */
  opening = false;
  /** The epoll sets made of poll(2) that it is in. */
  watchers: Watcher[] | undefined = undefined;

  /**
   * @param native the real descriptor, -1 once it is closed
   * @param domain address family
   * @param type socket type without its modifiers
   * @param protocol as it was given to socket(2)
   */
  constructor(
    public native: number,
    readonly domain: number,
    readonly type: number,
    readonly protocol: number,
  ) {}

  /** Takes it out of the sets that it is in, before it is closed. */
  leave(): void {
    while (this.watchers !== undefined && this.watchers.length > 0) this.watchers[0]!.closed();
  }

  /** Takes over what an accepted socket has of its listener, socket(7). */
  inherit({
    sliced,
    receiveTimeout,
    sendTimeout,
    lowWater,
    lingers,
    zeroCopies,
  }: Descriptor): void {
    this.sliced = sliced;
    this.receiveTimeout = receiveTimeout;
    this.sendTimeout = sendTimeout;
    this.lowWater = lowWater;
    this.lingers = lingers;
    this.zeroCopies = zeroCopies;
  }
}

/** A file that node:wasi serves, which knows it by a number of its own. */
export class ForeignFile extends Descriptor {
  /** @param number node:wasi's */
  constructor(readonly number: number) {
    super(NO_SOCKET, NO_SOCKET, NO_SOCKET, 0);
  }
}

/**
 * The real descriptors of a table by the guest's numbers, each plus one, 0 where there is none: in memory that
 * outlives the thread, so that another can close what is left.
 */
export type Held = Int32Array;

/** The open sockets of one guest, lowest free number first, as POSIX requires. */
export class DescriptorTable {
  readonly #slots: (Descriptor | undefined)[];
  readonly #first: number;
  readonly #held: Held | undefined;
  #lowestFree: number;
  #count = 0;
  #ended = false;

  /**
   * @param limit how many sockets may be open at once
   * @param held where the real descriptors are written down, with room for each
   * @param first the lowest number
   */
  constructor(
    readonly limit: number,
    held?: Held,
    first = FIRST_SOCKET,
  ) {
    this.#slots = new Array<undefined>(first).fill(undefined);
    this.#first = first;
    this.#lowestFree = first;
    this.#held = held;
  }

  /** How many sockets are open. */
  get count(): number {
    return this.#count;
  }

  /** How many more can be opened before EMFILE: none once `clear` has ended it. */
  get room(): number {
    return this.#ended ? 0 : this.limit - this.#count;
  }

  /** The socket that a guest's number stands for. */
  get(fd: number): Descriptor | undefined {
    return fd >= 0 && fd < this.#slots.length ? this.#slots[fd] : undefined;
  }

  /** Gives a socket the lowest free number; the caller has checked that there is room. */
  add(descriptor: Descriptor): number {
    const fd = this.#lowestFree;
    this.#slots[fd] = descriptor;
    if (this.#held !== undefined) this.#held[fd] = descriptor.native + 1;
    this.#count++;
    do this.#lowestFree++;
    while (this.#slots[this.#lowestFree] !== undefined);
    return fd;
  }

  /** Frees a number. */
  remove(fd: number): void {
    if (this.get(fd) === undefined) return;
    this.#slots[fd] = undefined;
    if (this.#held !== undefined) this.#held[fd] = 0;
    this.#count--;
    if (fd < this.#lowestFree) this.#lowestFree = fd;
  }

  /**
   * Gives a descriptor the number of another that is open, and frees its own.
   *
   * @returns the descriptor that had the number, for the caller to close
   */
  move(from: number, to: number): Descriptor {
    const [moved, replaced] = [this.#slots[from]!, this.#slots[to]!];
    if (from === to) return replaced;
    this.remove(from);
    this.#slots[to] = moved;
    if (this.#held !== undefined) this.#held[to] = moved.native + 1;
    return replaced;
  }

  /** Frees every number for good, and gives the sockets that were open to be closed. */
  clear(): Descriptor[] {
    this.#ended = true;
    const open = this.#slots.filter((slot) => slot !== undefined);
    this.#held?.fill(0, this.#first);
    this.#slots.length = this.#first;
    this.#lowestFree = this.#first;
    this.#count = 0;
    return open;
  }
}
