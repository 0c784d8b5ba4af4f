// Who does not block: promises, suspended guests, ports; and how a guest that blocks is ended.

import { execPath } from "node:process";
import { alone, everyone, streams, suspended } from "../contenders.js";
import { all, GIB, KIB, messages, type Row } from "../row.js";
import { filesLimit, manyFiles, program, suspending } from "../tools.js";
import { units } from "../units.js";

/** Bytes that each of a crowd sends. */
const MESSAGE = 64;

/** Many suspended guests in one thread, and as many connections of node:net. */
function crowd(connections: number, words: string): Row {
  return {
    name: `crowd-${connections}`,
    work: `${words} suspended guests, an echo of ${MESSAGE} bytes, on Node 24`,
    contenders: {
      ours: ({ crowd }) => [...manyFiles, suspending(), program("echoes"), "guests", crowd],
      node: () => [...manyFiles, suspending(), program("echoes"), "node"],
    },
    peer: "crowd",
    amount: 200_000,
    quick: 40_000,
    size: connections,
    moves: (amount) => amount * MESSAGE,
    unit: units.microseconds,
    target: { of: "node", limit: 1 },
    lacks: () =>
      filesLimit < connections + BESIDE ? `want of open files (${filesLimit})` : undefined,
  };
}

/** What a process has open beside its sockets. */
const BESIDE = 200;

export const waiting: readonly Row[] = [
  {
    name: "promises",
    work: "TCP ping-pong, 64 bytes, from the event loop, by promises",
    contenders: { ...everyone("pingpong"), ...alone("promises") },
    peer: "echo",
    amount: 50_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "node", limit: 1 },
  },
  {
    name: "suspended",
    work: "the ping-pong of a suspended guest, on Node 24",
    contenders: suspended("pingpong"),
    peer: "echo",
    amount: 50_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "node", limit: 1.2 },
  },
  {
    name: "port-send",
    work: "a port's send (node: the same stream program)",
    contenders: streams("send"),
    peer: "sink",
    amount: 4 * GIB, // as ./tcp.ts
    quick: GIB / 2,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "node", limit: 1 },
  },
  {
    name: "port-receive",
    work: "a port's receive (same)",
    contenders: streams("receive"),
    peer: "source",
    amount: 4 * GIB, // as ./tcp.ts
    quick: GIB / 2,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "node", limit: 1.5 },
  },
  crowd(1000, "1,000"),
  crowd(10_000, "10,000"),
  {
    name: "crowd",
    work: "10,000 suspended guests at once, memory of each",
    contenders: {
      ours: ({ crowd }) => [...manyFiles, suspending(), "--expose-gc", program("crowd"), crowd],
    },
    amount: 10_000,
    quick: 1_000,
    size: 64,
    moves: messages,
    unit: units.kibibytes,
  },
  {
    name: "end",
    work: "ending a guest of run() that is blocked in accept",
    contenders: { ours: ({ wasm }) => [execPath, program("end"), wasm] },
    amount: 20,
    quick: 5,
    size: 0,
    moves: all,
    unit: units.milliseconds,
    target: { limit: 100 },
  },
];
