// Times run() of a guest that does nothing: empty.js ENTRY WASM PORT COUNT SIZE, where ENTRY is the package's. It includes
// loading it.

import { argv, hrtime } from "node:process";
import { report } from "./work.js";

const start = hrtime.bigint();
const { run } = (await import(argv[2]!)) as typeof import("wasi-sockets");
const code = await run(argv[3]!);
if (code !== 0) throw new Error(`the guest ended with ${code}`);
report(Number(hrtime.bigint() - start) / 1e9, 1);
