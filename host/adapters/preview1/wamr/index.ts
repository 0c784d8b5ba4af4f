// WAMR's extension.

import type { Result, Wait } from "../../../wait/index.js";
import type { Frame } from "../frame.js";
import type { Question } from "../lookup.js";
import { Naming } from "../socket.js";
import { Transfer } from "../transfer.js";
import { wamrCalls } from "./calls.js";
import { wamrNames } from "./names.js";
import { optionCalls } from "./option.js";
import { resolveCalls } from "./resolve.js";

/**
 * The functions of one guest.
 *
 * @param close fd_close
 */
export function calls(
  frame: Frame,
  wait: Wait,
  lookUp: (question: Question) => Result,
  close: (fd: number) => number,
) {
  const names = wamrNames(frame.memory);
  return {
    ...wamrCalls(new Naming(frame, wait, names), new Transfer(frame, wait, names), close),
    ...optionCalls(frame),
    ...resolveCalls(frame, lookUp),
  };
}
