// The rows of the table: each is one work, done by every contender that it has.

import type { Row } from "./row.js";
import { codecs } from "./rows/codec.js";
import { components } from "./rows/component.js";
import { connections } from "./rows/connection.js";
import { costs } from "./rows/cost.js";
import { http } from "./rows/http.js";
import { tcp } from "./rows/tcp.js";
import { udp } from "./rows/udp.js";
import { unix } from "./rows/unix.js";
import { waiting } from "./rows/waiting.js";
import { wasi } from "./rows/wasi.js";

export const rows: readonly Row[] = [
  ...tcp,
  ...components,
  ...unix,
  ...udp,
  ...connections,
  ...http,
  ...waiting,
  ...wasi,
  ...codecs,
  ...costs,
];
