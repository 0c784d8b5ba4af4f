// `wasi-sockets/p2/clocks`, for `jco transpile --map 'wasi:clocks/*=wasi-sockets/p2/clocks#*'`.

import { shared } from "./index.js";

export const { monotonicClock, wallClock } = shared.clocks;
