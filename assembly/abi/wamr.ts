// What WAMR's lib-socket adds to `wasi_snapshot_preview1`, its wasi_socket_ext.h.

/** Kinds of addresses. */
export const enum wamr_kind {
  INET4 = 0,
  INET6 = 1,
}

/** Address families. */
export const enum wamr_af {
  INET4 = 0,
  INET6 = 1,
  UNSPEC = 2,
}

/** Socket types. */
export const enum wamr_sock {
  ANY = -1,
  DGRAM = 0,
  STREAM = 1,
}

/**
 * addr_t, an address, and addr_ip_t, which is one without a port; numbers in the guest's byte order.
 *
 *      0      4         8      10
 *      +------+---------+------+
 *      | kind | n0…n3   | port |                      INET4
 *      +------+---------+------+---------+------+
 *      | kind | eight groups of 16 bits  | port |     INET6
 *      +------+--------------------------+------+
 *      0      4                          20     22
 */
export const enum wamr_addr {
  kind = 0,
  ip = 4,
  port4 = 8,
  port6 = 20,
  sizeof = 24,
}

export const enum wamr_addr_ip {
  kind = 0,
  ip = 4,
  sizeof = 20,
}

/**
 * addr_info_t, an entry of the answer of sock_addr_resolve.
 *
 *      0      24     28
 *      +------+------+
 *      | addr | type |
 *      +------+------+
 */
export const enum wamr_addr_info {
  addr = 0,
  type = 24,
  sizeof = 28,
}

/**
 * addr_info_hints_t, what it is to look for.
 *
 *      0      4        8         12
 *      +------+--------+---------+
 *      | type | family | enabled |
 *      +------+--------+---------+
 */
export const enum wamr_hints {
  type = 0,
  family = 4,
  enabled = 8,
  sizeof = 12,
}
