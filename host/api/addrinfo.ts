// getaddrinfo's hints and answers as TypeScript objects.

import { decodeAddress, type Address } from "../address.js";
import type { Caller } from "./caller.js";
import { readText, type Codecs } from "../marshal.js";
import {
  addressInfoFlags,
  domains,
  nameInfoFlags,
  protocols,
  types,
  type AddressInfoFlag,
  type Domain,
  type Flags,
  type NameInfoFlag,
  type One,
  type Protocol,
  type Type,
} from "./symbols.js";

/** What getaddrinfo is to look for; an absent member leaves it open. */
export interface AddressInfoHints {
  readonly flags?: Flags<AddressInfoFlag>;
  readonly family?: One<Domain>;
  readonly type?: One<Type>;
  readonly protocol?: One<Protocol>;
}

/** One answer of getaddrinfo. */
export interface AddressInfo {
  readonly flags: AddressInfoFlag[];
  readonly family: Domain | number;
  readonly type: Type | number;
  readonly protocol: Protocol | number;
  /** The canonical name: of the first answer, where the flag "canonname" asked for it. */
  readonly canonname: string | null;
  readonly address: Address;
}

/**
 * Writes hints into an instance's `block` scratch area.
 *
 * @throws TypeError for a symbol
 */
function encodeHints(codecs: Codecs, bytes: Uint8Array, hints: AddressInfoHints): void {
  const { addrinfo, block } = codecs;
  bytes.fill(0, block, block + addrinfo.sizeof);
  const view = new DataView(bytes.buffer, block, addrinfo.sizeof);
  view.setInt32(addrinfo.ai_flags, addressInfoFlags.encodeFlags(hints.flags), true);
  view.setInt32(addrinfo.ai_family, domains.encode(hints.family), true);
  view.setInt32(addrinfo.ai_socktype, types.encode(hints.type), true);
  view.setInt32(addrinfo.ai_protocol, protocols.encode(hints.protocol), true);
}

/** Reads the list in an instance's `block` scratch area. */
function readAddressInfo(codecs: Codecs, bytes: Uint8Array, size: number): AddressInfo[] {
  const { addrinfo, block } = codecs;
  const view = new DataView(bytes.buffer);
  const answers: AddressInfo[] = [];
  for (let at = size === 0 ? 0 : block; at !== 0;) {
    const field = (offset: number) => view.getInt32(at + offset, true);
    const name = field(addrinfo.ai_canonname);
    answers.push({
      flags: addressInfoFlags.decodeFlags(field(addrinfo.ai_flags)) as AddressInfoFlag[],
      family: domains.decode(field(addrinfo.ai_family)) as Domain | number,
      type: types.decode(field(addrinfo.ai_socktype)) as Type | number,
      protocol: protocols.decode(field(addrinfo.ai_protocol)) as Protocol | number,
      canonname: name === 0 ? null : readText(bytes, name, bytes.indexOf(0, name) - name),
      address: decodeAddress(codecs, bytes, field(addrinfo.ai_addr), field(addrinfo.ai_addrlen))!,
    });
    at = field(addrinfo.ai_next);
  }
  return answers;
}

/** Calls getaddrinfo(3): the size of the answer, a negative EAI code, or pending. */
export function ask(
  caller: Caller,
  node: string | null,
  service: string | null,
  hints: AddressInfoHints | null,
): number {
  const { wasm, pool } = caller;
  const nodeEnd = node === null ? 0 : caller.writeString(node);
  if (service !== null) caller.writeString(service, nodeEnd);
  if (hints !== null) encodeHints(wasm, pool.bytes, hints);
  return wasm.getaddrinfo(
    node === null ? 0 : wasm.text,
    service === null ? 0 : wasm.text + nodeEnd,
    hints === null ? 0 : wasm.block,
    wasm.block,
    wasm.BLOCK_SIZE,
  );
}

/** The error number that a result of getaddrinfo(3) stands for, which may be an EAI code; 0 for an answer. */
export function lookUpErrno({ wasm, pool }: Caller, result: number): number {
  return result === wasm.EAI.SYSTEM ? pool.word(wasm.block) : Math.min(result, 0);
}

/** The answer of getaddrinfo(3), or what it failed of. */
export function answerOf(caller: Caller, node: string | null, result: number): AddressInfo[] {
  if (result >= 0) return readAddressInfo(caller.wasm, caller.pool.bytes, result);
  const errno = lookUpErrno(caller, result);
  throw caller.error("getaddrinfo", errno, { hostname: node ?? undefined });
}

/** The names of an address, getnameinfo(3). */
export interface NameInfo {
  readonly host: string;
  readonly service: string;
}

/** getnameinfo(3): see Net.getnameinfo. */
export function nameOf(caller: Caller, address: Address, flags: Flags<NameInfoFlag>): NameInfo {
  const { wasm } = caller;
  const length = caller.encodeAddress(address);
  const half = wasm.TEXT_SIZE / 2;
  const bits = nameInfoFlags.encodeFlags(flags);
  const service = wasm.text + half;
  const code = wasm.getnameinfo(wasm.address, length, wasm.text, half, service, half, bits);
  if (code !== 0) {
    const errno = code === wasm.EAI.SYSTEM ? caller.pool.word(wasm.text) : code;
    throw caller.error("getnameinfo", errno, { address });
  }
  return { host: caller.readString(wasm.text), service: caller.readString(service) };
}
