// `wasi-sockets/p3/sockets`, for `jco transpile --map 'wasi:sockets/*@0.3.0=wasi-sockets/p3/sockets#*'`.

import { shared } from "./index.js";

export const { types, ipNameLookup } = shared;
