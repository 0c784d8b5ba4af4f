// wasi:io/poll: pollables, and waiting for several of them at once. A socket's wait in one poll(2); a clock's is
// its timeout; those of another implementation, of preview2-shim's files or requests, are asked now and then.

import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { wait as waitFor, type Watched } from "../../reactor.js";
import type { PollCall, PollSteps, Wait } from "../../wait/index.js";
import { Resource } from "./resource.js";

const { EINTR, EINVAL } = Errno;
const { BLOCK_SIZE, POLL, block, pollfd } = marshal;

/** How many struct pollfds one call may have: the scratch area holds one more, to wake it. */
const POLLFDS_MAX = BLOCK_SIZE / pollfd.sizeof - 1;

/** How long the first wait between two looks at another implementation's pollables takes, in milliseconds. */
const FIRST_LOOK = 1;
/** How long it takes at most. */
const LONGEST_LOOK = 8;

/** What a pollable waits for. */
export interface Source {
  /** Whether there is nothing to wait for. @internal */
  readonly settled: boolean;
  /** The socket, undefined for none. @internal */
  readonly descriptor?: Descriptor | undefined;
  /** What to wait for, POLL.IN or POLL.OUT. @internal */
  readonly events: number;
  /** When there is nothing to wait for any more, as performance.now() has it. @internal */
  readonly deadline: number;
}

/** What every implementation's pollables have. */
export interface AnyPollable {
  ready(): boolean;
  block(): void;
}

/** A stream whose last bytes the kernel has not taken yet. */
export interface Unsent {
  readonly descriptor: Descriptor;
  /** Goes on sending them. */
  push(): void;
}

/** The pollables of one component. */
export class Poller {
  /** Streams that go on sending while the component waits, whatever it waits for. */
  readonly unsent = new Set<Unsent>();
  /** Those of them that the event loop watches, since the component has returned. */
  readonly #left = new Set<Unsent>();
  /** Whether the event loop will be asked to, once it has its turn. */
  #leaves = false;
  /** What the wait at hand is for: the sockets that are waited for, then those of `unsent`. */
  readonly #watched: Watched[] = [];
  readonly #poll: PollCall;

  /** @param wait how the component waits */
  constructor(wait: Wait) {
    const steps: PollSteps = {
      prepare: (_pollfds, count) => {
        for (let i = 0; i < count; i++) {
          const { descriptor, events } = this.#watched[i]!;
          marshal.pollEntry(block, i, descriptor.closed ? -1 : descriptor.native, events);
        }
        return 0;
      },
      finish: (_pollfds, count) => {
        let ready = 0;
        for (let i = 0; i < count; i++) if (marshal.pollRevents(block, i) !== 0) ready++;
        return ready;
      },
      watched: () => this.#watched,
    };
    this.#poll = wait.poll(steps);
  }

  /** Whether a source is ready now. */
  ready(source: Source): boolean {
    if (source.settled) return true;
    if (source.deadline !== Infinity) return performance.now() >= source.deadline;
    this.#watch(source);
    return this.#wait(0) > 0;
  }

  /** Waits until a source is ready. */
  block(source: Source): void {
    while (!source.settled) {
      const timeout = millisecondsTo(source.deadline);
      if (timeout === 0) return;
      this.#watch(source);
      const own = this.#watched.length;
      const found = this.#wait(timeout);
      if (found === 0 || (own > 0 && marshal.pollRevents(block, 0) !== 0)) return;
    }
  }

