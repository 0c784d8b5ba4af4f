/**
 * struct linger, socket(7).
 *
 *      0       4        8
 *      +-------+--------+
 *      | onoff | linger |
 *      +-------+--------+
 */
@unmanaged
export class Linger {
  l_onoff: i32;
  l_linger: i32;
}

export const enum linger {
  l_onoff = offsetof<Linger>("l_onoff"),
  l_linger = offsetof<Linger>("l_linger"),
  sizeof = offsetof<Linger>(),
}

/**
 * struct timeval as musl lays it out on wasm32, which is also a 64-bit Linux's own.
 *
 *      0                8                16
 *      +----------------+----------------+
 *      |  seconds       |  microseconds  |
 *      +----------------+----------------+
 */
@unmanaged
export class Timeval {
  tv_sec: i64;
  tv_usec: i64;
}

export const enum timeval {
  tv_sec = offsetof<Timeval>("tv_sec"),
  tv_usec = offsetof<Timeval>("tv_usec"),
  sizeof = offsetof<Timeval>(),
}
