// Measures what net.send costs the JavaScript heap: node --expose-gc heap.js kept | made PORT SENDS SIZE.
// "kept" is what a collection does not take back. "made" is all that was allocated, which takes a young
// generation so large (--min-semi-space-size) that nothing is collected meanwhile.

import { argv, memoryUsage } from "node:process";
import { open } from "wasi-sockets";
import { parameters, report } from "./work.js";

/** Sends between two receives: they fit into any socket's buffer. */
const BATCH = 100;

const { amount: sends, size } = parameters();
const net = await open();
const [from, to] = net.socketpair("unix", "stream");
const message = net.buffer(size);
const received = net.buffer(BATCH * size);

function exchange(count: number): number {
  let moved = 0;
  for (let done = 0; done < count; done += BATCH) {
    for (let i = 0; i < BATCH; i++) net.send(from, message, null);
    moved += net.recv(to, received, null);
  }
  return moved;
}

exchange(sends);
global.gc!();
const before = memoryUsage().heapUsed;
const moved = exchange(sends);
if (argv[2] === "kept") global.gc!();
// Less than before is nothing: what the warm-up left may have been collected as well.
report(Math.max(0, memoryUsage().heapUsed - before), moved);
net.dispose();
