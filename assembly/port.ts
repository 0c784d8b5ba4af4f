// A descriptor as a buffered port, after Scheme's: reading by the byte, the line or the block.

import { SHUT } from "./abi/constants";
import * as bsd from "./bsd";

/** Bytes that are received ahead. */
const BUFFER_SIZE: i32 = 4096;
const NEWLINE: u8 = 0x0a;
const CARRIAGE_RETURN: u8 = 0x0d;

/** A stream socket that is read through a buffer and written whole. It owns its descriptor. */
export class Port {
  private readonly buffer: StaticArray<u8> = new StaticArray<u8>(BUFFER_SIZE);
  private start: i32 = 0;
  private end: i32 = 0;

  /** @param fd a connected stream socket in blocking mode */
  constructor(readonly fd: i32) {}

  /** Fills the empty buffer: how many bytes came, 0 at the end of the stream, or -1. */
  private fill(): i32 {
    const count = bsd.recv(this.fd, changetype<usize>(this.buffer), BUFFER_SIZE, 0);
    this.start = 0;
    this.end = max(count, 0);
    return count;
  }

  /** The next byte; -1 at the end of the stream or where errno() tells of an error. */
  readByte(): i32 {
    if (this.start == this.end && this.fill() <= 0) return -1;
    return this.buffer[this.start++];
  }

  /**
   * Reads what is there, at least one byte, waiting for it.
   *
   * @returns how many bytes, 0 at the end of the stream, or -1
   */
  read(into: Uint8Array): i32 {
    if (this.start == this.end) {
      const count = this.fill();
      if (count <= 0) return count;
    }
    const count = min(this.end - this.start, into.byteLength);
    memory.copy(into.dataStart, changetype<usize>(this.buffer) + this.start, count);
    this.start += count;
    return count;
  }

  /** Reads to the end of the stream; what an error cut off is left out, and errno() tells of it. */
  readAll(): Uint8Array {
    let bytes = new Uint8Array(BUFFER_SIZE);
    let size = 0;
    let count = 0;
    do {
      size += count;
      if (size == bytes.length) {
        const larger = new Uint8Array(size * 2);
        larger.set(bytes);
        bytes = larger;
      }
      count = this.read(bytes.subarray(size));
    } while (count > 0);
    return bytes.slice(0, size);
  }

  /** Reads a line of UTF-8 without its "\n" or "\r\n"; null at the end of the stream. */
  readLine(): string | null {
    const line: u8[] = [];
    for (;;) {
      const byte = this.readByte();
      if (byte < 0) {
        if (line.length == 0) return null;
        break;
      }
      if (<u8>byte == NEWLINE) {
        if (line.length > 0 && line[line.length - 1] == CARRIAGE_RETURN) line.pop();
        break;
      }
      line.push(<u8>byte);
    }
    return String.UTF8.decodeUnsafe(line.dataStart, line.length);
  }

  /** Writes all of the bytes: their count, or -1 with EPIPE, ECONNRESET… */
  write(bytes: Uint8Array): i32 {
    return bsd.send(this.fd, bytes.dataStart, bytes.byteLength, 0);
  }

  /** Writes text as UTF-8: the count of bytes, or -1. */
  writeText(text: string): i32 {
    const bytes = String.UTF8.encode(text);
    return bsd.send(this.fd, changetype<usize>(bytes), bytes.byteLength, 0);
  }

  /** Ends the stream to the peer, who can still write: 0, or -1. */
  shutdown(): i32 {
    return bsd.shutdown(this.fd, SHUT.WR);
  }

  /** Closes the descriptor: 0, or -1. */
  close(): i32 {
    return bsd.close(this.fd);
  }
}

/** Makes a port of a stream socket, which it owns from now on. */
export function fdToPort(fd: i32): Port {
  return new Port(fd);
}
