// What ../native/linux gives, made of another system's calls: the rest of the host sees Linux's numbers and layouts.

import { addressCalls } from "./address.js";
import { fileCalls } from "./file.js";
import { messageCalls } from "./message.js";
import { optionCalls } from "./option.js";
import { eventCalls, pollCalls } from "./poll.js";
import { resolveCalls } from "./resolve.js";
import { Translator, codecs } from "./room.js";
import { Sockets, socketCalls } from "./sockets.js";
import { MessageFlags, Outcomes, transferCalls } from "./transfer.js";
import { addressOf } from "../native/library.js";
import type * as linux from "../native/linux.js";

const { system } =
  process.platform === "win32"
    ? await import("./windows/index.js")
    : await import("./bsd/index.js");

const { Errno } = codecs;
const translator = new Translator(system);
const sockets = new Sockets();
const flags = new MessageFlags(translator);
const { outcome, ...addresses } = addressCalls(system, translator, sockets);
const outcomes = new Outcomes(translator, sockets, outcome);
const resolve = resolveCalls(system, translator);

/** What there is not: epoll(7), for which sets of poll(2) stand in. */
const absent = () => -Errno.ENOSYS;

export const libc: typeof linux.libc = {
  ...socketCalls(system, translator, sockets),
  ...addresses,
  ...optionCalls(system, translator, sockets),
  ...transferCalls(system, translator, sockets, flags, outcomes),
  ...messageCalls(system, translator, sockets, flags, outcomes),
  ...pollCalls(system, translator),
  ...eventCalls(system, translator),
  ...fileCalls(system, translator, flags),
  gethostname: (name, size) => translator.orErrno(system.gethostname(name, size)),
  epoll_create1: absent,
  epoll_ctl: absent,
  epoll_wait: absent,
};

export const clib: typeof linux.clib = { ...system, ...resolve.calls };

export const resolver = null;
export const closeAddress = 0;
export { ctext } from "./text.js";

/** The error number that the last look-up left, as Linux numbers it; and the look-up in another thread. */
export const { getaddrinfoAside, lastErrno } = resolve;

/** send(2) of the bytes of a view. */
export function sendView(fd: number, view: Uint8Array, size: number, bits: number): number {
  return size === 0 ? 0 : libc.send(fd, addressOf(view), size, bits);
}
