// What `wasi-sockets run --workers` runs: the HTTP server, with some work to do for each request.

import { F, O, fcntlSet } from "wasi-sockets/assembly";
import { must } from "./must";
import { serve } from "./http";

/** The listening socket that `run` opened. */
const LISTENER = 3;

export function main(): i32 {
  must("fcntl", fcntlSet(LISTENER, F.SETFL, O.NONBLOCK));
  serve(LISTENER, true);
  return 0;
}
