// Times run() of a guest that does nothing: empty.js WASM PORT COUNT SIZE. It includes loading the package.

import { argv, hrtime } from "node:process";
import { report } from "./work.js";

const start = hrtime.bigint();
const { run } = await import("wasi-sockets");
const code = await run(argv[2]!);
if (code !== 0) throw new Error(`the guest ended with ${code}`);
report(Number(hrtime.bigint() - start) / 1e9, 1);
