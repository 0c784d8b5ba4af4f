// A descriptor as a Node stream.

import { Duplex } from "node:stream";
import type { ErrnoDescription } from "../errno.js";
import { SocketError } from "../error.js";
import { Watch } from "../libc.js";
import { Errno } from "../marshal.js";
import type { StatusFlag } from "./symbols.js";

/** How much is received at once, in bytes. */
const CHUNK = 65536;

/** The calls that a port makes on its descriptor. */
export interface PortCalls {
  readonly errno: ErrnoDescription | null;
  recv(fd: number, bytes: Uint8Array): number;
  send(fd: number, bytes: Uint8Array): number;
  shutdown(fd: number, how: "write"): void;
  close(fd: number): void;
  fcntl(fd: number, command: "getfl"): StatusFlag[];
  fcntlSet(fd: number, command: "setfl", flags: StatusFlag[]): void;
}

type Done = (error?: Error | null) => void;

/** A stream or seqpacket socket as a Node Duplex: it reads, writes and closes the descriptor. */
export class Port extends Duplex {
  readonly #net: PortCalls;
  readonly #watch: Watch;
  readonly #released: () => void;
  #chunk = Buffer.allocUnsafeSlow(CHUNK);
  #owns = true;
  /** What goes on once the socket can be read, and once it can be written. */
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  /**
   * @param net the calls on the descriptor
   * @param fd the descriptor, which belongs to the port from now on
   * @param native the real descriptor
   * @param released called when the port does not own the descriptor any more
   */
  constructor(
    net: PortCalls,
    readonly fd: number,
    native: number,
    released: () => void,
  ) {
    super({ allowHalfOpen: true });
    this.#net = net;
    this.#released = released;
    this.#watch = new Watch(native, (readable, writable) => {
      this.#ready(readable, writable);
    });
    net.fcntlSet(fd, "setfl", [...net.fcntl(fd, "getfl"), "non-blocking"]);
  }

  override _read(): void {
    const count = this.#net.recv(this.fd, this.#chunk);
    if (count > 0) this.push(this.#take(count));
    else if (count === 0) this.push(null);
    else if (this.#mustWait()) this.#wait("read");
    else this.destroy(this.#failure("recv"));
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    const count = this.#net.send(this.fd, bytes);
    if (count === bytes.length) {
      done();
    } else if (count >= 0 || this.#mustWait()) {
      const rest = count > 0 ? bytes.subarray(count) : bytes;
      this.#wait("write", () => {
        this._write(rest, _encoding, done);
      });
    } else {
      done(this.#failure("send"));
    }
  }

  override _final(done: Done): void {
    try {
      this.#net.shutdown(this.fd, "write");
      done();
    } catch (error) {
      // A peer that is gone already needs no end of stream.
      done(
        error instanceof SocketError && error.errno === Errno.ENOTCONN ? null : (error as Error),
      );
    }
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#owns) {
      this.release();
      this.#net.close(this.fd);
    }
    done(error);
  }

  /** Lets go of the descriptor, which somebody else is about to close, and is destroyed. */
  release(): void {
    this.#owns = false;
    this.#watch.close(); // before the descriptor is closed: its number may be another's soon
    this.#released();
    this.destroy();
  }

  /** What was received: the chunk itself where it is well filled, else a copy of the right size. */
  #take(count: number): Buffer {
    const received = this.#chunk.subarray(0, count);
    if (count < CHUNK / 2) return Buffer.from(received);
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK);
    return received;
  }

  #mustWait(): boolean {
    return this.#net.errno?.errno === Errno.EAGAIN;
  }

  #failure(syscall: string): SocketError {
    return new SocketError(syscall, this.#net.errno!.errno);
  }

  #wait(
    direction: "read" | "write",
    then = () => {
      this._read();
    },
  ): void {
    if (direction === "read") this.#reader = then;
    else this.#writer = then;
    this.#watch.wait(this.#reader !== undefined, this.#writer !== undefined);
  }

  #ready(readable: boolean, writable: boolean): void {
    const reader = readable ? this.#reader : undefined;
    const writer = writable ? this.#writer : undefined;
    if (readable) this.#reader = undefined;
    if (writable) this.#writer = undefined;
    if (this.#reader !== undefined || this.#writer !== undefined) {
      this.#watch.wait(this.#reader !== undefined, this.#writer !== undefined);
    }
    reader?.();
    if (!this.destroyed) writer?.();
  }
}