  /**
   * Waits until one of several pollables is ready.
   *
   * @returns the places of those that are
   * @throws RangeError where there is none, or too many
   */
  poll(list: readonly AnyPollable[]): Uint32Array {
    if (list.length === 0) throw new RangeError("poll of no pollable would wait for ever");
    if (list.length > POLLFDS_MAX) {
      throw new RangeError(`poll of ${list.length} pollables: at most ${POLLFDS_MAX} fit`);
    }
    for (let look = FIRST_LOOK; ; look = Math.min(2 * look, LONGEST_LOOK)) {
      const ready: number[] = [];
      const places: number[] = [];
      let deadline = Infinity;
      let others = false;
      this.#watched.length = 0;
      for (let i = 0; i < list.length; i++) {
        const pollable = list[i]!;
        if (!(pollable instanceof OwnPollable)) {
          others = true;
          if (pollable.ready()) ready.push(i);
          continue;
        }
        const { source } = pollable;
        deadline = Math.min(deadline, source.deadline);
        if (source.settled) ready.push(i);
        else if (source.descriptor !== undefined) {
          places.push(i);
          this.#watched.push({ descriptor: source.descriptor, events: source.events });
        }
      }
      const left = millisecondsTo(deadline);
      const timeout = ready.length > 0 ? 0 : Math.min(left, others ? look : Infinity);
      const found = places.length > 0 || timeout > 0 ? this.#wait(timeout) : 0;
      for (let i = 0; found > 0 && i < places.length; i++) {
        if (marshal.pollRevents(block, i) !== 0) ready.push(places[i]!);
      }
      for (let i = 0; deadline !== Infinity && i < list.length; i++) {
        const pollable = list[i];
        if (!(pollable instanceof OwnPollable) || pollable.source.settled) continue;
        if (millisecondsTo(pollable.source.deadline) === 0) ready.push(i);
      }
      if (ready.length > 0) return Uint32Array.from(ready).sort();
    }
  }

  /** Has a stream go on sending: while the component waits, and when it has returned. */
  keep(stream: Unsent): void {
    this.unsent.add(stream);
    if (this.#leaves) return;
    this.#leaves = true;
    setImmediate(() => {
      this.#leaves = false;
      for (const one of this.unsent) this.#leave(one);
    });
  }

  /** Waits until all is sent that the component has written, for one whose thread ends with it. */
  drain(): void {
    for (const stream of [...this.unsent]) stream.push();
    while (this.unsent.size > 0) {
      this.#watched.length = 0;
      this.#wait(Infinity);
    }
  }

  /** Leaves a stream to the event loop, until it has sent all. The process goes on until then. */
  #leave(stream: Unsent): void {
    const { descriptor } = stream;
    if (this.#left.has(stream)) return;
    const error = waitFor(descriptor, POLL.OUT, () => {
      this.#left.delete(stream);
      if (descriptor.closed) this.unsent.delete(stream);
      if (!this.unsent.has(stream)) return;
      stream.push();
      if (this.unsent.has(stream)) this.#leave(stream);
    });
    if (error === 0) this.#left.add(stream);
  }

  #watch({ descriptor, events }: Source): void {
    this.#watched.length = 0;
    if (descriptor !== undefined) this.#watched.push({ descriptor, events });
  }

  /**
   * Waits for what is watched, and for the streams that have bytes to send.
   *
   * @param timeout in milliseconds, Infinity for none
   * @returns how many of all are ready, 0 where time is up; what they are ready for is in the scratch area
   */
  #wait(timeout: number): number {
    const own = this.#watched.length;
    for (const { descriptor } of this.unsent) {
      if (this.#watched.length === POLLFDS_MAX) break;
      this.#watched.push({ descriptor, events: POLL.OUT });
    }
    const milliseconds = timeout === Infinity ? -1 : Math.min(timeout, 0x7fffffff);
    const found = this.#poll(0, this.#watched.length, milliseconds) as number;
    if (found === -EINTR) throw new Error("the component was interrupted while it waited");
    if (found < 0) throw new Error(`poll(2) failed: error ${-found} is none of ${EINVAL}`);
    if (this.unsent.size > 0) {
      // What is found for the component's own must outlive the sending.
      const events = Array.from({ length: own }, (_, i) => marshal.pollRevents(block, i));
      for (const stream of [...this.unsent]) stream.push();
      events.forEach((event, i) => {
        marshal.pollFound(block, i, event);
      });
    }
    return found;
  }
}

/** How many milliseconds are left, rounded up. */
function millisecondsTo(deadline: number): number {
  return deadline === Infinity ? Infinity : Math.max(0, Math.ceil(deadline - performance.now()));
}

/** A pollable of a socket, a look-up or a clock. */
export class OwnPollable extends Resource implements AnyPollable {
  /** @internal */
  readonly source: Source;
  readonly #poller: Poller;

  /**
   * @param poller of the component
   * @param source what it waits for
   * @internal
   */
  constructor(poller: Poller, source: Source) {
    super();
    this.#poller = poller;
    this.source = source;
  }

  /** Whether a wait for it would end at once. */
  ready(): boolean {
    return this.#poller.ready(this.source);
  }

  /** Waits until it is ready. */
  block(): void {
    this.#poller.block(this.source);
  }
}
