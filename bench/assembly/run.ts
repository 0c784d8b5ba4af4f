// What is ended while it waits: a server to which nobody connects.

import { accept } from "wasi-sockets/assembly";

/** The listening socket that the embedder opened. */
const LISTENER = 3;

/** Says that it is there, and waits for a connection. */
export function main(): i32 {
  console.log("ready");
  return accept(LISTENER);
}
