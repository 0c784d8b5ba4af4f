// Where what is translated lies: the memory of a marshaller that nobody else uses. What comes from Linux's side stands in
// `from`, what the system gets and gives in `to`.

import type { MarshalExports } from "../codecs.js";
import { compile, instantiate } from "../loader.js";
import { addressOf } from "../native/library.js";
import type { System } from "./system.js";

/** The codecs, and their memory. */
export const codecs: MarshalExports = instantiate(compile("marshal"));
const bytes = new Uint8Array(codecs.memory.buffer);
const view = new DataView(codecs.memory.buffer);
const decoder = new TextDecoder();
const base = addressOf(bytes);

const { AF, Errno, INT_SIZE, SOCKADDR_MAX } = codecs;

/** Bytes of Linux's side. */
export const SIZE = codecs.BLOCK_SIZE;
/** Linux's side, a pointer of the codecs'. */
export const from = codecs.block;
/** The system's side, of twice as many bytes: up to `value` there are only areas that no translation uses. */
export const to = codecs.block + SIZE;
/** Room for a length, a flag, a count: a pointer of the codecs'. */
export const value = codecs.value;

/** The native address of a pointer of the codecs'. */
export function native(pointer: number): number {
  return base + pointer;
}

export function int(pointer: number): number {
  return view.getInt32(pointer, true);
}

export function setInt(pointer: number, number: number): void {
  view.setInt32(pointer, number, true);
}

export function short(pointer: number): number {
  return view.getUint16(pointer, true);
}

export function setShort(pointer: number, number: number): void {
  view.setUint16(pointer, number, true);
}

/** UTF-8 text. */
export function text(pointer: number, length: number): string {
  return decoder.decode(bytes.subarray(pointer, pointer + length));
}

export function clear(pointer: number, size: number): void {
  bytes.fill(0, pointer, pointer + size);
}

/** 127.0.0.1 in network byte order, as an int that is stored. */
const LOOPBACK = 0x0100007f;

/** Writes the address of loopback whose port the system chooses, as Linux has it: its bytes. */
export function startLoopback(pointer: number): number {
  const size = codecs.startInet(pointer, 0);
  setInt(codecs.internetOf(pointer), LOOPBACK);
  return size;
}

/** A native address; a Number holds every one of user space. */
export function address(pointer: number): number {
  return Number(view.getBigUint64(pointer, true));
}

export function setAddress(pointer: number, number: number): void {
  view.setBigUint64(pointer, BigInt(number), true);
}

/** Translates for a system. */
export class Translator {
  readonly #id: number;
  readonly #system: System;

  constructor(system: System) {
    this.#id = system.id;
    this.#system = system;
  }

  /** Copies native memory to a pointer of the codecs'. */
  take(pointer: number, source: number, size: number): void {
    if (size > 0) this.#system.memcpy(native(pointer), source, size);
  }

  /** Copies from a pointer of the codecs' to native memory. */
  give(target: number, pointer: number, size: number): void {
    if (size > 0) this.#system.memcpy(target, native(pointer), size);
  }

  /** What a call returned, or -errno as Linux numbers it. The error is read before anything else can change it. */
  orErrno(result: number): number {
    return result === -1 ? -this.errno() : result;
  }

  /** Linux's number of the last error. */
  errno(): number {
    return codecs.errnoFromSystem(this.#id, this.#system.error());
  }

  /** A number of a NumberSet there, or ABSENT. */
  number(set: number, number: number): number {
    return codecs.numberToSystem(this.#id, set, number);
  }

  /** Flags there; what the system does not have is left out. */
  flags(set: number, flags: number): number {
    return codecs.knownFlagsToSystem(this.#id, set, flags);
  }

  /**
   * Puts an address into `pointer` as the system has it.
   *
   * @param source its native address on Linux's side
   * @returns its length there; -errno where the system has no such address
   */
  addressTo(source: number, length: number, pointer: number): number {
    if (length > SOCKADDR_MAX) return -Errno.EINVAL;
    this.take(from, source, length);
    return codecs.sockaddrToSystem(this.#id, from, length, pointer);
  }

  /** Puts the unspecified address of a domain, with no port, into `pointer` as the system has it: its length there. */
  unspecified(domain: number, pointer: number): number {
    clear(from, SOCKADDR_MAX);
    const inet6 = domain === AF.INET6;
    const size = inet6 ? codecs.startInet6(from, 0, 0, 0) : codecs.startInet(from, 0);
    return codecs.sockaddrToSystem(this.#id, from, size, pointer);
  }

  /**
   * Gives an address of the system's in `pointer` to Linux's side, cut to the room that is there, as accept(2) cuts it.
   *
   * @param length its bytes there
   * @param target native address of the room
   * @param room bytes of it
   * @returns the whole length
   */
  addressFrom(pointer: number, length: number, target: number, room: number): number {
    const size = codecs.sockaddrFromSystem(this.#id, pointer, length, from);
    this.give(target, from, Math.min(size, room));
    return size;
  }

  /**
   * The same where the room is told by a value-result length, which gets the whole length.
   *
   * @param length native address of a socklen_t
   */
  answerAddress(pointer: number, size: number, target: number, length: number): void {
    this.take(value, length, INT_SIZE);
    setInt(value, this.addressFrom(pointer, size, target, int(value)));
    this.give(length, value, INT_SIZE);
  }
}
