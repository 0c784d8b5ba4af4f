// wasi:sockets/ip-name-lookup of 0.3.

import type { IpAddress } from "../../component/address.js";
import { Failure } from "../../component/error.js";
import { Resolution, type NameErrorCode } from "../../component/names.js";
import { Descriptor, NO_SOCKET } from "../../descriptors.js";
import type { Guest } from "../../guest.js";
import { marshal } from "../../marshal.js";
import { any } from "../../reactor.js";
import { LOOK_AGAIN, deadlineOf } from "../../wait/plan.js";

const { POLL } = marshal;

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
    const resolution = new Resolution(guest, name);
    const { lookUp } = resolution;
    if (lookUp === undefined) return resolution.answer(true)!;
    const descriptor = new Descriptor(lookUp.native, NO_SOCKET, NO_SOCKET, 0);
    const watched = [{ descriptor, events: POLL.IN }];
    while (!lookUp.done) await any(watched, deadlineOf(LOOK_AGAIN));
    descriptor.registration?.release();
    return resolution.answer(true)!;
  } catch (error) {
    rethrow(error);
  }
}
