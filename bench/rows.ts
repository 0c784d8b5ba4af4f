// The rows of the table: each is one work, done by every contender that it has.

import { execPath } from "node:process";
import type { Command } from "./processes.js";
import { manyFiles, program, suspending, type Tools } from "./tools.js";
import { units, type Unit } from "./units.js";

/** Who is compared, in the order of the table; "bsd" is the same C guest through `bsd_sockets_v1`. */
export const columns = ["ours", "C", "node", "bsd"] as const;
export type Column = (typeof columns)[number];

/**
 * A contender's program, which takes PORT AMOUNT SIZE and prints "QUANTITY MOVED"; undefined where it
 * cannot run.
 */
export type Contender = (tools: Tools) => Command | undefined;

export interface Row {
  /** For --only. */
  readonly name: string;
  /** What is done, in words. */
  readonly work: string;
  readonly contenders: Readonly<Partial<Record<Column, Contender>>>;
  /** The other end, where there is one. */
  readonly peer?: "echo" | "sink" | "source";
  /** How much is done in a round: bytes, messages, calls. */
  readonly amount: number;
  /** The same with --quick. */
  readonly quick: number;
  /** Bytes of a buffer or message. */
  readonly size: number;
  /** How much a contender must report for an amount, no more and no less. */
  readonly moves: (amount: number, size: number) => number;
  readonly unit: Unit;
  /** What our figure should reach, as a ratio to a column's or by itself. */
  readonly target?: { readonly of?: Exclude<Column, "ours">; readonly limit: number };
}

const KIB = 1024;
const GIB = KIB ** 3;

const messages = (amount: number, size: number): number => amount * size;
const all = (amount: number): number => amount;

/** The three programs that do a work of the same name. */
function everyone(work: string): Row["contenders"] {
  return {
    ours: ({ wasm }) => [execPath, program("guest"), "block", wasm, work],
    C: ({ c }) => (c === undefined ? undefined : [c, work]),
    node: () => [execPath, program("node"), work],
  };
}

/** A program of ours that has no twin. */
function alone(name: string, flags: readonly string[] = [], variant?: string): Row["contenders"] {
  const variants = variant === undefined ? [] : [variant];
  return { ours: () => [execPath, ...flags, program(name), ...variants] };
}

/** A Node stream, ours and Node's own, that the same program uses. */
function streams(work: "send" | "receive"): Row["contenders"] {
  return {
    ...everyone(work),
    ours: () => [execPath, program("stream"), "port", work],
    node: () => [execPath, program("stream"), "node", work],
  };
}

/** A suspended guest, and node:net on the same Node. */
const suspended: Row["contenders"] = {
  ...everyone("pingpong"),
  ours: ({ wasm }) => [suspending(), program("guest"), "suspend", wasm, "pingpong"],
  node: () => [suspending(), program("node"), "pingpong"],
};

/** A C guest of WasmEdge's sockets, and of `bsd_sockets_v1`. */
function extension(work: string): Row["contenders"] {
  return {
    ours: ({ cGuests }) => cGuests && [execPath, program("wasi"), cGuests.wasmedge, work],
    bsd: ({ cGuests }) => cGuests && [execPath, program("guest"), "block", cGuests.bsd, work],
  };
}

/** A young generation that a million calls do not fill. */
const ROOMY = ["--min-semi-space-size=256", "--max-semi-space-size=256"]; // MiB

export const rows: readonly Row[] = [
  {
    name: "pingpong",
    work: "TCP ping-pong of 64 bytes, a round",
    contenders: everyone("pingpong"),
    peer: "echo",
    amount: 100_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "C", limit: 1.25 },
  },
  {
    name: "send",
    work: "TCP send of 64 KiB buffers",
    contenders: everyone("send"),
    peer: "sink",
    amount: GIB,
    quick: GIB / 8,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "C", limit: 0.9 },
  },
  {
    name: "receive",
    work: "TCP receive into 64 KiB buffers",
    contenders: everyone("receive"),
    peer: "source",
    amount: GIB,
    quick: GIB / 8,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "C", limit: 0.9 },
  },
  {
    name: "promises",
    work: "the ping-pong from the event loop, by promises",
    contenders: { ...everyone("pingpong"), ...alone("promises") },
    peer: "echo",
    amount: 100_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "node", limit: 1 },
  },
  {
    name: "suspended",
    work: "the ping-pong of a suspended guest, on Node 24",
    contenders: suspended,
    peer: "echo",
    amount: 100_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "node", limit: 1.2 },
  },
  {
    name: "wasi-pingpong",
    work: "the ping-pong of a C guest, by WasmEdge's sockets",
    contenders: extension("pingpong"),
    peer: "echo",
    amount: 100_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "bsd", limit: 1.15 },
  },
  {
    name: "wasi-send",
    work: "a C guest's send of 64 KiB buffers (same)",
    contenders: extension("send"),
    peer: "sink",
    amount: GIB,
    quick: GIB / 8,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "bsd", limit: 0.87 },
  },
  {
    name: "wasi-receive",
    work: "a C guest's receive (same)",
    contenders: extension("receive"),
    peer: "source",
    amount: GIB,
    quick: GIB / 8,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "bsd", limit: 0.87 },
  },
  {
    name: "port-send",
    work: "a port's send (node: the same stream program)",
    contenders: streams("send"),
    peer: "sink",
    amount: GIB,
    quick: GIB / 8,
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
    amount: GIB,
    quick: GIB / 8,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "node", limit: 1.5 },
  },
  {
    name: "crowd",
    work: "10,000 suspended guests at once, memory of each",
    contenders: {
      ours: ({ wasm }) => [...manyFiles, suspending(), "--expose-gc", program("crowd"), wasm],
    },
    amount: 10_000,
    quick: 1_000,
    size: 64,
    moves: messages,
    unit: units.kibibytes,
  },
  {
    name: "udp",
    work: "UDP send + receive of 64 bytes",
    contenders: everyone("datagrams"),
    amount: 200_000,
    quick: 40_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "C", limit: 1.4 },
  },
  {
    name: "codec",
    work: "sockaddr encode + decode, bytes (node: TypeScript)",
    contenders: { ...everyone("addresses"), ...alone("codec") },
    amount: 2_000_000,
    quick: 400_000,
    size: 0,
    moves: all,
    unit: units.millionsPerSecond,
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
  },
  {
    name: "open-cold",
    work: "open() and a socket, in a new process",
    contenders: alone("open", [], "cold"),
    amount: 1,
    quick: 1,
    size: 0,
    moves: all,
    unit: units.milliseconds,
  },
  {
    name: "open-warm",
    work: "open() and a socket, once more",
    contenders: alone("open", [], "warm"),
    amount: 200,
    quick: 50,
    size: 0,
    moves: all,
    unit: units.milliseconds,
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
  {
    name: "heap-kept",
    work: "heap that a net.send keeps",
    contenders: alone("heap", ["--expose-gc"], "kept"),
    amount: 1_000_000,
    quick: 1_000_000,
    size: 64,
    moves: messages,
    unit: units.bytes,
    target: { limit: 0.1 },
  },
  {
    name: "heap-made",
    work: "heap that a net.send takes until collected",
    contenders: alone("heap", ["--expose-gc", ...ROOMY], "made"),
    amount: 1_000_000,
    quick: 1_000_000,
    size: 64,
    moves: messages,
    unit: units.bytes,
    target: { limit: 1 },
  },
];
