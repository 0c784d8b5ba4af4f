import { errno } from "wasi-sockets/assembly";

function fail(call: string): void {
  throw new Error(call + " failed with errno " + errno().toString());
}

/** Ends the program where a call failed; else gives what it returned. */
// Of a function that is called the references would be written down, each time.
@inline
export function must(call: string, result: i32): i32 {
  if (result < 0) fail(call);
  return result;
}
