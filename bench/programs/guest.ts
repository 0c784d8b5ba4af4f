// Times a work of the AssemblyScript guest: guest.js WASM WORK PORT AMOUNT SIZE.

import { argv } from "node:process";
import { instantiate } from "wasi-sockets";
import { time, type Work } from "./work.js";

const [, , wasm, work] = argv as [string, string, string, string];
const guest = await instantiate<Record<string, Work>>(wasm, {
  allow: { connect: true, bind: true },
});
await time(guest.exports[work]!);
guest.dispose();
