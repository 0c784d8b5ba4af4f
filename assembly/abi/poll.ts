/**
 * struct pollfd, poll(2).
 *
 *      0      4        6         8
 *      +------+--------+---------+
 *      |  fd  | events | revents |
 *      +------+--------+---------+
 */
@unmanaged
export class Pollfd {
  fd: i32;
  events: i16;
  revents: i16;
}

export const enum pollfd {
  fd = offsetof<Pollfd>("fd"),
  events = offsetof<Pollfd>("events"),
  revents = offsetof<Pollfd>("revents"),
  sizeof = offsetof<Pollfd>(),
}
