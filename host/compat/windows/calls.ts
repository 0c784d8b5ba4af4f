// Winsock's functions and numbers: winsock2.h, ws2tcpip.h, mswsock.h.

import { Library } from "../../native/library.js";

/** A socket is a handle of 32 bits that count, in 64: INVALID_SOCKET is -1. */
export const socketCalls = {
  WSAStartup: "int WSAStartup(int version, uintptr_t data)",
  WSAGetLastError: "int WSAGetLastError()",
  WSASetLastError: "void WSASetLastError(int error)",
  WSASocketW:
    "intptr_t WSASocketW(int family, int type, int protocol, uintptr_t info, uint32_t group, uint32_t flags)",
  accept: "intptr_t accept(intptr_t s, uintptr_t address, uintptr_t length)",
  bind: "int bind(intptr_t s, uintptr_t address, int length)",
  closesocket: "int closesocket(intptr_t s)",
  connect: "int connect(intptr_t s, uintptr_t address, int length)",
  freeaddrinfo: "void freeaddrinfo(uintptr_t list)",
  getaddrinfo:
    "int getaddrinfo(uintptr_t node, uintptr_t service, uintptr_t hints, uintptr_t result)",
  gethostname: "int gethostname(uintptr_t name, int size)",
  getnameinfo:
    "int getnameinfo(uintptr_t address, int length, uintptr_t host, uint32_t hostSize, uintptr_t service, uint32_t serviceSize, int flags)",
  getpeername: "int getpeername(intptr_t s, uintptr_t address, uintptr_t length)",
  getsockname: "int getsockname(intptr_t s, uintptr_t address, uintptr_t length)",
  getsockopt:
    "int getsockopt(intptr_t s, int level, int option, uintptr_t value, uintptr_t length)",
  ioctlsocket: "int ioctlsocket(intptr_t s, int32_t command, uintptr_t argument)",
  listen: "int listen(intptr_t s, int backlog)",
  recv: "int recv(intptr_t s, uintptr_t buffer, int size, int flags)",
  recvfrom:
    "int recvfrom(intptr_t s, uintptr_t buffer, int size, int flags, uintptr_t address, uintptr_t length)",
  send: "int send(intptr_t s, uintptr_t buffer, int size, int flags)",
  sendto:
    "int sendto(intptr_t s, uintptr_t buffer, int size, int flags, uintptr_t address, int length)",
  setsockopt: "int setsockopt(intptr_t s, int level, int option, uintptr_t value, int length)",
  shutdown: "int shutdown(intptr_t s, int how)",
  WSAIoctl:
    "int WSAIoctl(intptr_t s, uint32_t code, uintptr_t in, uint32_t inSize, uintptr_t out, uint32_t outSize, uintptr_t returned, uintptr_t overlapped, uintptr_t routine)",
  WSAPoll: "int WSAPoll(uintptr_t fds, uint32_t count, int timeout)",
  WSARecvFrom:
    "int WSARecvFrom(intptr_t s, uintptr_t buffers, uint32_t count, uintptr_t received, uintptr_t flags, uintptr_t address, uintptr_t length, uintptr_t overlapped, uintptr_t routine)",
  WSASendMsg:
    "int WSASendMsg(intptr_t s, uintptr_t message, uint32_t flags, uintptr_t sent, uintptr_t overlapped, uintptr_t routine)",
  WSASendTo:
    "int WSASendTo(intptr_t s, uintptr_t buffers, uint32_t count, uintptr_t sent, uint32_t flags, uintptr_t address, int length, uintptr_t overlapped, uintptr_t routine)",
} as const;

export const interfaceCalls = {
  if_indextoname: "uintptr_t if_indextoname(uint32_t index, uintptr_t name)",
  if_nametoindex: "uint32_t if_nametoindex(uintptr_t name)",
} as const;

/** The libraries that the calls are in. */
export const libraries = {
  "ws2_32.dll": socketCalls,
  "iphlpapi.dll": interfaceCalls,
} as const;

export const ws = new Library("ws2_32.dll").bind(socketCalls);
export const interfaces = new Library("iphlpapi.dll").bind(interfaceCalls);

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
