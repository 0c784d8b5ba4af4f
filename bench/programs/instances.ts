// How much resident memory instances take that do nothing: instances.js WASM PORT COUNT SIZE.

import { readFile } from "node:fs/promises";
import { argv, memoryUsage } from "node:process";
import { instantiate } from "wasi-sockets";
import { parameters, report } from "./work.js";

const { amount } = parameters();
const module = await WebAssembly.compile(await readFile(argv[2]!));
const held = [await instantiate(module)]; // what the first one brings is no other's
global.gc!();
const before = memoryUsage.rss();
for (let i = 0; i < amount; i++) held.push(await instantiate(module));
global.gc!();
report(memoryUsage.rss() - before, held.length - 1);
for (const instance of held) instance.dispose();
