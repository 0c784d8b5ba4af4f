// A descriptor as a Node stream.

import { Duplex } from "node:stream";
import type { Descriptor } from "../descriptors.js";
import { SocketError } from "../error.js";
import { addressOf } from "../libc.js";
import { Errno, marshal } from "../marshal.js";
import { wait } from "../reactor.js";
import { shutdown } from "../syscalls/socket.js";
import { recvAny, send } from "../syscalls/transfer.js";

const { EAGAIN, EMSGSIZE, ENOTCONN } = Errno;
const { MSG, POLL, SHUT, SOCK } = marshal;

/** How many bytes are taken from the system at once, to be received into: 256 KiB. */
const SLAB_SIZE = 0x40000;
/** The least room that is worth a receive. */
const LEAST_ROOM = 0x10000;
/** What is shorter is copied, so that it keeps no slab alive. */
const COPIED = 0x1000;

/** Where the ports of this thread receive next. An idle port holds no memory. */
let slab = new Uint8Array(0);
let slabAddress = 0;
let used = 0;

/** Makes sure that there is room to receive into: how much. */
function room(): number {
  if (slab.length - used < LEAST_ROOM) {
    slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
    slabAddress = addressOf(slab);
    used = 0;
  }
  return slab.length - used;
}

/** What was received: a part of the slab, or a copy where it is short. */
function taken(count: number): Uint8Array {
  const received = slab.subarray(used, used + count);
  if (count < COPIED) return Buffer.from(received);
  used += count;
  return received;
}

type Done = (error?: Error | null) => void;

/** A stream or seqpacket socket as a Node Duplex: it reads, writes and closes the descriptor. */
export class Port extends Duplex {
  readonly #socket: Descriptor;
  readonly #close: () => void;
  /** With MSG_TRUNC a seqpacket that does not fit tells its length. */
  readonly #receiveFlags: number;
  #open = true;
  #reading = false;
  readonly #readable = () => {
    this.#reading = false;
    if (!this.destroyed) this._read();
  };

  /**
   * @param socket belongs to the port from now on
   * @param fd its number
   * @param close frees the number and closes the socket
   */
  constructor(
    socket: Descriptor,
    readonly fd: number,
    close: () => void,
  ) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#close = close;
    this.#receiveFlags = socket.type === SOCK.SEQPACKET ? MSG.TRUNC : 0;
    socket.nonBlocking = true;
  }

  override _read(): void {
    if (this.#reading) return;
    const size = room();
    const count = recvAny(this.#socket, slabAddress + used, size, this.#receiveFlags);
    if (count > size) this.destroy(new SocketError("recv", EMSGSIZE));
    else if (count > 0) this.push(taken(count));
    else if (count === 0) this.push(null);
    else if (count !== -EAGAIN) this.destroy(new SocketError("recv", -count));
    else {
      this.#reading = true;
      this.#wait(POLL.IN, this.#readable);
    }
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    const address = bytes.length === 0 ? 0 : addressOf(bytes);
    const count = send(this.#socket, address, bytes.length, 0);
    if (count === bytes.length) done();
    else if (count < 0 && count !== -EAGAIN) done(new SocketError("send", -count));
    else {
      const rest = count > 0 ? bytes.subarray(count) : bytes;
      this.#wait(POLL.OUT, () => {
        if (!this.destroyed) this._write(rest, _encoding, done);
      });
    }
  }

  override _final(done: Done): void {
    const result = shutdown(this.#socket, SHUT.WR);
    // A peer that is gone already needs no end of stream.
    done(result === 0 || result === -ENOTCONN ? null : new SocketError("shutdown", -result));
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#open) this.#close();
    this.#open = false;
    done(error);
  }

  #wait(events: number, waiter: () => void): void {
    const error = wait(this.#socket, events, waiter);
    if (error < 0) this.destroy(new SocketError("poll", -error));
  }
}
