// A thread whose calls block: it talks to an echo server until somebody ends it, and tells of each exchange.

import { parentPort, workerData } from "node:worker_threads";
import { open, type Address } from "wasi-sockets";
import { Bytes, Random } from "./random.js";

const { at, seed } = workerData as { at: Address; seed: number };
const random = new Random(seed);
const bytes = new Bytes(seed);
const buffer = new Uint8Array(4096);

const net = await open();
const fd = net.socket("inet", "stream");
net.connect(fd, at);
for (let place = 0; ;) {
  const size = 1 + random.below(16 * 1024);
  net.send(fd, bytes.from(place, size));
  for (const end = place + size; place < end;) {
    const count = net.recv(fd, buffer);
    if (count <= 0) throw new Error(`recv gave ${count}: ${String(net.errno?.code)}`);
    bytes.check(place, buffer.subarray(0, count));
    place += count;
  }
  parentPort!.postMessage(size);
}
