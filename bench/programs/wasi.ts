// Times a work of a C guest of `wasi_snapshot_preview1`: wasi.js WASM WORK PORT AMOUNT SIZE.

import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { WASI } from "wasi-sockets/preview1";
import { time, type Work } from "./work.js";

const [, , wasm, work] = argv as [string, string, string, string];
const wasi = new WASI({ allow: { connect: true } });
const { instance } = await WebAssembly.instantiate(readFileSync(wasm), {
  ...wasi.getImportObject(),
});
wasi.initialize(instance);
await time((instance.exports as Record<string, Work>)[work]!);
wasi.dispose();
