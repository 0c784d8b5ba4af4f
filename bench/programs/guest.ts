// Times a work of the AssemblyScript guest: guest.js block | suspend WASM WORK PORT AMOUNT SIZE.

import { argv } from "node:process";
import { instantiate } from "wasi-sockets";
import { time, type Work } from "./work.js";

const [, , wait, wasm, work] = argv as [string, string, string, string, string];
const guest = await instantiate<Record<string, Work>>(wasm, {
  // As of a stranger's: all that is done is judged.
  allow: {
    connect: ["127.0.0.1:*", "unix:/tmp/wasi-sockets-bench-*"],
    bind: ["127.0.0.1:0"],
    resolve: ["localhost"],
  },
  descriptors: 200_000,
  wait: wait as "block", // of the other one the functions give promises, and so may a work
});
await time(guest.exports[work]!);
guest.dispose();
