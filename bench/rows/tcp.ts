// TCP in blocking calls: round trips and streams.

import { everyone, shims } from "../contenders.js";
import { all, GIB, KIB, messages, MIB, type Row } from "../row.js";
import { units } from "../units.js";

/** Round trips of one size in bytes. */
function pingpong(size: number, amount: number): Row {
  return {
    name: size === 64 ? "pingpong" : `pingpong-${size}`,
    work: `TCP ping-pong, ${size} ${size === 1 ? "byte" : "bytes"}, a round`,
    contenders: { ...everyone("pingpong"), ...shims("pingpong", 2, 3) },
    peer: "echo",
    amount,
    quick: amount / 2.5,
    size,
    moves: messages,
    unit: units.microseconds,
    target: [
      { of: "C", limit: 1.08 },
      { of: "node", limit: 1 / 1.5 },
      { of: "preview2-shim", limit: 1 / 12 },
      { of: "preview3-shim", limit: 1 / 12 },
    ],
  };
}

/** A stream one way, in buffers of one size in bytes. */
function stream(work: "send" | "receive", size: number, ofNode: number): Row {
  const words = { send: "TCP send of", receive: "TCP receive into" }[work];
  return {
    name: size === 64 * KIB ? work : `${work}-${size / KIB}k`,
    work: `${words} ${size / KIB} KiB buffers`,
    contenders: { ...everyone(work), ...shims(work, 2) },
    peer: { send: "sink", receive: "source" }[work],
    amount: 4 * GIB, // enough calls for V8 to have compiled them long before
    quick: GIB / 2,
    size,
    moves: all,
    unit: units.gigabytesPerSecond,
    target: [
      { of: "C", limit: 0.97 },
      { of: "node", limit: ofNode },
    ],
  };
}

export const tcp: readonly Row[] = [
  pingpong(1, 50_000),
  pingpong(64, 50_000),
  pingpong(1024, 50_000),
  pingpong(16_384, 25_000),
  stream("send", 64 * KIB, 1.2),
  stream("send", MIB, 1.2),
  stream("receive", 64 * KIB, 2),
  stream("receive", MIB, 2),
];
