// The size of a module of the package in bytes: size.js NAME PORT AMOUNT SIZE.

import { statSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { report } from "./work.js";

report(statSync(fileURLToPath(import.meta.resolve(`wasi-sockets/${argv[2]!}`))).size, 1);
