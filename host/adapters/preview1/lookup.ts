// Look-ups, whichever way an ABI has for what is asked and for the answer. Their wait takes five numbers, and so the
// call at hand, of which a guest has one, is remembered here.

import { Errno, marshal, marshalBytes } from "../../marshal.js";
import type { LookUp } from "../../lookups/index.js";
import { abandonLookUp, beginLookUp, finishLookUp } from "../../syscalls/resolve.js";
import type { LookUpSteps, Result, Wait } from "../../wait/index.js";
import type { Frame } from "./frame.js";

const { EFAULT } = Errno;
const { EAI, TEXT_SIZE, block, text } = marshal;

/** Why a name was not found. */
export type LookUpError = (code: number) => number;

/** What a guest asks, and how it gets its answer. */
export interface Question {
  /** Copies a name to a place in the scratch memory, which has room for so many bytes: its length, or -1. */
  readonly node: (at: number, room: number) => number;
  /** The same of a service, where nothing of it is none. */
  readonly service: (at: number, room: number) => number;
  /** Leaves hints in the `block` scratch area: whether there are any. */
  readonly hints: () => boolean;
  /** Gives the guest the answer, whose first entry is in the scratch memory, 0 where there is none: an error number. */
  readonly answer: (first: number) => number;
  /** The error number of a code of getaddrinfo(3). */
  readonly failed: LookUpError;
}

/** Look-ups of one guest, getaddrinfo(3). */
export function lookUps({ guest }: Frame, wait: Wait): (question: Question) => Result {
  let question: Question | undefined;

  function deliver(result: number): number {
    const { answer, failed } = question!;
    return result < 0 ? failed(result) : answer(result === 0 ? 0 : block);
  }

  /** Copies a string behind others in the `text` scratch area: its length, -1 where it is bad or too long. */
  function copy(name: Question["node"], at: number): number {
    const room = TEXT_SIZE - (at - text) - 1;
    const length = room > 0 ? name(at, room) : -1;
    if (length >= 0) marshalBytes[at + length] = 0;
    return length < room ? length : -1;
  }

  const steps: LookUpSteps<LookUp> = {
    begin(waiting) {
      const { hints, node, service, failed } = question!;
      const nodeLength = copy(node, text);
      if (nodeLength < 0) return marshal.wasiErrno(EFAULT);
      const serviceAt = text + nodeLength + 1;
      const serviceLength = copy(service, serviceAt);
      if (serviceLength < 0) return marshal.wasiErrno(EFAULT);
      if (nodeLength === 0 && serviceLength === 0) return failed(EAI.NONAME);
      const begun = beginLookUp(
        guest,
        waiting,
        nodeLength === 0 ? 0 : text,
        nodeLength,
        serviceLength === 0 ? 0 : serviceAt,
        nodeLength + 1 + serviceLength + 1,
        hints(),
        block, // pointers of the answer are the scratch memory's own
      );
      return typeof begun === "number" ? deliver(begun) : begun;
    },
    finish: (lookUp) => deliver(finishLookUp(guest, lookUp, block)),
    abandon: (lookUp, errno) => deliver(abandonLookUp(guest, lookUp, errno)),
  };
  const lookUp = wait.lookUp(steps);

  return (asked) => {
    question = asked;
    return lookUp(0, 0, 0, 0, 0);
  };
}

/** The entries of an answer: pointers into the scratch memory. */
export function* entriesOf(first: number): Generator<number> {
  for (let entry = first; entry !== 0; entry = marshal.answerNext(entry)) yield entry;
}
