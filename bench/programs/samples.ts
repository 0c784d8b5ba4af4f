// What the codecs of ./codec.ts and ./values.ts are given: the same bytes to both.

const [AF_INET, AF_INET6, SOCK_STREAM, IPPROTO_TCP] = [2, 10, 1, 6];
const [IPPROTO_IP, IP_TOS, IP_TTL, IP_PKTINFO] = [0, 1, 2, 8];

/** struct addrinfo of the 64-bit kernel's libc. */
export const nativeAddrinfo = { addrlen: 16, addr: 24, canonname: 32, next: 40, size: 48 };

/** Bytes of struct cmsghdr on wasm32. */
export const GUEST_CMSGHDR = 12;

const HOST = "host.example";
/** Bytes from one entry of a list to the next, and to the name behind the last. */
const [STRIDE, NAME] = [128, 480];

/** Bytes that a list takes. */
export const LIST_SIZE = 512;

/**
 * Writes three addresses and a name as getaddrinfo(3) gives them: a list whose pointers are offsets; 0 is NULL.
 *
 * @param at where its first entry goes, not 0
 * @returns where the last address's port is
 */
export function placeList(view: DataView, at: number): number {
  const bytes = new Uint8Array(view.buffer);
  new TextEncoder().encodeInto(HOST, bytes.subarray(at + NAME));
  const families = [AF_INET6, AF_INET6, AF_INET];
  families.forEach((family, i) => {
    const entry = at + i * STRIDE;
    const fields = [0, family, SOCK_STREAM, IPPROTO_TCP, family === AF_INET ? 16 : 28];
    fields.forEach((field, j) => {
      view.setInt32(entry + 4 * j, field, true);
    });
    const next = i + 1 < families.length ? entry + STRIDE : 0;
    view.setBigUint64(entry + nativeAddrinfo.addr, BigInt(entry + nativeAddrinfo.size), true);
    view.setBigUint64(entry + nativeAddrinfo.canonname, BigInt(i === 0 ? at + NAME : 0), true);
    view.setBigUint64(entry + nativeAddrinfo.next, BigInt(next), true);
    view.setUint16(entry + nativeAddrinfo.size, family, true);
  });
  return at + (families.length - 1) * STRIDE + nativeAddrinfo.size + 2;
}

/**
 * Writes a guest's control data, three messages, of which the last carries an int.
 *
 * @returns how many bytes
 */
export function placeControl(view: DataView, at: number): number {
  let length = 0;
  for (const [type, size] of [
    [IP_PKTINFO, 12],
    [IP_TTL, 4],
    [IP_TOS, 4],
  ] as const) {
    view.setUint32(at + length, GUEST_CMSGHDR + size, true);
    view.setInt32(at + length + 4, IPPROTO_IP, true);
    view.setInt32(at + length + 8, type, true);
    length += GUEST_CMSGHDR + size;
  }
  return length;
}
