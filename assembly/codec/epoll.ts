// struct epoll_event between a guest and the kernel, which packs it on x86-64 alone.

import { EpollEvent, epoll_event, packed_epoll_event } from "../abi/epoll";
import { BLOCK_SIZE } from "./buffers";

/** How many events one epoll_wait(2) gives at most. */
export const EVENTS_MAX: i32 = BLOCK_SIZE / epoll_event.sizeof;

/** The bytes of the kernel's events. */
export const events: usize = memory.data(BLOCK_SIZE, 8);

/**
 * Writes the kernel's event, in `events`, from a guest's.
 *
 * @param guest pointer to the guest's struct
 * @param packed whether this machine packs it
 */
export function encodeEvent(guest: usize, packed: bool): void {
  const event = changetype<EpollEvent>(guest);
  store<u32>(events, event.events);
  store<u64>(events + (packed ? packed_epoll_event.data : epoll_event.data), event.data);
}

/**
 * Writes a guest's events from the kernel's, in `events`.
 *
 * @param guest pointer to room for them
 * @param count how many
 * @param packed whether this machine packs them
 */
export function decodeEvents(guest: usize, count: i32, packed: bool): void {
  const stride = packed ? packed_epoll_event.sizeof : epoll_event.sizeof;
  const data = packed ? packed_epoll_event.data : epoll_event.data;
  for (let i = 0; i < count; i++) {
    const event = changetype<EpollEvent>(guest + i * epoll_event.sizeof);
    const native = events + i * stride;
    event.events = load<u32>(native);
    event.data = load<u64>(native + data);
  }
}
