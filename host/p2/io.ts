// `wasi-sockets/p2/io`, for `jco transpile --map 'wasi:io/*=wasi-sockets/p2/io#*'`: it polls sockets together with
// whatever another implementation gives.

import { shared } from "./index.js";

export const { error, poll, streams } = shared.io;
