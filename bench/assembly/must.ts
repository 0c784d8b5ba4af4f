import { errno } from "wasi-sockets/assembly";

/** Ends the program where a call failed; else gives what it returned. */
export function must(call: string, result: i32): i32 {
  if (result < 0) throw new Error(call + " failed with errno " + errno().toString());
  return result;
}
