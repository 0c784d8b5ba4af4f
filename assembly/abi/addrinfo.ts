/**
 * struct addrinfo, getaddrinfo(3), on wasm32: every field is four bytes, a pointer is a guest
 * address.
 *
 *      0       4        8          12         16        20     24          28     32
 *      +-------+--------+----------+----------+---------+------+-----------+------+
 *      | flags | family | socktype | protocol | addrlen | addr | canonname | next |
 *      +-------+--------+----------+----------+---------+------+-----------+------+
 */
@unmanaged
export class Addrinfo {
  ai_flags: i32;
  ai_family: i32;
  ai_socktype: i32;
  ai_protocol: i32;
  ai_addrlen: u32;
  ai_addr: u32;
  ai_canonname: u32;
  ai_next: u32;
}

export const enum addrinfo {
  ai_flags = offsetof<Addrinfo>("ai_flags"),
  ai_family = offsetof<Addrinfo>("ai_family"),
  ai_socktype = offsetof<Addrinfo>("ai_socktype"),
  ai_protocol = offsetof<Addrinfo>("ai_protocol"),
  ai_addrlen = offsetof<Addrinfo>("ai_addrlen"),
  ai_addr = offsetof<Addrinfo>("ai_addr"),
  ai_canonname = offsetof<Addrinfo>("ai_canonname"),
  ai_next = offsetof<Addrinfo>("ai_next"),
  sizeof = offsetof<Addrinfo>(),
}

/**
 * The same struct as the 64-bit kernel's libc lays it out: four bytes of padding after addrlen,
 * then three pointers of eight bytes.
 *
 *      0       4        8          12         16        20    24     32          40     48
 *      +-------+--------+----------+----------+---------+-----+------+-----------+------+
 *      | flags | family | socktype | protocol | addrlen | pad | addr | canonname | next |
 *      +-------+--------+----------+----------+---------+-----+------+-----------+------+
 */
@unmanaged
export class NativeAddrinfo {
  ai_flags: i32;
  ai_family: i32;
  ai_socktype: i32;
  ai_protocol: i32;
  ai_addrlen: u32;
  ai_addr: u64;
  ai_canonname: u64;
  ai_next: u64;
}

export const enum native_addrinfo {
  ai_flags = offsetof<NativeAddrinfo>("ai_flags"),
  ai_family = offsetof<NativeAddrinfo>("ai_family"),
  ai_socktype = offsetof<NativeAddrinfo>("ai_socktype"),
  ai_protocol = offsetof<NativeAddrinfo>("ai_protocol"),
  ai_addrlen = offsetof<NativeAddrinfo>("ai_addrlen"),
  ai_addr = offsetof<NativeAddrinfo>("ai_addr"),
  ai_canonname = offsetof<NativeAddrinfo>("ai_canonname"),
  ai_next = offsetof<NativeAddrinfo>("ai_next"),
  sizeof = offsetof<NativeAddrinfo>(),
}
