// What watches one descriptor from Node's event loop, however a system does that.

/**
 * Called for as long as a descriptor is ready for what is watched, from an immediate; an error makes it ready for both
 * directions, and stops the watch.
 */
export type Ready = (readable: boolean, writable: boolean, stopped: boolean) => void;

/** Watches a descriptor: for reading from the start, and without keeping the event loop alive. */
export interface EventLoopHandle {
  /** Says what to watch from now on. */
  watch(readable: boolean, writable: boolean): void;
  /** Lets the event loop go on for as long as the handle watches. */
  ref(): void;
  /** Lets the event loop end although the handle watches, as it may from the start. */
  unref(): void;
  /** Stops for good; to be called before the descriptor is closed. */
  close(): void;
}

/**
 * Opens a handle.
 *
 * @param fd a real descriptor, which stays open until the handle is closed
 * @param ready is told
 * @returns the handle, or -errno: EPERM for a file, EMFILE
 */
export type OpenHandle = (fd: number, ready: Ready) => EventLoopHandle | number;
