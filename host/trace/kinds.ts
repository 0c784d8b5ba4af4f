// The kinds of parameters and results that calls have, and how each is printed.

import { describe } from "../errno.js";
import { marshal } from "../marshal.js";
import { LIST_MAX, pointerText, type TracedCall } from "./call.js";
import { messageText, messagesText, nameRoom } from "./message.js";
import { optionText } from "./option.js";
import * as symbols from "./symbols.js";
import type { Names } from "./symbols.js";
import { list } from "./text.js";

const { EAI, F, IF_NAMESIZE, INT_SIZE, addrinfo, epoll_event, mmsghdr, pollfd } = marshal;

/** How many bytes of an option's value are printed. */
const VALUE_MAX = 64;

/**
 * Prints a parameter. It is asked before the call, and answers with what it is asked again after the call
 * where that fills the parameter in. What is empty is not printed.
 *
 * @param call the call, whose result counts only afterwards
 * @param index which parameter it is
 */
export type Kind = (call: TracedCall, index: number) => string | (() => string);

/** Prints the result of a call. */
export type Result = (call: TracedCall) => string;

/** A kind whose parameter is a pointer to what a call that succeeds fills in. */
function filled(text: (call: TracedCall, pointer: number, index: number) => string): Kind {
  return (call, index) => () =>
    call.result < 0 ? pointerText(call.arg(index)) : text(call, call.arg(index), index);
}

/** A kind that is one of some names. */
function one(names: Names): Kind {
  return (call, index) => names.one(call.arg(index));
}

/** A kind that is flags. */
function flags(names: Names): Kind {
  return (call, index) => names.flags(call.arg(index));
}

// Numbers

/** A descriptor, a timeout, an int. */
export const number: Kind = (call, index) => String(call.arg(index));
/** A number of bytes or entries. */
export const size: Kind = (call, index) => String(call.arg(index) >>> 0);

// Symbols

export const domain = one(symbols.families);
export const type: Kind = (call, index) => symbols.socketType(call.arg(index));
/** A protocol, two parameters behind its domain. */
export const protocol: Kind = (call, index) =>
  symbols.protocol(call.arg(index - 2), call.arg(index));
export const how = one(symbols.directions);
export const level = one(symbols.levels);
/** An option, behind its level. */
export const option: Kind = (call, index) =>
  symbols.optionsOf(call.arg(index - 1)).one(call.arg(index));
export const socketFlags = flags(symbols.socketFlags);
export const messageFlags = flags(symbols.messageFlags);
export const nameInfoFlags = flags(symbols.nameInfoFlags);
export const epollOperation = one(symbols.epollOperations);
export const epollFlags = flags(symbols.epollFlags);
export const command = one(symbols.fcntlCommands);

const COMMAND_FLAGS: Readonly<Record<number, { takes?: Names; gives?: Names }>> = {
  [F.GETFD]: { gives: symbols.descriptorFlags },
  [F.SETFD]: { takes: symbols.descriptorFlags },
  [F.GETFL]: { gives: symbols.statusFlags },
  [F.SETFL]: { takes: symbols.statusFlags },
};

/** What a command of fcntl takes, behind it. */
export const argument: Kind = (call, index) => {
  const known = COMMAND_FLAGS[call.arg(index - 1)];
  if (known === undefined) return String(call.arg(index));
  return known.takes?.flags(call.arg(index)) ?? "";
};

// Bytes and text

/** Bytes that are sent, before their size. */
export const data: Kind = (call, index) => call.data(call.arg(index), call.arg(index + 1));
/** Room for bytes that are received, before its size: the result says how many came. */
export const room = filled((call, pointer, index) =>
  call.data(pointer, Math.min(call.result, call.arg(index + 1) >>> 0)),
);
/** A C string. */
export const text: Kind = (call, index) => call.name(call.arg(index));
/** Room for a C string, before its size. */
export const textRoom = filled((call, pointer, index) => call.name(pointer, call.arg(index + 1)));
/** Room for the name of an interface. */
export const interfaceRoom = filled((call, pointer) => call.name(pointer, IF_NAMESIZE));

// Addresses

