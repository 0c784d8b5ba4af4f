// What a component of WASI 0.3's command world imports beside sockets: its standard streams, clocks, and what 0.2 has
// as well.

import { setTimeout as pause } from "node:timers/promises";
import { command as common, type Command } from "../../component/command.js";
import { STDERR, STDOUT } from "../../stdio.js";
import { StandardInput, writeAll } from "./stdio.js";
import type { ByteReader } from "./streams.js";

const MILLION = 1_000_000n;
const BILLION = 1_000_000_000n;
/** The longest timer of Node, in milliseconds. */
const LONGEST = 0x7fffffffn;

/** Waits until a moment of process.hrtime. */
async function waitUntil(when: bigint): Promise<void> {
  for (;;) {
    const left = when - process.hrtime.bigint();
    if (left <= 0n) return;
    const milliseconds = (left + MILLION - 1n) / MILLION;
    await pause(Number(milliseconds < LONGEST ? milliseconds : LONGEST));
  }
}

/**
 * Makes those interfaces.
 *
 * @param command what it is run with
 */
export function command(command: Command) {
  const { stdio } = command;
  const output = (fd: number) => ({
    writeViaStream: (reader: ByteReader) => writeAll(stdio, fd, reader),
  });
  return {
    ...common(command, { initialCwd: "getInitialCwd", insecureSeed: "getInsecureSeed" }),
    "wasi:cli/types": {},
    "wasi:cli/stdin": {
      readViaStream: () => {
        const input = new StandardInput(stdio);
        return [input, input.ended];
      },
    },
    "wasi:cli/stdout": output(STDOUT),
    "wasi:cli/stderr": output(STDERR),
    "wasi:clocks/types": {},
    "wasi:clocks/monotonic-clock": {
      now: () => process.hrtime.bigint(),
      getResolution: () => 1n,
      waitUntil,
      waitFor: (duration: bigint) => waitUntil(process.hrtime.bigint() + duration),
    },
    "wasi:clocks/system-clock": {
      now: () => {
        const nanoseconds = BigInt(
          Math.round((performance.timeOrigin + performance.now()) * Number(MILLION)),
        );
        return { seconds: nanoseconds / BILLION, nanoseconds: Number(nanoseconds % BILLION) };
      },
      getResolution: () => 1000n,
    },
  };
}
