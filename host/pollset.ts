// epoll(7) made of poll(2), for an operating system that has none: a set, and what it keeps for each of its
// descriptors. RATIONALE.md says how an edge is told without the kernel, and where that differs.

import { Descriptor, NO_SOCKET, type Watcher } from "./descriptors.js";
import { libc } from "./libc.js";
import { marshal } from "./marshal.js";
import { scratch, setWord, word } from "./scratch.js";

const { BLOCK_SIZE, EPOLL, FIO, INT_SIZE, POLL, block, epoll_event, pollfd, value } = marshal;

/** Where a set looks at its descriptors: the area of the kernel's own events, which are not used then. */
const list = marshal.events;
const LIST_ROOM = BLOCK_SIZE / pollfd.sizeof;
/** How many struct pollfds fit into `block`, and behind them that of the wake descriptor. */
const WAIT_ROOM = LIST_ROOM - 1;

/** Events that are told unasked. */
const UNASKED = POLL.ERR | POLL.HUP;
/** Events of which more may come although they are there: what no wait shows. */
const GROWS = POLL.IN | POLL.PRI | POLL.RDNORM | POLL.RDBAND | POLL.ERR;
/** Events after which nothing more is received. */
const ENDS = POLL.HUP | POLL.RDHUP;
/** What a set itself is ready for. */
const READABLE = POLL.IN | POLL.RDNORM;

/** How many sets deep a set may be watched by sets, epoll_ctl(2). */
const NESTS_MAX = 4;

/** What a wait is to watch: a descriptor and events; whether there is room for it. */
type Visit = (descriptor: Descriptor, events: number) => boolean;

/** A set is looked at once in each round, however many sets it is in. */
let rounds = 0;

/** One entry of a set's interest list, epoll(7). */
class Interest implements Watcher {
  /** Its place in the list. */
  index = 0;
  /** What was found at the last look, POLL's bits. */
  level = 0;
  #events = 0;
  #dataLow = 0;
  #dataHigh = 0;
  /** Whether anything is told of it: EPOLLONESHOT takes that away. */
  #armed = true;
  /** Edge-triggered: what the guest knows of the level. */
  #told = 0;
  /** Edge-triggered: how many bytes, of those that the guest knows of, it has not received. */
  #unread = 0;

  constructor(
    readonly set: PollSet,
    readonly descriptor: Descriptor,
  ) {}

  /** Takes the guest's struct epoll_event in the scratch area over. */
  arm(): void {
    this.#events = word(block + epoll_event.events);
    this.#dataLow = word(block + epoll_event.data);
    this.#dataHigh = word(block + epoll_event.data + INT_SIZE);
    this.#armed = true;
    this.#told = 0;
  }

  received(count: number): void {
    this.#unread -= count;
  }

  renewed(events: number): void {
    this.#told &= ~events;
  }

  closed(): void {
    this.set.remove(this);
  }

  get exclusive(): boolean {
    return (this.#events & EPOLL.EXCLUSIVE) !== 0;
  }

  get #edge(): boolean {
    return (this.#events & EPOLL.ET) !== 0;
  }

  /** What poll(2) is asked for. The end of a stream is an edge whatever is watched. */
  get #asked(): number {
    return this.#edge ? this.#events | POLL.RDHUP : this.#events;
  }

