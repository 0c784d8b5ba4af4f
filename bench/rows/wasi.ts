// The work of one C guest by the sockets of preview1's extensions, beside the same by bsd_sockets_v1.

import { execPath } from "node:process";
import { all, GIB, KIB, messages, type Row } from "../row.js";
import { program } from "../tools.js";
import { units } from "../units.js";

/** A C guest of WasmEdge's sockets, and of `bsd_sockets_v1`. */
function extension(work: string): Row["contenders"] {
  return {
    ours: ({ cGuests }) => cGuests && [execPath, program("wasi"), cGuests.wasmedge, work],
    bsd: ({ cGuests }) => cGuests && [execPath, program("guest"), "block", cGuests.bsd, work],
  };
}

export const wasi: readonly Row[] = [
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
];
