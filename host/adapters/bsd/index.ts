// Module `bsd_sockets_v1`: BSD's calls as functions of i32 over a guest's linear memory, specified in
// docs/abi.md. Here pointers are checked and bytes are copied; what a call means is in the file of
// the same name in ../../syscalls.
//
// In every function: the descriptor first (EBADF), then all pointers (EFAULT), then the effect, so that
// a bad pointer never loses a connection or a datagram.

import type { Guest } from "../../guest.js";
import type { GuestMemory } from "../../memory.js";
import type { Wait } from "../../wait/index.js";
import { addressCalls } from "./address.js";
import { fileCalls } from "./file.js";
import { Frame } from "./frame.js";
import { listenCalls } from "./listen.js";
import { messageCalls } from "./message.js";
import { optionCalls } from "./option.js";
import { pollCalls } from "./poll.js";
import { withLessons } from "./pollset.js";
import { resolveCalls } from "./resolve.js";
import { socketCalls } from "./socket.js";
import { transferCalls } from "./transfer.js";

/** The functions that may have to wait, and then give a promise where the wait is one. */
export const WAITING: readonly string[] = [
  "accept4",
  "connect",
  "epoll_wait",
  "getaddrinfo",
  "poll",
  "recv",
  "recvfrom",
  "recvmmsg",
  "recvmsg",
  "send",
  "sendfile",
  "sendmmsg",
  "sendmsg",
  "sendto",
];

/** The imports of one guest. */
export type BsdSockets = ReturnType<typeof bsdSockets>;

/**
 * Makes the imports of one guest.
 *
 * @param guest its descriptors and its policy
 * @param memory its linear memory
 * @param wait what happens where a call has to wait
 */
export function bsdSockets(guest: Guest, memory: GuestMemory, wait: Wait) {
  const frame = new Frame(guest, memory);
  const imports = {
    ...socketCalls(frame),
    ...addressCalls(frame, wait),
    ...listenCalls(frame, wait),
    ...transferCalls(frame, wait),
    ...fileCalls(frame, wait),
    ...messageCalls(frame, wait),
    ...pollCalls(frame, wait),
    ...optionCalls(frame),
    ...resolveCalls(frame, wait),
  };
  return guest.platform.epoll ? imports : withLessons(frame, imports);
}
