// WSAPoll, which knows sockets alone, and no list without any.

import { int, native, setInt, setShort, short } from "../room.js";
import { kernel, ws } from "./calls.js";
import { isFile } from "./files.js";

/** What may be asked for beside POLLRDBAND: POLLRDNORM and POLLWRNORM. */
const POLLABLE = 0x0110;
/** Urgent data has Winsock's POLLRDBAND, which POLLIN contains; that of Linux, POLLPRI, may not be asked for. */
const POLLRDBAND = 0x0200;
const POLLPRI = 0x0400;

/** WSAPOLLFD. */
const FD = 0;
const EVENTS = 8;
const REVENTS = 10;
const SIZE = 16;

/** Where the entries stood that are asked about, by where they stand meanwhile. */
const places: number[] = [];
/** Where files stand, and what is asked of them. */
const files: { readonly place: number; readonly events: number }[] = [];

/** What is asked of a socket. */
function toWinsock(events: number): number {
  return (events & POLLABLE) | ((events & POLLPRI) === 0 ? 0 : POLLRDBAND);
}

/** What was found of it. */
function fromWinsock(events: number): number {
  return (events & ~POLLRDBAND) | ((events & POLLRDBAND) === 0 ? 0 : POLLPRI);
}

/** Moves the sockets of a list to its start: how many there are. */
function gather(list: number, count: number): number {
  places.length = files.length = 0;
  for (let i = 0; i < count; i++) {
    const at = list + i * SIZE;
    const fd = int(at + FD);
    if (isFile(fd)) files.push({ place: i, events: short(at + EVENTS) & POLLABLE });
    if (fd < 0 || isFile(fd)) continue;
    const to = list + places.length * SIZE;
    setInt(to + FD, fd);
    setInt(to + FD + 4, 0);
    setShort(to + EVENTS, toWinsock(short(at + EVENTS)));
    setShort(to + REVENTS, 0);
    places.push(i);
  }
  return places.length;
}

/** Moves what was found to where it belongs. */
function scatter(list: number, count: number): void {
  let from = places.length - 1;
  for (let i = count - 1; i >= 0; i--) {
    const found = from >= 0 && places[from] === i ? short(list + from-- * SIZE + REVENTS) : 0;
    setShort(list + i * SIZE + REVENTS, fromWinsock(found));
  }
}

/**
 * poll(2) of WSAPOLLFDs at a pointer of ../room. A file is always ready, as on other systems: a console and a pipe as well,
 * of which nobody could know.
 *
 * @param timeout in milliseconds, -1 for none
 */
export function poll(list: number, count: number, timeout: number): number {
  const sockets = gather(list, count);
  const limit = files.length > 0 ? 0 : timeout;
  if (sockets === 0) kernel.Sleep(Math.max(limit, 0));
  const result = sockets === 0 ? 0 : ws.WSAPoll(native(list), sockets, limit);
  scatter(list, count);
  for (const { place, events } of files) setShort(list + place * SIZE + REVENTS, events);
  return result;
}
