/**
 * struct epoll_event, epoll_ctl(2), as wasm32 has it.
 *
 *      0        4     8              16
 *      +--------+-----+--------------+
 *      | events | pad |  data        |
 *      +--------+-----+--------------+
 */
@unmanaged
export class EpollEvent {
  events: u32;
  data: u64;
}

export const enum epoll_event {
  events = offsetof<EpollEvent>("events"),
  data = offsetof<EpollEvent>("data"),
  sizeof = offsetof<EpollEvent>(),
}

/** The same struct on x86-64, which has it without the padding. */
export const enum packed_epoll_event {
  events = 0,
  data = 4,
  sizeof = 12,
}
