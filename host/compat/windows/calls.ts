// Windows' libraries, and Winsock's numbers: winsock2.h, ws2tcpip.h, mswsock.h.

import { Library } from "../../native/library.js";
import { prototypes } from "./prototypes.js";

/** A library's functions. */
function load<Name extends keyof typeof prototypes>(name: Name) {
  return new Library(name).bind<(typeof prototypes)[Name]>(prototypes[name]);
}

export const ws = load("ws2_32.dll");
export const getaddrinfoAside = new Library("ws2_32.dll").aside(
  prototypes["ws2_32.dll"].getaddrinfo,
);
export const interfaces = load("iphlpapi.dll");
export const crt = load("ucrtbase.dll");
export const kernel = load("kernel32.dll");

export const INVALID_SOCKET = -1;

/** The version of Winsock, and bytes of what WSAStartup tells. */
export const VERSION = 0x0202;

/** WSA_FLAG_OVERLAPPED, for Node's event loop, and WSA_FLAG_NO_HANDLE_INHERIT. */
export const FLAGS = 0x01 | 0x80;

/** Commands of ioctlsocket, as longs. */
export const FIONBIO = 0x8004667e | 0;
export const FIONREAD = 0x4004667f;
export const SIOCATMARK = 0x40047307;

/** Codes of WSAIoctl. */
export const SIO_UDP_CONNRESET = 0x9800000c;
export const SIO_GET_EXTENSION_FUNCTION_POINTER = 0xc8000006;

/** Errors. */
export const WSAEBADF = 10009;
export const WSAEACCES = 10013;
export const WSAEINVAL = 10022;
export const WSAEMFILE = 10024;
export const WSAEOPNOTSUPP = 10045;
export const WSAECONNREFUSED = 10061;

/** Sets the last error: -1, which says that there is one. */
export function fail(error: number): -1 {
  ws.WSASetLastError(error);
  return -1;
}
