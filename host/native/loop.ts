// Descriptors that Node's event loop watches, by koffi's poll handles.

import koffi, { type node } from "koffi";
import type { EventLoopHandle, OpenHandle, Ready } from "./handle.js";

/** errno.h, and the guest's number of it. */
const EPERM = 1;

/** What koffi's poll handle calls back with; its typings leave the status out. */
type PollCallback = (status: number, events: node.PollEvents) => void;

/** The handles of this thread that are open. */
const handles = new Set<PollHandle>();
/** Whether this thread has run its last JavaScript but for what "exit" calls. */
let ended = false;

// Node runs its event loop once more when it takes a thread apart, and koffi aborts the process where a handle is
// ready then, because it can call nobody any more.
process.on("exit", () => {
  ended = true;
  for (const handle of handles) handle.stop();
});

/** The handles that the event loop has found ready, and that have not told so yet. */
let found: PollHandle[] = [];

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

/** One descriptor. */
class PollHandle implements EventLoopHandle {
  // koffi keeps no handle alive that nothing references: this field does.
  readonly #handle: node.PollHandle;
  readonly #callback: (events: node.PollEvents) => void;
  readonly #ready: Ready;
  /** What was found since it last told. */
  #readable = false;
  #writable = false;
  #stopped = false;
  #found = false;
  #closed = false;

  constructor(fd: number, ready: Ready) {
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
    this.#handle.unref();
    handles.add(this);
  }

  /** Tells what was found. */
  tell(): void {
    const [readable, writable, stopped] = [this.#readable, this.#writable, this.#stopped];
    this.#readable = this.#writable = this.#stopped = this.#found = false;
    if (!this.#closed) this.#ready(readable, writable, stopped);
  }

  watch(readable: boolean, writable: boolean): void {
    if (this.#closed || ended) return;
    if (readable || writable) this.#handle.start({ readable, writable }, this.#callback);
    else this.stop();
  }

  /** Watches nothing for now. */
  stop(): void {
    if (!this.#closed) this.#handle.stop();
  }

  ref(): void {
    if (!this.#closed) this.#handle.ref();
  }

  unref(): void {
    if (!this.#closed) this.#handle.unref();
  }

  close(): void {
    if (!this.#closed) this.#handle.close(); // and never stop() after it, which crashes
    this.#closed = true;
    handles.delete(this);
  }
}

/** See `OpenHandle`. */
export const openHandle: OpenHandle = (fd, ready) => {
  try {
    return new PollHandle(fd, ready);
  } catch {
    return -EPERM; // koffi tells in words alone
  }
};
