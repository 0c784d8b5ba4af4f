// A listening socket as a source of ports.

import type { Address } from "../address.js";
import type { Descriptor } from "../descriptors.js";
import { SocketError } from "../error.js";
import type { Guest } from "../guest.js";
import { Errno, marshal } from "../marshal.js";
import { ready } from "../reactor.js";
import { accept4 } from "../syscalls/listen.js";
import type { Port } from "./port.js";

const { EAGAIN, ECONNABORTED } = Errno;
const { POLL } = marshal;

/** How to listen. */
export interface ListenOptions {
  /** How many connections may wait to be accepted: 128. */
  readonly backlog?: number | undefined;
  /** SO_REUSEADDR of socket(7), which an Internet address has unless this is false. */
  readonly reuseaddr?: boolean | undefined;
  /** Closes the listener: who waits for a connection is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connections, each a port. One is accepted when it is asked for: until then it waits in the kernel, up to the
 * backlog. Leaving a loop over it closes it, as does `close`; a loop that an error ended can be begun again.
 */
export class Listener implements AsyncIterableIterator<Port, undefined>, AsyncDisposable {
  readonly #guest: Guest;
  readonly #socket: Descriptor;
  readonly #portOf: (fd: number) => Port;
  readonly #end: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = () => {
    this.close();
  };
  #open = true;

  /**
   * @param guest whose socket it is
   * @param socket belongs to the listener from now on
   * @param fd its number
   * @param address its local address
   * @param portOf makes the port of an accepted descriptor
   * @param end frees the number and closes the socket
   * @param signal closes it
   * @internal
   */
  constructor(
    guest: Guest,
    socket: Descriptor,
    readonly fd: number,
    readonly address: Address,
    portOf: (fd: number) => Port,
    end: () => void,
    signal: AbortSignal | undefined,
  ) {
    this.#guest = guest;
    this.#socket = socket;
    this.#portOf = portOf;
    this.#end = end;
    this.#signal = signal;
    socket.nonBlocking = true;
    signal?.addEventListener("abort", this.#aborted);
  }

  /**
   * Accepts a connection, accept(2).
   *
   * @returns its port, or `done` once the listener is closed
   * @throws SocketError EMFILE…, and the listener goes on; the signal's reason
   */
  async next(): Promise<IteratorResult<Port, undefined>> {
    for (;;) {
      this.#signal?.throwIfAborted();
      if (!this.#open) return { done: true, value: undefined };
      const fd = accept4(this.#guest, this.#socket, 0);
      if (fd >= 0) return { done: false, value: this.#portOf(fd) };
      const failed = fd === -EAGAIN ? await ready(this.#socket, POLL.IN, Infinity) : fd;
      // A connection that its peer has reset meanwhile is none.
      if (failed < 0 && failed !== -ECONNABORTED) throw new SocketError("accept", -failed);
    }
  }

  /** Closes the listener, as leaving a loop over it does. */
  return(): Promise<IteratorResult<Port, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Closes the socket, and ends every loop over it. Connections that nobody has accepted are reset by the kernel. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#signal?.removeEventListener("abort", this.#aborted);
    this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