/** A socket address, before its length. */
export const address: Kind = (call, index) => call.address(call.arg(index), call.arg(index + 1));
/** Room for a socket address, before the pointer to its length. */
export const addressRoom: Kind = (call, index) => {
  const capacity = call.int(call.arg(index + 1)) ?? 0;
  return () => {
    const pointer = call.arg(index);
    const length = Math.min(capacity, call.int(call.arg(index + 1)) ?? 0);
    return call.result < 0 ? pointerText(pointer) : call.address(pointer, length);
  };
};
/** A pointer to a length that goes in as room and comes out as what was there. */
export const length: Kind = (call, index) => {
  const pointer = call.arg(index);
  const before = call.int(pointer);
  return () => {
    const after = call.int(pointer);
    if (before === undefined || after === undefined) return pointerText(pointer);
    return before === after ? `[${after}]` : `[${before} => ${after}]`;
  };
};

// Options

function value(call: TracedCall, index: number, bytes: number): string {
  const pointer = call.arg(index);
  const wanted = bytes >>> 0;
  const copy = call.memory.holds(pointer, wanted)
    ? call.bytes(pointer, Math.min(wanted, VALUE_MAX))
    : undefined;
  if (copy === undefined || wanted === 0) return pointerText(pointer);
  const printed = optionText(call.arg(index - 2), call.arg(index - 1), copy);
  return wanted > VALUE_MAX ? `${printed}...` : printed;
}

/** The value of an option, behind level and option, before its length. */
export const optionValue: Kind = (call, index) => value(call, index, call.arg(index + 1));
/** Room for one, before the pointer to its length. */
export const optionRoom: Kind = (call, index) => {
  const capacity = call.int(call.arg(index + 1)) ?? 0;
  return () => {
    if (call.result < 0) return pointerText(call.arg(index));
    return value(call, index, Math.min(capacity, call.int(call.arg(index + 1)) ?? 0));
  };
};

// Structs

/** Room for the two descriptors of socketpair. */
export const pair = filled((call, pointer) => {
  const fds = call.struct(pointer, 2 * INT_SIZE);
  return fds === undefined
    ? pointerText(pointer)
    : list([String(fds.getInt32(0, true)), String(fds.getInt32(INT_SIZE, true))]);
});

/** A pointer to the offset of sendfile, an off_t that the call moves on. */
export const offset: Kind = (call, index) => {
  const pointer = call.arg(index);
  const read = () => call.struct(pointer, 2 * INT_SIZE)?.getBigInt64(0, true);
  const before = read();
  return () => {
    const after = read();
    if (before === undefined || after === undefined) return pointerText(pointer);
    return before === after ? `[${after}]` : `[${before}] => [${after}]`;
  };
};

/** A message that is sent. */
export const message: Kind = (call, index) => messageText(call, call.arg(index));
/** Room for a message. */
export const messageRoom: Kind = (call, index) => {
  const pointer = call.arg(index);
  const names = nameRoom(call, pointer);
  return () =>
    call.result < 0 ? pointerText(pointer) : messageText(call, pointer, call.result, names);
};
/** Messages that are sent. */
export const messages = filled((call, pointer) => messagesText(call, pointer, call.result));
/** Room for messages, before their number. */
export const messagesRoom: Kind = (call, index) => {
  const pointer = call.arg(index);
  const count = Math.min(call.arg(index + 1) >>> 0, LIST_MAX);
  const names = Array.from({ length: count }, (_, i) =>
    nameRoom(call, pointer + i * mmsghdr.sizeof),
  );
  return () =>
    call.result < 0 ? pointerText(pointer) : messagesText(call, pointer, call.result, names);
};

/** A list of struct pollfd, before its length. */
export const pollfds: Kind = (call, index) => () => {
  const pointer = call.arg(index);
  const array = call.array(pointer, call.arg(index + 1), pollfd.sizeof);
  if (array === undefined || pointer === 0) return pointerText(pointer);
  const items = array.entries.map((entry) => {
    const fd = entry.getInt32(pollfd.fd, true);
    const events = symbols.pollEvents.flags(entry.getUint16(pollfd.events, true));
    const found = call.result > 0 ? entry.getUint16(pollfd.revents, true) : 0;
    const revents = found === 0 ? "" : `, revents=${symbols.pollEvents.flags(found)}`;
    return `{fd=${fd}, events=${events}${revents}}`;
  });
  return list(items, array.more);
};

