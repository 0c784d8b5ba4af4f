// wasi:io/streams: the two directions of a TCP connection. Nothing is read ahead, and only what the kernel does not
// take of a `write` that it was permitted is kept.

import { Failure } from "../../component/error.js";
import type { Socket } from "../../component/socket.js";
import { STAGING_SIZE, staging, stagingBytes } from "../../component/staging.js";
import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import { recvAny, send } from "../../syscalls/transfer.js";
import { RECEIVE, SEND } from "../../wait/plan.js";
import { until, type Call } from "../../wait/index.js";
import { StreamFailure, errorCode } from "./error.js";
import type { Host } from "./host.js";
import { OwnPollable, type Source } from "./poll.js";
import { Resource } from "./resource.js";

const { EAGAIN, EINTR } = Errno;
const { DONTWAIT } = marshal.MSG;
const { POLL } = marshal;

const NOTHING = new Uint8Array(0);

/** wasi:io/streams' `stream-error`. */
export type StreamError =
  { readonly tag: "last-operation-failed"; readonly val: unknown } | { readonly tag: "closed" };

/** The failure of a stream that is closed. */
export function closed(): Failure<StreamError> {
  return new Failure<StreamError>({ tag: "closed" });
}

/** The failure of an operation that ended with -errno. */
export function failed(result: number): Error {
  if (result === -EINTR) return new Error("the component was interrupted while it waited");
  const val = new StreamFailure(errorCode(result));
  return new Failure<StreamError>({ tag: "last-operation-failed", val });
}

/** What every implementation's input streams have. */
export interface AnyInputStream {
  read(length: bigint): Uint8Array;
  blockingRead(length: bigint): Uint8Array;
  skip(length: bigint): bigint;
  blockingSkip(length: bigint): bigint;
  subscribe(): unknown;
}

/** What every implementation's output streams have. */
export interface AnyOutputStream {
  checkWrite(): bigint;
  write(contents: Uint8Array): void;
  blockingWriteAndFlush(contents: Uint8Array): void;
  splice(source: AnyInputStream, length: bigint): bigint;
  subscribe(): { block(): void };
}

/** How many bytes one call may move of so many. */
function limited(length: bigint): number {
  return length < BigInt(STAGING_SIZE) ? Number(length) : STAGING_SIZE;
}

/** The bytes that come from a connection's peer. */
export class TcpInputStream extends Resource implements AnyInputStream, Source {
  /** @internal */
  readonly descriptor: Descriptor;
  /** @internal */
  readonly events = POLL.IN;
  /** @internal */
  readonly deadline = Infinity;
  /**
   * Whether nothing more is read: the peer has ended its direction, this side has shut it, or it has failed.
   *
   * @internal
   */
  settled = false;
  readonly #host: Host;
  readonly #socket: Socket;
  readonly #receive: Call;

  /** @internal */
  constructor(host: Host, socket: Socket) {
    super();
    this.#host = host;
    this.#socket = socket.hold();
    this.descriptor = socket.descriptor;
    this.#receive = until(host.wait, RECEIVE, (_fd, _b, size, flags) =>
      recvAny(this.descriptor, staging, size, flags),
    );
  }

  /**
   * Reads what is there, recv(2).
   *
   * @param length how many bytes at most
   * @returns the bytes, none where there are none yet
   * @throws Failure of a `stream-error`: closed at the end
   */
  read(length: bigint): Uint8Array {
    return this.#bytes(this.take(length, false));
  }

  /** The same, but waits for a byte. */
  blockingRead(length: bigint): Uint8Array {
    return this.#bytes(this.take(length, true));
  }

  /** Reads bytes and forgets them: how many. */
  skip(length: bigint): bigint {
    return BigInt(this.take(length, false));
  }

  /** The same, but waits for a byte. */
  blockingSkip(length: bigint): bigint {
    return BigInt(this.take(length, true));
  }

  /** A pollable that is ready once `read` has something to tell. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.#host.poller, this);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.settled = true;
    this.#socket.release();
  }

  /**
   * Reads into the staging area.
   *
   * @param length how many bytes at most
   * @param waits whether for a byte
   * @returns how many came
   * @internal
   */
  take(length: bigint, waits: boolean): number {
    if (this.settled) throw closed();
    if (length === 0n) return 0;
    const { poller } = this.#host;
    // While bytes wait to be sent, a wait for others has to send them too.
    if (waits && poller.unsent.size > 0) poller.block(this);
    const flags = waits ? 0 : DONTWAIT;
    const count = this.#receive(this.#socket.fd, 0, limited(length), flags, 0, 0) as number;
    if (count > 0) return count;
    if (count === -EAGAIN) return 0;
    this.settled = true;
    throw count === 0 ? closed() : failed(count);
  }

  #bytes(count: number): Uint8Array {
    return count === 0 ? NOTHING : stagingBytes.slice(0, count);
  }
}

