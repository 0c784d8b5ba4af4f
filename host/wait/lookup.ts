// Look-ups on the event loop.

import { setMaxListeners } from "node:events";
import { Descriptor, NO_SOCKET } from "../descriptors.js";
import { Errno, marshal } from "../marshal.js";
import { READY, TIME_IS_UP, ready } from "../reactor.js";
import type { LookUp, LookUpSteps } from "./index.js";
import { LOOK_AGAIN, deadlineOf } from "./plan.js";

const { EINTR } = Errno;
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
  const woken = await answered(begun, signal);
  return take(woken < 0 ? abandon(begun, -woken, out, capacity) : finish(begun, out, capacity));
}

/**
 * Waits for the answer of a look-up.
 *
 * @param signal ends the wait
 * @returns -EINTR where the signal has ended it, or another -errno; else the answer is there
 */
export function answered(begun: LookUp, signal?: AbortSignal): Promise<number> {
  return begun.whenDone === undefined ? readable(begun, signal) : told(begun, signal);
}

/** Waits for the descriptor of a look-up, and looks now and then. */
async function readable(begun: LookUp, signal?: AbortSignal): Promise<number> {
  const descriptor = new Descriptor(begun.native, NO_SOCKET, NO_SOCKET, 0);
  let woken: number;
  do woken = await ready(descriptor, POLL.IN, deadlineOf(LOOK_AGAIN), signal);
  while (woken === TIME_IS_UP && !begun.done);
  descriptor.registration?.release();
  return woken;
}

/** Waits until a look-up tells. */
function told(begun: LookUp, signal?: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const interrupted = () => {
      resolve(-EINTR);
    };
    if (signal?.aborted) {
      interrupted();
      return;
    }
    begun.whenDone!(() => {
      signal?.removeEventListener("abort", interrupted);
      resolve(READY);
    });
    if (signal === undefined) return;
    setMaxListeners(0, signal); // as in ../reactor
    signal.addEventListener("abort", interrupted, { once: true });
  });
}
