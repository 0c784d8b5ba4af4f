// Descriptors that Node's event loop watches, on Linux: members of one epoll set a thread, epoll(7).

import { linux } from "../platform/linux.js";
import type { EventLoopHandle, OpenHandle, Ready } from "./handle.js";
import { addressOf } from "./library.js";
import { libc } from "./linux.js";
import { LoopWaker } from "./uv.js";

// sys/epoll.h
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const EPOLLERR = 0x8;

/** How many are told of at a time; what is left is told of in the next turn of the event loop. */
const EVENTS = 1024;
/** struct epoll_event in words: its size, and where the number is that the kernel gives back. */
const [WORDS, DATA] = linux.packsEpollEvents ? [3, 1] : [4, 2];

/** Where epoll_wait(2) writes. */
const events = new Int32Array(EVENTS * WORDS);
/** What epoll_ctl(2) reads. */
const change = new Int32Array(WORDS);
const eventsAddress = addressOf(new Uint8Array(events.buffer));
const changeAddress = addressOf(new Uint8Array(change.buffer));

/** Those that are open, each under the number that the kernel gives back, and the numbers that are free. */
const members: (Member | undefined)[] = [];
const free: number[] = [];
/** How many are open, how many of them watch something, and how many keep the event loop alive. */
let opened = 0;
let watching = 0;
let refs = 0;

/** The set of this thread, for as long as one of them is open. */
let set: LoopWaker | undefined;
/** Whether the event loop is to look into it when it has been woken next. */
let looks = false;

/**
 * Has the set looked into when the event loop has been woken next, by the set or by anything else: an immediate that
 * keeps nothing alive is run then, and wakes nothing itself.
 */
function lookNext(): void {
  if (looks || watching === 0) return;
  looks = true;
  setImmediate(look).unref();
}

/** Tells the members that are ready. */
function look(): void {
  looks = false;
  if (set === undefined) return;
  lookNext();
  const count = libc.epoll_wait(set.fd, eventsAddress, EVENTS, 0);
  // Who is told may close others, whose numbers may be somebody else's by then: being told in vain harms nobody.
  for (let i = 0, at = 0; i < count; i++, at += WORDS) {
    members[events[at + DATA]!]?.tell(events[at]!);
  }
}

/** One descriptor. It is in the set for as long as something is asked of it. */
class Member implements EventLoopHandle {
  readonly #fd: number;
  readonly #ready: Ready;
  readonly #number: number;
  #events = 0;
  #keepsAlive = false;
  #closed = false;

  constructor(fd: number, ready: Ready) {
    this.#fd = fd;
    this.#ready = ready;
    this.#number = free.pop() ?? members.length;
    members[this.#number] = this;
    opened++;
  }

  /** What the kernel found. */
  tell(found: number): void {
    const failed = (found & EPOLLERR) !== 0;
    if (failed) this.ask(0);
    this.#ready((found & ~EPOLLOUT) !== 0, (found & ~EPOLLIN) !== 0, failed);
  }

  watch(readable: boolean, writable: boolean): void {
    if (!this.#closed) this.ask((readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0));
  }

  ref(): void {
    if (this.#keepsAlive || this.#closed) return;
    this.#keepsAlive = true;
    if (refs++ === 0) set!.ref();
  }

  unref(): void {
    if (!this.#keepsAlive) return;
    this.#keepsAlive = false;
    if (--refs === 0) set!.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.ask(0);
    this.unref();
    members[this.#number] = undefined;
    free.push(this.#number);
    if (--opened > 0) return;
    set!.close();
    set = undefined;
  }

  /** Asks the kernel for events, or for none: 0, or -errno. */
  ask(events: number): number {
    const before = this.#events;
    if (events === before) return 0;
    const operation = before === 0 ? EPOLL_CTL_ADD : events === 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    change[0] = events;
    change[DATA] = this.#number;
    const error = libc.epoll_ctl(set!.fd, operation, this.#fd, changeAddress);
    if (error < 0) return error;
    this.#events = events;
    if (operation === EPOLL_CTL_ADD) watching++;
    if (operation === EPOLL_CTL_DEL) watching--;
    lookNext();
    return 0;
  }
}

/** See `OpenHandle`. */
export const openHandle: OpenHandle = (fd, ready) => {
  if (set === undefined) {
    const made = LoopWaker.open(() => libc.epoll_create1(EPOLL_CLOEXEC));
    if (typeof made === "number") return made;
    set = made;
  }
  const member = new Member(fd, ready);
  const error = member.ask(EPOLLIN); // what cannot be watched is found out now
  if (error === 0) return member;
  member.close();
  return error;
};
