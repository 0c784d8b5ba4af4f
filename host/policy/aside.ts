// Calling an embedder's function in the middle of a system call. It may use this library itself, whose
// scratch areas the call at hand has filled: they are put aside, and back.

import { marshalBytes } from "../marshal.js";

/** One copy of the areas for each call that is put aside at a time. */
const copies: Uint8Array[] = [];
let depth = 0;

/**
 * Calls a function, and leaves the trusted memory as it was. A function that throws has still been called.
 *
 * @param call the embedder's function
 */
export function aside<Result>(call: () => Result): Result {
  const copy = (copies[depth] ??= new Uint8Array(marshalBytes.length));
  copy.set(marshalBytes);
  depth++;
  try {
    return call();
  } finally {
    depth--;
    marshalBytes.set(copy);
  }
}
