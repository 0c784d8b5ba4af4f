// Readiness as TypeScript objects: poll(2) and epoll(7).

import type { Caller } from "./caller.js";
import { epollEvents, pollEvents, type EpollEvent, type Flags, type PollEvent } from "./symbols.js";

/** What poll is to watch. */
export interface PollRequest {
  readonly fd: number;
  /** "in", "out", "pri", "rdhup"; "err", "hup" and "nval" are told in any case. */
  readonly events: Flags<PollEvent>;
}

/** What poll found. */
export interface PollResult {
  readonly fd: number;
  readonly events: PollEvent[];
}

/** What epollWait found. */
export interface EpollResult {
  /** The number that epollCtl was given for the descriptor: its own, where it was given none. */
  readonly data: number;
  readonly events: EpollEvent[];
}

/** What epollCtl may do to a descriptor. */
export type EpollOperation = "add" | "mod" | "del";

/** poll(2): see Net.poll. */
export function poll(
  caller: Caller,
  requests: readonly PollRequest[],
  timeout: number,
): PollResult[] {
  const { wasm, pool } = caller;
  const { pollfd, block, BLOCK_SIZE } = wasm;
  const most = BLOCK_SIZE / pollfd.sizeof - 1; // the host adds one, to wake the call
  if (requests.length > most) {
    throw new RangeError(`${requests.length} descriptors are too many: ${most} fit`);
  }
  const view = new DataView(pool.bytes.buffer, block, BLOCK_SIZE);
  requests.forEach(({ fd, events }, i) => {
    view.setInt32(i * pollfd.sizeof + pollfd.fd, fd, true);
    view.setInt16(i * pollfd.sizeof + pollfd.events, pollEvents.encodeFlags(events), true);
  });
  caller.expect("poll", wasm.poll(block, requests.length, timeout));
  return requests
    .map(({ fd }, i) => ({ fd, bits: view.getInt16(i * pollfd.sizeof + pollfd.revents, true) }))
    .filter(({ bits }) => bits !== 0)
    .map(({ fd, bits }) => ({ fd, events: pollEvents.decodeFlags(bits) as PollEvent[] }));
}

/** epoll_ctl(2): see Net.epollCtl. */
export function epollControl(
  caller: Caller,
  epfd: number,
  operation: EpollOperation,
  fd: number,
  events: Flags<EpollEvent>,
  data: number,
): void {
  const { wasm, pool } = caller;
  const { EPOLL_CTL, block, epoll_event } = wasm;
  const operations: Partial<Record<string, number>> = {
    add: EPOLL_CTL.ADD,
    mod: EPOLL_CTL.MOD,
    del: EPOLL_CTL.DEL,
  };
  const number = operations[operation];
  if (number === undefined) {
    throw new TypeError(`epoll operation ${JSON.stringify(operation)} is none of add, mod, del`);
  }
  const view = new DataView(pool.bytes.buffer, block);
  view.setUint32(epoll_event.events, epollEvents.encodeFlags(events), true);
  view.setBigInt64(epoll_event.data, BigInt(data), true);
  caller.expect("epoll_ctl", wasm.epoll_ctl(epfd, number, fd, block));
}

/** epoll_wait(2): how many events are left for `epollResults`, or -1. */
export function epollWait(caller: Caller, epfd: number, count: number, timeout: number): number {
  const { EVENTS_MAX, block, epoll_wait } = caller.wasm;
  if (!Number.isInteger(count) || count < 1 || count > EVENTS_MAX) {
    throw new RangeError(`event count ${count} is not an integer from 1 to ${EVENTS_MAX}`);
  }
  return epoll_wait(epfd, block, count, timeout);
}

/** The events that epoll_wait(2) found. */
export function epollResults({ wasm, pool }: Caller, found: number): EpollResult[] {
  const { block, epoll_event } = wasm;
  const view = new DataView(pool.bytes.buffer, block);
  return Array.from({ length: found }, (_, i) => {
    const at = i * epoll_event.sizeof;
    return {
      data: Number(view.getBigInt64(at + epoll_event.data, true)),
      events: epollEvents.decodeFlags(view.getInt32(at + epoll_event.events, true)) as EpollEvent[],
    };
  });
}
