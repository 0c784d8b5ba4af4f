// Look-ups of a name that is in the hosts file, with node:dns.

import { lookup } from "node:dns/promises";
import type { Work } from "./work.js";

/** Looks "localhost" up, amount times: how often the first answer was 127.0.0.1. */
export const lookups: Work = async (_port, amount) => {
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const { address } = await lookup("localhost", { family: 4 });
    if (address === "127.0.0.1") good++;
  }
  return good;
};
