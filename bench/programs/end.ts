// Times the end of a guest that is blocked, from the signal until nothing of it is left: end.js WASM PORT COUNT SIZE.

import { once } from "node:events";
import { argv, hrtime } from "node:process";
import { PassThrough } from "node:stream";
import { run } from "wasi-sockets";
import { parameters, report } from "./work.js";

const { amount } = parameters();
const [, , wasm] = argv as [string, string, string];

/** Seconds that it takes. */
async function endOnce(): Promise<number> {
  const controller = new AbortController();
  const stdout = new PassThrough();
  const { signal } = controller;
  const running = run(wasm, { listen: ["127.0.0.1:0"], stdout, signal }).catch(
    (error: unknown) => error,
  );
  await once(stdout, "data");
  const start = hrtime.bigint();
  controller.abort();
  const ended = await running;
  if (ended !== signal.reason) throw new Error(`the guest ended with ${String(ended)}`);
  return Number(hrtime.bigint() - start) / 1e9;
}

let seconds = 0;
for (let i = 0; i < amount; i++) seconds += await endOnce();
report(seconds, amount);
