// Look-ups on the event loop.

import { Descriptor, NO_SOCKET } from "../descriptors.js";
import { marshal } from "../marshal.js";
import { TIME_IS_UP, ready } from "../reactor.js";
import type { LookUp, LookUpSteps } from "./index.js";
import { LOOK_AGAIN, deadlineOf } from "./plan.js";

const { POLL } = marshal;

/**
 * Finishes a look-up that has begun.
 *
 * @param out where the answer goes, and an error number
 * @param capacity bytes of it
 * @param take is given what getaddrinfo returns, while the answer is there still
 * @param signal ends it: EAI_SYSTEM with EINTR
 * @returns what `take` made of it
 */
export async function finishLookUp<Begun extends LookUp, Taken>(
  { finish, abandon }: LookUpSteps<Begun>,
  begun: Begun,
  out: number,
  capacity: number,
  take: (result: number) => Taken,
  signal?: AbortSignal,
): Promise<Taken> {
  const descriptor = new Descriptor(begun.native, NO_SOCKET, NO_SOCKET, 0);
  let woken: number;
  do woken = await ready(descriptor, POLL.IN, deadlineOf(LOOK_AGAIN), signal);
  while (woken === TIME_IS_UP && !begun.done);
  descriptor.registration?.release();
  return take(woken < 0 ? abandon(begun, -woken, out, capacity) : finish(begun, out, capacity));
}
