// The calls of `bsd_sockets_v1`: the kinds of their parameters, and of their results.

import * as kind from "./kinds.js";
import type { Kind, Result } from "./kinds.js";

const { address, addressRoom, data, length, level, number, option, room, size } = kind;
const { domain, messageFlags, protocol, status, text, textRoom, type } = kind;
const fd = number;
const timeout = number;

/** A row of a table: `failed` makes a result that is negative where the call failed, which it is where there is none. */
export type Row = readonly [
  parameters: readonly Kind[],
  result: Result,
  failed?: (value: number) => number,
];

// prettier-ignore
export const BSD_CALLS = {
  socket: [[domain, type, protocol], status],
  socketpair: [[domain, type, protocol, kind.pair], status],
  close: [[fd], status],
  shutdown: [[fd, kind.how], status],
  fcntl: [[fd, kind.command, kind.argument], kind.commandResult],
  bind: [[fd, address, size], status],
  connect: [[fd, address, size], status],
  listen: [[fd, number], status],
  accept4: [[fd, addressRoom, length, kind.socketFlags], status],
  getsockname: [[fd, addressRoom, length], status],
  getpeername: [[fd, addressRoom, length], status],
  send: [[fd, data, size, messageFlags], status],
  recv: [[fd, room, size, messageFlags], status],
  sendto: [[fd, data, size, messageFlags, address, size], status],
  recvfrom: [[fd, room, size, messageFlags, addressRoom, length], status],
  sockatmark: [[fd], status],
  sendfile: [[fd, fd, kind.offset, size], status],
  sendmsg: [[fd, kind.message, messageFlags], status],
  recvmsg: [[fd, kind.messageRoom, messageFlags], status],
  sendmmsg: [[fd, kind.messages, size, messageFlags], status],
  recvmmsg: [[fd, kind.messagesRoom, size, messageFlags, timeout], status],
  getsockopt: [[fd, level, option, kind.optionRoom, length], status],
  setsockopt: [[fd, level, option, kind.optionValue, size], status],
  poll: [[kind.pollfds, size, timeout], kind.ready],
  epoll_create1: [[kind.epollFlags], status],
  epoll_ctl: [[fd, kind.epollOperation, fd, kind.event], status],
  epoll_wait: [[fd, kind.eventsRoom, number, timeout], status],
  getaddrinfo: [[text, text, kind.hints, kind.answer, size], kind.eai],
  getnameinfo: [[address, size, kind.hostRoom, size, textRoom, size, kind.nameInfoFlags], kind.eai],
  gethostname: [[textRoom, size], status],
  if_nametoindex: [[text], status],
  if_indextoname: [[size, kind.interfaceRoom], status],
} satisfies Record<string, Row>;
