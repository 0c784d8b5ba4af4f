// Running the codecs of other systems on bytes that a test has written down.

import { marshal } from "#host/marshal";

const memory = Buffer.from(marshal.memory.buffer);
/** Places of our own in the largest scratch area. */
export const [FROM, TO, ROOM] = [marshal.block, marshal.block + 1024, 512];

export const SYSTEMS = ["LINUX", "DARWIN", "FREEBSD", "WINDOWS"] as const;
export type Bytes = Readonly<Record<(typeof SYSTEMS)[number], string>>;

/** Bytes of hexadecimal digits, in groups. */
export const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** Runs a codec from FROM to TO: the bytes that it made, or its error number. */
export function coded(from: string, codec: (length: number) => number): string | number {
  const bytes = bytesOf(from);
  memory.fill(0xee, TO, TO + ROOM);
  bytes.copy(memory, FROM);
  const length = codec(bytes.length);
  return length < 0 ? length : memory.toString("hex", TO, TO + length);
}

/** The same bytes on each of them. */
export const everywhere = (hex: string): Bytes => ({
  LINUX: hex,
  DARWIN: hex,
  FREEBSD: hex,
  WINDOWS: hex,
});
