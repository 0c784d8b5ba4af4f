// A component of WASI 0.2, over our sockets and over preview2-shim's.

import { component, everyone } from "../contenders.js";
import { all, GIB, KIB, messages, type Row } from "../row.js";
import { units } from "../units.js";

export const components: readonly Row[] = [
  {
    name: "p2-pingpong",
    work: "TCP ping-pong of a component, 64 bytes, a round",
    contenders: { ...everyone("pingpong"), ...component("pingpong") },
    peer: "echo",
    amount: 100_000,
    quick: 40_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "preview2-shim", limit: 1 / 8 },
  },
  {
    name: "p2-send",
    work: "TCP send of a component, lists of 64 KiB",
    contenders: component("send"),
    peer: "count",
    amount: GIB,
    quick: GIB / 4,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "preview2-shim", limit: 4 },
  },
  {
    name: "p2-create",
    work: "a socket of a component, in a new process",
    contenders: component("create"),
    amount: 1,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.milliseconds,
  },
  {
    name: "p2-receive",
    work: "TCP receive of a component, lists of 64 KiB",
    contenders: { ...everyone("receive"), ...component("receive") },
    peer: "source",
    amount: GIB,
    quick: GIB / 4,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "preview2-shim", limit: 4 },
  },
];
