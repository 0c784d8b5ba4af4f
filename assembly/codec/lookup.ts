// A look-up that libc has in hand, getaddrinfo_a(3): one piece of native memory with all that libc is
// given pointers to. It is put together in `block`, and the host copies it to where it will stay.
//
//      +-------+----------+----------+----------+------+------+------------------+
//      | gaicb | sigevent | addrinfo | timespec | list | ends | node NUL service |
//      +-------+----------+----------+----------+------+------+------------------+
//                           hints      timeout    → gaicb, 8 bytes

import { native_addrinfo } from "../abi/addrinfo";
import { SIGEV } from "../abi/constants";
import {
  NativeGaicb,
  NativeSigevent,
  NativeTimespec,
  native_gaicb,
  native_sigevent,
  native_timespec,
} from "../abi/gaicb";
import { entry } from "./addrinfo";
import { block, text } from "./buffers";

/** What stands where. */
export const enum LookUp {
  gaicb = 0,
  sigevent = native_gaicb.sizeof,
  hints = LookUp.sigevent + native_sigevent.sizeof,
  /** How long a gai_suspend(3) of it takes at most. */
  timeout = LookUp.hints + native_addrinfo.sizeof,
  list = LookUp.timeout + native_timespec.sizeof,
  /** The descriptor that becomes readable, i32. */
  readEnd = LookUp.list + sizeof<u64>(),
  /** The descriptor that libc closes to that end, i32. */
  writeEnd = LookUp.readEnd + sizeof<i32>(),
  text = LookUp.writeEnd + sizeof<i32>(),
}

/** Bytes of a look-up whose node and service take so many bytes in `text`, their NULs included. */
export function lookUpSize(textLength: u32): u32 {
  return LookUp.text + textLength;
}

/**
 * Writes a look-up into `block`. Its node is at the start of `text`, its hints in `entry`.
 *
 * @param at the native address where it will stand; a f64 holds every pointer to user space
 * @param service where the service is in `text`, 0 where there is none
 * @param textLength bytes of both, their NULs included
 * @param hasHints whether there are hints
 * @param milliseconds how long a gai_suspend(3) of it takes at most, below 1000
 * @param close the native address of close(2), by which libc tells that it is done
 * @param readEnd the descriptor that becomes readable then, -1 where libc is to tell nobody
 * @param writeEnd the descriptor that is closed, -1 likewise
 */
export function lookUpWrite(
  at: f64,
  service: u32,
  textLength: u32,
  hasHints: bool,
  milliseconds: u32,
  close: f64,
  readEnd: i32,
  writeEnd: i32,
): void {
  const native = <u64>at;
  memory.fill(block, 0, LookUp.text);
  const request = changetype<NativeGaicb>(block + LookUp.gaicb);
  request.ar_name = native + LookUp.text;
  if (service != 0) request.ar_service = native + LookUp.text + service;
  if (hasHints) request.ar_request = native + LookUp.hints;
  const event = changetype<NativeSigevent>(block + LookUp.sigevent);
  event.sigev_value = writeEnd;
  event.sigev_notify = writeEnd < 0 ? SIGEV.NONE : SIGEV.THREAD;
  event.sigev_notify_function = <u64>close;
  if (hasHints) memory.copy(block + LookUp.hints, entry, native_addrinfo.sizeof);
  const timeout = changetype<NativeTimespec>(block + LookUp.timeout);
  timeout.tv_nsec = i64(milliseconds) * 1_000_000;
  store<u64>(block + LookUp.list, native + LookUp.gaicb);
  store<i32>(block + LookUp.readEnd, readEnd);
  store<i32>(block + LookUp.writeEnd, writeEnd);
  memory.copy(block + LookUp.text, text, textLength);
}

/** Reads a native pointer; a f64 holds every pointer to user space. */
export function nativePointer(at: usize): f64 {
  return <f64>load<u64>(at);
}
