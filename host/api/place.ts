// Where a payload stands in an instance's memory: what the codecs of option values and of control messages
// read and write by the layouts of assembly/abi.

import { readText, writeText, type Codecs } from "../marshal.js";

/** A payload by the names of its members, as JavaScript may pass it. */
export type Members = Readonly<Record<string, unknown>>;

/** A place in an instance's memory. */
export interface Place {
  readonly codecs: Codecs;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The offset of the payload. */
  readonly at: number;
}

/** Reads and writes payloads of one kind. */
export interface PayloadCodec<Value = Members> {
  /** Writes a payload: its length in bytes. */
  write(place: Place, value: Value): number;
  /** Reads a payload of some bytes. */
  read(place: Place, length: number): Value;
}

/**
 * A member that must be an integer of 32 bits.
 *
 * @throws TypeError that names the value
 */
export function integer(value: unknown): number {
  if (
    Number.isInteger(value) &&
    (value as number) >= -0x80000000 &&
    (value as number) <= 0xffffffff
  ) {
    return value as number;
  }
  throw new TypeError(`${String(value)} is not a 32-bit integer`);
}

/**
 * Writes an Internet address in network byte order.
 *
 * @param at where
 * @throws TypeError for what is no address of that family
 */
export function writeInternet(place: Place, family: number, text: unknown, at: number): void {
  const { codecs, bytes } = place;
  const length = writeText(codecs, bytes, String(text));
  if (codecs.inet_pton(family, codecs.text, length, at)) return;
  const name = family === codecs.AF.INET ? "IPv4" : "IPv6";
  throw new TypeError(`${JSON.stringify(text)} is not an ${name} address`);
}

/** Reads an Internet address in network byte order. */
export function readInternet({ codecs, bytes }: Place, family: number, at: number): string {
  return readText(bytes, codecs.text, codecs.inet_ntop(family, at, codecs.text));
}

/** struct ucred: who is at the other end, unix(7). */
export const credentials: PayloadCodec = {
  write({ codecs: { ucred }, view, at }, { pid, uid, gid }) {
    view.setInt32(at + ucred.pid, integer(pid), true);
    view.setUint32(at + ucred.uid, integer(uid), true);
    view.setUint32(at + ucred.gid, integer(gid), true);
    return ucred.sizeof;
  },
  read({ codecs: { ucred }, view, at }) {
    return {
      pid: view.getInt32(at + ucred.pid, true),
      uid: view.getUint32(at + ucred.uid, true),
      gid: view.getUint32(at + ucred.gid, true),
    };
  },
};
