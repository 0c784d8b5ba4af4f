// The same on Unix stream sockets: the peer of number N listens at /tmp/wasi-sockets-bench-N.

import { drink, exchange, pour } from "./node-stream.js";
import type { Work } from "./work.js";

/** Where the peer of a number listens. */
export const nameOf = (peer: number): string => `/tmp/wasi-sockets-bench-${peer}`;

export const unixPingpong: Work = (peer, amount, size) =>
  exchange({ path: nameOf(peer) }, amount, size);

export const unixSend: Work = (peer, amount, size) => pour({ path: nameOf(peer) }, amount, size);

export const unixReceive: Work = (peer, amount, size) =>
  drink({ path: nameOf(peer) }, amount, size);
