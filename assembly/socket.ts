// BSD sockets for AssemblyScript, with C's names and conventions: a function that fails returns -1 and
// errno() tells why. Each one's import and C prototype stand in bsd.ts.

import { SOCKADDR_MAX } from "./abi/sockaddr";
import { SocketAddress } from "./address";
import * as bsd from "./bsd";

export { close, errno, fcntl, listen, setErrno, shutdown, sockatmark, socket } from "./bsd";

/** What recvfrom received. */
export class Received {
  constructor(
    /** How many bytes; with MSG.TRUNC the length of the whole datagram. */
    readonly count: i32,
    /** Who sent them; its length is 0 where the socket is a stream. */
    readonly address: SocketAddress,
  ) {}
}

/** A Uint8Array as it lies in memory: a reference is written down for the collector each time it is used, a pointer is not. */
@unmanaged
class Bytes {
  readonly buffer: usize;
  readonly dataStart: usize;
  readonly byteLength: i32;
}

/** Room for an address that the host fills in, and its value-result length. */
const name = memory.data(SOCKADDR_MAX, 8);
const nameLength = memory.data(sizeof<u32>(), 4);

function readName(): SocketAddress {
  return SocketAddress.decode(name, load<i32>(nameLength));
}

/**
 * Connects a socket to an address, connect(2).
 *
 * @returns 0, or -1 with ECONNREFUSED, ETIMEDOUT, EACCES, EINPROGRESS (non-blocking)…
 */
export function connect(fd: i32, address: SocketAddress): i32 {
  return bsd.connect(fd, address.pointer, address.length);
}

/**
 * Gives a socket its local address, bind(2).
 *
 * @returns 0, or -1 with EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL…
 */
export function bind(fd: i32, address: SocketAddress): i32 {
  return bsd.bind(fd, address.pointer, address.length);
}

/**
 * Accepts a connection, accept4(2).
 *
 * @param flags SOCK.NONBLOCK, SOCK.CLOEXEC
 * @returns the connection's descriptor, or -1 with EAGAIN (non-blocking), EINVAL, EMFILE…
 */
export function accept(fd: i32, flags: i32 = 0): i32 {
  return bsd.accept4(fd, 0, 0, flags);
}

/**
 * The local address of a socket, getsockname(2).
 *
 * @returns null where it failed: EBADF
 */
export function getsockname(fd: i32): SocketAddress | null {
  store<i32>(nameLength, SOCKADDR_MAX);
  return bsd.getsockname(fd, name, nameLength) < 0 ? null : readName();
}

/**
 * The address that a socket is connected to, getpeername(2).
 *
 * @returns null where it failed: ENOTCONN, EBADF
 */
export function getpeername(fd: i32): SocketAddress | null {
  store<i32>(nameLength, SOCKADDR_MAX);
  return bsd.getpeername(fd, name, nameLength) < 0 ? null : readName();
}

/**
 * Sends bytes on a connection, send(2). A blocking stream takes all of them. No signal is raised.
 *
 * @param flags MSG.MORE, MSG.DONTWAIT…, ored
 * @returns how many bytes were taken, or -1 with EPIPE, ECONNRESET, EAGAIN, EMSGSIZE…
 */
export function send(fd: i32, bytes: Uint8Array, flags: i32 = 0): i32 {
  const array = changetype<Bytes>(bytes);
  return bsd.send(fd, array.dataStart, array.byteLength, flags);
}

/**
 * Receives bytes, recv(2).
 *
 * @param bytes where they go
 * @param flags MSG.PEEK, MSG.WAITALL…, ored
 * @returns how many bytes came, 0 at the end of a stream, or -1 with EAGAIN, ECONNRESET…
 */
export function recv(fd: i32, bytes: Uint8Array, flags: i32 = 0): i32 {
  const array = changetype<Bytes>(bytes);
  return bsd.recv(fd, array.dataStart, array.byteLength, flags);
}

/**
 * Sends bytes to an address, sendto(2).
 *
 * @param address where to, null for the address that the socket is connected to
 * @returns how many bytes were taken, or -1 with EACCES, EMSGSIZE, ENETUNREACH…
 */
export function sendto(fd: i32, bytes: Uint8Array, flags: i32, address: SocketAddress | null): i32 {
  const to: usize = address == null ? 0 : address.pointer;
  const length = address == null ? 0 : address.length;
  const array = changetype<Bytes>(bytes);
  return bsd.sendto(fd, array.dataStart, array.byteLength, flags, to, length);
}

/**
 * Receives bytes and who sent them, recvfrom(2).
 *
 * @param bytes where they go
 * @returns the count and the sender, or null with EAGAIN, ECONNREFUSED…
 */
export function recvfrom(fd: i32, bytes: Uint8Array, flags: i32 = 0): Received | null {
  store<i32>(nameLength, SOCKADDR_MAX);
  const array = changetype<Bytes>(bytes);
  const count = bsd.recvfrom(fd, array.dataStart, array.byteLength, flags, name, nameLength);
  return count < 0 ? null : new Received(count, readName());
}

/** Room for the offset of sendfile. */
const fileOffset = memory.data(sizeof<i64>(), 8);

/**
 * Sends part of a file that the host has opened for this program, sendfile(2).
 *
 * @param file its descriptor: 3 for the first of the host's `preopens`
 * @param offset where in the file; -1 for its own position, which then moves
 * @param count how many bytes at most
 * @returns how many bytes were taken, 0 at the end of the file, or -1 with EPIPE, EINVAL…
 */
export function sendfile(fd: i32, file: i32, offset: i64, count: u32): i32 {
  store<i64>(fileOffset, offset);
  return bsd.sendfile(fd, file, offset < 0 ? 0 : fileOffset, count);
}

/**
 * Opens two sockets that are connected to each other, socketpair(2).
 *
 * @returns both descriptors, or null with EAFNOSUPPORT, EMFILE…
 */
export function socketpair(domain: i32, type: i32, protocol: i32): StaticArray<i32> | null {
  const fds = new StaticArray<i32>(2);
  return bsd.socketpair(domain, type, protocol, changetype<usize>(fds)) < 0 ? null : fds;
}

/** Sets descriptor or file status flags, fcntl(2) with F.SETFD or F.SETFL: 0, or -1. */
export function fcntlSet(fd: i32, command: i32, flags: i32): i32 {
  return bsd.fcntl(fd, command, flags);
}
