// Hints and answers of getaddrinfo(3), as 64-bit Linux has them, as another system does, and back.

import { AF } from "../../abi/constants";
import { native_addrinfo } from "../../abi/addrinfo";
import { ABSENT } from "../../platform/absent";
import * as darwin from "../../platform/darwin";
import { System } from "../../platform/system";
import {
  NumberSet,
  flagsFromSystem,
  flagsToSystem,
  numberFromSystem,
  numberToSystem,
} from "../numbers";

/**
 * Hints of getaddrinfo(3), as 64-bit Linux has them, as another system does.
 *
 * @param hints a native_addrinfo
 * @param out where the other goes, as many bytes
 * @returns false where the system lacks a flag or the family: EAI_BADFLAGS or EAI_FAMILY
 */
export function hintsToSystem(system: i32, hints: usize, out: usize): bool {
  memory.fill(out, 0, native_addrinfo.sizeof);
  const flags = flagsToSystem(system, NumberSet.AI, load<i32>(hints, native_addrinfo.ai_flags));
  const family = numberToSystem(system, NumberSet.AF, load<i32>(hints, native_addrinfo.ai_family));
  if (flags == ABSENT || family == ABSENT) return false;
  store<i32>(out, flags, native_addrinfo.ai_flags);
  store<i32>(out, family, native_addrinfo.ai_family);
  const type = load<i32>(hints, native_addrinfo.ai_socktype);
  store<i32>(out, type, native_addrinfo.ai_socktype); // 1 to 5 everywhere, and 0 for any
  const protocol = load<i32>(hints, native_addrinfo.ai_protocol);
  store<i32>(out, protocol, native_addrinfo.ai_protocol); // IANA's everywhere
  return true;
}

/**
 * An answer of another system's getaddrinfo(3) as 64-bit Linux has it. The address that it points to is still the
 * system's, for sockaddrFromSystem.
 *
 * @param native the system's struct addrinfo
 * @param out where a native_addrinfo goes
 */
export function addrinfoFromSystem(system: i32, native: usize, out: usize): void {
  if (system == System.LINUX) {
    memory.copy(out, native, native_addrinfo.sizeof);
    return;
  }
  memory.fill(out, 0, native_addrinfo.sizeof);
  const flags = flagsFromSystem(system, NumberSet.AI, load<i32>(native, darwin.addrinfo.ai_flags));
  store<i32>(out, flags, native_addrinfo.ai_flags);
  const family = numberFromSystem(
    system,
    NumberSet.AF,
    load<i32>(native, darwin.addrinfo.ai_family),
  );
  store<i32>(out, family == ABSENT ? AF.UNSPEC : family, native_addrinfo.ai_family);
  store<i32>(out, load<i32>(native, darwin.addrinfo.ai_socktype), native_addrinfo.ai_socktype);
  store<i32>(out, load<i32>(native, darwin.addrinfo.ai_protocol), native_addrinfo.ai_protocol);
  // A socklen_t, or Windows' size_t, whose lower half stands in the same place.
  store<u32>(out, load<u32>(native, darwin.addrinfo.ai_addrlen), native_addrinfo.ai_addrlen);
  store<u64>(out, load<u64>(native, darwin.addrinfo.ai_canonname), native_addrinfo.ai_canonname);
  store<u64>(out, load<u64>(native, darwin.addrinfo.ai_addr), native_addrinfo.ai_addr);
  store<u64>(out, load<u64>(native, darwin.addrinfo.ai_next), native_addrinfo.ai_next);
}
