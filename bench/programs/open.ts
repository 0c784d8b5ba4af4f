// Times open() up to a first socket: open.js ENTRY cold | warm PORT COUNT SIZE, where ENTRY is the package's. Cold includes
// loading it.

import { argv, hrtime } from "node:process";
import { parameters, report } from "./work.js";

async function openOnce(): Promise<void> {
  const { open } = (await import(argv[2]!)) as typeof import("wasi-sockets");
  const net = await open();
  net.close(net.socket("inet", "stream"));
  net.dispose();
}

const { amount } = parameters();
if (argv[3] === "warm") for (let i = 0; i < amount; i++) await openOnce();
const start = hrtime.bigint();
for (let i = 0; i < amount; i++) await openOnce();
report(Number(hrtime.bigint() - start) / 1e9, amount);
