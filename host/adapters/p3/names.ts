// wasi:sockets/ip-name-lookup of 0.3.

import type { IpAddress } from "../../component/address.js";
import { Failure } from "../../component/error.js";
import { Resolution, type NameErrorCode } from "../../component/names.js";
import type { Guest } from "../../guest.js";
import { answered } from "../../wait/lookup.js";

/** ip-name-lookup's `error-code`. */
type ErrorCode =
  | { readonly tag: Exclude<NameErrorCode, "out-of-memory"> }
  | { readonly tag: "other"; readonly val: string };

/** 0.3 has words alone for what it has no code for. */
function rethrow(error: unknown): never {
  if (!(error instanceof Failure)) throw error;
  const code = error.payload as NameErrorCode;
  if (code === "out-of-memory") throw new Failure<ErrorCode>({ tag: "other", val: code });
  throw new Failure<ErrorCode>({ tag: code });
}

/**
 * Looks a name up, getaddrinfo(3).
 *
 * @returns its addresses, best first
 * @throws Failure of an `error-code`
 */
export async function resolveAddresses(guest: Guest, name: string): Promise<readonly IpAddress[]> {
  try {
    const resolution = new Resolution(guest, name, "loop");
    const { lookUp } = resolution;
    if (lookUp === undefined) return resolution.answer(true)!;
    while (!lookUp.done) await answered(lookUp);
    return resolution.answer(true)!;
  } catch (error) {
    rethrow(error);
  }
}
