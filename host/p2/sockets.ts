// `wasi-sockets/p2/sockets`, for `jco transpile --map 'wasi:sockets/*=wasi-sockets/p2/sockets#*'`.

import { shared } from "./index.js";

export const {
  network,
  instanceNetwork,
  ipNameLookup,
  tcp,
  tcpCreateSocket,
  udp,
  udpCreateSocket,
} = shared.sockets;
