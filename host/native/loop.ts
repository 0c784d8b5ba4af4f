// Descriptors that Node's event loop watches, by koffi's poll handles.

import koffi, { type node } from "koffi";

/** What koffi's poll handle calls back with; its typings leave the status out. */
type PollCallback = (status: number, events: node.PollEvents) => void;

/** The handles of this thread that are open. */
const handles = new Set<EventLoopHandle>();
/** Whether this thread has run its last JavaScript but for what "exit" calls. */
let ended = false;

// Node runs its event loop once more when it takes a thread apart, and koffi aborts the process where a handle is
// ready then, because it can call nobody any more.
process.on("exit", () => {
  ended = true;
  for (const handle of handles) handle.stop();
});

/** The handles that the event loop has found ready, and that have not told so yet. */
let found: EventLoopHandle[] = [];

/**
 * koffi calls back from outside of all that Node takes for JavaScript. What ran there could find queued callbacks
 * run in the midst of it, node:http's parser entered twice, and promises left unsettled; so all is told from an
 * immediate, which Node runs right after the sockets were looked at.
 */
function tell(): void {
  const ready = found;
  found = [];
  for (const handle of ready) handle.tell();
}

/** Watches one descriptor from Node's event loop. */
export class EventLoopHandle {
  // koffi keeps no handle alive that nothing references: this field does.
  readonly #handle: node.PollHandle;
  readonly #callback: (events: node.PollEvents) => void;
  readonly #ready: (readable: boolean, writable: boolean, stopped: boolean) => void;
  /** What was found since it last told. */
  #readable = false;
  #writable = false;
  #stopped = false;
  #found = false;
  #closed = false;

  /**
   * @param fd a real descriptor, which stays open until the handle is closed
   * @param ready called for as long as the descriptor is ready for what is watched; an error makes it ready for
   *   both directions, and stops the watch
   * @throws Error where the descriptor cannot be watched: a file, or one that is closed
   */
  constructor(fd: number, ready: (readable: boolean, writable: boolean, stopped: boolean) => void) {
    this.#ready = ready;
    const callback: PollCallback = (status, { readable, writable }) => {
      this.#readable ||= readable || status < 0;
      this.#writable ||= writable || status < 0;
      this.#stopped ||= status < 0;
      if (this.#found) return;
      this.#found = true;
      if (found.push(this) === 1) setImmediate(tell);
    };
    this.#callback = callback as unknown as (events: node.PollEvents) => void;
    this.#handle = koffi.node.poll(fd, { readable: true }, this.#callback);
    this.#handle.stop();
    handles.add(this);
  }

  /** Tells what was found. */
  tell(): void {
    const [readable, writable, stopped] = [this.#readable, this.#writable, this.#stopped];
    this.#readable = this.#writable = this.#stopped = this.#found = false;
    if (!this.#closed) this.#ready(readable, writable, stopped);
  }

  /** Says what to watch from now on. */
  watch(readable: boolean, writable: boolean): void {
    if (this.#closed || ended) return;
    if (readable || writable) this.#handle.start({ readable, writable }, this.#callback);
    else this.stop();
  }

  /** Watches nothing for now. */
  stop(): void {
    if (!this.#closed) this.#handle.stop();
  }

  /** Lets the event loop go on for as long as the handle watches. */
  ref(): void {
    if (!this.#closed) this.#handle.ref();
  }

  /** Lets the event loop end although the handle watches. */
  unref(): void {
    if (!this.#closed) this.#handle.unref();
  }

  /** Stops for good. */
  close(): void {
    if (!this.#closed) this.#handle.close(); // and never stop() after it, which crashes
    this.#closed = true;
    handles.delete(this);
  }
}
