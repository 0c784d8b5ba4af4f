// A descriptor as a Node stream.

import { Duplex } from "node:stream";
import { decodeAddress, type Inet6Address, type InetAddress } from "../address.js";
import type { Descriptor } from "../descriptors.js";
import { SocketError } from "../error.js";
import type { Guest } from "../guest.js";
import { Errno, marshal, marshalBytes } from "../marshal.js";
import { ref, unref, wait } from "../reactor.js";
import { setWord } from "../scratch.js";
import { unblock } from "../slice.js";
import { getpeername, getsockname } from "../syscalls/address.js";
import { setsockopt } from "../syscalls/option.js";
import { shutdown } from "../syscalls/socket.js";
import { recvAny } from "../syscalls/transfer.js";
import { Outgoing } from "./outgoing.js";
import { room, roomAddress, taken } from "./slab.js";

const { EAGAIN, ECANCELED, EMSGSIZE, ENOTCONN } = Errno;
const { AF, INT_SIZE, IPPROTO, MSG, POLL, SHUT, SO, SOCK, SOL, TCP } = marshal;

/** How many receives may follow each other before the event loop has its turn. */
const RECEIVES = 16;
/** From how many bytes on that are not sent a writer is held back: 512 KiB. */
const HIGH_WATER_MARK = 0x80000;

type Done = (error?: Error | null) => void;

/**
 * A stream or seqpacket socket as a Node Duplex: it reads, writes and closes the descriptor. `end` shuts the
 * writing direction down, and the end of the stream ends reading; what else `node:http` and `node:tls` ask of a
 * socket is there under the names of net.Socket.
 */
export class Port extends Duplex {
  /** After how many idle milliseconds "timeout" is emitted, 0 for never. */
  timeout = 0;
  readonly #guest: Guest;
  readonly #socket: Descriptor;
  readonly #close: () => void;
  /** Whether every write and every chunk is a packet. */
  readonly #packets: boolean;
  #open = true;
  #reading = false;
  #receives = RECEIVES;
  /** What is still to be sent, and whom to tell then. */
  readonly #outgoing: Outgoing;
  #written: Done | undefined;
  #timer: NodeJS.Timeout | undefined;

