// UDP between two sockets of one program.

import { compiled, everyone } from "../contenders.js";
import { messages, type Row } from "../row.js";
import { units } from "../units.js";

export const udp: readonly Row[] = [
  {
    name: "udp",
    work: "UDP send + receive, 64 bytes",
    contenders: everyone("datagrams"),
    amount: 200_000,
    quick: 40_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: [
      { of: "C", limit: 1.2 },
      { of: "node", limit: 1 / 3.5 },
    ],
  },
  {
    name: "udp-batch",
    work: "the same by sendmmsg + recvmmsg, 32 a call",
    contenders: compiled("batches"),
    amount: 320_000,
    quick: 64_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "C", limit: 1.05 },
  },
  {
    name: "udp-segment",
    work: "the same by UDP_SEGMENT + UDP_GRO, 32 a call",
    contenders: compiled("segments"),
    amount: 1_280_000,
    quick: 256_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "C", limit: 1.05 },
  },
];