  /** Writes its entry of the list that is looked at. */
  ask(index: number): void {
    const passed = !this.#armed || this.descriptor instanceof PollSet;
    marshal.pollEntry(list, index, passed ? -1 : this.descriptor.native, this.#asked);
  }

  /** Takes what was found. */
  see(level: number): void {
    this.level = level;
    this.#told &= level;
  }

  /** What is to be told now: POLL's bits, 0 for nothing. */
  get news(): number {
    if (!this.#armed) return 0;
    const found = this.level & (this.#events | UNASKED);
    if (found === 0 || !this.#edge) return found;
    return (this.level & ~this.#told) !== 0 || this.#hasMore ? found : 0;
  }

  /** Whether other bytes can be received than those that the guest knows of. */
  get #hasMore(): boolean {
    if ((this.level & POLL.IN) === 0) return false;
    const waiting = this.#waiting();
    return waiting > 0 && waiting !== this.#unread;
  }

  /** Writes what is told as an event of the guest, in the scratch area. */
  tell(news: number, index: number): void {
    const event = block + index * epoll_event.sizeof;
    setWord(event + epoll_event.events, news);
    setWord(event + epoll_event.data, this.#dataLow);
    setWord(event + epoll_event.data + INT_SIZE, this.#dataHigh);
    if ((this.#events & EPOLL.ONESHOT) !== 0) this.#armed = false;
    if (!this.#edge) return;
    this.#told = this.level;
    if ((this.level & POLL.IN) !== 0) this.#unread = this.#waiting();
  }

  /** How many bytes can be received; 0 where nobody can say, as of a listener. */
  #waiting(): number {
    const error = libc.ioctl(this.descriptor.native, FIO.NREAD, scratch.value);
    return error < 0 ? 0 : word(value);
  }

  /**
   * Shows a wait what to watch, since the last look has found no news.
   *
   * @returns whether that shows all news: poll(2) returns at once for what is there already
   */
  show(visit: Visit, round: number): boolean {
    if (!this.#armed) return true;
    const known = this.#edge ? this.level & this.#told : 0;
    const { descriptor } = this;
    let shown = (known & GROWS) === 0 || (known & ENDS) !== 0;
    if (descriptor instanceof PollSet) {
      if ((this.#events & ~known & READABLE) !== 0) shown = descriptor.show(visit, round) && shown;
    } else if ((known & UNASKED) === 0 && (this.level & POLL.NVAL) === 0) {
      shown = visit(descriptor, this.#asked & ~known) && shown;
    }
    return shown;
  }
}

/**
 * An epoll set. Its real descriptor stands for it among the guest's and is ready for nothing: whoever waits for
 * the set waits for its descriptors.
 */
export class PollSet extends Descriptor {
  readonly #interests: Interest[] = [];
  /** Where the next wait begins: behind what was told last, so that no descriptor keeps another from its turn. */
  #next = 0;
  /** The round in which it was looked at, and shown to a wait. */
  #looked = 0;
  #shown = 0;
  #ready = false;

  /** @param placeholder its real descriptor */
  constructor(placeholder: number) {
    super(placeholder, NO_SOCKET, NO_SOCKET, 0);
  }

  /** Finds the entry of a descriptor. */
  find(descriptor: Descriptor): Interest | undefined {
    return descriptor.watchers?.find(({ set }) => set === this) as Interest | undefined;
  }

  /** Adds a descriptor that it does not have, with the guest's event in the scratch area. */
  add(descriptor: Descriptor): void {
    const interest = new Interest(this, descriptor);
    interest.arm();
    interest.index = this.#interests.push(interest) - 1;
    (descriptor.watchers ??= []).push(interest);
  }

  /** Removes an entry. */
  remove(interest: Interest): void {
    const last = this.#interests.pop()!;
    if (last !== interest) {
      last.index = interest.index;
      this.#interests[last.index] = last;
    }
    const watchers = interest.descriptor.watchers!;
    watchers.splice(watchers.indexOf(interest), 1);
  }

  override leave(): void {
    super.leave();
    while (this.#interests.length > 0) this.remove(this.#interests[0]!);
  }

  /** Whether it may watch another: they make no circle, and no more sets than NESTS_MAX below the highest. */
  mayWatch(other: PollSet): boolean {
    const below = other.#depth(this, new Map());
    return below + 1 + this.#height(new Map()) <= NESTS_MAX;
  }

  /** How many sets are below it, one watched by the other; Infinity where `end` is among them. */
  #depth(end: PollSet, known: Map<PollSet, number>): number {
    if (this === end) return Infinity;
    let depth = known.get(this);
    if (depth !== undefined) return depth;
    depth = 0;
    for (const { descriptor } of this.#interests) {
      if (descriptor instanceof PollSet) depth = Math.max(depth, descriptor.#depth(end, known) + 1);
    }
    known.set(this, depth);
    return depth;
  }

  /** How many sets are above it. */
  #height(known: Map<PollSet, number>): number {
    let height = known.get(this);
    if (height !== undefined) return height;
    height = 0;
    for (const { set } of this.watchers ?? []) {
      if (set instanceof PollSet) height = Math.max(height, set.#height(known) + 1);
    }
    known.set(this, height);
    return height;
  }

  /**
   * Leaves what is to be told as the guest's events in the scratch area.
   *
   * @param count how many it takes
   * @returns how many there are, or -errno of poll(2)
   */
  take(count: number): number {
    const error = this.#look(++rounds);
    if (error < 0) return error;
    const { length } = this.#interests;
    let found = 0;
    let at = this.#next;
    for (let i = 0; i < length && found < count; i++) {
      if (at >= length) at = 0;
      const interest = this.#interests[at++]!;
      const news = interest.news;
      if (news !== 0) interest.tell(news, found++);
    }
    this.#next = at;
    return found;
  }

  /** Whether a wait would find something now. */
  get hasNews(): boolean {
    return this.#hasNews(++rounds);
  }

  #hasNews(round: number): boolean {
    if (this.#looked === round) return this.#ready;
    this.#ready = this.#look(round) === 0 && this.#interests.some(({ news }) => news !== 0);
    return this.#ready;
  }

  /** Looks at every descriptor: 0, or -errno. */
  #look(round: number): number {
    this.#looked = round;
    const interests = this.#interests;
    for (let from = 0; from < interests.length; from += LIST_ROOM) {
      const count = Math.min(interests.length - from, LIST_ROOM);
      for (let i = 0; i < count; i++) interests[from + i]!.ask(i);
      const result = libc.poll(scratch.events, count, 0);
      if (result < 0) return result;
      for (let i = 0; i < count; i++) {
        const interest = interests[from + i]!;
        if (!(interest.descriptor instanceof PollSet)) interest.see(marshal.pollRevents(list, i));
      }
    }
    for (const interest of interests) {
      const { descriptor } = interest;
      if (descriptor instanceof PollSet) interest.see(descriptor.#hasNews(round) ? READABLE : 0);
    }
    return 0;
  }

  /** Shows a wait its descriptors, as Interest does; once in each round. */
  show(visit: Visit, round: number): boolean {
    if (this.#shown === round) return true;
    this.#shown = round;
    let shown = true;
    for (const interest of this.#interests) shown = interest.show(visit, round) && shown;
    return shown;
  }
}

/** What a wait for sets watches: struct pollfds in the `block` scratch area, perhaps behind others. */
export class Members {
  /** How many they are. */
  count = 0;
  /** Whether they show all that may happen: the sets must be looked at now and then otherwise. */
  suffice = true;
  #start = 0;
  #round = 0;
  readonly #visit: Visit = ({ native }, events) => {
    const index = this.#start + this.count;
    if (index === WAIT_ROOM) return false;
    marshal.pollEntry(block, index, native, events);
    this.count++;
    return true;
  };

  /** Begins anew, behind so many others. */
  begin(start: number): void {
    this.#start = start;
    this.count = 0;
    this.suffice = true;
    this.#round = ++rounds;
  }

  /** Adds the descriptors of a set in which there is nothing new. */
  add(set: PollSet): void {
    this.suffice = set.show(this.#visit, this.#round) && this.suffice;
  }
}

/** The descriptors of a set in which there is nothing new, and what to wait for. */
export function membersOf(set: PollSet): { descriptor: Descriptor; events: number }[] {
  const members: { descriptor: Descriptor; events: number }[] = [];
  set.show((descriptor, events) => members.push({ descriptor, events }) > 0, ++rounds);
  return members;
}