function eventText(event: DataView): string {
  const events = symbols.epollEvents.flags(event.getInt32(epoll_event.events, true));
  return `{events=${events}, data=${event.getBigUint64(epoll_event.data, true)}}`;
}

/** A struct epoll_event. */
export const event: Kind = (call, index) => {
  const struct = call.struct(call.arg(index), epoll_event.sizeof);
  return struct === undefined ? pointerText(call.arg(index)) : eventText(struct);
};
/** Room for some. */
export const eventsRoom = filled((call, pointer) => {
  const array = call.array(pointer, call.result, epoll_event.sizeof);
  return array === undefined
    ? pointerText(pointer)
    : list(array.entries.map(eventText), array.more);
});

// The resolver

/** What getaddrinfo is to look for. */
export const hints: Kind = (call, index) => {
  const struct = call.struct(call.arg(index), addrinfo.sizeof);
  if (struct === undefined) return pointerText(call.arg(index));
  const field = (at: number): number => struct.getInt32(at, true);
  const family = field(addrinfo.ai_family);
  const fields = [
    `ai_flags=${symbols.addressInfoFlags.flags(field(addrinfo.ai_flags))}`,
    `ai_family=${symbols.families.one(family)}`,
    `ai_socktype=${symbols.socketType(field(addrinfo.ai_socktype))}`,
    `ai_protocol=${symbols.protocol(family, field(addrinfo.ai_protocol))}`,
  ];
  return `{${fields.join(", ")}}`;
};

/** The error number that the resolver leaves behind EAI_SYSTEM where its answer would have been. */
function resolverErrno(call: TracedCall, pointer: number): string {
  const errno = call.int(pointer);
  return errno === undefined ? pointerText(pointer) : `[${describe(errno).code}]`;
}

function answerText(call: TracedCall, entry: DataView): string {
  const field = (at: number): number => entry.getInt32(at, true);
  const name = field(addrinfo.ai_canonname);
  const fields = [
    `ai_socktype=${symbols.socketType(field(addrinfo.ai_socktype))}`,
    `ai_protocol=${symbols.protocol(field(addrinfo.ai_family), field(addrinfo.ai_protocol))}`,
    `ai_addr=${call.address(field(addrinfo.ai_addr), field(addrinfo.ai_addrlen))}`,
    ...(name === 0 ? [] : [`ai_canonname=${call.name(name)}`]),
  ];
  return `{${fields.join(", ")}}`;
}

/** Room for the answer of getaddrinfo, before its size. */
export const answer: Kind = (call, index) => () => {
  const pointer = call.arg(index);
  const { result } = call;
  if (result === EAI.SYSTEM) return resolverErrno(call, pointer);
  if (result <= 0 || result > call.arg(index + 1) >>> 0) return pointerText(pointer);
  const items: string[] = [];
  let at = pointer;
  while (at !== 0 && items.length < LIST_MAX) {
    const entry = call.struct(at, addrinfo.sizeof);
    if (entry === undefined) break;
    items.push(answerText(call, entry));
    at = entry.getInt32(addrinfo.ai_next, true);
  }
  return list(items, at !== 0);
};
/** Room for the host name of getnameinfo, before its size. */
export const hostRoom: Kind = (call, index) => () =>
  call.result === EAI.SYSTEM
    ? resolverErrno(call, call.arg(index))
    : (textRoom(call, index) as () => string)();

// Results

function failure(number: number, shown: number): string {
  const { code, message: words } = describe(number);
  return `${shown} ${code} (${words})`;
}

/** A number, or -1 and the error number. */
export const status: Result = ({ result }) => (result < 0 ? failure(-result, -1) : String(result));
/** A number, or a negative EAI code. */
export const eai: Result = ({ result }) => (result < 0 ? failure(result, result) : String(result));
/** How many are ready, where 0 says that time was up. */
export const ready: Result = (call) => (call.result === 0 ? "0 (Timeout)" : status(call));
/** What a command of fcntl, the second parameter, gives. */
export const commandResult: Result = (call) => {
  const gives = COMMAND_FLAGS[call.arg(1)]?.gives;
  return gives === undefined || call.result < 0
    ? status(call)
    : `${symbols.hex(call.result)} (flags ${gives.flags(call.result)})`;
};