  readonly #readable = () => {
    this.#reading = false;
    this.#receives = RECEIVES;
    if (!this.destroyed) this._read();
  };

  readonly #writable = () => {
    if (!this.destroyed) this.#send();
  };

  /**
   * @param guest whose socket it is
   * @param socket belongs to the port from now on
   * @param fd its number
   * @param close frees the number and closes the socket
   * @internal
   */
  constructor(
    guest: Guest,
    socket: Descriptor,
    readonly fd: number,
    close: () => void,
  ) {
    super({ allowHalfOpen: true, writableHighWaterMark: HIGH_WATER_MARK });
    this.#guest = guest;
    this.#socket = socket;
    this.#close = close;
    this.#packets = socket.type === SOCK.SEQPACKET;
    this.#outgoing = new Outgoing(this.#packets);
    unblock(socket);
    socket.nonBlocking = true;
  }

  /** The peer's Internet address in text. */
  get remoteAddress(): string | undefined {
    return this.#name(getpeername).address;
  }

  /** The peer's port. */
  get remotePort(): number | undefined {
    return this.#name(getpeername).port;
  }

  /** The socket's own Internet address in text. */
  get localAddress(): string | undefined {
    return this.#name(getsockname).address;
  }

  /** The socket's own port. */
  get localPort(): number | undefined {
    return this.#name(getsockname).port;
  }

  /**
   * Has "timeout" emitted when nothing was received or sent for so long; that alone closes nothing.
   *
   * @param milliseconds 0 for never
   * @param listener is called once, or where there is no time any more not any longer
   */
  setTimeout(milliseconds: number, listener?: () => void): this {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.timeout = milliseconds;
    if (milliseconds > 0) {
      this.#timer = setTimeout(() => this.emit("timeout"), milliseconds);
      this.#timer.unref();
      if (listener) this.once("timeout", listener);
    } else if (listener) {
      this.removeListener("timeout", listener);
    }
    return this;
  }

  /** Sends small writes at once, TCP_NODELAY of tcp(7); nothing happens on other sockets. */
  setNoDelay(on = true): this {
    if (this.#isInternet) this.#set(IPPROTO.TCP, TCP.NODELAY, Number(on));
    return this;
  }

  /**
   * Probes a peer that says nothing, SO_KEEPALIVE of socket(7); nothing happens on other sockets than TCP's.
   *
   * @param delay milliseconds before the first probe, 0 to leave that as it is
   */
  setKeepAlive(on = false, delay = 0): this {
    const seconds = Math.floor(delay / 1000);
    if (this.#isInternet) this.#set(SOL.SOCKET, SO.KEEPALIVE, Number(on));
    if (this.#isInternet && seconds > 0) this.#set(IPPROTO.TCP, TCP.KEEPIDLE, seconds);
    return this;
  }

  /** Lets the process go on for as long as the port reads or writes, as it does from the start. */
  ref(): this {
    if (this.#open) ref(this.#socket);
    return this;
  }

  /** Lets the process end although the port reads or writes. */
  unref(): this {
    if (this.#open) unref(this.#socket);
    return this;
  }

  /** Ends writing, and destroys the port when everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  override _read(): void {
    if (this.#reading) return;
    if (this.#receives === 0) {
      this.#awaitReadable();
      return;
    }
    this.#receives--;
    const size = room();
    // With MSG_TRUNC a packet that does not fit tells its length.
    const flags = this.#packets ? MSG.TRUNC : 0;
    const count = recvAny(this.#socket, roomAddress(), size, flags);
    if (count > size) this.destroy(new SocketError("recv", EMSGSIZE));
    else if (count > 0) {
      // A stream that did not fill the room is empty: the event loop tells when it no longer is.
      if (count < size && !this.#packets) this.#receives = 0;
      this.#timer?.refresh();
      this.push(taken(count));
    } else if (count === 0) this.push(null);
    else if (count !== -EAGAIN) this.destroy(new SocketError("recv", -count));
    else this.#awaitReadable();
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#write(bytes.length === 0 ? [] : [bytes], done);
  }

  override _writev(writes: { readonly chunk: Uint8Array }[], done: Done): void {
    const chunks = writes.map(({ chunk }) => chunk);
    this.#write(
      chunks.filter(({ length }) => length > 0),
      done,
    );
  }

  override _final(done: Done): void {
    const result = shutdown(this.#socket, SHUT.WR);
    // A peer that is gone already needs no end of stream.
    done(result === 0 || result === -ENOTCONN ? null : new SocketError("shutdown", -result));
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#timer);
    if (this.#open) this.#close();
    this.#open = false;
    done(error);
    const written = this.#written;
    this.#written = undefined;
    this.#outgoing.clear();
    // After "close": it is no error of the stream that somebody destroys it.
    if (written) process.nextTick(written, error ?? new SocketError("send", ECANCELED));
  }

  get #isInternet(): boolean {
    const { domain } = this.#socket;
    return this.#open && (domain === AF.INET || domain === AF.INET6);
  }

  #set(level: number, option: number, value: number): void {
    setWord(marshal.block, value);
    setsockopt(this.#guest, this.#socket, level, option, INT_SIZE);
  }

  /** The Internet address that a call gives; none where it fails, or gives another. */
  #name(call: typeof getsockname): Partial<InetAddress | Inet6Address> {
    const length = this.#isInternet ? call(this.#socket) : -ENOTCONN;
    if (length < 0) return {};
    const address = decodeAddress(marshal, marshalBytes, marshal.address, length);
    return address as InetAddress | Inet6Address;
  }

  #write(chunks: Uint8Array[], done: Done): void {
    this.#outgoing.fill(chunks);
    this.#written = done;
    this.#send();
  }

  /** Sends as much as the socket takes. */
  #send(): void {
    const result = this.#outgoing.send(this.#socket);
    if (result !== 0 && result !== -EAGAIN) {
      this.#finishWrite(new SocketError("send", -result));
      return;
    }
    this.#timer?.refresh();
    if (result === 0) this.#finishWrite(null);
    else this.#wait(POLL.OUT, this.#writable);
  }

  /** Asks for more in the next tick: what is written until then comes together, and is sent by one call. */
  #finishWrite(error: Error | null): void {
    const written = this.#written!;
    this.#written = undefined;
    process.nextTick(written, error);
  }

  #awaitReadable(): void {
    this.#reading = true;
    this.#wait(POLL.IN, this.#readable);
  }

  #wait(events: number, waiter: () => void): void {
    const error = wait(this.#socket, events, waiter);
    if (error < 0) this.destroy(new SocketError("poll", -error));
  }
}
