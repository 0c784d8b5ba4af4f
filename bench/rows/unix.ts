// The same on Unix stream sockets.

import { everyone } from "../contenders.js";
import { all, GIB, KIB, messages, type Row } from "../row.js";
import { units } from "../units.js";

export const unix: readonly Row[] = [
  {
    name: "unix-pingpong",
    work: "Unix stream ping-pong, 64 bytes, a round",
    contenders: everyone("unixPingpong"),
    peer: "unix-echo",
    amount: 50_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: [
      { of: "C", limit: 1.08 },
      { of: "node", limit: 1 / 1.5 },
    ],
  },
  {
    name: "unix-send",
    work: "Unix stream send of 64 KiB buffers",
    contenders: everyone("unixSend"),
    peer: "unix-sink",
    amount: 4 * GIB,
    quick: GIB,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: [
      { of: "C", limit: 0.97 },
      { of: "node", limit: 1.2 },
    ],
  },
  {
    name: "unix-receive",
    work: "Unix stream receive into 64 KiB buffers",
    contenders: everyone("unixReceive"),
    peer: "unix-source",
    amount: 4 * GIB,
    quick: GIB,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: [
      { of: "C", limit: 0.97 },
      { of: "node", limit: 2 },
    ],
  },
];
