// getaddrinfo(3) and getnameinfo(3), by libc's own resolver, and the names of this host. Names pass through the host's `text`
// scratch area, the answer through `block`.

import type { Guest } from "../guest.js";
import { clib, lastErrno, libc } from "../libc.js";
import { Errno, marshal, marshalBytes, readText } from "../marshal.js";
import { native, scratch } from "../scratch.js";

const { EACCES } = Errno;
const { EAI, NI } = marshal;

/** libc's longest host name with its NUL, netdb.h. */
const NI_MAXHOST = 1025;

/** The error number behind the last EAI_SYSTEM. */
let systemError = 0;

/** The error number that goes with a result of EAI_SYSTEM. */
export function resolverErrno(): number {
  return systemError;
}

/** EAI_SYSTEM because of an error number. */
export function failed(errno: number): number {
  systemError = errno;
  return EAI.SYSTEM;
}

/** Copies libc's list into the `block` scratch area as wasm32 has it. Entries that do not fit are left out. */
function flatten(list: number, target: number): number {
  marshal.addrinfoBegin(target);
  for (let node = list; node !== 0; node = marshal.nativeNext()) {
    clib.memcpy(scratch.entry, node, marshal.native_addrinfo.sizeof);
    const name = marshal.nativeName();
    const nameLength = name === 0 ? -1 : clib.strnlen(name, NI_MAXHOST);
    const at = marshal.addrinfoAppend(nameLength);
    if (at === 0) break;
    clib.memcpy(native(at), marshal.nativeAddress(), marshal.nativeAddressLength());
    if (nameLength > 0) clib.memcpy(native(marshal.addrinfoName()), name, nameLength);
  }
  return marshal.addrinfoSize();
}

/**
 * getaddrinfo(3). The answer is left in the host's `block` scratch area.
 *
 * @param node pointer into the `text` scratch area, 0 for NULL
 * @param service pointer into the `text` scratch area, 0 for NULL
 * @param nodeLength bytes of node
 * @param hasHints whether the `block` scratch area holds a wasm32 struct addrinfo of hints
 * @param target where in the guest's memory the answer will stand
 * @returns the size of the answer in bytes, or a negative EAI code
 */
export function getaddrinfo(
  guest: Guest,
  node: number,
  nodeLength: number,
  service: number,
  hasHints: boolean,
  target: number,
): number {
  const asks = node !== 0 && !isNumeric(node, nodeLength);
  const name = asks ? readText(marshalBytes, node, nodeLength) : "";
  if (asks && !guest.policy.allowsName(name)) return failed(EACCES);
  if (hasHints) marshal.addrinfoHints(marshal.block);
  const result = clib.getaddrinfo(
    node === 0 ? 0 : native(node),
    service === 0 ? 0 : native(service),
    hasHints ? scratch.entry : 0,
    scratch.block,
  );
  if (result === EAI.SYSTEM) return failed(lastErrno());
  if (result !== 0) return result;
  const list = Number(new BigUint64Array(marshal.memory.buffer, marshal.block, 1)[0]);
  try {
    const size = flatten(list, target);
    if (asks) guest.policy.hold(name, size, target);
    return size;
  } finally {
    clib.freeaddrinfo(list);
  }
}

/** Whether a name is an address in text, which takes no look-up and tells nobody anything. */
function isNumeric(name: number, length: number): boolean {
  const { AF, address } = marshal;
  return (
    marshal.inet_pton(AF.INET, name, length, address) ||
    marshal.inet_pton(AF.INET6, name, length, address)
  );
}

/** if_nametoindex(3) of the name in the `text` scratch area: its index, or -errno. */
export function ifNameToIndex(): number {
  return clib.if_nametoindex(scratch.text) || -lastErrno();
}

/** if_indextoname(3): the length of the name that is left in the `text` scratch area, or -errno. */
export function ifIndexToName(index: number): number {
  if (clib.if_indextoname(index, scratch.text) === 0) return -lastErrno();
  return clib.strnlen(scratch.text, marshal.TEXT_SIZE);
}

/** gethostname(2): the length of the name that is left in the `text` scratch area, or -errno. */
export function gethostname(): number {
  const result = libc.gethostname(scratch.text, marshal.TEXT_SIZE);
  return result < 0 ? result : clib.strnlen(scratch.text, marshal.TEXT_SIZE);
}

/** Where getnameinfo leaves the service, behind the host, in the `text` scratch area. */
export const SERVICE_OFFSET = marshal.TEXT_SIZE / 2;

/**
 * getnameinfo(3) of the address in the `address` scratch area. The host is left at the start of the `text`
 * scratch area, the service at SERVICE_OFFSET. To find the name of an address takes a look-up, which the
 * policy must allow.
 *
 * @param hostSize room for the host with its NUL, 0 where it is not wanted
 * @param serviceSize room for the service with its NUL, 0 where it is not wanted
 * @returns 0, or a negative EAI code
 */
export function getnameinfo(
  guest: Guest,
  length: number,
  hostSize: number,
  serviceSize: number,
  flags: number,
): number {
  const looksUp = hostSize > 0 && (flags & NI.NUMERICHOST) === 0;
  if (looksUp && !guest.policy.allowsNameOf(length)) return failed(EACCES);
  const result = clib.getnameinfo(
    scratch.address,
    length,
    hostSize > 0 ? scratch.text : 0,
    Math.min(hostSize, SERVICE_OFFSET),
    serviceSize > 0 ? scratch.text + SERVICE_OFFSET : 0,
    Math.min(serviceSize, SERVICE_OFFSET),
    flags,
  );
  return result === EAI.SYSTEM ? failed(lastErrno()) : result;
}
