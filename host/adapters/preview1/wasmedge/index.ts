// WasmEdge's extension, of both versions.

import type { Result, Wait } from "../../../wait/index.js";
import type { Frame } from "../frame.js";
import type { Question } from "../lookup.js";
import { Naming } from "../socket.js";
import { Transfer } from "../transfer.js";
import { wasmedgeCalls } from "./calls.js";
import { wasmedgeNames } from "./names.js";
import { optionCalls } from "./option.js";
import { resolveCalls } from "./resolve.js";

/** The functions of one guest. */
export function calls(frame: Frame, wait: Wait, lookUp: (question: Question) => Result) {
  const names = wasmedgeNames(frame.memory);
  return {
    ...wasmedgeCalls(frame, new Naming(frame, wait, names), new Transfer(frame, wait, names)),
    ...optionCalls(frame),
    ...resolveCalls(frame, lookUp),
  };
}
