// socketpair(2): two sockets of loopback, each connected to the other.

import { codecs, native, setInt, startLoopback, to, value } from "../room.js";
import { FLAGS, INVALID_SOCKET, WSAECONNREFUSED, WSAEOPNOTSUPP, fail, ws } from "./calls.js";

const { AF, SOCK, SOCKADDR_MAX } = codecs;

/** Where the address of one stands, and of the other. */
const [ONE, OTHER] = [to, to + SOCKADDR_MAX];

/** Closes sockets after an error, which stays the last. */
function failed(...sockets: number[]): -1 {
  const error = ws.WSAGetLastError();
  for (const socket of sockets) if (socket !== INVALID_SOCKET) ws.closesocket(socket);
  return fail(error);
}

/** The address of a socket: 0, or -1. */
function name(socket: number, pointer: number): number {
  setInt(value, SOCKADDR_MAX);
  return ws.getsockname(socket, native(pointer), native(value));
}

/** A socket at a port of loopback that the system chooses, and its address. */
function bound(type: number, pointer: number): number {
  const socket = ws.WSASocketW(AF.INET, type, 0, 0, 0, FLAGS);
  if (socket === INVALID_SOCKET) return socket;
  const size = startLoopback(pointer);
  const error = ws.bind(socket, native(pointer), size) || name(socket, pointer);
  return error === 0 ? socket : failed(socket);
}

function connect(socket: number, pointer: number): number {
  return ws.connect(socket, native(pointer), codecs.sockaddr_in.sizeof);
}

function datagrams(): readonly [number, number] | -1 {
  const one = bound(SOCK.DGRAM, ONE);
  const other = one === INVALID_SOCKET ? one : bound(SOCK.DGRAM, OTHER);
  if (other === INVALID_SOCKET) return failed(one);
  return connect(one, OTHER) || connect(other, ONE) ? failed(one, other) : [one, other];
}

/** The first to be accepted must be the one that was connected: anybody on this machine could have come first. */
function streams(): readonly [number, number] | -1 {
  const listener = bound(SOCK.STREAM, ONE);
  if (listener === INVALID_SOCKET || ws.listen(listener, 1) !== 0) return failed(listener);
  const one = ws.WSASocketW(AF.INET, SOCK.STREAM, 0, 0, 0, FLAGS);
  if (one === INVALID_SOCKET || connect(one, ONE) !== 0) return failed(listener, one);
  setInt(value, SOCKADDR_MAX);
  const other = ws.accept(listener, native(OTHER), native(value));
  if (other === INVALID_SOCKET || name(one, ONE) !== 0) return failed(listener, one, other);
  ws.closesocket(listener);
  if (codecs.portOf(ONE) === codecs.portOf(OTHER)) return [one, other];
  fail(WSAECONNREFUSED);
  return failed(one, other);
}

/** What makes a pair of a type. */
const MAKERS = new Map([
  [SOCK.STREAM, streams],
  [SOCK.DGRAM, datagrams],
]);

/**
 * Opens a pair of sockets that wait still.
 *
 * @param type as Winsock numbers it
 * @returns both, or -1
 */
export function pair(type: number): readonly [number, number] | -1 {
  const make = MAKERS.get(type);
  return make === undefined ? fail(WSAEOPNOTSUPP) : make();
}
