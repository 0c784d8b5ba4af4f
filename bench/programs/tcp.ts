// TCP against the peer, with node:net.

import { drink, exchange, pour } from "./node-stream.js";
import type { Work } from "./work.js";

const host = "127.0.0.1";

export const pingpong: Work = (port, amount, size) =>
  exchange({ host, port, noDelay: true }, amount, size);

export const send: Work = (port, amount, size) => pour({ host, port }, amount, size);

export const receive: Work = (port, amount, size) => drink({ host, port }, amount, size);
