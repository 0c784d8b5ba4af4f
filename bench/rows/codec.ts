// Bytes to values and back, without a system call.

import { alone, everyone } from "../contenders.js";
import { all, type Row } from "../row.js";
import { units } from "../units.js";

export const codecs: readonly Row[] = [
  {
    name: "codec",
    work: "sockaddr encode + decode, bytes (node: TypeScript)",
    contenders: { ...everyone("addresses"), ...alone("codec") },
    amount: 2_000_000,
    quick: 400_000,
    size: 0,
    moves: all,
    unit: units.millionsPerSecond,
    target: [
      { of: "C", limit: 0.5 },
      { of: "node", limit: 1 },
    ],
  },
  {
    name: "sockaddr",
    work: "sockaddr encode + decode, a guest's objects (same)",
    contenders: everyone("addresses"),
    amount: 2_000_000,
    quick: 400_000,
    size: 0,
    moves: all,
    unit: units.millionsPerSecond,
    target: [
      { of: "C", limit: 0.5 },
      { of: "node", limit: 1 },
    ],
  },
];
