// The structs of sendmsg(2) and recvmsg(2): as wasm32 has them, and as the 64-bit kernel does. Those
// that hold pointers are never handed to the kernel: codec/message builds the native twin.

/**
 * struct iovec on wasm32.
 *
 *      0      4     8
 *      +------+-----+
 *      | base | len |
 *      +------+-----+
 */
@unmanaged
export class Iovec {
  iov_base: u32;
  iov_len: u32;
}

export const enum iovec {
  iov_base = offsetof<Iovec>("iov_base"),
  iov_len = offsetof<Iovec>("iov_len"),
  sizeof = offsetof<Iovec>(),
}

/**
 * struct msghdr on wasm32; in a struct mmsghdr, the count of bytes follows it.
 *
 *      0      4         8     12       16        20           24      28    32
 *      +------+---------+-----+--------+---------+------------+-------+-----+
 *      | name | namelen | iov | iovlen | control | controllen | flags | len |
 *      +------+---------+-----+--------+---------+------------+-------+-----+
 */
@unmanaged
export class Msghdr {
  msg_name: u32;
  msg_namelen: u32;
  msg_iov: u32;
  msg_iovlen: u32;
  msg_control: u32;
  msg_controllen: u32;
  msg_flags: i32;
}

export const enum msghdr {
  msg_name = offsetof<Msghdr>("msg_name"),
  msg_namelen = offsetof<Msghdr>("msg_namelen"),
  msg_iov = offsetof<Msghdr>("msg_iov"),
  msg_iovlen = offsetof<Msghdr>("msg_iovlen"),
  msg_control = offsetof<Msghdr>("msg_control"),
  msg_controllen = offsetof<Msghdr>("msg_controllen"),
  msg_flags = offsetof<Msghdr>("msg_flags"),
  sizeof = offsetof<Msghdr>(),
}


@unmanaged
export class Mmsghdr extends Msghdr {
  msg_len: u32;
}

export const enum mmsghdr {
  msg_len = offsetof<Mmsghdr>("msg_len"),
  sizeof = offsetof<Mmsghdr>(),
}

/**
 * struct cmsghdr on wasm32, cmsg(3); its data follows, and the next header at a multiple of four.
 *
 *      0     4       8      12
 *      +-----+-------+------+------
 *      | len | level | type | data…
 *      +-----+-------+------+------
 */
@unmanaged
export class Cmsghdr {
  cmsg_len: u32;
  cmsg_level: i32;
  cmsg_type: i32;
}

export const enum cmsghdr {
  cmsg_len = offsetof<Cmsghdr>("cmsg_len"),
  cmsg_level = offsetof<Cmsghdr>("cmsg_level"),
  cmsg_type = offsetof<Cmsghdr>("cmsg_type"),
  sizeof = offsetof<Cmsghdr>(),
}

/**
 * struct iovec of a 64-bit kernel.
 *
 *      0              8              16
 *      +--------------+--------------+
 *      |  base        |  len         |
 *      +--------------+--------------+
 */
@unmanaged
export class NativeIovec {
  iov_base: u64;
  iov_len: u64;
}

export const enum native_iovec {
  iov_base = offsetof<NativeIovec>("iov_base"),
  iov_len = offsetof<NativeIovec>("iov_len"),
  sizeof = offsetof<NativeIovec>(),
}

/**
 * struct mmsghdr of a 64-bit kernel, which starts with its struct msghdr of 56 bytes.
 *
 *      0      8         12    16    24       32        40           48      52    56    60    64
 *      +------+---------+-----+-----+--------+---------+------------+-------+-----+-----+-----+
 *      | name | namelen | pad | iov | iovlen | control | controllen | flags | pad | len | pad |
 *      +------+---------+-----+-----+--------+---------+------------+-------+-----+-----+-----+
 */
@unmanaged
export class NativeMmsghdr {
  msg_name: u64;
  msg_namelen: u32;
  msg_iov: u64;
  msg_iovlen: u64;
  msg_control: u64;
  msg_controllen: u64;
  msg_flags: i32;
  private padding: i32;
  msg_len: u32;
  private morePadding: u32;
}

export const enum native_msghdr {
  msg_name = offsetof<NativeMmsghdr>("msg_name"),
  msg_namelen = offsetof<NativeMmsghdr>("msg_namelen"),
  msg_iov = offsetof<NativeMmsghdr>("msg_iov"),
  msg_iovlen = offsetof<NativeMmsghdr>("msg_iovlen"),
  msg_control = offsetof<NativeMmsghdr>("msg_control"),
  msg_controllen = offsetof<NativeMmsghdr>("msg_controllen"),
  msg_flags = offsetof<NativeMmsghdr>("msg_flags"),
  sizeof = offsetof<NativeMmsghdr>("msg_len"),
}

export const enum native_mmsghdr {
  msg_len = offsetof<NativeMmsghdr>("msg_len"),
  sizeof = offsetof<NativeMmsghdr>(),
}

/**
 * struct cmsghdr of a 64-bit kernel; the next header stands at a multiple of eight.
 *
 *      0              8       12     16
 *      +--------------+-------+------+------
 *      |  len         | level | type | data…
 *      +--------------+-------+------+------
 */
@unmanaged
export class NativeCmsghdr {
  cmsg_len: u64;
  cmsg_level: i32;
  cmsg_type: i32;
}

export const enum native_cmsghdr {
  cmsg_len = offsetof<NativeCmsghdr>("cmsg_len"),
  cmsg_level = offsetof<NativeCmsghdr>("cmsg_level"),
  cmsg_type = offsetof<NativeCmsghdr>("cmsg_type"),
  sizeof = offsetof<NativeCmsghdr>(),
}
