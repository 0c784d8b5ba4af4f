// Looking names up, the same in 0.2 and 0.3: addresses in text at once, the others by libc's own resolver.

import { domainToASCII } from "node:url";
import type { Guest } from "../guest.js";
import { LookUp, type Waiting } from "../lookups/index.js";
import { Errno, marshal, marshalBytes, writeText } from "../marshal.js";
import { word } from "../scratch.js";
import { abandonLookUp, beginLookUp, finishLookUp, resolverErrno } from "../syscalls/resolve.js";
import { decode, ipAddress, unmapped, type IpAddress } from "./address.js";
import { Failure } from "./error.js";

const { EACCES, EINTR } = Errno;
const { EAI, addrinfo, block, text } = marshal;

/** The longest name in text, RFC 1035. */
const LONGEST = 253;

/** The error codes of ip-name-lookup. */
export type NameErrorCode =
  | "access-denied"
  | "invalid-argument"
  | "out-of-memory"
  | "name-unresolvable"
  | "temporary-resolver-failure"
  | "permanent-resolver-failure";

// prettier-ignore
const CODES = new Map<number, NameErrorCode>([
  [EAI.NONAME, "name-unresolvable"],
  [EAI.NODATA, "name-unresolvable"],
  [EAI.ADDRFAMILY, "name-unresolvable"],
  [EAI.AGAIN, "temporary-resolver-failure"],
  [EAI.MEMORY, "out-of-memory"],
  [EAI.FAIL, "permanent-resolver-failure"],
]);

function codeOf(result: number): NameErrorCode {
  if (result === EAI.SYSTEM && resolverErrno() === EACCES) return "access-denied";
  return CODES.get(result) ?? "permanent-resolver-failure";
}

/** A name as it is asked for, with IDNA's encoding; undefined where it is none. */
function ascii(name: string): string | undefined {
  if (name === "" || name.includes("\0")) return undefined;
  if (isAddress(name)) return name;
  const dot = name.endsWith(".") ? "." : "";
  const host = domainToASCII(dot === "" ? name : name.slice(0, -1));
  if (host === "" || host.length > LONGEST || host.startsWith("[")) return undefined;
  if (!host.split(".").every((label) => label !== "" && label.length < 64)) return undefined;
  // A name that is all digits and dots in other clothes, 127.1, is an address that nobody wrote in full.
  return isAddress(host) ? undefined : host + dot;
}

/** Whether a name is an Internet address in text, which is then in the `address` scratch area. */
function isAddress(name: string): boolean {
  if (name.length > LONGEST) return false;
  const { AF, address } = marshal;
  const length = writeText(marshal, marshalBytes, name);
  return [AF.INET, AF.INET6].some((family) => marshal.inet_pton(family, text, length, address));
}

/** Reads the answer in the `block` scratch area: each address once. */
function addresses(size: number): IpAddress[] {
  const found: IpAddress[] = [];
  for (let at = size === 0 ? 0 : block; at !== 0; at = word(at + addrinfo.ai_next)) {
    const decoded = decode(word(at + addrinfo.ai_addr), word(at + addrinfo.ai_addrlen));
    if (decoded === undefined) continue;
    const address = unmapped(ipAddress(decoded));
    const known = found.some(
      (other) => other.tag === address.tag && String(other.val) === String(address.val),
    );
    if (!known) found.push(address);
  }
  return found;
}

/** A name that is being looked up, or its addresses. */
export class Resolution {
  readonly #guest: Guest;
  #lookUp: LookUp | undefined;
  #answer: IpAddress[] | NameErrorCode = [];

  /**
   * Begins, getaddrinfo(3).
   *
   * @param waiting how the answer will be waited for
   * @throws Failure of invalid-argument for a name that is none, of access-denied
   */
  constructor(guest: Guest, name: string, waiting: Waiting) {
    this.#guest = guest;
    const host = ascii(name);
    if (host === undefined) throw new Failure<NameErrorCode>("invalid-argument");
    const length = writeText(marshal, marshalBytes, `${host}\0`);
    const begun = beginLookUp(guest, waiting, text, length - 1, 0, length, false, block);
    if (begun instanceof LookUp) this.#lookUp = begun;
    else this.#take(begun);
    if (this.#answer === "access-denied") throw new Failure<NameErrorCode>(this.#answer);
  }

  /** The look-up while it is under way, undefined where the answer is there. */
  get lookUp(): LookUp | undefined {
    return this.#lookUp;
  }

  /**
   * The addresses, best first.
   *
   * @param done whether the descriptor has become readable, or somebody was told
   * @returns undefined where they are not there yet
   * @throws Failure of what the look-up has failed of
   */
  answer(done: boolean): readonly IpAddress[] | undefined {
    if (this.#lookUp !== undefined) {
      if (!done && !this.#lookUp.done) return undefined;
      const lookUp = this.#lookUp;
      this.#lookUp = undefined;
      this.#take(finishLookUp(this.#guest, lookUp, block));
    }
    if (typeof this.#answer === "string") throw new Failure(this.#answer);
    return this.#answer;
  }

  /** Leaves the look-up to itself. */
  abandon(): void {
    if (this.#lookUp !== undefined) abandonLookUp(this.#guest, this.#lookUp, EINTR);
    this.#lookUp = undefined;
  }

  #take(result: number): void {
    this.#answer = result < 0 ? codeOf(result) : addresses(result);
  }
}
