// getaddrinfo(3) and getnameinfo(3), by libc's own resolver, and the names of this host. Names pass through the host's `text`
// scratch area, the answer through `block`.

import type { Guest } from "../guest.js";
import { clib, lastErrno, libc } from "../libc.js";
import { LookUp, type Answer, type Waiting } from "../lookups/index.js";
import { Errno, marshal, marshalBytes, readText } from "../marshal.js";
import { native, scratch, word } from "../scratch.js";

const { EACCES } = Errno;
const { AI, EAI, NI, entry, native_addrinfo, text } = marshal;

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
 * getaddrinfo(3), up to where it would wait for what the caller waits for: addresses in text and this host itself
 * take no look-up.
 *
 * @param waiting how the caller waits
 * @param node pointer to the `text` scratch area, 0 for NULL
 * @param nodeLength bytes of node
 * @param service pointer into the `text` scratch area behind node, 0 for NULL
 * @param textLength bytes of both, their NULs included
 * @param hasHints whether the `block` scratch area holds a wasm32 struct addrinfo of hints
 * @param target where in the guest's memory the answer will stand
 * @returns the look-up that is under way; or the size of the answer, which is left in the host's `block` scratch
 *   area, or a negative EAI code
 */
export function beginLookUp(
  guest: Guest,
  waiting: Waiting,
  node: number,
  nodeLength: number,
  service: number,
  textLength: number,
  hasHints: boolean,
  target: number,
): LookUp | number {
  const asks = node !== 0 && !isNumeric(node, nodeLength);
  // Only a policy wants to know.
  const name = asks && !guest.policy.trusted ? readText(marshalBytes, node, nodeLength) : "";
  if (asks && !guest.policy.allowsName(name)) return failed(EACCES);
  if (hasHints) marshal.addrinfoHints(marshal.block);
  if (!asks || (hasHints && (word(entry + native_addrinfo.ai_flags) & AI.NUMERICHOST) !== 0)) {
    return flattened(askNow(node, service, hasHints), target);
  }
  if (!guest.lookUps.begins(waiting)) {
    if (guest.lookUps.full) return EAI.AGAIN;
    return held(guest, name, askNow(node, service, hasHints), target);
  }
  const begun = guest.lookUps.begin(
    name,
    service === 0 ? 0 : service - text,
    textLength,
    hasHints,
    waiting,
  );
  return begun instanceof LookUp ? begun : flattened(begun, target);
}

/** The answer of a look-up that is done, as `beginLookUp` gives one. */
export function finishLookUp(guest: Guest, lookUp: LookUp, target: number): number {
  return held(guest, lookUp.name, guest.lookUps.finish(lookUp), target);
}

/** Leaves a look-up to itself because of an error number: EAI_SYSTEM. */
export function abandonLookUp(guest: Guest, lookUp: LookUp, errno: number): number {
  guest.lookUps.abandon(lookUp);
  return failed(errno);
}

/** getaddrinfo(3) in this thread. */
function askNow(node: number, service: number, hasHints: boolean): Answer {
  const code = clib.getaddrinfo(
    node === 0 ? 0 : native(node),
    service === 0 ? 0 : native(service),
    hasHints ? scratch.entry : 0,
    scratch.value,
  );
  if (code !== 0) return { code, errno: code === EAI.SYSTEM ? lastErrno() : 0, list: 0 };
  return { code, errno: 0, list: marshal.nativePointer(marshal.value) };
}

/** Leaves an answer in the `block` scratch area: its size, or a negative EAI code. */
function flattened({ code, errno, list }: Answer, target: number): number {
  if (code !== 0) return code === EAI.SYSTEM ? failed(errno) : code;
  try {
    return flatten(list, target);
  } finally {
    clib.freeaddrinfo(list);
  }
}

/** The same of an answer to a name, which the policy takes down. */
function held(guest: Guest, name: string, answer: Answer, target: number): number {
  const size = flattened(answer, target);
  if (size > 0) guest.policy.hold(name, size, target);
  return size;
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
