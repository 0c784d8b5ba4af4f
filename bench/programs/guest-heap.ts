// Measures what a guest's work makes on V8's heap: node --expose-gc guest-heap.js WASM WORK PORT AMOUNT SIZE, with
// a young generation so large (--min-semi-space-size) that nothing is collected meanwhile.

import { argv, memoryUsage } from "node:process";
import { instantiate } from "wasi-sockets";
import { parameters, report } from "./work.js";

const [, , wasm, name] = argv as [string, string, string, string];
const { port, amount, size } = parameters();
const guest = await instantiate<Record<string, (...args: number[]) => number>>(wasm, {
  allow: true,
});
const work = guest.exports[name]!;
work(port, amount, size);
global.gc!();
const before = memoryUsage().heapUsed;
const moved = work(port, amount, size);
// Less than before is nothing: what the warm-up left may have been collected as well.
report(Math.max(0, memoryUsage().heapUsed - before), moved);
guest.dispose();
