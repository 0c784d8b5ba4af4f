// wasi:cli's standard streams: real descriptors, whose waits are ended as those of sockets are.

import { STAGING_SIZE, staging, stagingBytes } from "../../component/staging.js";
import type { Descriptor } from "../../descriptors.js";
import { Errno, marshal } from "../../marshal.js";
import type { Stdio } from "../../stdio.js";
import type { Host } from "./host.js";
import { OwnPollable, type Source } from "./poll.js";
import { Resource } from "./resource.js";
import {
  closed,
  failed,
  splice,
  type AnyInputStream,
  type AnyOutputStream,
  type TcpInputStream,
} from "./streams.js";

const { EPIPE } = Errno;
const { POLL } = marshal;

/** How many bytes one write may have. */
const PERMIT = BigInt(STAGING_SIZE);

/** What the two directions have in common. */
abstract class StandardStream extends Resource implements Source {
  readonly descriptor: Descriptor | undefined;
  readonly deadline = Infinity;
  abstract readonly events: number;

  /**
   * @param host of the component
   * @param stdio its standard streams
   * @param fd which of them
   */
  constructor(
    protected readonly host: Host,
    protected readonly stdio: Stdio,
    protected readonly fd: number,
  ) {
    super();
    this.descriptor = stdio.stream(fd);
  }

  get settled(): boolean {
    return this.descriptor === undefined;
  }

  /** A pollable that is ready once a call would not wait. */
  subscribe(): OwnPollable {
    return new OwnPollable(this.host.poller, this);
  }

  /** What read(2) or write(2) has returned, where it is no failure. */
  protected expect(result: number): number {
    if (result >= 0) return result;
    throw result === -EPIPE ? closed() : failed(result);
  }
}

/** Standard input. */
export class StandardInput extends StandardStream implements AnyInputStream {
  readonly events = POLL.IN;

  /** Reads what is there, read(2): no bytes where there are none yet. */
  read(length: bigint): Uint8Array {
    return this.host.poller.ready(this) ? this.blockingRead(length) : new Uint8Array(0);
  }

  /** The same, but waits for a byte. */
  blockingRead(length: bigint): Uint8Array {
    if (length === 0n) return new Uint8Array(0);
    const size = length < PERMIT ? Number(length) : STAGING_SIZE;
    const count = this.expect(this.stdio.read(this.fd, staging, size));
    if (count === 0) throw closed();
    return stagingBytes.slice(0, count);
  }

  /** Reads bytes and forgets them: how many. */
  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  /** The same, but waits for a byte. */
  blockingSkip(length: bigint): bigint {
    return BigInt(this.blockingRead(length).length);
  }
}

/** Standard output or error: what is written is written at once, write(2), so there is nothing to flush. */
export class StandardOutput extends StandardStream implements AnyOutputStream {
  readonly events = POLL.OUT;

  /** How many bytes the next `write` may have, 0 where it would wait. */
  checkWrite(): bigint {
    return this.host.poller.ready(this) ? PERMIT : 0n;
  }

  /** Writes bytes, all of them. */
  write(contents: Uint8Array): void {
    for (let done = 0; done < contents.length; done += STAGING_SIZE) {
      const part = contents.subarray(done, done + STAGING_SIZE);
      stagingBytes.set(part);
      this.expect(this.stdio.write(this.fd, staging, part.length));
    }
  }

  blockingWriteAndFlush(contents: Uint8Array): void {
    this.write(contents);
  }

  flush(): void {
    this.expect(0);
  }

  blockingFlush(): void {
    this.expect(0);
  }

  /** Writes zeroes, as `write` does. */
  writeZeroes(length: bigint): void {
    if (length > PERMIT) throw new Error(`write of ${String(length)} zeroes: more than permitted`);
    this.write(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length: bigint): void {
    this.writeZeroes(length);
  }

  /** Writes what is there to be read of another stream: how many bytes there were. */
  splice(source: AnyInputStream, length: bigint): bigint {
    return splice(this, source, length);
  }

  /** The same, but waits until there is something to read. */
  blockingSplice(source: TcpInputStream | AnyInputStream, length: bigint): bigint {
    const contents = source.blockingRead(length < PERMIT ? length : PERMIT);
    this.write(contents);
    return BigInt(contents.length);
  }
}