/** The bytes that go to a connection's peer. */
export class TcpOutputStream extends Resource implements AnyOutputStream, Source {
  /** @internal */
  readonly descriptor: Descriptor;
  /** @internal */
  readonly events = POLL.OUT;
  /** @internal */
  readonly deadline = Infinity;
  readonly #host: Host;
  readonly #socket: Socket;
  readonly #send: Call;
  /** How many bytes the next `write` may have. */
  #permit = 0;
  /** What the kernel has not taken yet. */
  #rest: Uint8Array = NOTHING;
  /** How what was sent last has failed, as -errno; 0 where it has not. */
  #result = 0;
  #closed = false;
  /** What is to be done once all is sent. */
  #then: (() => void) | undefined;

  /** @internal */
  constructor(host: Host, socket: Socket) {
    super();
    this.#host = host;
    this.#socket = socket.hold();
    this.descriptor = socket.descriptor;
    this.#send = until(host.wait, SEND, (_fd, at, size, flags, _e, _f, done) =>
      send(this.descriptor, at + done, size - done, flags),
    );
  }

  /** Whether `checkWrite` permits something, or has a failure to tell. @internal */
  get settled(): boolean {
    return this.#rest.length === 0 || this.#closed || this.#result < 0;
  }

  /**
   * How many bytes the next `write` may have, 0 where it has to wait.
   *
   * @throws Failure of a `stream-error`
   */
  checkWrite(): bigint {
    this.push();
    this.#check();
    this.#permit = this.#rest.length > 0 ? 0 : this.#host.guest.limits.unsent;
    return BigInt(this.#permit);
  }

  /**
   * Sends bytes, send(2). What the kernel does not take at once is sent later.
   *
   * @param contents at most as many as `checkWrite` permitted
   * @throws Failure of a `stream-error`; Error where there are more
   */
  write(contents: Uint8Array): void {
    this.#allow(contents.length);
    const sent = this.#sendSome(contents);
    if (sent < contents.length) this.#keep(contents.slice(sent));
  }

  /** Sends bytes, and waits until the kernel has taken all of them. */
  blockingWriteAndFlush(contents: Uint8Array): void {
    this.blockingFlush();
    for (let done = 0; done < contents.length; done += STAGING_SIZE) {
      const part = contents.subarray(done, done + STAGING_SIZE);
      stagingBytes.set(part);
      this.#sendAll(staging, part.length);
    }
  }

  /**
   * Sends bytes of the component's own memory.
   *
   * @param at their native address
   * @param size how many
   * @param waits whether until all are sent
   * @param rest gives a copy of those behind so many, to be kept
   * @internal
   */
  give(at: number, size: number, waits: boolean, rest: (done: number) => Uint8Array): void {
    if (waits) {
      this.blockingFlush();
      this.#sendAll(at, size);
      return;
    }
    this.#allow(size);
    let done = 0;
    while (done < size) {
      const count = send(this.descriptor, at + done, size - done, DONTWAIT);
      if (count === -EAGAIN) {
        this.#keep(rest(done));
        return;
      }
      if (count < 0) {
        this.#result = count;
        return;
      }
      done += count;
    }
  }

  /** Goes on sending what is not sent yet. */
  flush(): void {
    this.push();
    this.#check();
  }

  /** The same, and waits until all is sent. */
  blockingFlush(): void {
    this.#check();
    while (!this.settled) this.#host.poller.block(this);
    this.#check();
  }

  /** Writes zeroes, as `write` does. */
  writeZeroes(length: bigint): void {
    if (length > BigInt(this.#permit)) {
      throw new Error(`write of ${String(length)} zeroes: check-write permitted ${this.#permit}`);
    }
    this.write(new Uint8Array(Number(length)));
  }

  /** Writes zeroes, as `blockingWriteAndFlush` does. */
  blockingWriteZeroesAndFlush(length: bigint): void {
    const zeroes = new Uint8Array(limited(length));
    for (let left = length; left > 0n; left -= BigInt(zeroes.length)) {
      this.blockingWriteAndFlush(zeroes.subarray(0, limited(left)));
    }
  }

  /**
   * Writes what is there to be read of another stream.
   *
   * @param length how many bytes at most
   * @returns how many there were
   */
  splice(source: AnyInputStream, length: bigint): bigint {
    return splice(this, source, length);
  }

  /** The same, but waits until there is something to read, and room for it. */
  blockingSplice(source: AnyInputStream, length: bigint): bigint {
    this.blockingFlush();
    const permit = this.checkWrite();
    const contents = source.blockingRead(permit < length ? permit : length);
    this.write(contents);
    return BigInt(contents.length);
  }

  /** A pollable that is ready once `checkWrite` permits something, or has a failure to tell. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.#host.poller, this);
  }

  /** Goes on sending what is kept, as far as the kernel takes it. @internal */
  push(): void {
    if (this.#rest.length === 0) return;
    this.#rest = this.#rest.subarray(this.#sendSome(this.#rest));
    if (this.#rest.length > 0 && this.#result === 0) return;
    this.#rest = NOTHING;
    this.#host.poller.unsent.delete(this);
    this.#then?.();
    this.#then = undefined;
  }

  /**
   * Takes no more: what is kept is sent nevertheless.
   *
   * @param then is called once it is
   * @internal
   */
  end(then: () => void): void {
    this.#closed = true;
    this.push();
    if (this.#rest.length === 0) then();
    else this.#then = then;
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    const then = this.#then;
    this.end(() => {
      then?.();
      this.#socket.release();
    });
  }

  /** Counts bytes against what `checkWrite` has permitted. */
  #allow(size: number): void {
    if (size > this.#permit) {
      throw new Error(`write of ${size} bytes: check-write permitted ${this.#permit}`);
    }
    this.#check();
    this.#permit -= size;
  }

  /** Sends all bytes at a native address. */
  #sendAll(at: number, size: number): void {
    this.#permit = 0;
    if (size === 0) return;
    const count = this.#send(this.#socket.fd, at, size, 0, 0, 0) as number;
    if (count < size) throw this.#fail(count < 0 ? count : -Errno.EPIPE);
  }

  /** Sends as much as the kernel takes: how many bytes; all are done with where it fails. */
  #sendSome(contents: Uint8Array): number {
    for (let done = 0; done < contents.length;) {
      const part = contents.subarray(done, done + STAGING_SIZE);
      stagingBytes.set(part);
      const count = send(this.descriptor, staging, part.length, DONTWAIT);
      if (count === -EAGAIN) return done;
      if (count < 0) {
        this.#result = count;
        return contents.length;
      }
      done += count;
    }
    return contents.length;
  }

  #keep(rest: Uint8Array): void {
    this.#rest = rest;
    this.#permit = 0;
    this.#host.poller.keep(this);
  }

  #fail(result: number): Error {
    this.#closed = true;
    this.#permit = 0;
    return failed(result);
  }

  /** Throws the failure that is to be told, once; then that the stream is closed. */
  #check(): void {
    if (this.#closed) throw closed();
    if (this.#result < 0) throw this.#fail(this.#result);
  }
}

/** Moves bytes from any implementation's input stream to any other's output stream, without waiting. */
export function splice(to: AnyOutputStream, from: AnyInputStream, length: bigint): bigint {
  const permit = to.checkWrite();
  const most = permit < length ? permit : length;
  if (most === 0n) return 0n;
  const contents = from.read(most);
  to.write(contents);
  return BigInt(contents.length);
}
