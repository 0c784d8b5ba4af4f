// Times a work of the AssemblyScript guest: guest.js block | suspend WASM WORK PORT AMOUNT SIZE.

import { argv } from "node:process";
import { instantiate } from "wasi-sockets";
import { time, type Work } from "./work.js";

const [, , wait, wasm, work] = argv as [string, string, string, string, string];
const guest = await instantiate<Record<string, Work>>(wasm, {
  allow: true,
  descriptors: 200_000,
  wait: wait as "block", // of the other one the functions give promises, and so may a work
});
await time(guest.exports[work]!);
guest.dispose();
