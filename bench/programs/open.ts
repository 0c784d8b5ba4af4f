// Times open() up to a first socket: open.js cold | warm PORT COUNT SIZE. Cold includes loading the package.

import { argv, hrtime } from "node:process";
import { parameters, report } from "./work.js";

async function openOnce(): Promise<void> {
  const { open } = await import("wasi-sockets");
  const net = await open();
  net.close(net.socket("inet", "stream"));
  net.dispose();
}

const { amount } = parameters();
if (argv[2] === "warm") for (let i = 0; i < amount; i++) await openOnce();
const start = hrtime.bigint();
for (let i = 0; i < amount; i++) await openOnce();
report(Number(hrtime.bigint() - start) / 1e9, amount);
