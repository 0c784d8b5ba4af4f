// sendmsg(2) and recvmsg(2). Control data goes with datagrams alone.

import { callAt, type Native } from "../../native/library.js";
import { address, codecs, int, native, setInt, to, value } from "../room.js";
import { SIO_GET_EXTENSION_FUNCTION_POINTER, ws } from "./calls.js";

const { INT_SIZE } = codecs;

/** WSAMSG, as assembly/platform/windows.ts has it. */
const WSAMSG = {
  name: 0,
  nameLength: 8,
  buffers: 16,
  count: 24,
  controlLength: 32,
  control: 40,
  flags: 48,
};

/** winsock2.h. */
const MSG_PEEK = 0x02;

/** WSAID_WSARECVMSG, mswsock.h, as the words of its bytes. */
const ID = [0xf689d7c8, 0x436b6f1f, 0x4fe5538a, 0x22c351e3];
const ID_SIZE = 16;
const PROTOTYPE =
  "int (intptr_t s, uintptr_t message, uintptr_t received, uintptr_t overlapped, uintptr_t routine)";

/** Behind all that a message takes of `to`. */
const ROOM = to + 0xf000;

let receive: Native | undefined;

/** WSARecvMsg, which Winsock gives by its address alone; undefined where this socket has none. */
function wsaRecvMsg(fd: number): Native | undefined {
  if (receive !== undefined) return receive;
  const [found, size] = [ROOM + ID_SIZE, ROOM + ID_SIZE + 8];
  ID.forEach((word, i) => {
    setInt(ROOM + i * INT_SIZE, word);
  });
  const code = SIO_GET_EXTENSION_FUNCTION_POINTER;
  const result = ws.WSAIoctl(fd, code, native(ROOM), ID_SIZE, native(found), 8, native(size), 0, 0);
  if (result === 0) receive = callAt(address(found), PROTOTYPE);
  return receive;
}

/** sendmsg(2) of a WSAMSG at a pointer of ../room. */
export function sendmsg(fd: number, message: number, flags: number): number {
  const result =
    int(message + WSAMSG.controlLength) > 0
      ? ws.WSASendMsg(fd, native(message), flags, native(value), 0, 0)
      : ws.WSASendTo(
          fd,
          address(message + WSAMSG.buffers),
          int(message + WSAMSG.count),
          native(value),
          flags,
          address(message + WSAMSG.name),
          int(message + WSAMSG.nameLength),
          0,
          0,
        );
  return result === 0 ? int(value) : -1;
}

/** What a receive gave. Flags go in and come out: what it was asked to look at, it has looked at. */
function received(message: number, result: number): number {
  setInt(message + WSAMSG.flags, int(message + WSAMSG.flags) & ~MSG_PEEK);
  return result === 0 ? int(value) : -1;
}

/** recvmsg(2) into a WSAMSG at a pointer of ../room, whose lengths and flags it changes. */
export function recvmsg(fd: number, message: number, flags: number): number {
  setInt(message + WSAMSG.flags, flags);
  const receives = int(message + WSAMSG.controlLength) > 0 ? wsaRecvMsg(fd) : undefined;
  if (receives !== undefined) {
    return received(message, receives(fd, native(message), native(value), 0, 0));
  }
  setInt(message + WSAMSG.controlLength, 0);
  const named = address(message + WSAMSG.name) !== 0;
  const result = ws.WSARecvFrom(
    fd,
    address(message + WSAMSG.buffers),
    int(message + WSAMSG.count),
    native(value),
    native(message + WSAMSG.flags),
    address(message + WSAMSG.name),
    named ? native(message + WSAMSG.nameLength) : 0,
    0,
    0,
  );
  return received(message, result);
}
