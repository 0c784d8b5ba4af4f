// A C guest of WasmEdge's sockets in wasi_snapshot_preview1, beside the same C guest of bsd_sockets_v1.

import { execPath } from "node:process";
import { all, GIB, KIB, messages, type Row } from "../row.js";
import { program } from "../tools.js";
import { units } from "../units.js";

/** What the one ABI may take of the other's time. */
const RATIO = 1.15;

function contenders(work: string): Row["contenders"] {
  return {
    ours: ({ cGuests }) => cGuests && [execPath, program("wasi"), cGuests.wasmedge, work],
    bsd: ({ cGuests }) => cGuests && [execPath, program("guest"), "block", cGuests.bsd, work],
  };
}

const lacks: NonNullable<Row["lacks"]> = ({ cGuests }) =>
  cGuests === undefined ? "no clang and lld for wasm32" : undefined;

/** A stream one way, in buffers of 64 KiB. */
function stream(work: "send" | "receive"): Row {
  return {
    name: `wasi-${work}`,
    work: `a C guest's TCP ${work} by WasmEdge's sockets, 64 KiB buffers`,
    contenders: contenders(work),
    peer: { send: "sink", receive: "source" }[work],
    amount: GIB,
    quick: GIB / 8,
    size: 64 * KIB,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: { of: "bsd", limit: 1 / RATIO },
    lacks,
  };
}

export const wasi: readonly Row[] = [
  {
    name: "wasi-pingpong",
    work: "a C guest's TCP ping-pong by WasmEdge's sockets, 64 bytes, a round",
    contenders: contenders("pingpong"),
    peer: "echo",
    amount: 50_000,
    quick: 20_000,
    size: 64,
    moves: messages,
    unit: units.microseconds,
    target: { of: "bsd", limit: RATIO },
    lacks,
  },
  stream("send"),
  stream("receive"),
];
