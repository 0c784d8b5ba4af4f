// Windows as the rest of ../ sees it.

import { addonPath, type Native } from "../../native/library.js";
import { codecs, int, native, setInt, to, value } from "../room.js";
import type { System } from "../system.js";
import {
  FIONBIO,
  FIONREAD,
  FLAGS,
  INVALID_SOCKET,
  SIOCATMARK,
  SIO_UDP_CONNRESET,
  VERSION,
  WSAEBADF,
  crt,
  fail,
  getaddrinfoAside,
  interfaces,
  kernel,
  ws,
} from "./calls.js";
import { files, isFile } from "./files.js";
import { recvmsg, sendmsg } from "./message.js";
import { pair } from "./pair.js";
import { poll } from "./poll.js";

const { INT_SIZE, O, SOCK } = codecs;

/** Starts Winsock, and keeps koffi's addon loaded for as long as the process lives. */
function start(): void {
  const error = ws.WSAStartup(VERSION, native(to));
  if (error !== 0) throw new Error(`WSAStartup failed with error ${error}`);
  // A worker that ends would otherwise be told of its handles by code that is gone.
  (kernel.LoadLibraryW as unknown as Native)(addonPath());
}

/** Beside `value`, where the length of the address stands that accept(2) has just told. */
const flag = value + INT_SIZE;

/** Makes a socket one that does not wait. */
function unblocked(socket: number): number {
  if (socket === INVALID_SOCKET) return socket;
  setInt(flag, 1);
  ws.ioctlsocket(socket, FIONBIO, native(flag));
  return socket;
}

/** Says whether a socket is told that a datagram of its found nobody: one that is connected is, udp(7). */
function setReports(socket: number, on: boolean): void {
  setInt(value, Number(on));
  const size = native(value + INT_SIZE);
  ws.WSAIoctl(socket, SIO_UDP_CONNRESET, native(value), INT_SIZE, 0, 0, size, 0, 0);
}

/** What a command of ioctlsocket gives. */
function asked(socket: number, command: number): number {
  setInt(value, 0);
  return ws.ioctlsocket(socket, command, native(value)) === 0 ? int(value) : -1;
}

/** What sockatmark(3) gives, by what SIOCATMARK does. */
const AT_MARK = new Map([
  [0, 1],
  [1, 0],
]);

start();

export const system: System = {
  ...ws,
  ...interfaces,
  free: crt.free,
  malloc: crt.malloc,
  memcpy: crt.memcpy,
  strnlen: crt.strnlen,
  ...files,
  id: codecs.System.WINDOWS,
  error: () => ws.WSAGetLastError(),

  socket(family, type, protocol) {
    const socket = unblocked(ws.WSASocketW(family, type, protocol, 0, 0, FLAGS));
    if (socket !== INVALID_SOCKET && type === SOCK.DGRAM) setReports(socket, false);
    return socket;
  },

  connect(fd, address, length) {
    setReports(fd, true); // a stream knows no such thing
    return ws.connect(fd, address, length);
  },

  accept: (fd, address, length) => unblocked(ws.accept(fd, address, length)),

  socketpair(_family, type, _protocol, at) {
    const sockets = pair(type);
    if (sockets === -1) return -1;
    sockets.forEach(unblocked);
    setInt(at, sockets[0]);
    setInt(at + INT_SIZE, sockets[1]);
    return 0;
  },

  close: (fd) => (isFile(fd) ? files.close(fd) : ws.closesocket(fd)),
  available: (fd) => asked(fd, FIONREAD),
  // It asks whether no urgent data is left, and of data in line it does not know.
  sockatmark: (fd) => AT_MARK.get(asked(fd, SIOCATMARK)) ?? -1,

  sendmsg,
  recvmsg,
  poll,

  // Whether a socket waits cannot be asked, and none of ours does.
  getFlags: () => O.RDWR | O.NONBLOCK,
  setFlags: () => 0,
  replace: () => fail(WSAEBADF),
  read: (fd, buffer, size) =>
    isFile(fd) ? files.read(fd, buffer, size) : ws.recv(fd, buffer, size, 0),
  write: (fd, buffer, size) =>
    isFile(fd) ? files.write(fd, buffer, size) : ws.send(fd, buffer, size, 0),

  getaddrinfoAside,
};
